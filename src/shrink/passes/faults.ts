/** Leaves out faults, and nodes with all that strikes them. */
import type { Value } from "../../history/value.js";
import type { Attempts } from "../attempts.js";
import { ddmin } from "../ddmin.js";
import { withScript, withTest, type FailingCase } from "../failing-case.js";

const OTHER_SEEDS = 4;

/** Faults one by one; the runner heals at the end what no fault of the script does. */
export async function dropFaults(attempts: Attempts): Promise<void> {
  const { faults } = attempts.best.script;
  if (faults.length === 0) return;
  if (await attempts.take(withScript(attempts.best, { faults: [] }), OTHER_SEEDS)) return;
  await ddmin(faults, async (rest) =>
    attempts.take(withScript(attempts.best, { faults: rest }), OTHER_SEEDS),
  );
}

/**
 * As few nodes as the system allows. Which ones stay matters: a fault may need two that stand on
 * different sides of it. The first ones are tried with more seeds than others.
 */
export async function dropNodes(attempts: Attempts, nodesMin: number): Promise<void> {
  const { nodeCount } = attempts.best.test;
  for (let count = nodesMin; count < nodeCount; count++) {
    for (const [place, kept] of selections(nodeCount, count).entries()) {
      const candidate = onNodes(attempts.best, kept);
      if (await attempts.take(candidate, place === 0 ? FIRST_SEEDS : SEEDS)) return;
    }
  }
}

/** Elections take another course on fewer nodes, so that one run says little. */
const FIRST_SEEDS = 12;
const SEEDS = 4;
/** So many ways to choose nodes are tried at most. */
const SELECTIONS_MAX = 12;

/** Ways to choose so many of the numbers from 1 on, the lowest first, then evenly of all. */
function selections(from: number, count: number): readonly (readonly number[])[] {
  const all: number[][] = [];
  const choose = (chosen: readonly number[], next: number): void => {
    if (chosen.length === count) all.push([...chosen]);
    else for (let number = next; number <= from; number++) choose([...chosen, number], number + 1);
  };
  choose([], 1);
  const step = Math.max(1, all.length / SELECTIONS_MAX);
  return all.filter((_, place) => Math.floor(place / step) !== Math.floor((place - 1) / step));
}

/** The case on these nodes, renamed in their order; faults that then strike nobody are left out. */
function onNodes(given: FailingCase, kept: readonly number[]): FailingCase {
  const names: Names = new Map(kept.map((number, place) => [`n${number}`, `n${place + 1}`]));
  const faults = given.script.faults.flatMap((fault) => {
    const value = renamed(fault.invocation.value, names);
    return value === undefined ? [] : [{ ...fault, invocation: { ...fault.invocation, value } }];
  });
  return withScript(withTest(given, { nodeCount: kept.length }), { faults });
}

/** Old name to new name, of the nodes that stay. */
type Names = ReadonlyMap<string, string>;

/** `n3`, or the link `n3>n4`. */
const NODES = /^n\d+(?:>n\d+)?$/;

/**
 * What a fault does on the nodes that stay; undefined when nothing is left that it strikes. Of one
 * of several things (`isItem`), such as a request to remove a node, a name that is lost loses all.
 */
function renamed(value: Value, names: Names, isItem = false): Value | undefined {
  if (typeof value === "string") return renamedText(value, names);
  if (Array.isArray(value)) {
    const rest = (value as readonly Value[])
      .map((item) => renamed(item, names, true))
      .filter((item) => item !== undefined);
    return rest.length === 0 && value.length > 0 ? undefined : rest;
  }
  if (value === null || typeof value !== "object") return value;
  const entries: [string, Value][] = [];
  for (const [name, item] of Object.entries(value)) {
    const rest = renamed(item, names);
    // The parts of a network that lose all their nodes are no parts; a single one is left out.
    if (rest === undefined && (isItem || typeof item !== "string")) return undefined;
    if (rest !== undefined) entries.push([name, rest]);
  }
  return Object.fromEntries(entries);
}

function renamedText(text: string, names: Names): string | undefined {
  if (!NODES.test(text)) return text;
  const parts = text.split(">").map((name) => names.get(name));
  return parts.includes(undefined) ? undefined : parts.join(">");
}
