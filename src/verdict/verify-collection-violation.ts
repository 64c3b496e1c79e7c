/**
 * Confirms that operations on sets or logs would have to go round in a circle: each edge of its
 * own, and that what is promised keeps all of them together.
 *
 * What precedes causally is the order of sessions and additions before whoever shows them; each
 * level demands that
 *
 * - `causal`: and at most one thing more of one read: that what precedes it and is of its key is
 *   shown, or that what it lists before something else does not follow that;
 * - `causal-convergence`: the same, and that one order of everything keeps causality and all lists;
 * - `causal-memory`: that one order keeps causality, and all that the reads of one process say;
 * - `pram`: that one order keeps sessions, and all that the reads of one process say;
 * - `sequential`: that one order keeps sessions, and all that reads say.
 *
 * With session guarantees a read shows what is visible to it, and one order of additions keeps all
 * lists and, as it is promised, sessions and what was visible.
 *
 * An indeterminate addition on a circle has happened: the edge that leads away from it is that
 * somebody shows or lists its element, for it precedes nothing in its process.
 */
import type { CollectionEdge, CollectionViolationCertificate } from "./collection-certificate.js";
import {
  collectionHistory,
  isEarlier,
  showsElement,
  type CollectionHistory,
  type Spoken,
} from "./collection-history.js";
import type { SessionGuarantee } from "./certificate.js";
import { canonical } from "../history/value.js";
import { claim } from "./claims.js";
import type { VerificationRequest } from "./verify.js";

/**
 * Answers what was confirmed.
 * @throws ClaimRefused
 */
export function verifyCollectionViolation(
  certificate: CollectionViolationCertificate,
  { history, model }: VerificationRequest,
): string {
  const { promise, cycle, impossible } = certificate;
  const found = collectionHistory(history, model);
  if (impossible !== undefined) {
    confirmImpossible(found, impossible.read, canonical(impossible.element));
    return `Operation ${impossible.read} cannot be explained by anything.`;
  }
  claim(cycle.length > 1, () => `There is no circle.`);
  for (const [at, edge] of cycle.entries()) {
    const next = cycle[(at + 1) % cycle.length] as CollectionEdge;
    claim(edge.to === next.from, () => `The circle breaks off at ${edge.to}.`);
    confirmEdge(found, edge);
  }
  if (typeof promise === "string") confirmPromise(found, cycle, promise);
  else confirmGuarantees(found, cycle, promise);
  const told = typeof promise === "string" ? promise : promise.join(", ");
  return `${cycle.length} operations would each have to come before the next, in a circle (${told}).`;
}

function confirmImpossible(found: CollectionHistory, read: number, element: string): void {
  const spoken = found.at(read);
  const { said, part, operation } = spoken;
  claim(operation.outcome === "ok", () => `Operation ${read} did not complete.`);
  found.claimGrows(part);
  const adders = found.adders(part, element);
  if (said.kind === "adds") {
    claim(
      said.element === element && said.wasThere && adders.every((each) => each === spoken),
      () => `Operation ${read} may have found ${element} there.`,
    );
    return;
  }
  const isRepeated =
    said.kind === "shows" &&
    adders.length < 2 &&
    said.elements.indexOf(element) !== said.elements.lastIndexOf(element);
  claim(
    isRepeated || (showsElement(spoken, element) === true && adders.length === 0),
    () => `Operation ${read} may show ${element}.`,
  );
}

/** The element that an operation adds, when nobody else adds it. */
function onlyAddition(found: CollectionHistory, invocation: number): Spoken & { element: string } {
  const spoken = found.at(invocation);
  const { said, part } = spoken;
  claim(said.kind === "adds", () => `Operation ${invocation} adds nothing.`);
  found.claimGrows(part);
  claim(
    found.adders(part, said.element).length === 1,
    () => `${said.element} is added more than once.`,
  );
  return { ...spoken, element: said.element };
}

