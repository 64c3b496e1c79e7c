/**
 * Eventual consistency: when nobody changes anything any more, all replicas come to the same state;
 * and, where reads tell which updates a replica has seen, the same updates mean the same state
 * (strong eventual consistency; Shapiro et al., Conflict-free Replicated Data Types, 2011).
 *
 * Reads `read` and `get` (or the functions that are named), whose result is the state of a replica,
 * or an object with `seen` (a list of updates) and `state`. All other functions of clients are
 * updates, unless they are named. Which replica, a read says by its input where that is not null,
 * else it is its process; a key that only reads have names the replica, one that updates have too
 * names an object, whose replicas are compared with one another.
 *
 * In a history that ends, *eventually* is this. It is *quiet* once every update has ended (or its
 * client gave up on it) and the nemesis does no more. From then on reads may still change; when the
 * last read that differs from the final one of its replica has begun, everything has *settled*. The
 * final reads of all replicas that were read after that, and `settleMs` after it became quiet, must
 * agree. It cannot be decided, and is `unknown`, when a replica was not read so late, when there is
 * only one, when an update never ended, or when a fault was never healed.
 *
 *              updates           replicas still change         settled
 *     |--- add 1 --- add 2 ---|---- read → [1] ------------|-- read → [1, 2] ---|
 *                           quiet        · settleMs ·
 */
import type { Checker } from "../src/checker/checker.js";
import { INVOKE, NEMESIS, NONE, type History } from "../src/history/history.js";
import { maskOf } from "./everyday/functions.js";
import { assertBoolean, assertNumber, assertTexts, assertWord } from "./everyday/options.js";
import { isProcessName, PLACE_SOURCES, type PlaceSource } from "./everyday/place-names.js";
import { inOrder } from "./everyday/presence.js";
import { quiescenceOf, type Quiescence } from "./everyday/quiescence.js";
import { replicasOf, type Replica, type ReplicaRead, type Replicas } from "./everyday/replicas.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { callText, counted, timeText, valueText } from "./everyday/words.js";

/** Options of `eventual`. */
export interface EventualOptions {
  /** The functions that show a replica's state; default `["read", "get"]`. */
  readonly reads?: readonly string[];
  /** The functions that change something; default all others. */
  readonly updates?: readonly string[];
  /**
   * What names the replica: `"key"`, `"input"`, `"process"`, or `"auto"` (default), as above. Where
   * it is not the key, each key is an object of its own.
   */
  readonly replica?: PlaceSource;
  /**
   * Milliseconds after the last change that replicas are given to come together; earlier reads do
   * not count as final. Default 1,000. At least as long as updates and repairs may be under way.
   */
  readonly settleMs?: number;
  /** Milliseconds after the last change within which replicas must agree; default no bound. */
  readonly withinMs?: number;
  /** Whether lists in states are sets, whose order means nothing; default false. */
  readonly unordered?: boolean;
}

/**
 * Compares the replicas.
 *
 * `diverged-replicas`: everything has settled, and two replicas differ.
 *
 *     process 0  |-- add 1 --|  |-- read n1 → [1] --|
 *     process 1                 |-- read n2 → [] --|
 *
 * `late-convergence` (only with a bound): a replica still differs from the state that all come to.
 *
 *     process 0  |-- add 1 --|  ··· 5 s ···  |-- read n1 → [] --|  |-- read n1 → [1] --|
 *
 * `conflicting-states`: two reads have seen the same updates, and show different states.
 *
 *     process 0  |-- read n1 → seen [a, b], state 1 --|
 *     process 1            |-- read n2 → seen [b, a], state 2 --|
 *
 * @throws HarnessError `bad-argument` for an option that is none
 */
export function eventual(options: EventualOptions = {}): Checker {
  const { reads = ["read", "get"], updates, replica = "auto", unordered = false } = options;
  const { settleMs = 1000, withinMs = Infinity } = options;
  assertTexts("eventual", { reads });
  if (updates !== undefined) assertTexts("eventual", { updates });
  assertWord("eventual", { name: "replica", value: replica, words: PLACE_SOURCES });
  assertNumber("eventual", { settleMs, withinMs });
  assertBoolean("eventual", { unordered });
  return checkerOf({
    name: "eventual",
    description: "when nothing changes any more, all replicas come to the same state: read, get",
    keyed: false,
    kinds: ["conflicting-states", "diverged-replicas", "late-convergence"],
    judge: (history, work) =>
      judge(history, work, { reads, updates, replica, unordered, settleMs, withinMs }),
  });
}

