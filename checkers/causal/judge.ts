/**
 * From a history of registers to a verdict, for every promise that is decided by what must precede
 * what: lays the history out, settles ambiguous reads, and puts the answer and its evidence in
 * words.
 */
import type { Budget } from "../../src/checker/checker.js";
import type { History } from "../../src/history/history.js";
import type { Model } from "../../src/model/model.js";
import type {
  Certificate,
  ModelName,
  PrecedenceRefutation,
  PrecedenceViolationCertificate,
  ReadSources,
} from "../../src/verdict/certificate.js";
import type { Verdict } from "../../src/verdict/verdict.js";
import { LimitReached, Meter, type LimitName } from "../linearizable/meter.js";
import { anomalyOf } from "./explain.js";
import { layOutRegisters, type LaidOut, type Registers } from "./layout.js";
import { namedEdges, type Refutation } from "./proof.js";
import { resolve, type Answer, type Cases, type Resolved } from "./resolve.js";
import { INITIAL } from "./sources.js";

/** One promise. */
export interface Promised<Explained> {
  /** The checker's name. */
  readonly name: string;
  readonly promise: PrecedenceViolationCertificate["promise"];
  /** What holds when the answer is valid, as the end of a sentence. */
  readonly holds: string;
  /** @throws LimitReached */
  decide(registers: Registers, meter: Meter): Answer<Explained, Refutation>;
  /** The evidence for valid. */
  certify(
    registers: Registers,
    explained: Explained,
    about: { readonly model: ModelName; readonly sources?: ReadSources },
  ): Certificate;
  /** A pattern's name as an anomaly, and what it says. */
  readonly patterns: { readonly [pattern: string]: Said };
  /** Decides what is no matter of registers, or not of registers alone; undefined: it cannot. */
  objects?(history: History, budget: Budget): Verdict | undefined;
}

/** An anomaly in words. */
export interface Said {
  readonly kind: string;
  readonly says: string;
}

/** What both factories take. */
export interface RegisterOptions {
  /** A register, or a store of registers. */
  readonly model: Model;
  /**
   * The verdict when nothing contradicts because no operation completed `ok`: `"unknown"`
   * (default), since nothing was proved; or `"valid"`.
   */
  readonly nothingCompleted?: "unknown" | "valid";
}

/** Judges a history. */
export function judge<Explained>(
  history: History,
  promised: Promised<Explained>,
  about: { readonly options: RegisterOptions; readonly budget: Budget },
): Verdict {
  const { options, budget } = about;
  const { model, nothingCompleted = "unknown" } = options;
  const meter = new Meter(budget);
  const named = { name: model.name, options: model.options };
  const laidOut = layOutRegisters(history, model);
  /** Where registers cannot say: as any object, in the time that is left. */
  const asObject = (otherwise: Verdict): Verdict => {
    const timeMs = budget.timeMs - meter.elapsedMs();
    const { memoryBytes } = budget;
    const left = { timeMs, memoryBytes, nowMs: () => budget.nowMs() };
    return promised.objects?.(history, left) ?? otherwise;
  };
  if (laidOut === undefined) return asObject(unsuitable(history, promised.name, { model, meter }));
  const answer = (): Omit<Verdict, "verdict" | "reason"> => ({
    checker: promised.name,
    operations: laidOut.operations,
    elapsedMs: meter.elapsedMs(),
    anomalies: [],
    details: {
      model: model.name,
      sessions: laidOut.starts.length - 1,
      keys: laidOut.keyCount,
      ambiguousReads: laidOut.ambiguous.length,
      leftOut: Object.fromEntries(laidOut.leftOut),
      searches: { precedence: 1 },
      work: meter.work,
      bytesMax: meter.bytesMax,
    },
  });
  let resolved: Resolved<Explained, Refutation>;
  try {
    meter.check();
    resolved = resolve(laidOut, meter, (registers) => promised.decide(registers, meter));
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    return { ...answer(), verdict: "unknown", reason: outOf(error.limit, laidOut, meter) };
  }
  if (resolved.kind === "refuted") {
    const certificate: Certificate = {
      kind: "precedence-violation",
      model: named,
      promise: promised.promise,
      refutation: casesOf(laidOut, resolved.cases),
    };
    const leaf = firstLeaf(resolved.cases);
    const { pattern, read } = leaf;
    const said = promised.patterns[pattern] ?? {
      kind: `${pattern}-violation`,
      says: `No order of writes keeps ${pattern.replaceAll("+", " and ")}`,
    };
    const edges = namedEdges(laidOut, leaf.edges);
    const anomaly = anomalyOf(history, {
      ...said,
      pattern,
      edges,
      ...(read === undefined ? {} : { read: laidOut.invocations[read] as number }),
    });
    const reason = anomaly.message;
    return { ...answer(), verdict: "invalid", reason, anomalies: [anomaly], certificate };
  }
  const unproved = whyUnproved(laidOut, resolved, nothingCompleted);
  if (unproved !== undefined) {
    const unknown: Verdict = { ...answer(), verdict: "unknown", reason: unproved };
    const isOther = resolved.kind === "undecided" || laidOut.leftOut.size > 0;
    return isOther ? asObject(unknown) : unknown;
  }
  if (resolved.kind !== "explained") return { ...answer(), verdict: "unknown", reason: "" };
  const { explained, choices } = resolved;
  const sources: ReadSources = choices.map(([read, source]) => [
    laidOut.invocations[read] as number,
    source === INITIAL ? null : (laidOut.invocations[source] as number),
  ]);
  return {
    ...answer(),
    verdict: "valid",
    reason: `${laidOut.ok} operations of ${laidOut.starts.length - 1} sessions: ${promised.holds}.`,
    certificate: promised.certify(laidOut, explained, {
      model: named,
      ...(sources.length === 0 ? {} : { sources }),
    }),
  };
}

