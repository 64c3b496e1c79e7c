/**
 * Takes a history apart: the operations that a verdict is about, by part of the model.
 *
 * What failed did not happen, and is left out, unless the model counts it as an observation.
 */
import { HarnessError } from "../../src/errors.js";
import { FAIL, INFO, INVOKE, NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import { byKey, type Model } from "../../src/model/model.js";

/** The operations of one part, as indices of invocations. */
export interface Part {
  readonly part: Value;
  /** What has to be explained (`ok`, and observed failures), in the order of completions. */
  readonly completed: number[];
  /** What may have happened, in the order of invocations. */
  readonly indeterminate: number[];
  /** All of them, ascending, where that is known already. */
  readonly invocations?: Int32Array;
}

/** Parts in the order of their first operation, and how many operations there are of each kind. */
export interface Parts {
  readonly parts: readonly Part[];
  /** Operations of clients. */
  readonly operations: number;
  readonly ok: number;
}

/**
 * Splits the operations of clients by the model's partition.
 * @throws HarnessError `bad-argument` for a function that the model does not know
 */
export function splitIntoParts(history: History, model: Model): Parts {
  refuseUnknownFunctions(history, model);
  const keyless = model.partition === byKey && isKeyless(history);
  if (model.partition === undefined || keyless) return onePart(history, model);
  return takeApart(history, model, createPartFinder(history, model)) ?? onePart(history, model);
}

/** Whether no event has a key. A plain loop: there may be millions. */
export function isKeyless({ keys }: History): boolean {
  for (let event = 0; event < keys.length; event++) if (keys[event] !== NONE) return false;
  return true;
}

/**
 * All operations as one part, although the model takes histories apart: for monitors that decide
 * all parts at once.
 */
export function asOnePart(history: History, model: Model): Parts {
  refuseUnknownFunctions(history, model);
  return onePart(history, model);
}

/**
 * The lists are made only when somebody asks: for millions of operations they cost more than a
 * monitor does, and a monitor does not need them.
 */
function onePart(history: History, model: Model): Parts {
  const { types, processes, length } = history;
  const invocations = new Int32Array(length);
  let count = 0;
  let operations = 0;
  let ok = 0;
  for (let event = 0; event < length; event++) {
    if (types[event] !== INVOKE || processes[event] === NEMESIS) continue;
    operations++;
    const outcome = outcomeOf(history, event);
    if (outcome === OK) ok++;
    if (outcome !== FAIL || observes(history, model, event)) invocations[count++] = event;
  }
  if (count === 0) return { parts: [], operations, ok };
  const all = invocations.subarray(0, count);
  let lists: Pick<Part, "completed" | "indeterminate"> | undefined;
  const part: Part = {
    part: null,
    invocations: all,
    get completed() {
      lists ??= listsOf(history, all);
      return lists.completed;
    },
    get indeterminate() {
      lists ??= listsOf(history, all);
      return lists.indeterminate;
    },
  };
  return { parts: [part], operations, ok };
}

function listsOf(
  history: History,
  invocations: Int32Array,
): Pick<Part, "completed" | "indeterminate"> {
  const indeterminate = invocations.filter((one) => outcomeOf(history, one) === INFO);
  const belongs = new Uint8Array(history.length);
  for (const one of invocations) belongs[one] = 1;
  for (const one of indeterminate) belongs[one] = 0;
  const completed = new Int32Array(invocations.length - indeterminate.length);
  let count = 0;
  for (let event = 0; event < history.length; event++) {
    const invocation = history.pairs[event] as number;
    if (history.types[event] === INVOKE || invocation === NONE || belongs[invocation] === 0) {
      continue;
    }
    completed[count++] = invocation;
  }
  return { completed: [...completed], indeterminate: [...indeterminate] };
}

function outcomeOf({ types, pairs }: History, invocation: number): number {
  const completion = pairs[invocation] as number;
  return completion === NONE ? INFO : (types[completion] as number);
}

/** The part of an operation, added to the list when it is new; undefined when it is about all. */
type PartFinder = (invocation: number, parts: PlacedPart[]) => PlacedPart | undefined;

interface PlacedPart extends Part {
  /** Its place in the list. */
  readonly place: number;
}

/** The parts; undefined when an operation is about all of them. */
function takeApart(history: History, model: Model, partOf: PartFinder): Parts | undefined {
  const { types, pairs, processes } = history;
  const parts: PlacedPart[] = [];
  let operations = 0;
  let ok = 0;
  /** Event of an invocation → 1 + place in `parts` of what it is added to when it completes. */
  const waiting = new Int32Array(history.length);
  for (let event = 0; event < history.length; event++) {
    if (processes[event] === NEMESIS) continue;
    const type = types[event];
    if (type === INVOKE) {
      operations++;
      const completion = pairs[event] as number;
      const outcome = completion === NONE ? INFO : types[completion];
      if (outcome === FAIL && !observes(history, model, event)) continue;
      const part = partOf(event, parts);
      if (part === undefined) return undefined;
      if (outcome === INFO) part.indeterminate.push(event);
      else waiting[event] = 1 + part.place;
    } else if (type !== INFO) {
      if (type === OK) ok++;
      const invocation = pairs[event] as number;
      parts[(waiting[invocation] as number) - 1]?.completed.push(invocation);
    }
  }
  return { parts, operations, ok };
}

function createPartFinder(history: History, model: Model): PartFinder {
  if (model.partition === byKey) return partsByKey(history);
  const byName = new Map<string, PlacedPart>();
  return (invocation, parts) => {
    const value = model.partition?.(history.operation(invocation));
    if (value === undefined) return undefined;
    const name = canonical(value);
    const part = byName.get(name) ?? newPart(value, parts);
    byName.set(name, part);
    return part;
  };
}

/** Without making operations: equal keys have equal positions in the pool. */
function partsByKey(history: History): PartFinder {
  const byPosition = new Map<number, PlacedPart>();
  // To have no key and to have the key null are one thing.
  const absent = history.pool.indexOf(null);
  return (invocation, parts) => {
    const given = history.keys[invocation] as number;
    const position = given === absent ? NONE : given;
    let part = byPosition.get(position);
    if (part === undefined) {
      part = newPart(position === NONE ? null : (history.pool[position] as Value), parts);
      byPosition.set(position, part);
    }
    return part;
  };
}

function newPart(part: Value, parts: PlacedPart[]): PlacedPart {
  const made = { part, completed: [], indeterminate: [], place: parts.length };
  parts.push(made);
  return made;
}

function observes(history: History, model: Model, invocation: number): boolean {
  return model.observesFailure?.(history.operation(invocation)) ?? false;
}

function refuseUnknownFunctions(history: History, model: Model): void {
  const known = model.functions;
  if (known === undefined) return;
  const unknown = new Set<number>();
  history.functionNames.forEach((f, number) => {
    if (!known.includes(f)) unknown.add(number);
  });
  if (unknown.size === 0) return;
  for (const invocation of history.invocations()) {
    const number = history.functions[invocation] as number;
    if (!unknown.has(number)) continue;
    const f = history.functionNames[number] as string;
    const near = known.find((name) => distance(name, f) <= 2);
    throw new HarnessError(
      "bad-argument",
      `the model ${model.name} has no function "${f}" (event ${invocation}); it has ${known.join(", ")}. ` +
        (near === undefined ? "Choose a model that has it." : `Did you mean "${near}"?`),
    );
  }
}

/** How many letters one has to insert, delete or replace to get from one name to the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
