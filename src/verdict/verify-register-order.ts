/**
 * Confirms what is said of the order of versions of a register: each step by the rule that it
 * names, which is an assumption about the system (but for the initial value); and that the values
 * that it is about were written once, so that whoever reads one reads that write.
 */
import type { History } from "../history/history.js";
import { canonical, type Value } from "../history/value.js";
import { claim } from "./claims.js";
import type { RegisterEdge, VersionStepEvidence } from "./isolation-certificate.js";
import {
  elementsOf,
  precedesInTime,
  transactionAt,
  transactionsOf,
  type Micro,
  type Transaction,
} from "./transactions.js";

/** @throws ClaimRefused */
export function confirmRegisterEdge(edge: RegisterEdge, history: History): void {
  const { by, step, toSeenBy } = edge;
  const key = canonical(edge.key);
  const from = transactionAt(history, edge.from);
  const to = transactionAt(history, edge.to);
  const about = `${edge.from} → ${edge.to}`;
  claim(wrote(to, key, step.next), () => `${about}: the other did not write this.`);
  claim(happened(to, toSeenBy, history), () => `${about}: the other need not have happened.`);
  if (by === "ww") {
    claim(wrote(from, key, step.value), () => `${about}: the one did not write this.`);
  } else {
    const [first, ...rest] = accessesOf(from, key);
    // Of several reads each is of a version; who is to have written after one read it at first.
    const reads = [first, ...(by === "rw" ? rest : [])].filter((each) => each?.f === "r");
    claim(
      from.operation.outcome === "ok" && reads.some((each) => isSame(each?.value, step.value)),
      () => `${about}: the one did not read this.`,
    );
    claim(by === "rw" || rest.some(({ f }) => f === "w"), () => `${about}: it wrote nothing.`);
  }
  confirmStep(step, key, history);
}

/** @throws ClaimRefused */
export function confirmVersionCycle(
  key: Value,
  steps: readonly VersionStepEvidence[],
  history: History,
): void {
  claim(steps.length > 1, () => "A cycle of versions has at least two steps.");
  for (const [place, step] of steps.entries()) {
    const next = steps[(place + 1) % steps.length] as VersionStepEvidence;
    claim(isSame(step.next, next.value), () => "The cycle of versions breaks off.");
    confirmStep(step, canonical(key), history);
  }
}

/** Whether a transaction completed, or another read something that it alone wrote. */
export function happened(
  { operation, micro }: Transaction,
  seenBy: number | undefined,
  history: History,
): boolean {
  if (operation.outcome === "ok") return true;
  if (operation.outcome === "fail" || seenBy === undefined) return false;
  const by = transactionAt(history, seenBy);
  if (by.operation.outcome !== "ok") return false;
  const isOthersToo = (write: Micro): boolean =>
    deedOf(write, history)?.isOf !== operation.invocation;
  return micro.some(
    (write) =>
      write.f !== "r" &&
      by.micro.some(
        (read) =>
          read.f === "r" &&
          read.key === write.key &&
          (write.f === "w"
            ? isSame(read.value, write.value)
            : elementsOf(read).includes(canonical(write.value ?? null))),
      ) &&
      !isOthersToo(write),
  );
}

function confirmStep(step: VersionStepEvidence, key: string, history: History): void {
  const { value, next, rule } = step;
  const about = `${canonical(value)} before ${canonical(next)}`;
  claim(!isSame(value, next), () => `${about}: they are one.`);
  claim(
    timesWritten(value, key, history) === (value === null ? 0 : 1),
    () => `${about}: the first was not written once.`,
  );
  claim(
    next !== null && timesWritten(next, key, history) === 1,
    () => `${about}: the second was not written once.`,
  );
  const named = step.transactions.map((at) => transactionAt(history, at));
  claim(
    named.every(({ operation }) => operation.outcome === "ok"),
    () => `${about}: a transaction did not complete.`,
  );
  const [one, other] = named;
  switch (rule) {
    case "initial":
      claim(value === null, () => `${about}: the first is not the initial value.`);
      return;
    case "writes-follow-reads": {
      const accesses = one === undefined ? [] : accessesOf(one, key);
      const [first] = accesses;
      const last = accesses.findLast(({ f }) => f === "w");
      claim(
        first?.f === "r" && isSame(first.value, value) && isSame(last?.value, next),
        () => `${about}: no write follows the read.`,
      );
      return;
    }
    case "sessions":
    case "realtime": {
      claim(one !== undefined && other !== undefined, () => `${about}: it names no transactions.`);
      claim(
        isSame(accessesOf(one, key).at(-1)?.value, value) &&
          isSame(accessesOf(other, key)[0]?.value, next),
        () => `${about}: the transactions do not show these.`,
      );
      claim(
        precedesInTime(one.operation, other.operation) &&
          (rule === "realtime" || one.operation.process === other.operation.process),
        () => `${about}: the transactions are not in this order.`,
      );
      return;
    }
    default:
      claim(false, () => `There is no rule ${String(rule)}.`);
  }
}

function timesWritten(value: Value, key: string, history: History): number {
  return deedOf({ f: "w", key, value }, history)?.times ?? 0;
}

/** How often something was written, and by which of those that did not fail. */
interface Deed {
  readonly times: number;
  readonly isOf: number | "nobody" | "several";
}

const DEEDS = new WeakMap<History, ReadonlyMap<string, Deed>>();

/** What is known of a write; the history is looked through once. */
function deedOf({ f, key, value = null }: Micro, history: History): Deed | undefined {
  const known = DEEDS.get(history) ?? deedsOf(history);
  DEEDS.set(history, known);
  return known.get(`${f} ${key} ${canonical(value)}`);
}

function deedsOf(history: History): ReadonlyMap<string, Deed> {
  const deeds = new Map<string, Deed>();
  for (const { operation, micro } of transactionsOf(history)) {
    for (const { f, key, value = null } of micro) {
      if (f === "r") continue;
      const name = `${f} ${key} ${canonical(value)}`;
      const { times, isOf } = deeds.get(name) ?? { times: 0, isOf: "nobody" };
      const by = operation.outcome === "fail" ? "nobody" : operation.invocation;
      const both = isOf === by || by === "nobody" ? isOf : isOf === "nobody" ? by : "several";
      deeds.set(name, { times: times + 1, isOf: both });
    }
  }
  return deeds;
}

function accessesOf({ micro }: Transaction, key: string): readonly Micro[] {
  return micro.filter((each) => each.key === key);
}

function wrote(transaction: Transaction, key: string, value: Value): boolean {
  if (transaction.operation.outcome === "fail") return false;
  return accessesOf(transaction, key).some(({ f, value: own }) => f === "w" && isSame(own, value));
}

function isSame(a: Value | undefined, b: Value | undefined): boolean {
  return a !== undefined && b !== undefined && canonical(a) === canonical(b);
}
