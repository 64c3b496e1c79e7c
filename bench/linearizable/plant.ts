/**
 * Plants one certain violation late in a right history: for each kind, operations are looked for
 * whose place in real time leaves no order in which the changed results are right. What is said
 * here in a word ("before") is real time: one returned before the other was called.
 */
import type { Value } from "../../src/history/value.js";
import type { Call, Simulation } from "./simulate.js";

/** Changes results so that no order explains them. @throws Error when no place for it is found */
export type Planter = (simulation: Simulation) => void;

/** Where in the history, as a share of its operations, the first place is looked for. */
const LATE = 0.9;
/** How many operations around a place are looked at. */
const NEAR = 400;

/** A read returns a value that nobody ever wrote. */
export const impossibleRead: Planter = ({ calls }) => {
  const read = calls.find(
    ({ request, outcome }, number) =>
      request.f === "read" && outcome === "ok" && number >= calls.length * LATE,
  );
  if (read === undefined) throw nowhere("an impossible read");
  read.output = 1_000_000_007;
};

/**
 * A read returns what a write w1 wrote although w1 was before w2 and w2 before the read. Values are
 * unique, so that the value cannot have come back.
 */
export const staleRead: Planter = ({ calls }) => {
  for (let number = Math.floor(calls.length * LATE); number < calls.length; number++) {
    const read = calls[number] as Call;
    if (!isOk(read, "read") && !isOk(read, "get")) continue;
    // With many keys, the writes of this one are far apart.
    const near = read.request.key === undefined ? NEAR : calls.length;
    const writes = calls
      .slice(Math.max(0, number - near), number)
      .filter(
        (call) =>
          (isOk(call, "write") || isOk(call, "put")) && call.request.key === read.request.key,
      );
    for (const newer of writes.toReversed()) {
      if (!isBefore(newer, read)) continue;
      const older = writes.findLast((call) => isBefore(call, newer));
      if (older === undefined) continue;
      read.output = older.request.input;
      return;
    }
  }
  throw nowhere("a stale read");
};

/** The functions of a container. */
interface ContainerFunctions {
  readonly put: string;
  readonly take: string;
}

/**
 * Two takes a and b, a before b, change what they took: `order` says of which insertions (of what a
 * and b took) that is wrong. Each element is put and taken once, by operations that completed.
 */
function swap(functions: ContainerFunctions, order: (taken: Swap) => boolean): Planter {
  return ({ calls }) => {
    const puts = new Map<Value, Call>();
    const takes: Call[] = [];
    for (const call of calls) {
      if (isOk(call, functions.put)) puts.set(call.request.input, call);
      else if (isOk(call, functions.take) && call.output !== null) takes.push(call);
    }
    // A short history may have no place so late; then the last one that there is.
    const late = Math.floor(takes.length * LATE);
    const earlier = Array.from({ length: late }, (_, i) => late - 1 - i);
    const later = Array.from({ length: takes.length - late }, (_, i) => late + i);
    for (const i of [...later, ...earlier]) {
      for (let j = i + 1; j < Math.min(takes.length, i + NEAR); j++) {
        const [a, b] = [takes[i] as Call, takes[j] as Call];
        const [putA, putB] = [puts.get(a.output), puts.get(b.output)];
        if (putA === undefined || putB === undefined || !isBefore(a, b)) continue;
        if (!order({ a, b, putA, putB })) continue;
        [a.output, b.output] = [b.output, a.output];
        return;
      }
    }
    throw nowhere(`two ${functions.take}s to swap`);
  };
}

interface Swap {
  readonly a: Call;
  readonly b: Call;
  readonly putA: Call;
  readonly putB: Call;
}

/** The later of two elements leaves the queue first. */
export const swappedDequeues: Planter = swap(
  { put: "enqueue", take: "dequeue" },
  ({ putA, putB }) => isBefore(putA, putB),
);

/** An element is popped from below another, which is popped later. */
export const swappedPops: Planter = swap(
  { put: "push", take: "pop" },
  ({ a, putA, putB }) => isBefore(putB, putA) && isBefore(putA, a),
);

/** A smaller element is extracted while a larger one, which is extracted later, is there. */
export const swappedExtracts: Planter = swap(
  { put: "insert", take: "extract" },
  ({ a, b, putA }) => isBefore(putA, a) && Number(a.output) > Number(b.output),
);

/** `contains` misses an element that was added before and that no remove so far can have taken. */
export const lostElement: Planter = ({ calls }) => {
  const added = new Map<Value, Call>();
  /** The first call that may have removed it. */
  const removed = new Map<Value, Call>();
  for (const call of calls) {
    const { request, outcome, output } = call;
    if (isOk(call, "add")) added.set(request.input, call);
    const mayRemove = request.f === "remove" && (outcome === "info" || output === true);
    if (mayRemove && !removed.has(request.input)) removed.set(request.input, call);
  }
  for (let number = Math.floor(calls.length * LATE); number < calls.length; number++) {
    const call = calls[number] as Call;
    if (!isOk(call, "contains") || call.output !== true) continue;
    const add = added.get(call.request.input);
    const remove = removed.get(call.request.input);
    if (add === undefined || !isBefore(add, call)) continue;
    if (remove !== undefined && !isBefore(call, remove)) continue;
    call.output = false;
    return;
  }
  throw nowhere("an element to lose");
};

/** A balance that is not a whole number, where all amounts are. */
export const impossibleBalance: Planter = ({ calls }) => {
  const seen = calls.findLast((call) => isOk(call, "balance"));
  if (seen === undefined) throw nowhere("a balance");
  seen.output = Number(seen.output) + 0.5;
};

function isOk({ request, outcome }: Call, f: string): boolean {
  return request.f === f && outcome === "ok";
}

function isBefore(a: Call, b: Call): boolean {
  return a.returnedAt < b.invokedAt;
}

function nowhere(what: string): Error {
  return new Error(`no place for ${what}; take another seed or more operations`);
}
