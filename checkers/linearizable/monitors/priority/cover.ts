/**
 * Why a head, or an observation of emptiness, has no open gap: few elements that contradict.
 *
 * Always the one that reaches farthest next. Where an element covers more than its own operations
 * say, since its heads have to wait for open gaps, those that make them wait are named too.
 */
import { NONE } from "../../../../src/history/history.js";
import { NEVER } from "../monitor.js";
import type { Coverage, CoverageOrCover, Given } from "./coverage.js";

interface Search {
  readonly given: Given;
  /** Right for all elements of a higher priority than the one in question. */
  readonly found: Coverage;
}

/** The elements that cover a call's interval; `element` is the call's, or `NONE`. */
export function explainCover(
  search: Search,
  { element, call }: { readonly element: number; readonly call: number },
): CoverageOrCover {
  const { elements, times } = search.given;
  const { starts, ends } = times;
  const named = new Set<number>();
  const waiting: number[] = [];
  const name = (cover: readonly number[] | undefined): void => {
    for (const one of cover ?? []) {
      if (named.has(one)) continue;
      named.add(one);
      waiting.push(one);
    }
  };
  if (element !== NONE) named.add(element);
  const [inserted, removed] = lifeOf(element, search.given);
  const interval = {
    start: Math.max(starts[call] as number, inserted),
    end: Math.min(ends[call] as number, removed),
  };
  name(coverOf(interval, element, search));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const from = search.found.from[next] as number;
    const getter = search.found.removes[next] as number;
    if (from < (elements.insertEnds[next] as number) - 1) {
      name(waitingHead(next, search));
    }
    if (getter === NONE) continue;
    const begun = Math.max(elements.lastStarts[next] as number, starts[getter] as number);
    name(coverOf({ start: begun, end: search.found.to[next] as number }, next, search));
  }
  return {
    kind: "covered",
    elements: [...named],
    empties: element === NONE ? [call] : [],
  };
}

/** When the element is inserted at the earliest, and removed at the latest. */
function lifeOf(element: number, { elements, times }: Given): readonly [number, number] {
  if (element === NONE) return [0, NEVER];
  const remove = elements.removes[element] as number;
  return [
    times.starts[elements.inserts[element] as number] as number,
    remove === NONE ? NEVER : (times.ends[remove] as number),
  ];
}

/** A cover of what lies between an element's insert and the end of the head that forces it. */
function waitingHead(element: number, search: Search): readonly number[] | undefined {
  const { elements, times } = search.given;
  const start = (search.found.from[element] as number) + 1;
  const [, removed] = lifeOf(element, search.given);
  const heads = [elements.removes[element] as number];
  let peek = elements.firstPeek[element] as number;
  for (; peek !== NONE; peek = elements.nextPeek[peek] as number) heads.push(peek);
  for (const call of heads) {
    if (call === NONE) continue;
    const end = Math.min(times.ends[call] as number, removed);
    if (end <= start) continue;
    const cover = coverOf({ start, end }, element, search);
    if (cover !== undefined) return cover;
  }
  return undefined;
}

/** Elements above `below` that cover the gaps from `start` to before `end`, if they do. */
function coverOf(
  { start, end }: { readonly start: number; readonly end: number },
  below: number,
  { given, found }: Search,
): number[] | undefined {
  const { byRank, ranks } = given.ranked;
  const bound = below === NONE ? Infinity : (ranks[below] as number);
  const near: number[] = [];
  for (const element of byRank) {
    if ((ranks[element] as number) >= bound) break;
    const covers = (found.from[element] as number) + 1 < end;
    if (covers && (found.to[element] as number) > start) near.push(element);
  }
  near.sort((a, b) => (found.from[a] as number) - (found.from[b] as number));
  const chosen: number[] = [];
  let next = 0;
  for (let gap = start; gap < end;) {
    let best = NONE;
    let farthest = gap;
    for (; next < near.length && (found.from[near[next] as number] as number) < gap; next++) {
      const reach = found.to[near[next] as number] as number;
      if (reach > farthest) [best, farthest] = [near[next] as number, reach];
    }
    if (best === NONE) return undefined;
    chosen.push(best);
    gap = farthest;
  }
  return chosen;
}
