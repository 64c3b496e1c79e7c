/**
 * What transactions on rows show without a cycle, with a few examples of each kind.
 */
import { canonical, type Value } from "../../../src/history/value.js";
import type { RowFinding } from "../../../src/verdict/isolation-certificate.js";
import { short } from "../explain.js";
import type { RowHistory, RowTransaction } from "./layout.js";
import type { Reading, Version } from "./versions.js";

const EXAMPLES_MAX = 8;

/** A reading, of which what its transaction wrote there before may be left out. */
type Place = Pick<Reading, "transaction" | "at" | "row"> & Partial<Pick<Reading, "own">>;

/** Collects findings. */
export class RowFindings {
  readonly examples: RowFinding[] = [];
  readonly counts: Map<RowFinding["kind"], number> = new Map<RowFinding["kind"], number>();
  readonly #history: RowHistory;

  constructor(history: RowHistory) {
    this.#history = history;
  }

  add(kind: RowFinding["kind"], reading: Place, of?: Version): void {
    const { transaction, at, row, own } = reading;
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    if (count > EXAMPLES_MAX) return;
    const { rows } = this.#history;
    const writer = of === undefined ? {} : { writer: this.#named(of.writer) };
    const named = rows[row] as { readonly key: Value; readonly element?: Value };
    const isOwn = kind === "internal" && own !== undefined;
    const about = { name: "row-finding", kind, transaction: this.#named(transaction), at } as const;
    this.examples.push({ ...about, ...named, ...writer, ...(isOwn ? { isOwn } : {}) });
  }

  #named(transaction: number): number {
    return (this.#history.transactions[transaction] as RowTransaction).operation.invocation;
  }
}

/** A finding as a sentence. */
export function tellRowFinding(finding: RowFinding, history: RowHistory): string {
  const { kind, transaction, at, writer } = finding;
  const { operation } = history.transactions.find(
    (each) => each.operation.invocation === transaction,
  ) as RowTransaction;
  const micro = (operation.output as readonly (readonly Value[])[])[at] ?? null;
  const of = tellRow(finding);
  const did = `transaction ${transaction} did ${short(micro)}`;
  switch (kind) {
    case "garbage-read":
      return micro?.[2] === undefined || micro[2] === null
        ? `${did}, but ${of} was there at first, and nobody deletes it`
        : `${did}, but nobody wrote that to ${of}`;
    case "predicate-read-miss":
      return `${did}, which does not show ${of}: it was there at first, and nobody left it otherwise than the predicate means`;
    case "duplicate-elements":
      return `${did}, which shows ${of} more than once`;
    case "predicate-mismatch":
      return `${did}, which shows ${of} although the predicate does not mean it`;
    case "G1a":
      return `${did}, which of ${of} only what ${String(writer)} wrote explains, which failed`;
    case "G1b":
      return `${did}, which of ${of} only what ${String(writer)} wrote in between explains, before it wrote again`;
    case "future-read":
      return `${did}, which of ${of} only what it wrote itself later explains`;
    case "internal":
    default:
      return `${did}, which of ${of} does not follow from what it did there before`;
  }
}

/** A row in words. */
export function tellRow({
  key,
  element,
}: {
  readonly key: Value;
  readonly element?: Value;
}): string {
  return element === undefined ? canonical(key) : `${short(element)} in ${canonical(key)}`;
}
