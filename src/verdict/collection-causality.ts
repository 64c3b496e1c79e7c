/**
 * Confirms causal consistency and convergence of collections, given an order of operations that
 * keeps causality: all additions to its key that precede a read causally are shown by it, and lists
 * keep causality, or for convergence the order.
 *
 * What precedes an operation is counted, line by line. A line holds what a process completed; an
 * indeterminate addition, which precedes nothing in its process, is a line of its own.
 */
import type { Account } from "./account.js";
import { shownElements, type CollectionHistory, type Spoken } from "./collection-history.js";
import { claim } from "./claims.js";
import type { CausalPromise } from "./visibility-certificate.js";

/** Where an operation stands, and how much of each line precedes it. */
interface Place {
  readonly line: number;
  readonly place: number;
  readonly past: Int32Array;
}

/** @throws ClaimRefused @throws VerificationUndecided */
export function confirmCausality(
  found: CollectionHistory,
  about: {
    /** In an order that keeps causality. */
    readonly placed: readonly Spoken[];
    /** What the process of each operation completed last before it. */
    readonly before: ReadonlyMap<Spoken, Spoken | undefined>;
    readonly promise: CausalPromise;
    readonly account: Account;
  },
): void {
  const { placed, before, promise, account } = about;
  const lines = linesOf(placed);
  const places = new Map<Spoken, Place>();
  const order = new Map(placed.map((spoken, at) => [spoken, at]));
  /** Part → line → places of additions, ascending. */
  const additions = new Map<string, Map<number, number[]>>();
  const lengths = new Int32Array(lines.count);
  /** What precedes whatever the process does next, by what it completed last. */
  const pasts = new Map<Spoken | undefined, Int32Array>([[undefined, new Int32Array(lines.count)]]);
  /** An indeterminate addition may be placed later than what its process did after it. */
  const isKept = new Set(
    placed.filter(({ operation }) => operation.outcome !== "ok").map((each) => before.get(each)),
  );
  const adderOf = ({ part }: Spoken, element: string): Spoken =>
    found.adders(part, element)[0] as Spoken;

  for (const spoken of placed) {
    account.tick();
    const { operation, said, part } = spoken;
    const line = lines.of(spoken);
    const previous = before.get(spoken);
    const past = (pasts.get(previous) as Int32Array).slice();
    for (const element of shownElements(spoken)) {
      const seen = places.get(adderOf(spoken, element)) as Place;
      if ((past[seen.line] as number) > seen.place) continue;
      join(past, seen);
    }
    if (said.kind === "shows") confirmShown(spoken, past);
    else if (said.kind === "finds" && !said.isThere) {
      const adder = found.adders(part, said.element)[0];
      const seen = adder === undefined ? undefined : places.get(adder);
      claim(
        seen === undefined || (past[seen.line] as number) <= seen.place,
        () => `Operation ${operation.invocation} does not find what precedes it.`,
      );
    }
    const place = lengths[line] as number;
    lengths[line] = place + 1;
    if (said.kind === "adds") {
      account.remember(4 * past.length);
      places.set(spoken, { line, place, past });
      const ofPart = additions.get(part) ?? new Map<number, number[]>();
      additions.set(part, ofPart);
      const ofLine = ofPart.get(line) ?? [];
      ofPart.set(line, ofLine);
      ofLine.push(place);
    }
    if (operation.outcome !== "ok") continue;
    const after = past.slice();
    after[line] = place + 1;
    pasts.set(spoken, after);
    if (previous === undefined) continue;
    if (isKept.has(previous)) account.remember(4 * after.length);
    else pasts.delete(previous);
  }
  if (found.isOrdered) for (const spoken of placed) confirmListed(spoken);

  function confirmShown(spoken: Spoken, past: Int32Array): void {
    const shown = new Set(shownElements(spoken));
    const { invocation } = spoken.operation;
    claim(
      shown.size === shownElements(spoken).length,
      () => `Operation ${invocation} shows something twice.`,
    );
    let count = 0;
    for (const [line, all] of additions.get(spoken.part) ?? []) {
      count += countBelow(all, past[line] as number);
    }
    // All that is shown precedes, so that to count is enough.
    claim(count === shown.size, () => `Operation ${invocation} lacks what precedes it.`);
  }

  function confirmListed(spoken: Spoken): void {
    const { invocation } = spoken.operation;
    const listed = shownElements(spoken).map((element) => adderOf(spoken, element));
    if (promise === "causal-convergence") {
      claim(
        listed.every(
          (each, at) =>
            at === 0 ||
            (order.get(listed[at - 1] as Spoken) as number) < (order.get(each) as number),
        ),
        () => `Operation ${invocation} does not list things in the one order.`,
      );
      return;
    }
    const past = new Int32Array(lines.count);
    for (const each of listed) {
      account.tick();
      const { line, place } = places.get(each) as Place;
      claim(
        (past[line] as number) <= place,
        () => `Operation ${invocation} lists something after what it precedes.`,
      );
      join(past, places.get(each) as Place);
    }
  }
}

/** Takes over what precedes an addition, and the addition itself. */
function join(past: Int32Array, seen: Place): void {
  for (let line = 0; line < past.length; line++) {
    const other = seen.past[line] as number;
    if (other > (past[line] as number)) past[line] = other;
  }
  if ((past[seen.line] as number) <= seen.place) past[seen.line] = seen.place + 1;
}

function linesOf(placed: readonly Spoken[]): {
  readonly count: number;
  of(spoken: Spoken): number;
} {
  const names = new Map<unknown, number>();
  const nameOf = (spoken: Spoken): unknown =>
    spoken.operation.outcome === "ok" ? spoken.operation.process : spoken;
  for (const spoken of placed) {
    const name = nameOf(spoken);
    if (!names.has(name)) names.set(name, names.size);
  }
  return { count: names.size, of: (spoken) => names.get(nameOf(spoken)) as number };
}

function countBelow(places: readonly number[], bound: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
