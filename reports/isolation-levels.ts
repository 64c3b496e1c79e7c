/**
 * What a verdict on transactions says of all levels of isolation, in groups: the weakest that are
 * ruled out and by what, the strongest that hold, the strongest that are open, and how many others
 * follow; and every level in a table of which a row is a level without and with the orders that its
 * variants keep.
 */
import type { Value } from "../src/history/value.js";
import type { Verdict, VerdictKind } from "../src/verdict/verdict.js";
import { counted } from "./operation-label.js";

/** A level that stands for others. */
export interface TellingLevel {
  readonly level: string;
  /** What rules it out, or why it is open; empty for one that holds. */
  readonly why: string;
}

/** Levels with one answer. */
export interface LevelGroup {
  readonly verdict: VerdictKind;
  /** `Ruled out`, `Holds` or `Undecided`. */
  readonly title: string;
  readonly levels: readonly TellingLevel[];
  /** What becomes of the others: `and 4 stronger levels with them`; empty when there are none. */
  readonly others: string;
}

/** A level alone, with the order of sessions, and with real time; undefined: there is none. */
export interface IsolationRow {
  readonly base: string;
  readonly verdicts: readonly (VerdictKind | undefined)[];
}

/** All that is told of levels of isolation. */
export interface IsolationLevels {
  readonly groups: readonly LevelGroup[];
  readonly rows: readonly IsolationRow[];
}

/** What the columns of the table keep. */
export const KEPT_COLUMNS = ["alone", "with sessions", "with real time"] as const;

const KEEPS: readonly string[] = ["nothing", "session", "realtime"];

/** A level as the checker wrote it. */
interface Fields {
  readonly level: string;
  readonly verdict: VerdictKind;
  readonly why: string | null;
  readonly by?: string | null;
  readonly base?: string | null;
  readonly keeps?: string | null;
}

/** What a verdict says of levels of isolation; undefined when it does not. */
export function isolationLevelsOf({ details = {} }: Verdict): IsolationLevels | undefined {
  if (!Array.isArray(details["levels"])) return undefined;
  const levels = (details["levels"] as readonly Value[]).map((each) => each as unknown as Fields);
  if (levels.length === 0 || levels.some(({ base }) => typeof base !== "string")) return undefined;
  const edges = (name: string): ReadonlySet<Value> => {
    const names = details[name];
    return new Set(Array.isArray(names) ? (names as readonly Value[]) : []);
  };
  const undecided = levels.filter(({ verdict }) => verdict === "unknown");
  const groups = [
    groupOf(levels, { verdict: "invalid", title: "Ruled out", edges: edges("next") }),
    groupOf(levels, { verdict: "valid", title: "Holds", edges: edges("strongest") }),
    groupOf(levels, {
      verdict: "unknown",
      title: "Undecided",
      edges: new Set(undecided.slice(0, UNDECIDED_MAX).map(({ level }) => level)),
    }),
  ].filter((group) => group.levels.length > 0);
  return { groups, rows: rowsOf(levels) };
}

/** So many levels that are open are named. */
const UNDECIDED_MAX = 3;

/** How the others follow. */
const OTHERS: { readonly [kind in VerdictKind]: string } = {
  invalid: "stronger",
  valid: "weaker",
  unknown: "other",
};

function groupOf(
  levels: readonly Fields[],
  about: Pick<LevelGroup, "verdict" | "title"> & { readonly edges: ReadonlySet<Value> },
): LevelGroup {
  const { verdict, title, edges } = about;
  const all = levels.filter((each) => each.verdict === verdict);
  const telling = all.filter(({ level }) => edges.has(level));
  const left = all.length - telling.length;
  const them = verdict === "unknown" ? "" : ` with ${telling.length === 1 ? "it" : "them"}`;
  return {
    verdict,
    title,
    levels: telling.map(({ level, by, why }) => ({ level, why: by ?? firstSentence(why ?? "") })),
    others: left === 0 ? "" : `and ${counted(left, `${OTHERS[verdict]} level`)}${them}`,
  };
}

/** Rows of levels, those that most hold last: the strong ones first. */
function rowsOf(levels: readonly Fields[]): readonly IsolationRow[] {
  const bases = [...new Set(levels.map(({ base }) => base as string))];
  return bases.map((base) => ({
    base,
    verdicts: KEEPS.map(
      (kept) => levels.find((each) => each.base === base && each.keeps === kept)?.verdict,
    ),
  }));
}

/** Up to the end of the first sentence; the result has all of it. */
function firstSentence(text: string): string {
  const end = text.indexOf(". ");
  return end === -1 ? text : text.slice(0, end + 1);
}
