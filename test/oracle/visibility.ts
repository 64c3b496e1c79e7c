/**
 * Causal consistency, pipelined RAM and session guarantees by their definitions, tried out: every
 * causal order, every visibility, every arbitration (Bouajjani et al. 2017, section 3; Viotti &
 * Vukolić 2016, section 3.3). For registers, and about six operations.
 */
import type { History } from "../../src/history/history.js";
import type { Operation } from "../../src/history/operation.js";
import { canonical, type Value } from "../../src/history/value.js";

/** What an operation does to a register; sets of operations are masks of bits. */
interface Access {
  readonly key: string;
  readonly reads: string | undefined;
  readonly writes: string | undefined;
  /** What its session had completed before. */
  readonly earlier: number;
}

export type Level = "causal" | "causal-convergence" | "causal-memory" | "pram";
export type Guarantee =
  | "read-your-writes"
  | "monotonic-reads"
  | "monotonic-writes"
  | "writes-follow-reads";

/** Whether a level holds, for some choice of the indeterminate operations that happened. */
export function holdsLevel(history: History, level: Level, initial: Value = null): boolean {
  const by = { causal: isCausal, "causal-memory": isCausalMemory, pram: isPram };
  const decide = level === "causal-convergence" ? converges : by[level];
  return someOutcome(history, (accesses) => decide(accesses, canonical(initial)));
}

/** Whether guarantees hold together: one visibility and one arbitration for all of them. */
export function holdsGuarantees(
  history: History,
  guarantees: readonly Guarantee[],
  initial: Value = null,
): boolean {
  return someOutcome(history, (accesses) =>
    hasArbitration(accesses, guarantees, canonical(initial)),
  );
}

function someOutcome(history: History, decide: (accesses: readonly Access[]) => boolean): boolean {
  const all = [...history.invocations()]
    .map((invocation) => history.operation(invocation))
    .filter(({ outcome, f }) => outcome !== "fail" && (outcome === "ok" || f !== "read"));
  const open = all.filter(({ outcome }) => outcome === "info");
  for (let chosen = 0; chosen < 1 << open.length; chosen++) {
    const happened = all.filter(
      (one) => one.outcome === "ok" || (chosen & (1 << open.indexOf(one))) !== 0,
    );
    if (decide(happened.map((one) => accessOf(one, happened)))) return true;
  }
  return false;
}

function accessOf(operation: Operation, all: readonly Operation[]): Access {
  const { f, key, input, output } = operation;
  const earlier = all.reduce((mask, other, number) => {
    const isEarlier =
      other.process === operation.process &&
      other.outcome === "ok" &&
      (other.completion as number) < operation.invocation;
    return isEarlier ? mask | (1 << number) : mask;
  }, 0);
  const [old, put] = f === "cas" ? (input as readonly [Value, Value]) : [output ?? null, input];
  return {
    key: canonical(key ?? null),
    reads: f === "write" ? undefined : canonical(old),
    writes: f === "read" ? undefined : canonical(put),
    earlier,
  };
}

const has = (mask: number, number: number): boolean => (mask & (1 << number)) !== 0;

/**
 * Goes through all causal orders (transitive, acyclic, containing session order), each as what
 * precedes every operation; `accepts` judges an operation as soon as its past is chosen, `order`
 * being one that extends the causal order.
 */
function someCausalOrder(
  accesses: readonly Access[],
  accepts: (operation: number, pasts: readonly number[], order: readonly number[]) => boolean,
  { everyOrder }: { readonly everyOrder: boolean },
): boolean {
  const count = accesses.length;
  const seen = new Set<string>();
  const extend = (order: readonly number[], placed: number, pasts: readonly number[]): boolean => {
    if (order.length === count) return true;
    if (!everyOrder) {
      const name = `${placed} ${pasts.join()}`;
      if (seen.has(name)) return false;
      seen.add(name);
    }
    for (let next = 0; next < count; next++) {
      const { earlier } = accesses[next] as Access;
      if (has(placed, next) || (earlier & ~placed) !== 0) continue;
      for (let past = placed; ; past = (past - 1) & placed) {
        const isClosed =
          (earlier & ~past) === 0 &&
          order.every((one) => !has(past, one) || ((pasts[one] as number) & ~past) === 0);
        if (isClosed) {
          const further = pasts.with(next, past);
          const isRight = accepts(next, further, [...order, next]);
          if (isRight && extend([...order, next], placed | (1 << next), further)) return true;
        }
        if (past === 0) break;
      }
    }
    return false;
  };
  return extend(
    [],
    0,
    accesses.map(() => 0),
  );
}

/** Replays an order; only the reads in `checked` have to be right. */
function replays(
  accesses: readonly Access[],
  order: readonly number[],
  { checked, initial }: { readonly checked: number; readonly initial: string },
): boolean {
  const state = new Map<string, string>();
  for (const number of order) {
    const { key, reads, writes } = accesses[number] as Access;
    if (has(checked, number) && reads !== undefined && reads !== (state.get(key) ?? initial)) {
      return false;
    }
    if (writes !== undefined) state.set(key, writes);
  }
  return true;
}

