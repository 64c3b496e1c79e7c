/**
 * Exactly-once effects: what a client asked for has one effect when it was acknowledged, none when
 * it failed, at most one otherwise, however often it was asked for under the same id.
 *
 * Reads `execute` (of an id, which a client may repeat to try again), and `read`, whose result is
 * the list of the ids of all effects so far, with copies where there are any (null for none). Each
 * key is judged for itself.
 */
import type { Checker } from "../src/checker/checker.js";
import { NONE, type History } from "../src/history/history.js";
import { elementsOf, type ElementWords } from "./everyday/element-faults.js";
import { nothingOf } from "./everyday/functions.js";
import { assertNumber } from "./everyday/options.js";
import { judgePresence, lostAnomaly, nothingAtRisk } from "./everyday/presence.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { counted } from "./everyday/words.js";

/** Options of `exactlyOnce`. */
export interface ExactlyOnceOptions {
  /**
   * How many milliseconds an effect must have been known before the last read that misses it
   * proves that it is lost; default 0.
   */
  readonly settleMs?: number;
}

const WORDS: ElementWords = {
  checker: "exactly-once",
  add: ["execute"],
  remove: [],
  read: ["read"],
  unexpected: "unexpected-effect",
  duplicated: "duplicated-effect",
};

/**
 * Compares effects with requests.
 *
 * `duplicated-effect`: a request had its effect twice.
 *
 *     process 0  |-- execute a → info        |-- execute a → ok --|
 *     process 1                                                      |-- read → [a, a] --|
 *
 * `lost-effect`: a request was acknowledged (or its effect was seen), and the effect is gone.
 *
 *     process 0  |-- execute a → ok --|  |-- read → [] --|
 *
 * `unexpected-effect`: there is an effect that nobody had asked for, or whose every request failed.
 *
 *     process 0  |-- execute a → fail --|  |-- read → [a] --|
 *
 * @throws HarnessError `bad-argument` for an option that is none, or a read that returns no list
 */
export function exactlyOnce(options: ExactlyOnceOptions = {}): Checker {
  const { settleMs = 0 } = options;
  assertNumber("exactly-once", { settleMs });
  return checkerOf({
    name: "exactly-once",
    description: "each acknowledged request has one effect, each failed one none: execute, read",
    keyed: true,
    kinds: ["duplicated-effect", "lost-effect", "unexpected-effect"],
    judge: (history, work) => judge(history, work, settleMs),
  });
}

function judge(history: History, work: Work, settleMs: number): Judgement {
  const { found, limits } = work;
  const elements = elementsOf(history, work, WORDS);
  const { reads, count, acknowledgedAt } = elements;
  const presence = judgePresence(history, elements, {
    limits,
    settleNs: settleMs * 1e6,
    reads,
    lost: (missed) => found.add("lost-effect", () => lostAnomaly(history, elements, missed)),
    stale: () => undefined,
  });
  let acknowledged = 0;
  for (const at of acknowledgedAt) if (at !== NONE) acknowledged++;
  const { stable, stale, lost, neverRead, unsettled } = presence;
  const seen = stable + stale;
  return {
    operations: elements.operations,
    details: {
      requests: count,
      acknowledged,
      reads: reads.length,
      seen,
      lost,
      notRead: neverRead,
      unsettled,
    },
    holds: `Of ${counted(count, "request")} ${acknowledged} were acknowledged; ${seen} effects were seen to stay, each once.`,
    gap: seen > 0 ? undefined : gapIn(reads.length),
    isEmpty: nothingAtRisk(elements),
  };
}

function gapIn(reads: number): string {
  if (reads === 0) return nothingOf("read", ["execute", "read"]);
  return "Nothing was proved: no read began after a request was acknowledged. Read all effects at the end of the run.";
}