interface Rules extends Omit<Required<EventualOptions>, "updates"> {
  readonly updates: readonly string[] | undefined;
}

function judge(history: History, work: Work, rules: Rules): Judgement {
  const { limits, found } = work;
  const { timesNs, functionNames } = history;
  const isRead = maskOf(history, rules.reads);
  const isUpdate = Uint8Array.from(functionNames, (name, f) =>
    (rules.updates === undefined ? isRead[f] === 0 : rules.updates.includes(name)) ? 1 : 0,
  );
  const replica = rules.replica === "auto" && hasKeys(history, isUpdate) ? "input" : rules.replica;
  const quiet = quiescenceOf(history, isUpdate);
  const since = quiet.index;
  const replicas = replicasOf(history, { ...rules, replica, limits, isRead, since });
  for (const { first, second } of replicas.conflicts) {
    found.add("conflicting-states", () => ({
      message: `${callText(history, first.invocation)} and ${callText(history, second.invocation)} have seen the same updates, and show ${stateText(replicas, first)} and ${stateText(replicas, second)}.`,
      operations: inOrder(first.invocation, second.invocation),
      details: { states: [first, second].map(({ state }) => replicas.states[state] ?? null) },
    }));
  }
  limits.check();
  const quietNs = timesNs[Math.max(0, quiet.index)] ?? 0;
  const told = { history, work, rules, quiet, quietNs, replicas };
  const objects = replicas.objects.map((ofObject) => compare(told, ofObject));
  const sum = (part: "compared" | "unread" | "agreeing"): number =>
    objects.reduce((total, each) => total + each[part], 0);
  const atLeastNs = Math.max(0, ...objects.map((each) => each.atLeastNs));
  const atMostNs = Math.max(0, ...objects.map((each) => each.atMostNs));
  const agreeing = sum("agreeing");
  return {
    operations: operationsOf(history, isRead, isUpdate),
    details: {
      objects: objects.length,
      replicas: replicas.count,
      reads: replicas.reads,
      updates: quiet.updates,
      compared: sum("compared"),
      notReadFinally: sum("unread"),
      quietAtMs: quietNs / 1e6,
      convergenceMs: agreeing === 0 ? null : { atLeast: atLeastNs / 1e6, atMost: atMostNs / 1e6 },
    },
    holds: `All of ${counted(sum("compared"), "replica")} came to the same state, at most ${timeText(atMostNs)} after the last change.`,
    gap: gapIn(told, objects),
  };
}

/** Whether updates name objects by keys. */
function hasKeys({ length, processes, functions, keys }: History, isUpdate: Uint8Array): boolean {
  for (let i = 0; i < length; i++) {
    const isOne = isUpdate[functions[i] as number] === 1 && processes[i] !== NEMESIS;
    if (isOne && keys[i] !== NONE) return true;
  }
  return false;
}

interface Told {
  readonly history: History;
  readonly work: Work;
  readonly rules: Rules;
  readonly quiet: Quiescence;
  readonly quietNs: number;
  readonly replicas: Replicas;
}

/** What became of one object. */
interface Outcome {
  /** Replicas that were read after everything had settled, and those that should have been. */
  readonly compared: number;
  readonly unread: number;
  readonly unreadName: string | undefined;
  /** 1 when two or more were compared and are the same. */
  readonly agreeing: number;
  /** 1 when two or more were compared and differ. */
  readonly differing: number;
  /** Between which bounds, counted from the last change, all had come to the same state. */
  readonly atLeastNs: number;
  readonly atMostNs: number;
}

