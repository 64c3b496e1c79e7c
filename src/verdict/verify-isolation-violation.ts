/**
 * Confirms that a history of transactions contradicts a level: each edge of a cycle by the
 * micro-operations that it names, or a finding by what it says of them; and then that the level
 * excludes what this makes.
 */
import { implies, LEVELS } from "../consistency/lattice.js";
import type { BaseIsolation, TransactionalLevel } from "../consistency/level.js";
import type { History } from "../history/history.js";
import { everyBalance, textOf as textOfBalances, withBalances } from "./bank-balances.js";
import { claim } from "./claims.js";
import { confirmOfLists, everyCount, textOf, withCounted } from "./counted-lists.js";
import type { NoBalances, NoLists } from "./counter-certificate.js";
import type {
  DependencyEdge,
  IsolationPhenomenon,
  IsolationViolationCertificate,
  GivenEdge,
  OrderRefutation,
  RowEdge,
} from "./isolation-certificate.js";
import { transactionAt } from "./transactions.js";
import { confirmOverwrite, lacks, readsLast, wrote } from "./list-edges.js";
import { confirmTimeEdge, variantOf } from "./time-edge.js";
import { everyChoice, withSources } from "./repeated-values.js";
import { takenApart } from "./taken-apart.js";
import { confirmSight, confirmSources, strongestOf } from "./verify-sight.js";
import { confirmRegisterEdge, confirmVersionCycle, happened } from "./verify-register-order.js";
import { confirmCounterCycle } from "./verify-counter-cycle.js";
import { confirmCounterFinding } from "./verify-counter-finding.js";
import { confirmNoCounterOrder } from "./verify-no-counter-order.js";
import { confirmNoRowOrder } from "./verify-row-order.js";
import { confirmRowCycle, confirmRowFinding, rowsOf } from "./verify-rows.js";
import { isMonotone } from "./monotone-cycle.js";
import { confirmFinding } from "./verify-isolation-finding.js";
import { confirmUnavoidable, WrittenAndRead } from "./verify-no-version-order.js";
import { confirmWrittenOnce } from "./written-once.js";

/**
 * Confirms a violation; answers what was confirmed.
 * @throws ClaimRefused
 */
export function verifyIsolationViolation(
  certificate: IsolationViolationCertificate,
  history: History,
): string {
  const { level, phenomenon, through } = certificate;
  if (through !== undefined) {
    claim(implies(level, through), () => `The level ${level} does not imply ${through}.`);
    const { through: _, ...rest } = certificate;
    return `${verifyIsolationViolation({ ...rest, level: through }, history)} So it does ${level}.`;
  }
  if (phenomenon.name === "no-source") {
    const { all, areOfLists } = everyChoice(history);
    claim(all.length === phenomenon.cases.length, () => "There are other choices.");
    // Reads of lists may contradict each other where nothing need be committed.
    const isOrdered = !areOfLists || implies(level, "read-committed");
    claim(all.length > 0 && isOrdered, () => `At ${level} there are other choices.`);
    for (const [place, sources] of all.entries()) {
      const of = phenomenon.cases[place] as IsolationPhenomenon;
      claim(of.name !== "no-source", () => "A choice leaves no others.");
      const told = withSources(history, sources);
      verifyIsolationViolation({ ...certificate, phenomenon: of }, told);
    }
    return `Confirmed: whoever is read, something contradicts ${level}.`;
  }
  if (phenomenon.name === "no-lists") {
    confirmNoLists(phenomenon, certificate, history);
    return `Confirmed: whatever the totals are made of, something contradicts ${level}.`;
  }
  if (phenomenon.name === "no-balances") {
    confirmNoBalances(phenomenon, certificate, history);
    return `Confirmed: whoever left what was read, something contradicts ${level}.`;
  }
  if (phenomenon.name === "no-version-order") {
    confirmNoVersionOrder(phenomenon, level, history);
    return `Confirmed: no order of versions is without a cycle that contradicts ${level}.`;
  }
  if (phenomenon.name === "no-row-order") {
    const named = LEVELS.find(({ name }) => name === level) ?? { name: level };
    confirmNoRowOrder(rowsOf(history), takenApart(named));
    return `Confirmed: no order of transactions explains what ${level} demands of their reads.`;
  }
  if (phenomenon.name === "no-counter-order") {
    const { needs } = phenomenon;
    claim(implies(level, needs), () => `The level ${level} does not demand what ${needs} does.`);
    confirmNoCounterOrder(phenomenon, history);
    return `Confirmed: no order of transactions explains the totals as ${level} demands.`;
  }
  const excluded = confirmPhenomenon(phenomenon, history);
  claim(
    excluded.some((each) => implies(level, each)),
    () => `The level ${level} does not exclude this.`,
  );
  const isCycle = ["cycle", "row-cycle", "counter-cycle"].includes(phenomenon.name);
  const what = isCycle ? "the cycle of dependencies" : phenomenon.name;
  return `Confirmed: ${what} contradicts ${level}.`;
}

