/**
 * The rules that queues, stacks and their like share: elements go in, and one at a time is seen or
 * taken. Which is next is for the container to say; it may be one of several.
 *
 * What goes in says nothing in its answer. A removal or a peek answers an element, or what stands
 * for emptiness; with outcome `info` a removal takes what it would have, if there is anything. A
 * value that stands for emptiness can be inserted, and then its removal has two readings, each of
 * which is allowed.
 *
 * Projection: without every operation about some elements, what is next among the others stays
 * next, and what was empty stays so.
 */
import { HarnessError } from "../errors.js";
import { canonical, sameValue, type Value } from "../history/value.js";
import { byKey, type Model, type ModelOperation, type ObjectType } from "./model.js";

/** What every such container lets its user say. */
export interface EmptyOptions {
  /** The answer that says that there was nothing; default null. */
  readonly empty?: Value;
}

/** What the `fail` of a removal says: only that it did not happen, or that nothing was there. */
export type FailedRemoval = "ignore" | "observe";

/** A state: the elements, in an order that is for the container to say. */
export type Elements = readonly Value[];

/** An element that may be next, and what is left without it. */
export interface Candidate {
  readonly value: Value;
  readonly rest: Elements;
}

/** What makes a container. */
export interface ContainerRules {
  readonly name: string;
  readonly options: { readonly [name: string]: Value };
  readonly origin: NonNullable<Model["origin"]>;
  readonly empty: Value;
  readonly failed: FailedRemoval;
  readonly inserts: { readonly [f: string]: (elements: Elements, value: Value) => Elements };
  /** What a removal may take: none only when there are no elements. */
  readonly removals: { readonly [f: string]: (elements: Elements) => readonly Candidate[] };
  /** Peek → the removal whose element it sees. */
  readonly peeks: { readonly [f: string]: string };
  readonly type?: ObjectType;
}

/** The model of a container, one per key where the history has keys. */
export function container(rules: ContainerRules): Model<Elements> {
  const { inserts, removals, peeks, empty, failed } = rules;
  const functions = [inserts, removals, peeks].flatMap((each) => Object.keys(each));
  const removalOf = (f: string): ContainerRules["removals"][string] | undefined =>
    removals[Object.hasOwn(peeks, f) ? (peeks[f] as string) : f];
  const isPeek = (f: string): boolean => Object.hasOwn(peeks, f);
  return {
    name: rules.name,
    options: rules.options,
    origin: rules.origin,
    functions,
    initial: () => [],
    step: (elements, operation): readonly Elements[] => {
      const { f, input } = operation;
      if (!functions.includes(f)) return [];
      const insert = inserts[f];
      if (insert !== undefined) return [insert(elements, input)];
      const candidates = removalOf(f)?.(elements) ?? [];
      const seen = candidates.filter(({ value }) => mayShow(operation, value));
      const nothing =
        candidates.length === 0 && (operation.outcome === "fail" || mayShow(operation, empty));
      if (isPeek(f)) return seen.length > 0 || nothing ? [elements] : [];
      return [...seen.map(({ rest }) => rest), ...(nothing ? [elements] : [])];
    },
    partition: byKey,
    // Monitors know one answer for emptiness.
    ...(rules.type === undefined || empty !== null ? {} : { type: rules.type }),
    values: ({ f, input, output = null, outcome }) => {
      if (Object.hasOwn(inserts, f)) return sameValue(input, empty) ? "all" : [input];
      if (outcome === "info") return isPeek(f) ? undefined : [];
      return outcome === "fail" || sameValue(output, empty) ? [] : [output];
    },
    readOnly: ({ f, outcome }) => isPeek(f) || (Object.hasOwn(removals, f) && outcome === "fail"),
    observesFailure: ({ f }) => failed === "observe" && !Object.hasOwn(inserts, f),
  };
}

/** Whether the operation may have seen this; one that failed saw no element. */
function mayShow({ outcome, output = null }: ModelOperation, value: Value): boolean {
  return outcome === "info" || (outcome === "ok" && sameValue(output, value));
}

/** Refuses what is no meaning of a failed removal. */
export function checkedFailure(name: string, given: FailedRemoval = "ignore"): FailedRemoval {
  if (given === "ignore" || given === "observe") return given;
  throw new HarnessError(
    "bad-argument",
    `model option ${name} is "ignore" or "observe", not ${canonical(given)}`,
  );
}

/** Numbers by size, before all else by its JSON: the order of states whose order means nothing. */
export function compareValues(one: Value, other: Value): number {
  const numeric = typeof one === "number";
  if (numeric && typeof other === "number") return one - other;
  if (numeric || typeof other === "number") return numeric ? -1 : 1;
  const [a, b] = [canonical(one), canonical(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The sorted elements with one more. */
export function withElement(
  elements: Elements,
  value: Value,
  compare: (one: Value, other: Value) => number = compareValues,
): Elements {
  const place = elements.findIndex((other) => compare(value, other) < 0);
  return place < 0 ? [...elements, value] : elements.toSpliced(place, 0, value);
}

/** The elements without the first that equals the value; the same when there is none. */
export function withoutElement(elements: Elements, value: Value): Elements {
  const place = elements.findIndex((other) => sameValue(other, value));
  return place < 0 ? elements : elements.toSpliced(place, 1);
}
