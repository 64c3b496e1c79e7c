/**
 * Which consistency levels hold, which do not and why, of a verdict that was asked for the
 * strongest: taken from its details, which hold all of it.
 */
import type { History } from "../src/history/history.js";
import { INVOKE } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { Anomaly, Verdict, VerdictKind } from "../src/verdict/verdict.js";
import { formatDuration } from "./operation-label.js";

/** One level. */
export interface LevelShown {
  readonly level: string;
  /** For a bound on staleness the smallest that holds, else empty. */
  readonly measured: string;
  readonly verdict: VerdictKind;
  /** How that is known, in a few words. */
  readonly note: string;
  /** Whether nothing that holds is above it, or nothing that is broken below. */
  readonly isEdge: boolean;
  readonly implies: readonly string[];
}

/** What breaks a level first; where it breaks several, they are named together. */
export interface LevelBroken {
  readonly level: string;
  readonly anomaly: Anomaly;
  /** Invocations of the operations that break it. */
  readonly operations: readonly number[];
}

/** All that is told of levels. */
export interface LevelsShown {
  readonly levels: readonly LevelShown[];
  readonly broken: readonly LevelBroken[];
}

/** What a verdict says of levels; undefined when it does not. */
export function levelsOf(verdict: Verdict, history: History): LevelsShown | undefined {
  if (verdict.checker !== "strongest") return undefined;
  const { levels, strongest, next } = verdict.details ?? {};
  if (!Array.isArray(levels)) return undefined;
  const edges = new Set([...textsOf(strongest), ...textsOf(next)]);
  return {
    levels: (levels as readonly Value[]).map((each) =>
      shown(each as unknown as Fields, verdict, edges),
    ),
    broken: brokenOf(verdict, history),
  };
}

function brokenOf({ anomalies }: Verdict, history: History): readonly LevelBroken[] {
  const byMessage = new Map<string, LevelBroken>();
  for (const anomaly of anomalies) {
    const level = anomaly.details?.["breaks"];
    if (typeof level !== "string") continue;
    const known = byMessage.get(anomaly.message);
    const operations = anomaly.operations.filter((index) => history.types[index] === INVOKE);
    const names = known === undefined ? level : `${known.level}, ${level}`;
    byMessage.set(anomaly.message, { level: names, anomaly, operations });
  }
  return [...byMessage.values()];
}

/** Up to the end of the first sentence; the result has all of it. */
function firstSentence(text: string): string {
  const end = text.indexOf(". ");
  return end === -1 ? text : text.slice(0, end + 1);
}

/** A level as the checker wrote it. */
interface Fields {
  readonly level: string;
  readonly verdict: VerdictKind;
  readonly follows: string | null;
  readonly elapsedMs: number | null;
  readonly why: string | null;
  readonly implies: Value;
}

function shown(fields: Fields, { parts }: Verdict, edges: ReadonlySet<string>): LevelShown {
  const { level, verdict, follows, elapsedMs, why } = fields;
  const isEdge = edges.has(level);
  const how =
    follows !== null
      ? verdict === "valid"
        ? `follows from ${follows}`
        : `falls with ${follows}`
      : `checked in ${formatDuration((elapsedMs ?? 0) * 1e6)}`;
  const edge = verdict === "valid" ? "the strongest that holds: " : "broken first: ";
  const note = verdict === "unknown" ? firstSentence(why ?? "") : `${isEdge ? edge : ""}${how}`;
  const measured = verdict === "valid" ? measureOf(parts?.[level]) : "";
  return { level, measured, verdict, note, isEdge, implies: textsOf(fields.implies) };
}

/** What a level that is a bound came to. */
function measureOf(part: Verdict | undefined): string {
  const { k, deltaNs } = part?.details ?? {};
  if (typeof k === "number") return `k = ${k}`;
  return typeof deltaNs === "number" ? `Δ = ${formatDuration(deltaNs)}` : "";
}

function textsOf(value: Value | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