/** Every choice of lists that make the totals contradicts the level. */
function confirmNoLists(
  { cases }: NoLists,
  certificate: IsolationViolationCertificate,
  history: History,
): void {
  confirmOfLists(certificate.level, history);
  const known = new Map(cases.map(({ counted, phenomenon }) => [textOf(counted), phenomenon]));
  for (const [text, counted] of everyCount(history)) {
    const phenomenon = known.get(text);
    claim(phenomenon !== undefined, () => "The totals may be made otherwise.");
    verifyIsolationViolation({ ...certificate, phenomenon }, withCounted(history, counted));
  }
}

/** Every choice of whose balances were read contradicts the level; there may be none. */
function confirmNoBalances(
  { cases }: NoBalances,
  certificate: IsolationViolationCertificate,
  history: History,
): void {
  const { level } = certificate;
  const known = new Map(cases.map((each) => [textOfBalances(each.balances, level), each]));
  for (const text of everyBalance(history, level)) {
    const found = known.get(text);
    claim(found !== undefined, () => "What was read may be of others.");
    const { balances, phenomenon } = found;
    const told = withBalances(history, balances, level);
    verifyIsolationViolation({ ...certificate, phenomenon }, told);
  }
}

/** Every cycle is one that the level excludes, and one of them is there. */
function confirmNoVersionOrder(
  refutation: OrderRefutation,
  level: TransactionalLevel,
  history: History,
): void {
  // Where writes may be in one order for one key, and in another for another, pairs have none.
  claim(implies(level, "read-committed"), () => `At ${level} pairs have no order.`);
  const facts = new WrittenAndRead(history);
  for (const { orders, edges } of refutation.contradictions) {
    const given = new Set(orders.map(String));
    const excluded = confirmCycle(edges, history, (edge) => {
      facts.confirmEdge(edge);
      claim(
        given.has(String(edge.given)),
        () => "An edge follows from an order that is not given.",
      );
    });
    claim(
      excluded.some((each) => implies(level, each)),
      () => `The level ${level} does not exclude a cycle.`,
    );
  }
  confirmUnavoidable(refutation);
}

function confirmPhenomenon(
  phenomenon: Exclude<
    IsolationPhenomenon,
    {
      readonly name:
        | "no-version-order"
        | "no-row-order"
        | "no-counter-order"
        | "no-source"
        | "no-lists"
        | "no-balances";
    }
  >,
  history: History,
): readonly TransactionalLevel[] {
  if (phenomenon.name === "cycle") return confirmCycle(phenomenon.edges, history);
  if (phenomenon.name === "version-cycle") {
    confirmVersionCycle(phenomenon.key, phenomenon.steps, history);
    return ["read-uncommitted"];
  }
  if (phenomenon.name === "missed-write") return confirmMissed(phenomenon, history);
  if (phenomenon.name === "row-finding") return confirmRowFinding(phenomenon, history);
  if (phenomenon.name === "counter-cycle") return confirmCounterCycle(phenomenon, history);
  if (phenomenon.name === "counter-finding") return confirmCounterFinding(phenomenon, history);
  if (phenomenon.name === "row-cycle") {
    const { edges } = phenomenon;
    return confirmRowCycle(edges, history).map((base) => variantOf(base, timeOf(edges)));
  }
  return confirmFinding(phenomenon, history);
}

/** The weakest level that excludes that a reader missed a write that it sees. */
function confirmMissed(
  missed: Extract<IsolationPhenomenon, { readonly name: "missed-write" }>,
  history: History,
): readonly TransactionalLevel[] {
  const { writer, path } = missed;
  for (const edge of path) confirmEdge(edge, history);
  const base = confirmSight(missed, { seen: writer, read: null, history });
  return [variantOf(base, timeOf(path))];
}

/** The order of time that edges rest on. */
function timeOf(edges: readonly (DependencyEdge | RowEdge)[]): "session" | "realtime" | undefined {
  const isBy = (by: "process" | "realtime"): boolean =>
    edges.some(
      (edge) =>
        edge.by === by || (edge.by === "visible" && edge.path.some((step) => step.by === by)),
    );
  if (isBy("realtime")) return "realtime";
  return isBy("process") ? "session" : undefined;
}