function confirmEdge(found: CollectionHistory, edge: CollectionEdge): void {
  const { from, to, by } = edge;
  if (by === "session") {
    claim(
      isEarlier(found.at(from).operation, found.at(to).operation),
      () => `Operation ${from} does not come before ${to} in its process.`,
    );
  } else if (by === "shows" || by === "lacks") {
    const { element, part } = onlyAddition(found, by === "shows" ? from : to);
    const read = found.at(by === "shows" ? to : from);
    claim(
      read.part === part && showsElement(read, element) === (by === "shows"),
      () => `Operation ${read.operation.invocation} does not tell that of ${element}.`,
    );
  } else {
    claim(by === "listed", () => `There is no edge of the kind ${by}.`);
    claim(found.isOrdered, () => `A set lists nothing in order.`);
    const one = onlyAddition(found, from);
    const other = onlyAddition(found, to);
    const { said, part } = found.at(edge.read);
    const places =
      said.kind === "shows"
        ? [one, other].map(({ element }) => said.elements.indexOf(element))
        : [];
    const [first = -1, second = -1] = places;
    claim(
      one.part === part && other.part === part && first >= 0 && first < second,
      () => `Operation ${edge.read} does not list that.`,
    );
  }
}

/** The read that says it; undefined where that is not a matter of one process. */
function readOf(edge: CollectionEdge): number | undefined {
  if (edge.by === "listed") return edge.read;
  return edge.by === "lacks" ? edge.from : undefined;
}

function confirmPromise(
  found: CollectionHistory,
  cycle: readonly CollectionEdge[],
  promise: Exclude<CollectionViolationCertificate["promise"], readonly SessionGuarantee[]>,
): void {
  if (promise === "sequential") return;
  const isMore = ({ by }: CollectionEdge): boolean => by === "lacks" || by === "listed";
  const processOf = (invocation: number): unknown => found.at(invocation).operation.process;
  if (promise === "causal" || promise === "causal-convergence") {
    const more = cycle.filter((edge) => isMore(edge));
    const isListed = promise === "causal-convergence" && more.every(({ by }) => by === "listed");
    claim(more.length < 2 || isListed, () => `More is said than ${promise} keeps together.`);
    return;
  }
  const readers = new Set(
    cycle.flatMap((edge) => {
      const read = readOf(edge);
      // In its view of the others a process knows nothing of what they were shown.
      const reader = promise === "pram" && edge.by === "shows" ? edge.to : read;
      return reader === undefined ? [] : [processOf(reader)];
    }),
  );
  claim(readers.size < 2, () => `That is said by reads of several processes.`);
}

function confirmGuarantees(
  found: CollectionHistory,
  cycle: readonly CollectionEdge[],
  promise: readonly SessionGuarantee[],
): void {
  const has = (guarantee: SessionGuarantee): boolean => promise.includes(guarantee);
  const lacking = cycle.findIndex(({ by }) => by === "lacks");
  if (lacking >= 0) {
    // From the addition that is lacking to the read that lacks it: how it is visible.
    const way = [...cycle.slice(lacking + 1), ...cycle.slice(0, lacking)].map(({ by }) => by);
    const isOwn = has("read-your-writes") && way.join() === "session";
    const isSeen = has("monotonic-reads") && way.join() === "shows,session";
    claim(isOwn || isSeen, () => `What is lacking need not be visible.`);
    return;
  }
  // Begun at an addition.
  const first = cycle.findIndex(({ from }) => found.at(from).said.kind === "adds");
  claim(first >= 0, () => `Nothing is added.`);
  const steps = [...cycle.slice(first), ...cycle.slice(0, first)];
  for (let at = 0; at < steps.length; at++) {
    const step = steps[at] as CollectionEdge;
    if (step.by === "listed") continue;
    if (step.by === "shows") {
      const then = steps[++at];
      claim(
        has("writes-follow-reads") && then?.by === "session",
        () => `Nothing is known to follow ${step.to}.`,
      );
      claim(found.at(then.to).said.kind === "adds", () => `Operation ${then.to} adds nothing.`);
      continue;
    }
    const { operation, said } = found.at(step.to);
    claim(said.kind === "adds", () => `Operation ${step.to} adds nothing.`);
    claim(
      has("monotonic-writes") ||
        (has("read-your-writes") &&
          has("writes-follow-reads") &&
          isSeenByThen(found, step, operation.outcome === "ok")),
      () => `Additions of a process need not be in order.`,
    );
  }
}

/** Whether something that completed has seen an own addition: the later one, or one in between. */
function isSeenByThen(
  found: CollectionHistory,
  { from, to }: CollectionEdge,
  isOk: boolean,
): boolean {
  if (isOk) return true;
  const one = found.at(from).operation;
  const other = found.at(to).operation;
  return found.all.some(
    ({ operation }) => isEarlier(one, operation) && isEarlier(operation, other),
  );
}
