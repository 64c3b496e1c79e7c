/**
 * Confirms consistency of sets and logs that only grow, given orders of operations.
 *
 * Causal memory of sets follows from causal consistency. Suppose that for some process causality,
 * and what its reads show and lack, go round in a circle. Among its reads on the circle that lack
 * what comes next let R be the last in the process, and `a` what it lacks. From `a` on the circle
 * keeps causality up to the next such read, which is R or before it. So `a` precedes R causally and
 * is lacking, which causal consistency forbids. Hence there is no circle, and any order of what is
 * left explains the process.
 */
import { createAccount } from "./account.js";
import { confirmCausality } from "./collection-causality.js";
import type { CollectionOrderCertificate } from "./collection-certificate.js";
import { confirmGuaranteedOrder } from "./collection-guarantees.js";
import {
  collectionHistory,
  isEarlier,
  shownElements,
  type CollectionHistory,
  type Spoken,
} from "./collection-history.js";
import { claim } from "./claims.js";
import type { VerificationRequest } from "./verify.js";

/**
 * Answers what was confirmed.
 * @throws ClaimRefused
 * @throws VerificationUndecided
 */
export function verifyCollectionOrder(
  certificate: CollectionOrderCertificate,
  { history, model, budget }: VerificationRequest,
): string {
  const { promise, order = [], views } = certificate;
  const found = collectionHistory(history, model);
  for (const { operation, part, said } of found.all) {
    found.claimGrows(part);
    const tells = said.kind === "tells" || (said.kind === "adds" && (said.tells || said.wasThere));
    claim(!tells, () => `Operation ${operation.invocation} says more than is confirmed here.`);
    if (said.kind !== "adds") continue;
    claim(
      found.adders(part, said.element).length === 1,
      () => `${said.element} is added more than once.`,
    );
  }
  const account = createAccount(budget);
  if (typeof promise !== "string") {
    confirmGuaranteedOrder(found, { order, promise, account });
    return `One order of ${order.length} additions explains all reads (${promise.join(", ")}).`;
  }
  if (promise === "pram" || (promise === "causal-memory" && found.isOrdered)) {
    confirmViews(found, views ?? [], promise === "causal-memory");
    return `Each process has an order that explains what it saw (${promise}).`;
  }
  const before = previousOf(found);
  const placed = confirmOrder(found, { order, before, isCausal: true });
  confirmCausality(found, { placed, before, promise, account });
  return `What precedes ${order.length} operations causally explains their results (${promise}).`;
}

interface Ordered {
  readonly order: readonly number[];
  /** What the process of each operation completed last before it. */
  readonly before: ReadonlyMap<Spoken, Spoken | undefined>;
  readonly isCausal: boolean;
}

/**
 * All that completed is in the order, once, and after what its process did before; with `isCausal`
 * after what it shows, too. Answers the operations in order.
 */
function confirmOrder(
  found: CollectionHistory,
  { order, before, isCausal }: Ordered,
): readonly Spoken[] {
  const placed = order.map((each) => found.at(each));
  const there = new Set<Spoken>();
  for (const spoken of placed) {
    const { operation, said, part } = spoken;
    claim(!there.has(spoken), () => `Operation ${operation.invocation} is in an order twice.`);
    claim(
      operation.outcome === "ok" || said.kind === "adds",
      () => `Operation ${operation.invocation} did not complete.`,
    );
    const previous = before.get(spoken);
    claim(
      previous === undefined || there.has(previous),
      () => `Operation ${operation.invocation} comes before what its process did first.`,
    );
    if (isCausal) {
      for (const element of shownElements(spoken)) {
        const [adder] = found.adders(part, element);
        claim(
          adder !== undefined && there.has(adder),
          () => `Operation ${operation.invocation} shows ${element} before it is added.`,
        );
      }
    }
    there.add(spoken);
  }
  for (const spoken of found.all) {
    claim(
      spoken.operation.outcome !== "ok" || there.has(spoken),
      () => `Operation ${spoken.operation.invocation} is missing in an order.`,
    );
  }
  return placed;
}

/** What a process completed last before each operation. */
function previousOf({ all }: CollectionHistory): ReadonlyMap<Spoken, Spoken | undefined> {
  const previous = new Map<Spoken, Spoken | undefined>();
  const last = new Map<unknown, Spoken>();
  for (const spoken of all) {
    const { operation } = spoken;
    const before = last.get(operation.process);
    claim(
      before === undefined || isEarlier(before.operation, operation),
      () => `Process ${operation.process} does two things at once.`,
    );
    previous.set(spoken, before);
    if (operation.outcome === "ok") last.set(operation.process, spoken);
  }
  return previous;
}

function confirmViews(
  found: CollectionHistory,
  views: NonNullable<CollectionOrderCertificate["views"]>,
  isCausal: boolean,
): void {
  const explained = new Set<unknown>();
  const before = previousOf(found);
  for (const { of, order } of views) {
    const processes = new Set(of.map((each) => found.at(each).operation.process));
    const parts = new Map<string, string[]>();
    for (const spoken of confirmOrder(found, { order, before, isCausal })) {
      const { operation, said, part } = spoken;
      const there = parts.get(part) ?? [];
      parts.set(part, there);
      if (said.kind === "adds") there.push(said.element);
      else if (processes.has(operation.process)) {
        claim(
          isRight(found, spoken, there),
          () => `What comes before operation ${operation.invocation} does not explain it.`,
        );
      }
    }
    for (const process of processes) explained.add(process);
  }
  for (const { operation, said } of found.all) {
    claim(
      said.kind === "adds" || explained.has(operation.process),
      () => `There is no order for process ${operation.process}.`,
    );
  }
}

/** Whether a read is right when just this was added, in this order. */
function isRight(found: CollectionHistory, spoken: Spoken, there: readonly string[]): boolean {
  const { said } = spoken;
  if (said.kind === "finds") return there.includes(said.element) === said.isThere;
  if (said.kind !== "shows" || said.elements.length !== there.length) return false;
  if (found.isOrdered) return said.elements.every((element, at) => element === there[at]);
  const all = new Set(there);
  return new Set(said.elements).size === all.size && said.elements.every((each) => all.has(each));
}
