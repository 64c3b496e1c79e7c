/** The few operations that are explored: drawn from a workload, or written by hand. */
import { HarnessError } from "../errors.js";
import { simulate, type Invocation } from "../generator/index.js";
import type { Value } from "../history/value.js";
import type { System } from "../runner/system.js";
import type { Workload } from "../runner/workload.js";

/** What is drawn. */
export interface DrawOptions {
  readonly workload: Workload;
  readonly system: System;
  readonly workers: number;
  /** Operations of each worker. */
  readonly each: number;
  readonly seed: number;
}

/** Draws the first operations of each worker, as if all succeeded. */
export function drawOperations(options: DrawOptions): readonly (readonly Invocation[])[] {
  const { workload, system, workers, each, seed } = options;
  const known = [...workload.requires, ...workload.optional];
  const functions = new Set(known.filter((f) => system.functions.includes(f)));
  const events = simulate(workload.generator({ functions, concurrency: workers }), {
    concurrency: workers,
    seed,
    maxEvents: workers * each * 20,
  });
  return Array.from({ length: workers }, (_, worker) =>
    events
      .filter(({ type, process }) => type === "invoke" && process === worker)
      .slice(0, each)
      .map(({ f, key, value }) => (key === undefined ? { f, value } : { f, key, value })),
  );
}

/**
 * Reads operations as people write them: `write:1 read / read` are two workers; `write@x:1` names
 * a key. Keys and values are JSON without spaces, or else text.
 * @throws HarnessError `bad-argument`.
 */
export function parseOperations(text: string): readonly (readonly Invocation[])[] {
  const workers = text.split("/").map((worker) =>
    worker
      .split(/\s+/)
      .filter((word) => word !== "")
      .map((word) => parseOperation(word)),
  );
  if (workers.every((own) => own.length === 0)) {
    throw new HarnessError("bad-argument", "there is no operation to carry out");
  }
  return workers;
}

function parseOperation(word: string): Invocation {
  const [, f, key, value] = /^([\w-]+)(?:@([^:]+))?(?::(.+))?$/.exec(word) ?? [];
  if (f === undefined) {
    throw new HarnessError(
      "bad-argument",
      `"${word}" is no operation; write FUNCTION, FUNCTION:VALUE or FUNCTION@KEY:VALUE, with / between workers`,
    );
  }
  const operation = { f, value: value === undefined ? null : valueOf(value) };
  return key === undefined ? operation : { ...operation, key: valueOf(key) };
}

function valueOf(text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return text;
  }
}