/** Some order of a set of operations that keeps what precedes what, and replays. */
function someOrder(
  accesses: readonly Access[],
  set: number,
  about: {
    readonly before: readonly number[];
    readonly checked: number;
    readonly initial: string;
  },
): boolean {
  const extend = (order: readonly number[], placed: number): boolean => {
    if (!replays(accesses, order, about)) return false;
    if (placed === set) return true;
    return accesses.some((_, next) => {
      if (!has(set & ~placed, next)) return false;
      if (((about.before[next] as number) & set & ~placed) !== 0) return false;
      return extend([...order, next], placed | (1 << next));
    });
  };
  return extend([], 0);
}

function isCausal(accesses: readonly Access[], initial: string): boolean {
  return someCausalOrder(
    accesses,
    (number, pasts) =>
      someOrder(accesses, (pasts[number] as number) | (1 << number), {
        before: pasts,
        checked: 1 << number,
        initial,
      }),
    { everyOrder: false },
  );
}

function isCausalMemory(accesses: readonly Access[], initial: string): boolean {
  return someCausalOrder(
    accesses,
    (number, pasts) =>
      someOrder(accesses, (pasts[number] as number) | (1 << number), {
        before: pasts,
        checked: (accesses[number] as Access).earlier | (1 << number),
        initial,
      }),
    { everyOrder: false },
  );
}

function converges(accesses: readonly Access[], initial: string): boolean {
  return someCausalOrder(
    accesses,
    (number, pasts, order) => {
      const set = (pasts[number] as number) | (1 << number);
      const visible = order.filter((one) => has(set, one));
      return replays(accesses, visible, { checked: 1 << number, initial });
    },
    { everyOrder: true },
  );
}

function isPram(accesses: readonly Access[], initial: string): boolean {
  const before = accesses.map(({ earlier }) => earlier);
  return accesses.every(({ earlier }, number) => {
    const checked = earlier | (1 << number);
    const set = accesses.reduce(
      (mask, { writes }, one) => (writes === undefined ? mask : mask | (1 << one)),
      checked,
    );
    return someOrder(accesses, set, { before, checked, initial });
  });
}

function hasArbitration(
  accesses: readonly Access[],
  guarantees: readonly Guarantee[],
  initial: string,
): boolean {
  const writes = accesses.reduce(
    (mask, access, number) => (access.writes === undefined ? mask : mask | (1 << number)),
    0,
  );
  const extend = (order: readonly number[], placed: number): boolean => {
    if (placed === writes) {
      return hasVisibility(accesses, order, { guarantees, initial, writes });
    }
    return accesses.some(
      ({ earlier }, next) =>
        has(writes & ~placed, next) &&
        (!guarantees.includes("monotonic-writes") || (earlier & writes & ~placed) === 0) &&
        extend([...order, next], placed | (1 << next)),
    );
  };
  return extend([], 0);
}

function hasVisibility(
  accesses: readonly Access[],
  arbitration: readonly number[],
  about: {
    readonly guarantees: readonly Guarantee[];
    readonly initial: string;
    readonly writes: number;
  },
): boolean {
  const { guarantees, initial, writes } = about;
  const places = accesses.map((_, number) => arbitration.indexOf(number));
  // Operations are in the order of invocation, so that what is earlier has been chosen.
  const choose = (number: number, seen: readonly number[]): boolean => {
    const access = accesses[number];
    if (access === undefined) return followsReads(seen);
    if (access.reads === undefined) return choose(number + 1, [...seen, 0]);
    for (let visible = writes; ; visible = (visible - 1) & writes) {
      if (isRight(number, visible, seen) && choose(number + 1, [...seen, visible])) return true;
      if (visible === 0) return false;
    }
  };
  const isRight = (number: number, visible: number, seen: readonly number[]): boolean => {
    const { key, reads, earlier } = accesses[number] as Access;
    const last = arbitration.findLast(
      (write) => has(visible, write) && accesses[write]?.key === key,
    );
    // A swap is a read and then a write: its own write may be visible to it, but is not what it
    // reads.
    if (last === number) return false;
    if (reads !== (last === undefined ? initial : accesses[last]?.writes)) return false;
    if (guarantees.includes("read-your-writes") && (earlier & writes & ~visible) !== 0) {
      return false;
    }
    return (
      !guarantees.includes("monotonic-reads") ||
      seen.every((before, one) => !has(earlier, one) || (before & ~visible) === 0)
    );
  };
  const followsReads = (seen: readonly number[]): boolean =>
    !guarantees.includes("writes-follow-reads") ||
    accesses.every(({ earlier, writes: put }, number) =>
      put === undefined
        ? true
        : seen.every(
            (visible, read) =>
              (!has(earlier, read) && read !== number) ||
              arbitration.every(
                (write) =>
                  !has(visible, write) || (places[write] as number) < (places[number] as number),
              ),
          ),
    );
  return choose(0, []);
}