function casesOf(laidOut: LaidOut, cases: Cases<Refutation>): PrecedenceRefutation {
  const named = (operation: number): number => laidOut.invocations[operation] as number;
  if ("cases" in cases) {
    return {
      read: named(cases.read),
      cases: cases.cases.map(([source, each]) => ({
        source: source === INITIAL ? null : named(source),
        refutation: casesOf(laidOut, each),
      })),
    };
  }
  const { edges, path, read, view } = cases.refutation;
  return {
    edges: namedEdges(laidOut, edges),
    path,
    ...(read === undefined ? {} : { read: named(read) }),
    ...(view === undefined ? {} : { view: named(view) }),
  };
}

function firstLeaf(cases: Cases<Refutation>): Refutation {
  if (!("cases" in cases)) return cases.refutation;
  const [first] = cases.cases;
  if (first === undefined) throw new Error("a read that has no possible source");
  return firstLeaf(first[1]);
}

function unsuitable(
  history: History,
  checker: string,
  { model, meter }: { readonly model: Model; readonly meter: Meter },
): Verdict {
  const what =
    model.type?.name === "register"
      ? "an operation is about all keys at once"
      : `the model ${model.name} is no register`;
  return {
    checker,
    verdict: "unknown",
    reason: `Undecided: ${checker} is defined for reads and writes of registers, and ${what}. Record reads and writes of single keys, or ask for another promise.`,
    operations: history.invocations().length,
    elapsedMs: meter.elapsedMs(),
    anomalies: [],
  };
}

/** Why nothing contradicts but nothing is proved either; undefined when it is. */
function whyUnproved(
  laidOut: LaidOut,
  resolved: Resolved<unknown, unknown>,
  nothingCompleted: "unknown" | "valid",
): string | undefined {
  if (resolved.kind === "undecided") {
    return (
      `Undecided: ${laidOut.ambiguous.length} reads saw a value that was written more than once (or is the initial one), ` +
      `and ${resolved.tried} ways to explain them were tried. Write each value once to a key, and not the initial one.`
    );
  }
  if (laidOut.leftOut.size > 0) {
    const each = [...laidOut.leftOut].map(([what, count]) => `${count} × ${what}`);
    return (
      `Undecided: nothing contradicts, but operations that are neither a read nor a write of one value were left out ` +
      `(${each.join(", ")}). Record reads and writes alone.`
    );
  }
  if (laidOut.ok === 0 && (nothingCompleted === "unknown" || laidOut.history.length === 0)) {
    return `Nothing was proved: none of the ${laidOut.operations} operations completed ok.`;
  }
  return undefined;
}

function outOf(limit: LimitName, laidOut: LaidOut, meter: Meter): string {
  const spent =
    limit === "memory"
      ? `${Math.round(meter.bytesMax / 2 ** 20)} MiB`
      : `${Math.round(meter.elapsedMs())} ms`;
  const option = limit === "memory" ? "--memory-budget" : "--time-budget";
  return (
    `Undecided: out of ${limit} after ${spent}, with ${laidOut.count} operations of ` +
    `${laidOut.starts.length - 1} sessions. Raise ${option}, or use fewer processes, or a shorter run.`
  );
}
