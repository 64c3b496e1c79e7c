/**
 * What a benchmark of checkers is made of: cases in families, each with the histories to check and
 * the checker that is asked.
 */
import type { Checker } from "../../src/checker/checker.js";
import type { History } from "../../src/history/history.js";
import type { Model } from "../../src/model/model.js";
import type { VerdictKind } from "../../src/verdict/verdict.js";

/** One row of the table. */
export interface Case {
  readonly family: string;
  /** Distinguishes the curves of a family: clients, indeterminate operations, what is planted. */
  readonly variant: string;
  readonly operations: number;
  readonly expected: VerdictKind;
  /** Limits of the row's own, in place of those that were asked for. */
  readonly timeMs?: number;
  readonly memoryBytes?: number;
  /** Why it cannot be measured here, or undefined. */
  absence(): string | undefined;
  /** Makes or reads its histories; the same ones each time. */
  subjects(): Promise<readonly Subject[]>;
}

/** A history to check. */
export interface Subject {
  readonly history: History;
  readonly checker: Checker;
  /** What the verifier needs; undefined where a certificate is about no model. */
  readonly model?: Model | undefined;
  /** The kind of object, as plain formats name it. */
  readonly object: string;
  readonly expected: VerdictKind;
  /** The file that it was read from, with the format that it has. */
  readonly file?: { readonly path: string; readonly format: string };
}

/** A benchmark of this kind. */
export interface Benchmark {
  /** As in `npm run bench -- NAME`. */
  readonly name: string;
  /** Every case, in the order of the table. */
  cases(): readonly Case[];
  /** The module of a row's process, which calls `obeyAbout`: its path without the ending. */
  readonly program: string;
}
