/**
 * Causal consistency, pipelined RAM and session guarantees of objects that are no registers:
 * queues, sets, counters, logs, models of yours; from cheap to dear.
 *
 * Sets and logs that only grow are decided in polynomial time (causal/collections).
 *
 * What is sequentially consistent is causally consistent, and the order that shows it is evidence
 * enough. Each part of the model (a key) is refuted on its own where it can be; that says nothing
 * of the others, for causality goes across keys, so that a history is only explained as a whole.
 * The search is exact and for small histories; what it does not finish is unknown.
 */
import type { Budget } from "../../../src/checker/checker.js";
import type { History } from "../../../src/history/history.js";
import { canonical, type Value } from "../../../src/history/value.js";
import type { Model } from "../../../src/model/model.js";
import type { LevelName } from "../../../src/consistency/level.js";
import type { Certificate, SessionGuarantee } from "../../../src/verdict/certificate.js";
import type { Anomaly, Verdict } from "../../../src/verdict/verdict.js";
import { LimitReached, Meter } from "../../linearizable/meter.js";
import { decideOrder } from "../../sequential/decide.js";
import { layOutByProcess } from "../../sequential/layout.js";
import type { CausalLevel } from "../decide.js";
import { modelOfAllParts } from "./all-parts.js";
import { judgeCollections } from "../collections/judge.js";
import { layOutSessions, type Call, type Role, type Session } from "./operations.js";
import { searchCausal, type Explanation } from "./search.js";
import { searchGuarantees } from "../../sessions/search.js";
import { describe } from "../explain.js";

/** Histories and parts with more operations are not searched: it would not end. */
const OPERATIONS_MAX = 400;
/** Work that one part, and one attempt to make a refutation smaller, may take. */
const PART_WORK_MAX = 4_000_000;
const FORGET_WORK_MAX = 400_000;

/** What is asked. */
export interface ObjectQuestion {
  readonly model: Model;
  /** The name of the promise. */
  readonly name: LevelName;
  readonly promise: CausalLevel | readonly SessionGuarantee[];
  readonly nothingCompleted: "unknown" | "valid";
}

/** Judges a history of any object. */
export function judgeObject(history: History, question: ObjectQuestion, budget: Budget): Verdict {
  const { model, name, promise } = question;
  const meter = new Meter(budget);
  const sessions = layOutSessions(history, model);
  const count = sessions.reduce((sum, { calls }) => sum + calls.length, 0);
  const answer = (search: string): Omit<Verdict, "verdict" | "reason"> => ({
    checker: name,
    operations: history.invocations().length,
    elapsedMs: meter.elapsedMs(),
    anomalies: [],
    details: {
      model: model.name,
      sessions: sessions.filter(({ parent }) => parent === undefined).length,
      searches: search === "" ? {} : { [search]: 1 },
      work: meter.work,
      bytesMax: meter.bytesMax,
    },
  });
  const named = { name: model.name, options: model.options };
  try {
    meter.check();
    const collected = judgeCollections(history, { model, name, promise }, meter);
    if (collected !== undefined) return collected;
    const order = sequentialOrder(history, model, budget);
    if (order !== undefined) {
      if (count === 0 && question.nothingCompleted === "unknown") {
        const reason = "Nothing was proved: no operation completed ok.";
        return { ...answer("sequential"), verdict: "unknown", reason };
      }
      const reason =
        "One order of all operations explains every result, in the order of each process.";
      const certificate: Certificate = { kind: "sequential-order", model: named, order };
      return { ...answer("sequential"), verdict: "valid", reason, certificate };
    }
    for (const part of partsOf(history, model)) {
      const required = refutedIn(history, { ...question, part, meter });
      if (required === undefined) continue;
      const anomaly = anomalyOf(history, question, required);
      const about = part === undefined ? {} : { part };
      const certificate: Certificate = {
        kind: "unexplained",
        model: named,
        promise,
        ...about,
        required,
      };
      const reason = anomaly.message;
      return { ...answer("search"), verdict: "invalid", reason, anomalies: [anomaly], certificate };
    }
    if (count > OPERATIONS_MAX) {
      const hasNone = SEARCHED.get(history)?.get(model)?.timeMs === Infinity;
      return { ...answer(""), verdict: "unknown", reason: tooMany(count, name, hasNone) };
    }
    const found = search(sessions, {
      promise,
      model: modelOfAllParts(history, model),
      meter,
    });
    if (found === undefined) throw new Error("a history that was refuted as a whole, and is not");
    const list = (calls: readonly Call[]): readonly number[] =>
      calls.map(({ operation }) => operation.invocation);
    const hasArbitration = promise === "causal-convergence" || typeof promise !== "string";
    const certificate: Certificate = {
      kind: "visibility",
      model: named,
      promise,
      sees: found.sees.map(({ of, order: seen }) => ({
        of: of.operation.invocation,
        order: list(seen),
      })),
      ...(hasArbitration ? { arbitration: list(found.arbitration) } : {}),
    };
    const reason = `What ${count} operations may have seen explains every result.`;
    return { ...answer("search"), verdict: "valid", reason, certificate };
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    const option = error.limit === "memory" ? "--memory-budget" : "--time-budget";
    const reason =
      `Undecided: out of ${error.limit} after ${Math.round(meter.elapsedMs())} ms, with ${count} operations. ` +
      `What is no register, nor a set or log that only grows, is decided by search. Raise ${option}, or check a shorter history.`;
    return { ...answer(""), verdict: "unknown", reason };
  }
}

