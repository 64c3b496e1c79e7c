/**
 * What the verifiers of causal and session promises see of a history of registers: what each
 * operation writes and reads, session order, and which write a read reads.
 */
import type { History } from "../history/history.js";
import type { Operation } from "../history/operation.js";
import { canonical, type Value } from "../history/value.js";
import type { Model } from "../model/model.js";
import { claim, operationAt } from "./claims.js";
import type { ReadSources } from "./certificate.js";

/** One operation that may have happened; a compare-and-set that swapped reads, and then writes. */
export interface Access {
  readonly operation: Operation;
  readonly key: string;
  /** The text of the value that it saw. */
  readonly reads?: string;
  readonly writes?: string;
}

/** A history of registers. */
export interface RegisterHistory {
  /** All of them, in the order of invocation. */
  readonly accesses: readonly Access[];
  /** @throws ClaimRefused for what is none. */
  at(invocation: number): Access;
  /** The write that a read reads; null for the initial value; undefined when nobody wrote it. */
  sourceOf(access: Access): Access | null | undefined;
  /** Every possible answer of `sourceOf`, empty for undefined. */
  candidates(access: Access): readonly (Access | null)[];
  /** Whether it certainly happened: it completed, or what certainly happened reads it. */
  happened(access: Access): boolean;
  /** Takes a read to read this write, or for undefined what the history says. */
  assume(read: number, source: Access | null | undefined): void;
  /** Refuses a history with operations that registers do not have. */
  claimWhole(): void;
}

/** Reads a history; `sources` says what reads of ambiguous values read. */
export function registerHistory(
  history: History,
  model: Model,
  sources: ReadSources = [],
): RegisterHistory {
  claim(model.type?.name === "register", () => `The model ${model.name} is no register.`);
  const accesses: Access[] = [];
  const byInvocation = new Map<number, Access>();
  const strange: Operation[] = [];
  const spoilt = new Set<string>();
  for (const invocation of history.invocations()) {
    const operation = history.operation(invocation);
    const part = model.partition === undefined ? null : model.partition(operation);
    if (part === undefined) {
      claim(operation.outcome === "fail", () => `Operation ${invocation} is about all keys.`);
      continue;
    }
    const key = canonical(part);
    const access = accessOf(operation, model, key);
    if (access === "changes") spoilt.add(key);
    if (typeof access === "string") strange.push(operation);
    if (typeof access !== "object") continue;
    accesses.push(access);
    byInvocation.set(invocation, access);
  }
  const writers = new Map<string, Access[]>();
  for (const access of accesses) {
    if (access.writes === undefined) continue;
    const name = `${access.key} ${access.writes}`;
    const known = writers.get(name);
    if (known === undefined) writers.set(name, [access]);
    else known.push(access);
  }
  const initial = canonical(model.initial());
  const assumed = new Map<number, Access | null>();
  const candidates = (access: Access): readonly (Access | null)[] => [
    ...(access.reads === initial ? [null] : []),
    ...(writers.get(`${access.key} ${access.reads}`) ?? []).filter((one) => one !== access),
  ];
  let certain: Set<Access> | undefined;
  const sourceIfKnown = (access: Access): Access | undefined => {
    if (access.reads === undefined) return undefined;
    const { invocation } = access.operation;
    const all = assumed.has(invocation) ? [assumed.get(invocation)] : candidates(access);
    return all.length === 1 ? (all[0] ?? undefined) : undefined;
  };
  const found: RegisterHistory = {
    accesses,
    happened: (access) => {
      certain ??= allThatHappened(accesses, sourceIfKnown);
      return certain.has(access);
    },
    at: (invocation) => {
      const access = byInvocation.get(invocation);
      if (access === undefined) operationAt(history, invocation);
      claim(access !== undefined, () => `Operation ${invocation} does not read or write.`);
      claim(!spoilt.has(access.key), () => `Key ${access.key} is changed by more than writes.`);
      return access;
    },
    candidates,
    sourceOf: (access) => {
      const { invocation } = access.operation;
      const known = assumed.get(invocation);
      if (known !== undefined) return known;
      const [first, ...others] = candidates(access);
      claim(others.length === 0, () => `What operation ${invocation} reads was written twice.`);
      return first;
    },
    assume: (read, source) => {
      certain = undefined;
      if (source === undefined) {
        assumed.delete(read);
        return;
      }
      claim(
        candidates(found.at(read)).includes(source),
        () => `Operation ${read} cannot have read that.`,
      );
      assumed.set(read, source);
    },
    claimWhole: () => {
      const [first] = strange;
      claim(
        first === undefined,
        () => `Operation ${first?.invocation} (${first?.f}) is none of a register's.`,
      );
    },
  };
  for (const [read, write] of sources) found.assume(read, write === null ? null : found.at(write));
  return found;
}

function allThatHappened(
  accesses: readonly Access[],
  sourceOf: (access: Access) => Access | undefined,
): Set<Access> {
  const certain = new Set<Access>();
  for (const access of accesses) {
    if (access.operation.outcome !== "ok") continue;
    for (
      let at: Access | undefined = access;
      at !== undefined && !certain.has(at);
      at = sourceOf(at)
    ) {
      certain.add(at);
    }
  }
  return certain;
}

/** Undefined for what did not happen or says nothing; a word for what registers do not have. */
function accessOf(
  operation: Operation,
  model: Model,
  key: string,
): Access | "changes" | "observes" | undefined {
  const { f, input, output, outcome } = operation;
  const role = model.type?.roles[f];
  const text = (value: Value | undefined): string => canonical(value ?? null);
  if (role === "cas" && (outcome === "fail" || output === false)) {
    const says = outcome === "ok" || model.observesFailure?.(operation) === true;
    return says ? "observes" : undefined;
  }
  if (outcome === "fail") return undefined;
  if (role === "write") return { operation, key, writes: text(input) };
  if (role === "read") {
    const seen = output ?? null;
    const says = outcome === "ok" && (seen !== null || model.options["nilReads"] !== "unknown");
    return says ? { operation, key, reads: text(seen) } : undefined;
  }
  if (role === "cas") {
    const [old, put] = input as readonly Value[];
    return { operation, key, reads: text(old), writes: text(put) };
  }
  if (model.readOnly?.(operation) === true) return outcome === "ok" ? "observes" : undefined;
  if (model.lookAhead?.overwrites(operation) !== true) return "changes";
  const [put] = model.step(model.initial(), { ...operation, output: undefined, outcome: "info" });
  return put === undefined ? "changes" : { operation, key, writes: text(put) };
}

/**
 * Whether one operation precedes another in the order of their session: it had completed before the
 * other was invoked. What never completed precedes nothing.
 */
export function precedesInSession(one: Operation, other: Operation): boolean {
  return (
    one.process === other.process &&
    one.outcome === "ok" &&
    one.completion !== undefined &&
    one.completion < other.invocation
  );
}