/** The weakest levels that a cycle contradicts. */
function confirmCycle(
  all: readonly (DependencyEdge | GivenEdge)[],
  history: History,
  confirmGiven?: (edge: GivenEdge) => void,
): readonly TransactionalLevel[] {
  claim(all.length > 1, () => "A cycle has at least two edges.");
  const edges: DependencyEdge[] = [];
  for (const [place, edge] of all.entries()) {
    const next = all[(place + 1) % all.length] as DependencyEdge | GivenEdge;
    claim(edge.to === next.from, () => `The cycle breaks off at operation ${edge.to}.`);
    if ("given" in edge) {
      claim(confirmGiven !== undefined, () => `${edge.from} → ${edge.to}: no order is given.`);
      confirmGiven(edge);
      continue;
    }
    confirmEdge(edge, history);
    edges.push(edge);
  }
  const kinds = all.map(({ by }) => by);
  const time = timeOf(edges);
  if (kinds.includes("visible")) {
    claim(edges.length === all.length, () => "What is seen does not follow from orders.");
    return [variantOf(confirmVisible(edges, history), time)];
  }
  const isCertain = all.every(({ from }) => history.operation(from).outcome === "ok");
  const bases = [...basesAgainst(kinds, isCertain)];
  // Two that only read need not agree with one another.
  const readers = all.filter(({ from }) =>
    transactionAt(history, from).micro.every(({ f }) => f === "r"),
  );
  if (kinds.some(isAnti) && new Set(readers.map(({ from }) => from)).size < 2) {
    bases.push("update-serializable");
  }
  const anti = kinds.filter(isAnti).length;
  if (anti === 1 && isMonotone(all, history, true)) bases.push("monotonic-view");
  if (anti > 0 && isMonotone(all, history, false)) bases.push("monotonic-snapshot-read");
  return bases.map((base) => variantOf(base, time));
}

/** The weakest level that excludes a cycle of commits, whose edges are confirmed already. */
function confirmVisible(edges: readonly DependencyEdge[], history: History): BaseIsolation {
  confirmSources(edges, history);
  const bases = edges.flatMap((edge) => {
    claim(!isAnti(edge.by), () => "Who overwrites what another read need not commit later.");
    if (edge.by !== "visible") return [];
    const read = edge.read;
    claim(read !== null, () => "The initial value was written by nobody.");
    return [confirmSight(edge, { seen: edge.from, read, history })];
  });
  const base = strongestOf(bases);
  claim(base !== undefined, () => "Nothing is seen.");
  return base;
}

/** Whether who is at the end of such an edge sees who is at its beginning. */
function isVisible(kind: DependencyEdge["by"] | undefined): boolean {
  return kind === "wr" || kind === "process" || kind === "realtime";
}

function isAnti(kind: DependencyEdge["by"] | GivenEdge["by"]): boolean {
  return kind === "rw" || kind === "update";
}

/**
 * Adya 1999, chapter 4; Cerone & Gotsman 2018, theorem 10, for snapshot isolation. Where reads of
 * uncommitted data are allowed, a transaction that is seen need not have happened.
 */
function basesAgainst(
  kinds: readonly DependencyEdge["by"][],
  isCertain: boolean,
): readonly BaseIsolation[] {
  const isRw = (kind: DependencyEdge["by"] | undefined): boolean =>
    kind === "rw" || kind === "update";
  const rw = kinds.filter(isRw).length;
  const isAdjacent = kinds.some(
    (kind, place) => isRw(kind) && isRw(kinds[(place + 1) % kinds.length]),
  );
  if (rw === 0 && !kinds.includes("wr") && isCertain) return ["read-uncommitted"];
  if (rw === 0) return ["read-committed"];
  const bases: BaseIsolation[] = ["repeatable-read"];
  if (rw === 1) bases.push("consistent-view");
  // Who overwrote what was read is seen by the reader itself, in one step.
  if (rw === 1 && kinds.length === 2) bases.push("update-atomic");
  if (!isAdjacent) bases.push("snapshot-isolation");
  // A snapshot is of some point of time: who commits after another may have taken it before.
  if (kinds.every((kind, place) => !isRw(kind) || isVisible(kinds.at(place - 1)))) {
    bases.push("prefix");
  }
  if (!kinds.includes("rw")) bases.push("cursor-stability", "update-atomic");
  return bases;
}

function confirmEdge(edge: DependencyEdge, history: History): void {
  const from = transactionAt(history, edge.from);
  const to = transactionAt(history, edge.to);
  const about = `${edge.from} → ${edge.to}`;
  claim(edge.from !== edge.to, () => `${about}: they are one.`);
  if ("step" in edge) {
    confirmRegisterEdge(edge, history);
    return;
  }
  if (edge.by === "visible") {
    claim(wrote(to, edge.key, edge.read), () => `${about}: the other did not write what was read.`);
    for (const each of edge.path) confirmEdge(each, history);
    return;
  }
  switch (edge.by) {
    case "process":
    case "realtime":
      confirmTimeEdge(edge.by, { from: from.operation, to: to.operation });
      return;
    case "wr":
      confirmWrittenOnce(edge.key, edge.value, history);
      claim(wrote(from, edge.key, edge.value), () => `${about}: the one did not write this.`);
      claim(
        readsLast(to, edge.key, edge.value),
        () => `${about}: the other did not read this last.`,
      );
      return;
    case "ww":
      confirmOverwrite(edge, from, { to, history });
      return;
    case "rw":
    case "update":
      claim(wrote(to, edge.key, edge.next), () => `${about}: the other did not write this.`);
      claim(lacks(from, edge), () => `${about}: the one did not read a version without it.`);
      claim(
        happened(to, edge.toSeenBy, history),
        () => `${about}: the other need not have happened.`,
      );
      return;
    default:
      claim(false, () => `${about}: there are no such edges.`);
  }
}