function compare(told: Told, ofObject: readonly Replica[]): Outcome {
  const { history, work, rules, quiet, quietNs } = told;
  const { timesNs } = history;
  const late = ofObject.map(({ name, reads }) => ({
    name,
    after: reads,
    last: reads.at(-1),
  }));
  /** Invocation of the last read that differs from the final one of its replica. */
  let changing: number = NONE;
  for (const { after, last } of late) {
    const differs = after.findLast(({ state }) => state !== last?.state);
    changing = Math.max(changing, differs?.invocation ?? NONE);
  }
  const finals = late.flatMap(({ name, after, last }) =>
    last !== undefined &&
    last.invocation > changing &&
    (timesNs[last.invocation] as number) - quietNs >= rules.settleMs * 1e6
      ? [{ name, last, after }]
      : [],
  );
  const unread = late.filter(
    ({ name }) => !isProcessName(name) && finals.every((final) => final.name !== name),
  );
  const [first] = finals;
  const other = finals.find(({ last }) => last.state !== first?.last.state);
  const base = { compared: finals.length, unread: unread.length, unreadName: unread[0]?.name };
  const none = { ...base, agreeing: 0, differing: 0, atLeastNs: 0, atMostNs: 0 };
  if (first === undefined || finals.length < 2) return none;
  if (other !== undefined) {
    if (!isDecided(quiet)) return { ...none, differing: 1 };
    work.found.add("diverged-replicas", () => ({
      message: `${callText(history, first.last.invocation)} found ${stateText(told.replicas, first.last)} at ${first.name}, ${callText(history, other.last.invocation)} ${stateText(told.replicas, other.last)} at ${other.name}; nothing was changed any more after ${timeText(quietNs)}.`,
      operations: inOrder(first.last.invocation, other.last.invocation),
      details: { replicas: [first.name, other.name], quietAtMs: quietNs / 1e6 },
    }));
    return { ...none, differing: 1 };
  }
  const since = (index: number): number => Math.max(0, (timesNs[index] as number) - quietNs);
  const firstSame = finals.map(({ after, last }) => {
    const differs = after.findLastIndex(({ state }) => state !== last.state);
    return since((after[differs + 1] ?? last).completion);
  });
  const atLeastNs = changing === NONE ? 0 : since(changing);
  if (changing !== NONE && atLeastNs > rules.withinMs * 1e6 && isDecided(quiet)) {
    work.found.add("late-convergence", () => ({
      message: `${callText(history, changing)} still differs from what all replicas came to, ${timeText(atLeastNs)} after the last change, longer than ${rules.withinMs} ms.`,
      operations: inOrder(changing, first.last.invocation),
      details: { afterMs: atLeastNs / 1e6 },
    }));
  }
  return { ...base, agreeing: 1, differing: 0, atLeastNs, atMostNs: Math.max(...firstSame) };
}

function isDecided({ open, faults }: Quiescence): boolean {
  return open === NONE && faults.length === 0;
}

function stateText({ states }: Replicas, { state }: ReplicaRead): string {
  return valueText(states[state] ?? null);
}

function operationsOf(history: History, isRead: Uint8Array, isUpdate: Uint8Array): number {
  const { length, types, processes, functions } = history;
  let count = 0;
  for (let i = 0; i < length; i++) {
    const f = functions[i] as number;
    if (types[i] !== INVOKE || processes[i] === NEMESIS) continue;
    if (isRead[f] === 1 || isUpdate[f] === 1) count++;
  }
  return count;
}

function gapIn({ history, quiet, rules }: Told, outcomes: readonly Outcome[]): string | undefined {
  const reads = rules.reads.join(" or ");
  if (quiet.updates === 0) {
    return "Nothing was proved: the history has no update. Name the functions that change something in the option updates.";
  }
  if (outcomes.length === 0) {
    return `Nothing was proved: no ${reads} succeeded. Read every replica at the end of the run.`;
  }
  if (!isDecided(quiet)) {
    const why =
      quiet.open === NONE
        ? `${quiet.faults.join(", ")} was never healed`
        : `${callText(history, quiet.open)} never ended`;
    return outcomes.some(({ differing }) => differing > 0)
      ? `Undecided: replicas differ in the end, but ${why}, so that they may yet come together. Heal everything, wait, and read every replica again.`
      : `Undecided: ${why}, so that it was never quiet. Heal everything, wait, and read every replica again.`;
  }
  const unread = outcomes.find((each) => each.unread > 0);
  if (unread !== undefined) {
    return `Undecided: ${unread.unreadName} was not read ${rules.settleMs} ms after the last change, when nothing changed any more. Read every replica at the end, or say in settleMs how long it takes them to come together.`;
  }
  if (outcomes.every(({ agreeing }) => agreeing === 0)) {
    return `Nothing was proved: fewer than two replicas were read ${rules.settleMs} ms after the last change. Say which replica a ${reads} is about, by its key or its input, and read all of them at the end.`;
  }
  return undefined;
}
