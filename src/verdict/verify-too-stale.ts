/**
 * Confirms that a few operations on one key cannot be explained by reads that return one of the
 * last `versions` values and begin up to `deltaNs` earlier: by counting writes that lie between a
 * write and a read whatever the order, and if that is not enough by trying all orders.
 */
import type { History } from "../history/history.js";
import { canonical } from "../history/value.js";
import type { Model } from "../model/model.js";
import { createAccount, type Account } from "./account.js";
import { claim, createPartNames, operationAt } from "./claims.js";
import type { TooStaleCertificate } from "./certificate.js";
import { accessOf, Clock } from "./register-accesses.js";
import type { VerificationRequest } from "./verify.js";

/** A read or a write; a compare-and-set is both, which is less than it claims. */
interface Step {
  readonly kind: "read" | "write";
  readonly invocation: number;
  readonly completion: number;
  /** The step that wrote what is read; -1 for the initial value. For a write itself. */
  readonly write: number;
}

/** Answers what was confirmed. @throws ClaimRefused @throws VerificationUndecided */
export function verifyTooStale(
  certificate: TooStaleCertificate,
  { history, model, budget }: VerificationRequest,
): string {
  const { versions, deltaNs } = certificate;
  claim(
    versions >= 1 && deltaNs >= 0 && (versions === 1 || deltaNs === 0),
    () => "The bounds are no bounds.",
  );
  const found = stepsOf(certificate, history, model);
  if (typeof found === "string") return found;
  const problem: Problem = { steps: found, versions, deltaNs, clock: new Clock(history) };
  const account = createAccount(budget);
  const told = `${certificate.operations.length} operations on the key ${canonical(certificate.part)}`;
  const within = `reads of the last ${versions} values (begun up to ${deltaNs} ns earlier)`;
  if (isCertainlyBehind(problem, account)) {
    return `In every order of ${told} a read is more than ${versions - 1} writes behind.`;
  }
  claim(!hasOrder(problem, account), () => `There is an order of ${told} with ${within}.`);
  return `No order of ${told} explains them by ${within}.`;
}

interface Problem {
  readonly steps: readonly Step[];
  readonly versions: number;
  readonly deltaNs: number;
  readonly clock: Clock;
}

/** The steps; a text with what is confirmed when one of them is enough. */
function stepsOf(
  { operations, part }: TooStaleCertificate,
  history: History,
  model: Model,
): readonly Step[] | string {
  const name = canonical(part);
  const writers = writersOf(history, model, name);
  const initial = canonical(model.initial());
  const partName = createPartNames(history, model);
  const accesses = [...new Set(operations)].map((invocation) => {
    const operation = operationAt(history, invocation);
    claim(
      partName(operation) === name,
      () => `Operation ${invocation} is not about the key ${name}.`,
    );
    claim(operation.outcome !== "fail", () => `Operation ${invocation} failed.`);
    return accessOf(model, operation);
  });
  const steps: Step[] = [];
  const writes = new Map<string, number>();
  for (const { operation, wrote } of accesses) {
    if (wrote === undefined) continue;
    const { invocation, outcome } = operation;
    const isRead = accesses.some(({ saw }) => saw === wrote);
    claim(
      outcome === "ok" || isRead,
      () => `Operation ${invocation} need not have happened: none of the reads returned its value.`,
    );
    writes.set(wrote, steps.length);
    const completion = operation.completion ?? Infinity;
    const end = outcome === "ok" ? completion : Infinity;
    steps.push({ kind: "write", invocation, completion: end, write: steps.length });
  }
  for (const { operation, saw, wrote: wroteToo } of accesses) {
    if (saw === undefined) continue;
    const { invocation, completion } = operation;
    const wrote = writers.get(saw) ?? [];
    const isInitial = saw === initial;
    if (wrote.length === 0 && !isInitial) {
      return `Nobody wrote the value ${saw} that operation ${invocation} returned.`;
    }
    claim(
      wrote.length === (isInitial ? 0 : 1),
      () => `The value ${saw} that operation ${invocation} returned may be several writes'.`,
    );
    const write = isInitial ? -1 : writes.get(saw);
    // A compare-and-set may be named for what it wrote alone; that is less than it claims.
    if (write === undefined && wroteToo !== undefined) continue;
    claim(
      write !== undefined,
      () => `The write of what operation ${invocation} returned is not among the operations.`,
    );
    const end = completion ?? Infinity;
    if (write >= 0 && end < (steps[write] as Step).invocation) {
      return `Operation ${invocation} returned ${saw} before its write had begun.`;
    }
    steps.push({ kind: "read", invocation, completion: end, write });
  }
  return steps;
}

/** Value → the operations on the key that may have written it. */
function writersOf(history: History, model: Model, name: string): Map<string, number[]> {
  const partName = createPartNames(history, model);
  const writers = new Map<string, number[]>();
  for (const invocation of history.invocations()) {
    const operation = history.operation(invocation);
    if (operation.outcome === "fail" || partName(operation) !== name) continue;
    const { wrote } = accessOf(model, operation);
    if (wrote === undefined) continue;
    const known = writers.get(wrote);
    if (known === undefined) writers.set(wrote, [invocation]);
    else known.push(invocation);
  }
  return writers;
}

function precedes({ clock, deltaNs }: Problem, one: Step, other: Step): boolean {
  return clock.isBefore(one.completion, other.invocation, other.kind === "read" ? deltaNs : 0);
}

/** Whether some read has `versions` writes after its own and before it in every order. */
function isCertainlyBehind(problem: Problem, account: Account): boolean {
  const { steps, versions } = problem;
  const comesBefore = (one: number, other: Step): boolean =>
    steps.some(
      (step, place) =>
        (place === one || (step.kind === "read" && step.write === one)) &&
        precedes(problem, step, other),
    );
  return steps.some((read) => {
    if (read.kind !== "read") return false;
    let behind = 0;
    steps.forEach((write, place) => {
      account.tick();
      if (write.kind !== "write" || place === read.write) return;
      const isAfterSeen = read.write === -1 || comesBefore(read.write, write);
      if (isAfterSeen && comesBefore(place, read)) behind++;
    });
    return behind >= versions;
  });
}

/** Every order, front to back; what is placed and the last writes say what may follow. */
function hasOrder(problem: Problem, account: Account): boolean {
  const { steps, versions } = problem;
  const dead = new Set<string>();
  const isPlaced = steps.map(() => false);
  const search = (placed: number, last: readonly number[]): boolean => {
    if (placed === steps.length) return true;
    const situation = `${isPlaced.map(Number).join("")} ${last.join()}`;
    if (dead.has(situation)) return false;
    account.tick();
    for (const [place, step] of steps.entries()) {
      if (isPlaced[place] === true) continue;
      if (step.kind === "read" && !last.includes(step.write)) continue;
      const isBlocked = steps.some(
        (other, at) => isPlaced[at] !== true && at !== place && precedes(problem, other, step),
      );
      if (isBlocked) continue;
      isPlaced[place] = true;
      const next = step.kind === "read" ? last : [...last, place].slice(-versions);
      if (search(placed + 1, next)) return true;
      isPlaced[place] = false;
    }
    account.remember(2 * situation.length + 64);
    dead.add(situation);
    return false;
  };
  return search(0, [-1]);
}
