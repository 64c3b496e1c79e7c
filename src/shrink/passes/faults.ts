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

/** As few nodes as the system allows; those with the highest numbers go first. */
export async function dropNodes(attempts: Attempts, nodesMin: number): Promise<void> {
  for (let count = nodesMin; count < attempts.best.test.nodeCount; count++) {
    if (await attempts.take(onFewerNodes(attempts.best, count), OTHER_SEEDS)) return;
  }
}

/** The case on the first so many nodes; faults that then strike nobody are left out. */
function onFewerNodes(given: FailingCase, nodeCount: number): FailingCase {
  const faults = given.script.faults.flatMap((fault) => {
    const value = withoutNodes(fault.invocation.value, nodeCount);
    return value === undefined ? [] : [{ ...fault, invocation: { ...fault.invocation, value } }];
  });
  return withScript(withTest(given, { nodeCount }), { faults });
}

/** `n3`, or the link `n3>n4`. */
const NODES = /^n(\d+)(?:>n(\d+))?$/;

/** What a fault does without some nodes; undefined when nothing is left that it strikes. */
function withoutNodes(value: Value, nodeCount: number): Value | undefined {
  if (Array.isArray(value)) {
    const items = value as readonly Value[];
    const rest = items.flatMap((item) => {
      const kept = namesMissing(item, nodeCount) ? undefined : withoutNodes(item, nodeCount);
      return kept === undefined ? [] : [kept];
    });
    return rest.length === 0 && items.length > 0 ? undefined : rest;
  }
  if (value === null || typeof value !== "object") return value;
  const entries: [string, Value][] = [];
  for (const [name, item] of Object.entries(value)) {
    const rest = withoutNodes(item, nodeCount);
    // The parts of a network that lose all their nodes are no parts.
    if (rest === undefined) return undefined;
    if (!namesMissing(rest, nodeCount)) entries.push([name, rest]);
  }
  return Object.fromEntries(entries);
}

function namesMissing(item: Value, nodeCount: number): boolean {
  const found = typeof item === "string" ? NODES.exec(item) : null;
  return found !== null && [found[1], found[2]].some((number) => Number(number ?? 0) > nodeCount);
}
