/**
 * Decides locks: reads the calls, puts them into an order of effect, and where that gets stuck says
 * what contradicts what. The algorithm and its proof are in `schedule.ts`.
 */
import type { LockOwner } from "../../../../src/model/lock-rules.js";
import type { Model } from "../../../../src/model/model.js";
import type { MonitorAnswer, MonitorQuestion } from "../monitor.js";
import { BYTES_OF_OPEN_CALLS } from "./open-calls.js";
import { BYTES_OF_REQUESTS, readRequests, type Requests } from "./requests.js";
import { BYTES_OF_SCHEDULE, schedule, type Limits } from "./schedule.js";
import { refuteStuck } from "./stuck.js";
import { BYTES_OF_WINDOWS, windowsOf, type Windows } from "./windows.js";

/** What tells one lock from another. */
export interface LockRules {
  /** Kinds of owners, in the order of the roles. */
  readonly owners: readonly LockOwner[];
  /** What the options of the model say; undefined when they are not those of the type. */
  limitsOf(model: Model): Limits | undefined;
  /** Whether inputs say how many permits are meant. */
  readonly hasPermits?: boolean;
  /** What outputs say about the order of acquisitions. */
  readonly outputs?: Outputs;
}

/** What a lock that numbers its acquisitions says of their order. */
export interface Outputs {
  /** Narrower windows, a contradiction, or the reason why the outputs cannot be read. */
  narrow(requests: Requests): Windows | { readonly contradict: readonly number[] } | string;
  /** Calls beside `named` without which the windows up to some event would not be as narrow. */
  behind(requests: Requests, event: number): readonly number[];
  /** Whether an order agrees with the outputs. */
  agree(requests: Requests, order: Int32Array): boolean;
}

const BYTES_PER_CALL =
  BYTES_OF_REQUESTS + BYTES_OF_WINDOWS + BYTES_OF_OPEN_CALLS + BYTES_OF_SCHEDULE;

/** @throws LimitReached */
export function decideLock(
  { calls, model, meter }: MonitorQuestion,
  rules: LockRules,
): MonitorAnswer {
  const limits = rules.limitsOf(model);
  if (limits === undefined) return unsuitable("the options of the lock are not known");
  meter.reserve(BYTES_PER_CALL * calls.count);
  meter.spend(8 * calls.count);
  const { owners, hasPermits = false, outputs } = rules;
  const requests = readRequests(calls, { owners, hasPermits });
  if (typeof requests === "string") return unsuitable(requests);
  const windows = outputs?.narrow(requests) ?? windowsOf(calls);
  if (typeof windows === "string") return unsuitable(windows);
  if ("contradict" in windows) return refuted(windows.contradict);
  const question = { requests, windows, limits };
  const found = schedule(question, meter);
  if (found.kind === "stuck") {
    meter.spend(calls.count);
    const named = refuteStuck(question, found.call);
    if (named === undefined) return unsuitable("calls of one owner overlap");
    const end = windows.ends[found.call] as number;
    return refuted([...named, ...(outputs?.behind(requests, end) ?? [])]);
  }
  if (!found.hasRefusals) return unsuitable("when the lock refused is not clear");
  if (outputs !== undefined && !outputs.agree(requests, found.order)) {
    return unsuitable("calls of one owner overlap");
  }
  return { kind: "linearizable", order: found.order };
}

function refuted(named: readonly number[]): MonitorAnswer {
  const calls = [...new Set(named)].sort((a, b) => a - b);
  return { kind: "not-linearizable", calls };
}

function unsuitable(reason: string): MonitorAnswer {
  return { kind: "unsuitable", reason };
}

/** A positive integer of the model's options; undefined when it is none. */
export function countOption(model: Model, name: string): number | undefined {
  const count = model.options[name];
  return typeof count === "number" && Number.isSafeInteger(count) && count > 0 ? count : undefined;
}

/** All kinds of owners, for locks that have none by nature. */
export const ANY_OWNER: readonly LockOwner[] = ["none", "process", "input"];

/** Only one holds it, once. */
export const ONE_HOLDER: Limits = { total: 1, each: 1, holders: 1 };