function tooMany(count: number, level: LevelName, hasNone: boolean): string {
  const order = hasNone ? "there is no order" : "no order was found in half the time";
  return (
    `Undecided: ${order} of all ${count} operations that keeps that of each process, no part of them was refuted, ` +
    `and a history of more than ${OPERATIONS_MAX} is not searched for ${level}. Record reads and writes of registers, or check a shorter history.`
  );
}

function search(
  sessions: readonly Session[],
  about: Pick<ObjectQuestion, "model" | "promise"> & { readonly meter: Meter },
): Explanation {
  const { promise, model, meter } = about;
  return typeof promise === "string"
    ? searchCausal(sessions, { level: promise, model, meter })
    : searchGuarantees(sessions, { guarantees: promise, model, meter });
}

/**
 * Searches for an order that found none, by history and model, with what they were given: whoever
 * asks about several levels need not search with less once more.
 */
const SEARCHED = new WeakMap<History, WeakMap<Model, Pick<Budget, "timeMs" | "memoryBytes">>>();

/** An order of all operations; undefined when there is none, or none was found in half the time. */
function sequentialOrder(
  history: History,
  model: Model,
  budget: Budget,
): readonly number[] | undefined {
  const given = { timeMs: budget.timeMs / 2, memoryBytes: budget.memoryBytes };
  const before = SEARCHED.get(history)?.get(model);
  if (before !== undefined && before.timeMs >= given.timeMs) {
    if (before.memoryBytes >= given.memoryBytes) return undefined;
  }
  const half = new Meter({ ...given, nowMs: () => budget.nowMs() });
  try {
    const decided = decideOrder(layOutByProcess(history, model), model, half);
    if (decided.kind === "explained") return decided.order;
    given.timeMs = given.memoryBytes = Infinity;
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
  }
  const searched = SEARCHED.get(history) ?? new WeakMap<Model, typeof given>();
  SEARCHED.set(history, searched.set(model, given));
  return undefined;
}

/** The parts of the model, then (undefined) all together. */
function partsOf(history: History, model: Model): readonly (Value | undefined)[] {
  const parts = new Map<string, Value>();
  for (const invocation of history.invocations()) {
    const operation = history.operation(invocation);
    const part = operation.process === "nemesis" ? undefined : model.partition?.(operation);
    if (part !== undefined) parts.set(canonical(part), part);
  }
  return parts.size < 2 ? [undefined] : [...parts.values(), undefined];
}

/** Few completed operations of a part that nothing explains; undefined when it was not refuted. */
function refutedIn(
  history: History,
  about: ObjectQuestion & { readonly part: Value | undefined; readonly meter: Meter },
): readonly number[] | undefined {
  const { model, part, meter } = about;
  const asked = { ...about, model: part === undefined ? modelOfAllParts(history, model) : model };
  const isOf = (invocation: number): boolean => {
    if (part === undefined) return true;
    const own = model.partition?.(history.operation(invocation));
    return own !== undefined && canonical(own) === canonical(part);
  };
  /** What is about all parts at once may have had any result, for one of them. */
  const isShared = (invocation: number): boolean =>
    part !== undefined && model.partition?.(history.operation(invocation)) === undefined;
  const layOut = (forgotten: ReadonlySet<number>): readonly Session[] =>
    layOutSessions(history, model, (invocation): Role => {
      if (isShared(invocation)) return "forgotten";
      if (!isOf(invocation)) return "absent";
      return forgotten.has(invocation) ? "forgotten" : "required";
    });
  const isRefuted = (sessions: readonly Session[], workMax: number): boolean => {
    const held = meter.bytes;
    try {
      return meter.within(workMax, () => search(sessions, asked) === undefined);
    } catch (error) {
      if (error instanceof LimitReached && error.limit === "work") return false;
      throw error;
    } finally {
      meter.release(meter.bytes - held);
    }
  };
  const whole = layOut(new Set());
  const calls = whole.flatMap(({ calls: each, parent }) => (parent === undefined ? each : []));
  if (calls.length > OPERATIONS_MAX) return undefined;
  if (!isRefuted(whole, part === undefined ? Infinity : PART_WORK_MAX)) return undefined;
  const forgotten = new Set<number>();
  const required = calls.map(({ operation }) => operation.invocation).toSorted((a, b) => b - a);
  for (const invocation of required) {
    forgotten.add(invocation);
    if (!isRefuted(layOut(forgotten), FORGET_WORK_MAX)) forgotten.delete(invocation);
  }
  return required.filter((invocation) => !forgotten.has(invocation)).toReversed();
}

const SAYS: { readonly [level in CausalLevel]: string } = {
  causal:
    "Nothing that each of these operations may have seen, with all that precedes it, explains it",
  "causal-convergence": "No one order of what these operations may have seen explains them",
  "causal-memory": "For some session no order of what it may have seen explains these operations",
  pram: "For some process no order that keeps every process explains these operations",
};

function saysOf(promise: ObjectQuestion["promise"]): string {
  if (typeof promise === "string") return SAYS[promise];
  return `With ${promise.join(", ")}, nothing that these operations may have seen, in one order of updates, explains them`;
}

function anomalyOf(
  history: History,
  { name, promise }: ObjectQuestion,
  required: readonly number[],
): Anomaly {
  const steps = required.map(
    (invocation) => `process ${history.processes[invocation]}: ${describe(history, invocation)}`,
  );
  return {
    kind: `${name}-violation`,
    message: `${saysOf(promise)}: ${steps.join("; ")}.`,
    operations: required,
    details: { promise, required },
  };
}
