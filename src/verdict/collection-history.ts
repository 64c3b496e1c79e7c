/**
 * What operations on sets and logs say, for the verification of claims about collections that only
 * grow. A log lists its entries in their order, a set does not.
 */
import type { History } from "../history/history.js";
import type { Operation } from "../history/operation.js";
import { canonical, type Value } from "../history/value.js";
import type { Model } from "../model/model.js";
import { claim, createPartNames, operationAt } from "./claims.js";

/** What an operation did or said. */
export type Said =
  /** Adds an element; `wasThere`: and says that it was there before; `tells`: or something else. */
  | {
      readonly kind: "adds";
      readonly element: string;
      readonly wasThere: boolean;
      readonly tells: boolean;
    }
  /** Shows all elements. */
  | { readonly kind: "shows"; readonly elements: readonly string[] }
  /** Shows whether one element is there. */
  | { readonly kind: "finds"; readonly element: string; readonly isThere: boolean }
  /** Says something else, but changes nothing. */
  | { readonly kind: "tells" }
  | { readonly kind: "changes" };

/** An operation with what it says. */
export interface Spoken {
  readonly operation: Operation;
  /** The key, or what stands for all of them. */
  readonly part: string;
  readonly said: Said;
}

/** A history as collections. */
export interface CollectionHistory {
  readonly isOrdered: boolean;
  /** Operations that did not fail and may say something, in the order of invocation. */
  readonly all: readonly Spoken[];
  /** The operation of an index, which comes from a file. @throws ClaimRefused */
  at(invocation: number): Spoken;
  /** Who may have added an element of a part. */
  adders(part: string, element: string): readonly Spoken[];
  /** Confirms that nothing is ever removed from a part. @throws ClaimRefused */
  claimGrows(part: string): void;
}

/** Reads a history so. @throws ClaimRefused */
export function collectionHistory(history: History, model: Model): CollectionHistory {
  const { type } = model;
  claim(
    type?.name === "set" || type?.name === "log",
    () => `The model ${model.name} is neither a set nor a log.`,
  );
  claim(
    canonical(model.initial()) === "[]" && model.observesFailure === undefined,
    () => `The model ${model.name} does not begin with nothing.`,
  );
  const isOrdered = type.name === "log";
  const partOf = collectionParts(history, model);
  const all: Spoken[] = [];
  const byInvocation = new Map<number, Spoken>();
  const adders = new Map<string, Spoken[]>();
  const changed = new Set<string>();
  for (const invocation of history.invocations()) {
    const operation = history.operation(invocation);
    if (operation.process === "nemesis" || operation.outcome === "fail") continue;
    const said = saidBy(operation, type.roles, isOrdered);
    if (said === undefined) continue;
    const spoken: Spoken = { operation, part: partOf(operation), said };
    all.push(spoken);
    byInvocation.set(invocation, spoken);
    if (said.kind === "changes") changed.add(spoken.part);
    if (said.kind !== "adds") continue;
    const name = `${spoken.part} ${said.element}`;
    const known = adders.get(name);
    if (known === undefined) adders.set(name, [spoken]);
    else known.push(spoken);
  }
  return {
    isOrdered,
    all,
    at: (invocation) => {
      const spoken = byInvocation.get(invocation);
      if (spoken === undefined) operationAt(history, invocation);
      claim(spoken !== undefined, () => `Operation ${invocation} says nothing of a collection.`);
      return spoken;
    },
    adders: (part, element) => adders.get(`${part} ${element}`) ?? [],
    claimGrows: (part) => {
      claim(!changed.has(part), () => `More is done to ${part} than that elements are added.`);
    },
  };
}

/** Elements of a set are parts of their own, but those of one key belong together here. */
function collectionParts(history: History, model: Model): (operation: Operation) => string {
  if (model.type?.name === "log") return createPartNames(history, model);
  const nameOf = ({ key }: Operation): string => canonical(key ?? null);
  const names = new Set<string>();
  for (const invocation of history.invocations()) {
    const operation = history.operation(invocation);
    if (operation.process !== "nemesis" && operation.outcome !== "fail")
      names.add(nameOf(operation));
  }
  claim(
    names.size < 2 || !names.has(canonical(null)),
    () => `Some operations on sets have keys, and others are about all of them.`,
  );
  return nameOf;
}

/** Undefined for what says nothing. */
function saidBy(
  operation: Operation,
  roles: { readonly [f: string]: string },
  isOrdered: boolean,
): Said | undefined {
  const { f, input, output, outcome } = operation;
  const role = Object.hasOwn(roles, f) ? roles[f] : undefined;
  const isOk = outcome === "ok";
  if (role === (isOrdered ? "append" : "add")) {
    const wasThere = isOk && !isOrdered && output === false;
    const tells = isOk && isOrdered && typeof output === "number";
    return { kind: "adds", element: canonical(input), wasThere, tells };
  }
  const looks = role === "read" || role === "size" || (role === "contains" && !isOrdered);
  if (!looks) return { kind: "changes" };
  if (!isOk) return undefined;
  if (role === "read" && Array.isArray(output) && (!isOrdered || isWhole(input))) {
    return { kind: "shows", elements: (output as readonly Value[]).map((each) => canonical(each)) };
  }
  if (role === "contains" && typeof output === "boolean") {
    return { kind: "finds", element: canonical(input), isThere: output };
  }
  return { kind: "tells" };
}

function isWhole(input: Value): boolean {
  return input === null || typeof input !== "object" || Array.isArray(input);
}

/** Whether a read shows an element; undefined when it does not say. */
export function showsElement({ said }: Spoken, element: string): boolean | undefined {
  if (said.kind === "shows") return said.elements.includes(element);
  return said.kind === "finds" && said.element === element ? said.isThere : undefined;
}

/** Whether a process had completed one operation before it invoked the other. */
export function isEarlier(one: Operation, other: Operation): boolean {
  return (
    one.process === other.process &&
    one.outcome === "ok" &&
    one.completion !== undefined &&
    one.completion < other.invocation
  );
}

/** Elements that a read says are there. */
export function shownElements({ said }: Spoken): readonly string[] {
  if (said.kind === "shows") return said.elements;
  return said.kind === "finds" && said.isThere ? [said.element] : [];
}
