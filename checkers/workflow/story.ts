/**
 * The story of one workflow instance: which lives were created and deleted, which requests were
 * made for them and what became of each, and what loads showed.
 */
import { FAIL, INVOKE, NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import { sameValue, type Value } from "../../src/history/value.js";
import type { TransitionRequest, WorkflowInstance } from "../../src/model/workflow-instances.js";
import { outcomeOf } from "../everyday/functions.js";
import type { Limits } from "../everyday/limits.js";
import { misshapen } from "../everyday/options.js";

/** One life. */
export interface Life {
  /** The invocation of a `create` that was acknowledged; `NONE` when none was. */
  created: number;
  /** How many calls of `create` may have been carried out. */
  creations: number;
  /** The invocation of a `delete` that was acknowledged. */
  deleted: number;
  mayBeDeleted: boolean;
}

/** One request, however often it was made. */
export interface Asked {
  readonly asked: TransitionRequest;
  /** The first invocation. */
  readonly invocation: number;
  /** The first invocation that was acknowledged; `NONE` when none was. */
  acknowledged: number;
  mayHaveHappened: boolean;
}

/** What a load showed. */
export interface Load {
  readonly invocation: number;
  readonly instance: WorkflowInstance | null;
}

/** All of it. */
export interface Story {
  readonly operations: number;
  readonly lives: ReadonlyMap<string, Life>;
  readonly requests: ReadonlyMap<string, Asked>;
  /** In the order in which they began. */
  readonly loads: readonly Load[];
  /** The last event of a change that may have happened; `NONE` without any. */
  readonly lastChange: number;
}

/** Reads the events of one instance. */
export function readStory(history: History, limits: Limits): Story {
  const { length, types, processes, functions, functionNames, values, pairs, pool } = history;
  const lives = new Map<string, Life>();
  const requests = new Map<string, Asked>();
  const loads: Load[] = [];
  let operations = 0;
  let lastChange: number = NONE;
  for (let i = 0; i < length; i++) {
    if (types[i] !== INVOKE || processes[i] === NEMESIS) continue;
    const f = functionNames[functions[i] as number] as string;
    const input = pool[values[i] as number] as Value;
    const pair = pairs[i] as number;
    const output = pair === NONE ? null : (pool[values[pair] as number] as Value);
    const outcome = outcomeOf(history, i);
    if (f === "load") {
      operations++;
      if (outcome === OK) loads.push({ invocation: i, instance: instanceIn(output) });
      continue;
    }
    if (f !== "create" && f !== "transition" && f !== "delete") continue;
    operations++;
    const isRefused = outcome === FAIL || (outcome === OK && output === false);
    const isDone = outcome === OK && !isRefused;
    if (!isRefused) lastChange = Math.max(lastChange, i, pair);
    if (f === "transition") {
      const asked = requestIn(input);
      let known = requests.get(asked.id);
      if (known === undefined) {
        known = { asked, invocation: i, acknowledged: NONE, mayHaveHappened: false };
        requests.set(asked.id, known);
      }
      if (!sameValue(known.asked, asked)) {
        throw misshapen("workflow", "requests that differ under one id", input);
      }
      if (!isRefused) known.mayHaveHappened = true;
      if (isDone && known.acknowledged === NONE) known.acknowledged = i;
      continue;
    }
    const life = lifeOf(lives, lifeIn(input));
    if (f === "create") {
      if (!isRefused) life.creations++;
      if (isDone) life.created = i;
    } else {
      if (!isRefused) life.mayBeDeleted = true;
      if (isDone) life.deleted = i;
    }
  }
  limits.check();
  return { operations, lives, requests, loads, lastChange };
}

function lifeOf(lives: Map<string, Life>, name: string): Life {
  let life = lives.get(name);
  if (life === undefined) {
    life = { created: NONE, creations: 0, deleted: NONE, mayBeDeleted: false };
    lives.set(name, life);
  }
  return life;
}

function requestIn(input: Value): TransitionRequest {
  const { id, life, from, to } = (input ?? {}) as Partial<TransitionRequest>;
  if ([id, life, from, to].every((text) => typeof text === "string")) {
    return input as TransitionRequest;
  }
  throw misshapen("workflow", "transitions that are no {id, life, from, to}", input);
}

function lifeIn(input: Value): string {
  const { life } = (input ?? {}) as { readonly life?: Value };
  if (typeof life === "string") return life;
  throw misshapen("workflow", "lives that are no {life}", input);
}

function instanceIn(output: Value): WorkflowInstance | null {
  if (output === null) return null;
  const { life, status, retries, effects } = output as Partial<WorkflowInstance>;
  const isOne =
    typeof life === "string" &&
    typeof status === "string" &&
    typeof retries === "number" &&
    Array.isArray(effects);
  if (isOne) return output as WorkflowInstance;
  throw misshapen("workflow", "loads that are no {life, status, retries, effects}", output);
}
