/**
 * Workflow instances as an engine keeps them: each life of an instance has a name, and each
 * transition that it made is on record under the id of its request, in the order in which they were
 * made. So a load tells which requests had their effect, how often, and where they led.
 *
 * A request may be made again under its id: what had its effect is acknowledged, and has it once.
 * One that is for another life, comes when the instance is elsewhere, or asks for an edge that the
 * machine has not, is refused (an `ok` of `false`). A retry, which is a transition back to the
 * initial state, is refused when there were enough; one that a timer makes is refused unless the
 * last effect is the one that set the timer.
 */
import { HarnessError } from "../errors.js";
import { canonical, sameValue, type Value } from "../history/value.js";
import { byKey, type Model, type ModelOperation } from "./model.js";
import { DEFAULT_WORKFLOW, type WorkflowTransitions } from "./workflow.js";

/** An instance, as it is saved and loaded. */
export type WorkflowInstance = {
  readonly status: string;
  readonly life: string;
  /** How often it went back to the initial state. */
  readonly retries: number;
  /** The ids of the requests that had their effect, in order. */
  readonly effects: readonly string[];
};

/** What a transition is asked with. */
export type TransitionRequest = {
  readonly from: string;
  readonly to: string;
  /** The same when it is asked for again. */
  readonly id: string;
  readonly life: string;
  /** The id of the request that set the timer; absent when no timer asks. */
  readonly timer?: string;
};

/** The options of workflow instances. */
export interface WorkflowInstancesOptions {
  /** State → the states that may follow it; the first is the initial one. */
  readonly transitions?: WorkflowTransitions;
  /** How often an instance may go back to its initial state, 0 or more. Default 3. */
  readonly retriesMax?: number;
}

/**
 * Instances, one a key, with `create` of `{life}`, `load` → the instance (null: there is none),
 * `transition` of `{id, life, from, to, timer}`, and `delete` of `{life}`.
 */
export function workflowInstances(options: WorkflowInstancesOptions = {}): Model {
  const machine = workflowMachine(options);
  return {
    name: "workflow-instances",
    options: { transitions: machine.transitions, retriesMax: machine.retriesMax },
    origin: { module: import.meta.url, factory: "workflowInstances" },
    functions: ["create", "load", "transition", "delete"],
    initial: () => null,
    step: (state, operation): readonly Value[] => {
      const instance = state as WorkflowInstance | null;
      switch (operation.f) {
        case "load":
          if (operation.outcome !== "ok") return [state];
          return sameValue(operation.output ?? null, state) ? [state] : [];
        case "create": {
          const created = machine.create(lifeIn(operation));
          return answered(operation, state, instance === null ? created : undefined);
        }
        case "delete": {
          const isThere = instance !== null && instance.life === lifeIn(operation);
          return answered(operation, state, isThere ? null : undefined);
        }
        case "transition":
          return answered(operation, state, machine.move(instance, requestIn(operation)));
        default:
          return [];
      }
    },
    partition: byKey,
    readOnly: ({ f, outcome, output }) => f === "load" || (outcome === "ok" && output === false),
  };
}

/** A machine that instances move by. */
export interface WorkflowMachine {
  readonly transitions: WorkflowTransitions;
  readonly initial: string;
  readonly retriesMax: number;
  /** An instance at the beginning of a life. */
  create(life: string): WorkflowInstance;
  /**
   * The instance after a request; the same when the request had its effect before; undefined when
   * it is refused.
   */
  move(instance: WorkflowInstance | null, request: TransitionRequest): WorkflowInstance | undefined;
}

/** @throws HarnessError `bad-argument` when the options make no machine */
export function workflowMachine(options: WorkflowInstancesOptions = {}): WorkflowMachine {
  const { transitions = DEFAULT_WORKFLOW, retriesMax = 3 } = options;
  const [initial] = Object.keys(transitions);
  const foreign = Object.values(transitions)
    .flat()
    .find((to) => !Object.hasOwn(transitions, to));
  if (initial === undefined || foreign !== undefined) {
    const problem =
      initial === undefined ? "names no state" : `leads to "${foreign}", but has no entry for it`;
    throw new HarnessError("bad-argument", `model option transitions ${problem}`);
  }
  if (!Number.isSafeInteger(retriesMax) || retriesMax < 0) {
    throw new HarnessError("bad-argument", `model option retriesMax is 0 or more: ${retriesMax}`);
  }
  return {
    transitions,
    initial,
    retriesMax,
    create: (life) => ({ status: initial, life, retries: 0, effects: [] }),
    move: (instance, { id, life, from, to, timer }) => {
      if (instance === null || instance.life !== life) return undefined;
      const { status, retries, effects } = instance;
      if (effects.includes(id)) return instance;
      const isEdge = Object.hasOwn(transitions, from) && transitions[from]?.includes(to) === true;
      if (status !== from || !isEdge) return undefined;
      if (timer !== undefined && effects.at(-1) !== timer) return undefined;
      const isRetry = to === initial;
      if (isRetry && retries >= retriesMax) return undefined;
      return {
        status: to,
        life,
        retries: retries + (isRetry ? 1 : 0),
        effects: [...effects, id],
      };
    },
  };
}

/** The states that an operation may lead to, when it can lead to `next`, or is refused. */
function answered(
  { outcome, output }: ModelOperation,
  state: Value,
  next: Value | undefined,
): readonly Value[] {
  const isRefused = outcome === "ok" && output === false;
  if (next === undefined) return isRefused || outcome !== "ok" ? [state] : [];
  return isRefused ? [] : [next];
}

function lifeIn({ f, input }: ModelOperation): string {
  const life = (input as { readonly life?: Value } | null)?.life;
  if (typeof life === "string") return life;
  throw malformed(`${f} needs the input {life}`, input);
}

function requestIn({ input }: ModelOperation): TransitionRequest {
  const given = (input ?? {}) as Partial<TransitionRequest>;
  const { id, life, from, to, timer } = given;
  const texts = [id, life, from, to, timer ?? ""];
  if (texts.every((text) => typeof text === "string")) return given as TransitionRequest;
  throw malformed("transition needs the input {id, life, from, to} of texts", input);
}

function malformed(message: string, input: Value): HarnessError {
  return new HarnessError("malformed-input", `${message}, not ${canonical(input)}`);
}
