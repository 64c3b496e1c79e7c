/**
 * Durability: what was acknowledged survives crashes and losses of power. Nothing that was deleted
 * comes back, and nothing shows that was not there yet.
 *
 * Reads `write`, `put`, `cas`, `append`, `delete`, and `read` or `get` of one value a key; or, in
 * histories with `add` or `remove`, elements: `add`, `remove`, and `read`, whose result is a list.
 * A crash is an event of the nemesis (`start-crash`, `start-power-loss`, or what is named).
 * Whatever ended before it began must be seen, or what replaced it, by every read that begins after
 * it. What is indeterminate may have happened, then or later, and excuses older values.
 *
 * Without a crash nothing is proved. Of texts that are appended to, only losses are judged, in the
 * last read before the next crash.
 */
import type { Checker } from "../src/checker/checker.js";
import { INVOKE, NEMESIS, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { AnomalySink } from "./everyday/anomaly-list.js";
import { crashesOf, crashTime, type Crash } from "./everyday/crashes.js";
import { followElements } from "./everyday/durable-elements.js";
import { followValues, VALUE_FUNCTIONS, type DurabilityFacts } from "./everyday/durable-values.js";
import { hasKeys, partsOf, type Part } from "./everyday/each-key.js";
import { maskOf } from "./everyday/functions.js";
import type { Limits } from "./everyday/limits.js";
import { assertTexts } from "./everyday/options.js";
import { inOrder } from "./everyday/presence.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { callText, counted, valueText } from "./everyday/words.js";

/** Options of `durability`. */
export interface DurabilityOptions {
  /**
   * Functions of the nemesis after which only what is durable is left; default `["start-crash",
   * "start-power-loss", "start-kill", "crash", "kill", "power-loss"]`.
   */
  readonly crashes?: readonly string[];
  /** The value of a key before anything is written; default null. */
  readonly initial?: Value;
}

const CRASHES = ["start-crash", "start-power-loss", "start-kill", "crash", "kill", "power-loss"];
const FUNCTIONS: readonly string[] = [...VALUE_FUNCTIONS, "add", "remove"];

/**
 * Compares what is there after a crash with what was acknowledged before.
 *
 * `lost-write`: it was acknowledged, a node crashed, and a read shows what was there before, or
 * nothing.
 *
 *     process 0  |-- write 1 --|
 *     nemesis                     crash
 *     process 0                          |-- read → null --|
 *
 * `resurrected-value`: it was deleted (removed), a node crashed, and it is there again.
 *
 *     process 0  |-- write 1 --|  |-- delete --|
 *     nemesis                                     crash
 *     process 0                                          |-- read → 1 --|
 *
 * `value-from-the-future`: a read shows what is only written later.
 *
 *     process 0  |-- read → 2 --|  |-- write 2 --|
 *
 * `unexpected-value`: a read shows what nobody wrote, or only in vain.
 *
 *     process 0  |-- write 1 --|  |-- read → 3 --|
 *
 * @throws HarnessError `bad-argument` for an option that is none, or a read of elements that
 *   returns no list
 */
export function durability(options: DurabilityOptions = {}): Checker {
  const { crashes = CRASHES, initial = null } = options;
  assertTexts("durability", { crashes });
  return checkerOf({
    name: "durability",
    description: "what was acknowledged survives crashes, and nothing deleted comes back",
    keyed: false,
    kinds: ["lost-write", "resurrected-value", "value-from-the-future", "unexpected-value"],
    judge: (history, work) => judge(history, work, { crashes, initial }),
  });
}

function judge(history: History, work: Work, options: Required<DurabilityOptions>): Judgement {
  const { limits } = work;
  const mask = maskOf(history, FUNCTIONS);
  const has = (...names: readonly string[]): boolean =>
    names.some((name) => history.functionNames.includes(name));
  const hasElements = has("add", "remove");
  // Without updates there is nothing that reads could be held against.
  const hasUpdates = hasElements || has("write", "put", "cas", "append", "delete");
  let [operations, atRisk, judged, keys, unread] = [0, 0, 0, 0, 0];
  for (let i = 0; i < history.length; i++) {
    const isOne = mask[history.functions[i] as number] === 1 && history.types[i] === INVOKE;
    if (isOne && history.processes[i] !== NEMESIS) operations++;
  }
  let firstUnread: Value | undefined;
  const each = (part: Part | undefined): void => {
    const own = part?.history ?? history;
    const found = part === undefined ? work.found : inTheWhole(work.found, part);
    limits.check();
    const crashes = crashesOf(own, options.crashes);
    const told: Told = { history: own, found, limits, crashes };
    const facts = hasElements ? followElements(told) : judgeValues(told, options.initial);
    keys++;
    atRisk += facts.atRisk;
    judged += facts.judged;
    if (!facts.isUnread) return;
    unread++;
    firstUnread ??= part?.key ?? null;
  };
  if (!hasUpdates) limits.check();
  else if (hasKeys(history)) for (const part of partsOf(history, { withFaults: true })) each(part);
  else each(undefined);
  const crashes = crashesOf(history, options.crashes).length;
  return {
    operations,
    details: { crashes, keys, acknowledgedBefore: atRisk, readsAfter: judged, keysNotRead: unread },
    holds: `${counted(judged, "read")} after ${crashes === 1 ? "a crash" : `${crashes} crashes`} show what was acknowledged before, or what came later.`,
    gap: gapIn({ crashes, atRisk, unread, firstUnread }),
  };
}

function gapIn(facts: {
  readonly crashes: number;
  readonly atRisk: number;
  readonly unread: number;
  readonly firstUnread: Value | undefined;
}): string | undefined {
  const { crashes, atRisk, unread, firstUnread = null } = facts;
  if (crashes === 0) {
    return "Nothing was proved: no node crashed. Use the nemesis crash or power-loss, or name in the option crashes what the nemesis did.";
  }
  if (atRisk === 0) {
    return `Nothing was proved: nothing was acknowledged before a crash. This checker reads ${FUNCTIONS.join(", ")}; let crashes come later, or run longer.`;
  }
  if (unread === 0) return undefined;
  const of =
    firstUnread === null
      ? ""
      : ` of ${valueText(firstUnread)}${unread === 1 ? "" : ` and ${unread - 1} more keys`}`;
  return `Undecided: no read${of} began after the crash, so that what was acknowledged before may be lost. Read everything at the end.`;
}

/** The history of one key, with the crashes. */
interface Told {
  readonly history: History;
  readonly found: AnomalySink;
  readonly limits: Limits;
  readonly crashes: readonly Crash[];
}

function inTheWhole(found: AnomalySink, { key, indices }: Part): AnomalySink {
  return {
    add: (kind, make) =>
      found.add(kind, () => {
        const made = make();
        const operations = made.operations.map((index) => indices[index] as number);
        return { ...made, operations, ...(key === undefined ? {} : { key }) };
      }),
  };
}

function judgeValues({ history, found, crashes }: Told, initial: Value): DurabilityFacts {
  const call = (invocation: number): string => callText(history, invocation);
  const shown = (read: number): string =>
    valueText(history.pool[history.values[history.pairs[read] as number] as number] ?? null);
  return followValues(history, crashes, {
    initial,
    faults: {
      lost: ({ update, read }) =>
        found.add("lost-write", () => ({
          message: `${call(read)} shows ${shown(read)}, although ${call(update)} was acknowledged before the crash at ${crashTime(history, crashes, read)}.`,
          operations: inOrder(update, read),
          details: { shown: shown(read) },
        })),
      resurrected: ({ remove, read, value }) =>
        found.add("resurrected-value", () => ({
          message: `${call(read)} shows ${valueText(value)} again, although ${call(remove)} was acknowledged before the crash at ${crashTime(history, crashes, read)}.`,
          operations: inOrder(remove, read),
          details: { value },
        })),
      fromTheFuture: ({ write, read, value }) =>
        found.add("value-from-the-future", () => ({
          message: `${call(read)} shows ${valueText(value)} before ${call(write)} began.`,
          operations: inOrder(read, write),
          details: { value },
        })),
      unexpected: ({ read, value }) =>
        found.add("unexpected-value", () => ({
          message: `${call(read)} shows ${valueText(value)}, which nobody had tried to write, or only in vain; if it was there at first, name it in the option initial.`,
          operations: [read],
          details: { value },
        })),
    },
  });
}
