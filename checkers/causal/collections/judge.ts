/**
 * From a history of sets or logs that only grow to a verdict with its evidence; or no answer, where
 * the history does not say enough: then others have to decide.
 */
import type { History } from "../../../src/history/history.js";
import type { Value } from "../../../src/history/value.js";
import type { LevelName } from "../../../src/consistency/level.js";
import type { Model } from "../../../src/model/model.js";
import type { Certificate } from "../../../src/verdict/certificate.js";
import type { CollectionEdge } from "../../../src/verdict/collection-certificate.js";
import type { Verdict } from "../../../src/verdict/verdict.js";
import type { Meter } from "../../linearizable/meter.js";
import { layOutCollections } from "./arrange.js";
import { decideCollections, type CollectionDecision, type CollectionPromise } from "./decide.js";
import { explainCycle, explainImpossible } from "./explain.js";
import type { Collections } from "./layout.js";

/** What is asked. */
export interface CollectionQuestion {
  readonly model: Model;
  /** The checker's name. */
  readonly name: LevelName;
  readonly promise: CollectionPromise;
}

/** Judges; undefined when it cannot. @throws LimitReached */
export function judgeCollections(
  history: History,
  question: CollectionQuestion,
  meter: Meter,
): Verdict | undefined {
  const { model, name, promise } = question;
  const held = meter.bytes;
  try {
    const collections = layOutCollections(history, model, meter);
    if (collections === undefined || !collections.isCertain.includes(1)) return undefined;
    const named = { name: model.name, options: model.options };
    const answer = (): Omit<Verdict, "verdict" | "reason"> => ({
      checker: name,
      operations: history.invocations().length,
      elapsedMs: meter.elapsedMs(),
      anomalies: [],
      details: {
        model: model.name,
        sessions: collections.starts.length - 1,
        keys: collections.keyCount,
        searches: { collections: 1 },
        work: meter.work,
        bytesMax: meter.bytesMax,
      },
    });
    const { impossible } = collections;
    if (impossible !== undefined) {
      const anomaly = explainImpossible(history, impossible);
      const read = { read: impossible.read, element: history.valueAt(impossible.element) };
      return {
        ...answer(),
        verdict: "invalid",
        reason: anomaly.message,
        anomalies: [anomaly],
        certificate: {
          kind: "collection-violation",
          model: named,
          promise,
          cycle: [],
          impossible: read,
        },
      };
    }
    const decided = decideCollections(collections, promise, meter);
    if (decided.kind === "cyclic") {
      const cycle = namedCycle(collections, decided.cycle);
      const anomaly = explainCycle(history, { name, pattern: decided.pattern, cycle });
      return {
        ...answer(),
        verdict: "invalid",
        reason: anomaly.message,
        anomalies: [anomaly],
        certificate: { kind: "collection-violation", model: named, promise, cycle },
      };
    }
    if (collections.leftOut > 0) return undefined;
    return {
      ...answer(),
      verdict: "valid",
      reason: reasonOf(collections, promise),
      certificate: certify(collections, decided, { model: named, promise }),
    };
  } finally {
    meter.release(meter.bytes - held);
  }
}

function namedCycle(
  { invocations }: Collections,
  cycle: Extract<CollectionDecision, { readonly kind: "cyclic" }>["cycle"],
): readonly CollectionEdge[] {
  const named = (operation: number): number => invocations[operation] as number;
  return cycle.map((step) =>
    step.by === "listed"
      ? { from: named(step.from), to: named(step.to), by: step.by, read: named(step.read) }
      : { from: named(step.from), to: named(step.to), by: step.by },
  );
}

function certify(
  { invocations, starts }: Collections,
  decided: Exclude<CollectionDecision, { readonly kind: "cyclic" }>,
  about: {
    readonly model: { readonly name: string; readonly options: { readonly [name: string]: Value } };
    readonly promise: CollectionPromise;
  },
): Certificate {
  const named = (operations: ArrayLike<number>): readonly number[] =>
    Array.from(operations, (operation) => invocations[operation] as number);
  const { model, promise } = about;
  if (decided.kind === "views") {
    const views = decided.views.map(({ sessions, order }) => ({
      of: named(sessions.map((session) => (starts[session + 1] as number) - 1)),
      order: named(order),
    }));
    if (promise === "sequential") throw new Error("sequential consistency has one order");
    return { kind: "collection-order", model, promise, views };
  }
  const order = named(decided.order);
  return promise === "sequential"
    ? { kind: "sequential-order", model, order }
    : { kind: "collection-order", model, promise, order };
}

function reasonOf({ count, starts }: Collections, promise: CollectionPromise): string {
  const told = `${count} operations of ${starts.length - 1} sessions: `;
  if (typeof promise !== "string") {
    return `${told}one order of additions explains every read, with ${promise.join(", ")}.`;
  }
  return told + HOLDS[promise];
}

const HOLDS: { readonly [promise in Extract<CollectionPromise, string>]: string } = {
  causal: "every read shows what precedes it causally.",
  "causal-convergence": "one order of additions explains every read by what precedes it causally.",
  "causal-memory": "for each session an order that keeps causality explains all its reads.",
  pram: "for each session an order that keeps all sessions explains its reads.",
  sequential: "one order explains every result, and keeps the order of each process.",
};
