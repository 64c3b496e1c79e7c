/**
 * The shortest cycle of a class in each of several components, exact where the work suffices. Every
 * edge with which such a cycle may begin is a question (cycle-search.ts); all of them are asked
 * with a bound on the length that grows from round to round, small components first. So the first
 * that are found are the shortest of all, before anything is looked at from afar; and a component
 * in which nothing was cut off is done with. Where the work ends before, as in a giant component,
 * the shortest that was found is told, and that it may not be the shortest there is.
 */
import type { CycleClass, CycleSearch, Step } from "./cycle-search.js";
import type { EdgeAt } from "./single-dependency.js";

/** The edges of one component with which a cycle of the class may begin. */
export type Beginnings = readonly EdgeAt[];

/** Which cycles are looked for. */
export interface ShortestQuestion {
  readonly class: CycleClass;
  /** Kinds of edges of time that may be used, and of which there must be one. */
  readonly time: number;
  readonly needs: number;
  /** Node → its component. */
  readonly components: Int32Array;
  /** Longer ones are not looked for. */
  readonly lengthMax: number;
  /** Edges looked at; as many again when nothing was found. */
  readonly workMax: number;
}

/** A cycle of one component. */
export interface Shortest {
  readonly steps: readonly Step[];
  /** Whether none of the component is shorter; of the first one, none of any. */
  readonly isShortest: boolean;
}

/** The shortest cycles, shortest first, and whether there is none else that is as short. */
export interface AllShortest {
  readonly cycles: readonly Shortest[];
  readonly isWhole: boolean;
}

/** Bounds grow by one up to here, and then by half. */
const SHORT = 4;

/** The shortest cycle of each of these components that has one. */
export function shortestCycles(
  search: CycleSearch,
  components: readonly Beginnings[],
  question: ShortestQuestion,
): AllShortest {
  const { lengthMax } = question;
  const workMax = search.work + question.workMax;
  const ask = (edge: EdgeAt, length: number): readonly Step[] | undefined =>
    search.find({ from: edge.from, place: edge.place, lengthMax: length });
  search.ask(question);
  let open = components.toSorted((a, b) => a.length - b.length);
  const found: Shortest[] = [];
  /** No cycle of an open component is that long or shorter. */
  let excluded = 1;
  let isOut = false;
  let inDoubt: readonly Step[] | undefined;
  for (let bound = 2; open.length > 0 && excluded < lengthMax; bound = longer(bound)) {
    const left: Beginnings[] = [];
    for (const [place, edges] of open.entries()) {
      search.wasCut = false;
      search.gaveUp = false;
      let best: readonly Step[] | undefined;
      for (const edge of edges) {
        best = ask(edge, Math.min(bound, lengthMax, (best?.length ?? Infinity) - 1)) ?? best;
        isOut = search.work > workMax;
        if (best?.length === excluded + 1 || isOut) break;
      }
      const isShortest = !search.gaveUp || best?.length === excluded + 1;
      if (isOut && !(best !== undefined && isShortest && best.length === excluded + 1)) {
        // What this component has is known in part only, as are those after it.
        inDoubt = best;
        left.push(...open.slice(place));
        break;
      }
      if (best !== undefined) found.push({ steps: best, isShortest });
      else if (search.wasCut) left.push(edges);
      if (isOut) {
        left.push(...open.slice(place + 1));
        break;
      }
    }
    open = left;
    if (isOut) break;
    excluded = bound;
  }
  found.sort((a, b) => a.steps.length - b.steps.length);
  const isWhole = !isOut && found.every(({ isShortest }) => isShortest);
  if (isOut) {
    const lengthBefore = Math.min(lengthMax + 1, found[0]?.steps.length ?? Infinity);
    const about = { ask, lengthBefore, inDoubt, workMax: question.workMax };
    const more = farAway(search, open, about);
    if (more !== undefined) found.unshift({ steps: more, isShortest: false });
  }
  const [first, ...others] = found;
  if (first === undefined) return { cycles: [], isWhole };
  // Nothing is shorter than what the rounds that were ended have left.
  const isShortest = isWhole || first.steps.length <= excluded + 1;
  return { cycles: [{ ...first, isShortest }, ...others], isWhole };
}

/** A short cycle of components in which the work ended; undefined when none is shorter. */
function farAway(
  search: CycleSearch,
  components: readonly Beginnings[],
  about: {
    readonly ask: (edge: EdgeAt, length: number) => readonly Step[] | undefined;
    readonly lengthBefore: number;
    readonly inDoubt: readonly Step[] | undefined;
    readonly workMax: number;
  },
): readonly Step[] | undefined {
  const { ask, lengthBefore, inDoubt } = about;
  const workMax = search.work + about.workMax;
  let best = inDoubt !== undefined && inDoubt.length < lengthBefore ? inDoubt : undefined;
  for (const edges of components) {
    for (const edge of edges) {
      best = ask(edge, (best?.length ?? lengthBefore) - 1) ?? best;
      if (search.work > workMax) return best;
    }
  }
  return best;
}

function longer(bound: number): number {
  return bound < SHORT ? bound + 1 : Math.ceil(bound * 1.5);
}
