/**
 * Causal consistency of any object as it is defined (Bouajjani et al. 2017, section 3; Lipton &
 * Sandberg 1988): every causal order is tried, operation by operation, and every order of what
 * precedes each. For a handful of operations.
 */
import { canonical, type Value } from "../history/value.js";
import type { Operation } from "../history/operation.js";
import type { Account } from "./account.js";
import { VerificationUndecided } from "./claims.js";
import type { Step } from "./step.js";
import type { CausalPromise } from "./visibility-certificate.js";

/** An operation; sets of operations are masks of bits. */
export interface Caused {
  readonly operation: Operation;
  /** What its process had completed before. */
  readonly earlier: number;
  /** Whether its result counts; else it may have had any, or not have happened. */
  readonly isRequired: boolean;
}

/** What the model says, and what the search may cost. */
export interface Asked {
  readonly initial: Value;
  readonly step: Step;
  readonly account: Account;
}

/** Masks have as many bits. */
export const OPERATIONS_MAX = 24;

/** Whether operations can be explained. @throws VerificationUndecided */
export function isExplained(all: readonly Caused[], promise: CausalPromise, asked: Asked): boolean {
  if (all.length > OPERATIONS_MAX) {
    throw new VerificationUndecided(
      `Neither confirmed nor refuted: ${all.length} operations are too many to try everything that they could see.`,
    );
  }
  return promise === "pram" ? hasViews(all, asked) : hasCausalOrder(all, promise, asked);
}

/** Whether a set has a member. */
export function hasBit(mask: number, at: number): boolean {
  return (mask & (1 << at)) !== 0;
}

const has: typeof hasBit = hasBit;

function hasCausalOrder(all: readonly Caused[], promise: CausalPromise, asked: Asked): boolean {
  const required = all.reduce(
    (mask, { isRequired }, at) => (isRequired ? mask | (1 << at) : mask),
    0,
  );
  const visited = new Set<string>();
  const extend = (order: readonly number[], pasts: readonly number[]): boolean => {
    asked.account.tick();
    const placed = order.reduce((mask, at) => mask | (1 << at), 0);
    if ((required & ~placed) === 0) return true;
    const name = `${promise === "causal-convergence" ? order.join() : placed} ${pasts.join()}`;
    if (visited.has(name)) return false;
    asked.account.remember(2 * name.length + 40);
    visited.add(name);
    return all.some(({ earlier, isRequired }, next) => {
      if (has(placed, next) || (earlier & ~placed) !== 0) return false;
      for (let past = placed; ; past = (past - 1) & placed) {
        const isClosed =
          (earlier & ~past) === 0 &&
          order.every((at) => !has(past, at) || ((pasts[at] as number) & ~past) === 0);
        if (isClosed) {
          const further = pasts.with(next, past);
          const isRight =
            !isRequired || explains(all, { next, order, pasts: further, promise }, asked);
          if (isRight && extend([...order, next], further)) return true;
        }
        if (past === 0) return false;
      }
    });
  };
  return extend(
    [],
    all.map(() => 0),
  );
}

function explains(
  all: readonly Caused[],
  about: {
    readonly next: number;
    readonly order: readonly number[];
    readonly pasts: readonly number[];
    readonly promise: CausalPromise;
  },
  asked: Asked,
): boolean {
  const { next, order, pasts, promise } = about;
  const { earlier } = all[next] as Caused;
  const past = pasts[next] as number;
  const kept = (promise === "causal-memory" ? earlier : 0) | (1 << next);
  if (promise === "causal-convergence") {
    const visible = [...order.filter((at) => has(past, at)), next];
    return replay(all, visible, { kept, asked }).length > 0;
  }
  return someOrder(all, past | (1 << next), { before: pasts, kept, last: 1 << next, asked });
}

/** Some order of a set that keeps what precedes what, the `last` at the end. */
function someOrder(
  all: readonly Caused[],
  set: number,
  about: {
    readonly before: readonly number[];
    readonly kept: number;
    readonly last: number;
    readonly asked: Asked;
  },
): boolean {
  const { before, kept, last, asked } = about;
  const dead = new Set<string>();
  const extend = (placed: number, state: Value): boolean => {
    asked.account.tick();
    if (placed === set) return true;
    const name = `${placed} ${canonical(state)}`;
    if (dead.has(name)) return false;
    dead.add(name);
    return all.some((each, next) => {
      if (!has(set & ~placed, next) || ((before[next] as number) & set & ~placed) !== 0)
        return false;
      if (has(last, next) && (set & ~placed & ~last) !== 0) return false;
      const operation = shown(each, has(kept, next));
      return asked.step(state, operation).some((further) => extend(placed | (1 << next), further));
    });
  };
  return extend(0, asked.initial);
}

function replay(
  all: readonly Caused[],
  order: readonly number[],
  { kept, asked }: { readonly kept: number; readonly asked: Asked },
): readonly Value[] {
  let states: readonly Value[] = [asked.initial];
  for (const at of order) {
    const operation = shown(all[at] as Caused, has(kept, at));
    const next = states.flatMap((state) => asked.step(state, operation));
    states = [...new Map(next.map((state) => [canonical(state), state])).values()];
  }
  return states;
}

/** For each process: its own operations with their results, all others, in some order. */
function hasViews(all: readonly Caused[], asked: Asked): boolean {
  const before = all.map(({ earlier }) => earlier);
  const required = all.reduce(
    (mask, { isRequired }, at) => (isRequired ? mask | (1 << at) : mask),
    0,
  );
  const optional = ((1 << all.length) - 1) & ~required;
  const processes = new Set(all.map(({ operation }) => operation.process));
  return [...processes].every((process) => {
    const kept = all.reduce(
      (mask, { operation }, at) => (operation.process === process ? mask | (1 << at) : mask),
      0,
    );
    for (let chosen = optional; ; chosen = (chosen - 1) & optional) {
      const set = required | chosen;
      if (someOrder(all, set, { before, kept: kept & required, last: 0, asked })) return true;
      if (chosen === 0) return false;
    }
  });
}

/** The operation, or what is known of it when its result is not. */
function shown({ operation }: Caused, isKept: boolean): Operation {
  return isKept ? operation : withoutResult(operation);
}

const withoutResults = new WeakMap<Operation, Operation>();

/** The operation as it is seen by others: its result unknown. */
export function withoutResult(operation: Operation): Operation {
  let found = withoutResults.get(operation);
  if (found === undefined) {
    const { output: _, ...rest } = operation;
    found = { ...rest, outcome: "info" } as Operation;
    withoutResults.set(operation, found);
  }
  return found;
}
