/**
 * The verdict about transactions on rows: cycles of what is known and findings contradict levels;
 * an order that explains every read shows that a level holds; and where every order of a small
 * history was tried, that none does contradicts it as well.
 */
import type { BaseIsolation, TransactionalLevel } from "../../../src/consistency/level.js";
import type { History } from "../../../src/history/history.js";
import { createLabelledDigraph } from "../../../src/graph/labelled-digraph.js";
import type {
  IsolationPhenomenon,
  RowFinding,
  TransactionOrderCertificate,
} from "../../../src/verdict/isolation-certificate.js";
import type { Anomaly } from "../../../src/verdict/verdict.js";
import type { Meter } from "../../linearizable/meter.js";
import { findCycles, type Found, type Time } from "../cycles.js";
import { OK } from "../../../src/history/history.js";
import type { Judgement } from "../judge.js";
import { levelFacts, takenApart, variantOf, withStronger } from "../levels.js";
import { addTimeEdges } from "../time-edges.js";
import { RowDependencies } from "./dependencies.js";
import { basesAgainst, cycleName, explainRowCycle, justified, type RowCycle } from "./explain.js";
import { fracturedReads } from "./fractured.js";
import { tellRowFinding } from "./findings.js";
import type { Searched } from "./search.js";
import { layOutRows, type RowHistory } from "./layout.js";
import { mannersFor, NEEDED, orderIn, SHOWS } from "./orders.js";
import type { Manner } from "./replay.js";
import { updateCycles, updateOrdersOf } from "./updates.js";
import { SIGHTS, viewOrderIn } from "./view-orders.js";

/** Something that contradicts levels. */
interface Against {
  readonly levels: ReadonlySet<TransactionalLevel>;
  readonly anomaly: Anomaly;
  readonly phenomenon: IsolationPhenomenon;
  /** Whether it is only told where no cycle is, for it makes one as well. */
  readonly isSight?: boolean;
}

/** The weakest levels that a finding contradicts. */
const BY_FINDING: { readonly [kind in RowFinding["kind"]]: readonly BaseIsolation[] } = {
  "garbage-read": ["read-uncommitted"],
  "predicate-mismatch": ["read-uncommitted"],
  "predicate-read-miss": ["read-uncommitted"],
  "duplicate-elements": ["read-uncommitted"],
  G1a: ["read-committed"],
  G1b: ["read-committed"],
  "future-read": ["read-committed"],
  internal: ["read-atomic", "repeatable-read", "update-serializable"],
};

/** Judges a history of transactions on rows. */
export function judgeRows(history: History, level: TransactionalLevel, meter: Meter): Judgement {
  const check = (): void => meter.check();
  const rows = layOutRows(history);
  const known = new RowDependencies(rows, check);
  addTimeEdges(known.dependencies);
  const { found, all } = everythingAgainst(known, takenApart(level).base, check);
  const ruledOut = new Set(all.flatMap(({ levels }) => [...levels]));
  const details = { level, ...facts(known, found), ...levelFacts(ruledOut) };
  const contradicting = all.filter(({ levels }) => levels.has(level));
  const whole = contradicting.filter(({ isSight }) => isSight !== true);
  const against = whole.length > 0 ? whole : contradicting;
  const [first] = against;
  if (first !== undefined) {
    return {
      verdict: "invalid",
      reason: first.anomaly.message,
      anomalies: against.map(({ anomaly }) => anomaly),
      certificate: { kind: "isolation-violation", level, phenomenon: first.phenomenon },
      details,
    };
  }
  const { outcomes, count } = known.dependencies.transactions;
  const ok = rows.transactions.filter(({ operation }) => operation.outcome === "ok").length;
  const open = (reason: string): Judgement => ({
    verdict: "unknown",
    reason,
    anomalies: [],
    details,
  });
  if (ok === 0) {
    const all = outcomes.length === count ? count : outcomes.length;
    return open(`Nothing was proved: none of the ${all} transactions completed ok.`);
  }
  const shown = shownBy({ known, rows, ruledOut, check }, level);
  if (shown === "none") {
    const message = `no-order: every order of the ${ok} transactions was tried, and none explains their reads as ${level} demands.`;
    return {
      verdict: "invalid",
      reason: message,
      anomalies: [{ kind: "no-order", message, operations: [] }],
      certificate: { kind: "isolation-violation", level, phenomenon: { name: "no-row-order" } },
      details: { ...details, ...levelFacts(new Set([...ruledOut, ...withStronger([level])])) },
    };
  }
  if (shown !== "open") {
    const { says, ...order } = shown;
    return {
      verdict: "valid",
      reason: `${ok} transactions: nothing contradicts ${level}, and ${says}.`,
      anomalies: [],
      certificate: { kind: "transaction-order", level, ...order },
      details,
    };
  }
  const { base } = takenApart(level);
  const others = ORDERED_LEVELS.filter((other) => other !== base).join(" or ");
  return open(
    `Undecided: nothing that was found contradicts ${level}, and no order that was tried explains what all reads of rows show. ` +
      `Let fewer transactions overlap, or ask for ${others}.`,
  );
}

/** An order that shows a level, as a certificate has it. */
type Shown = Pick<
  TransactionOrderCertificate,
  "manner" | "order" | "sights" | "readers" | "view"
> & {
  readonly says: string;
};

/** Looks for an order that shows a level: first such as are found soon, then such as there are. */
function shownBy(
  about: {
    readonly known: RowDependencies;
    readonly rows: RowHistory;
    readonly ruledOut: ReadonlySet<TransactionalLevel>;
    readonly check: () => void;
  },
  level: TransactionalLevel,
): Shown | "none" | "open" {
  const { known, rows, ruledOut, check } = about;
  const { base, time } = takenApart(level);
  const named = (order: readonly number[]): readonly number[] =>
    order.map((each) => invocationOf(each, rows));
  const isOut = (shows: BaseIsolation, kept: Time): boolean => ruledOut.has(variantOf(shows, kept));
  const sight = SIGHTS[base];
  const isOther = NEEDED[base] !== undefined;
  for (const isThorough of [false, true]) {
    for (const manner of mannersFor(base)) {
      const isNeeded = NEEDED[base] === manner;
      // Of a stronger manner an order is only guessed where the level itself has one.
      if (isOut(SHOWS[manner], time) || (isThorough && isOther && !isNeeded)) continue;
      const ordered = (kept: Time): Searched => orderIn(manner, kept, { known, check, isThorough });
      // An order that keeps real time as well is found sooner, where there is one.
      const isSame = isOut(SHOWS[manner], "realtime") || time === "realtime";
      const inTime = isSame ? "open" : ordered("realtime");
      const order = typeof inTime === "string" ? ordered(time) : inTime;
      if (typeof order !== "string") {
        return { manner: CERTIFIED[manner], order: named(order), says: SHOWN[manner] };
      }
      if (order === "none" && isNeeded) return "none";
    }
    if (base === "update-serializable" && isThorough) {
      const found = updateOrdersOf(known, time, check);
      if (found === "none") return "none";
      if (found === "open") continue;
      const readers = found.readers.map(({ reader, order }) => {
        return { reader: invocationOf(reader, rows), order: named(order) };
      });
      const apart = `; ${readers.length} that only read have one each`;
      return {
        manner: "serial",
        order: named(found.order),
        readers,
        ...(found.view === undefined ? {} : { view: named(found.view) }),
        says: `one order of those that write, and of others, explains every read${readers.length === 0 ? "" : apart}`,
      };
    }
    if (sight === undefined) continue;
    const found = viewOrderIn(sight, time, { known, check, isThorough });
    if (found === "none") return "none";
    if (found === "open") continue;
    const { order, sights } = found;
    return {
      manner: "commit",
      order: named(order),
      ...(sights.length === 0 ? {} : { sights }),
      says: "one order of their commits shows what each of them sees",
    };
  }
  return "open";
}

function everythingAgainst(
  known: RowDependencies,
  base: BaseIsolation,
  check: () => void,
): { readonly found: Found; readonly all: readonly Against[] } {
  const { dependencies, findings, history: rows } = known;
  const { count, outcomes } = dependencies.transactions;
  const all = findings.examples.map((finding): Against => {
    const levels = new Set(withStronger(BY_FINDING[finding.kind]));
    if (finding.isOwn === true) {
      for (const level of withStronger(["monotonic-atomic-view"])) levels.add(level);
    }
    const message = `${finding.kind}: ${tellRowFinding(finding, rows)}.`;
    const { kind, transaction, writer, key } = finding;
    const operations = [transaction, ...(writer === undefined ? [] : [writer])];
    const named = [...new Set(operations)].toSorted((a, b) => a - b);
    return { levels, anomaly: { kind, message, operations: named, key }, phenomenon: finding };
  });
  const told = new Set<string>();
  const add = (
    { edges, kind }: Pick<RowCycle, "edges"> & { readonly kind: string },
    weakest: readonly TransactionalLevel[],
    isSight: boolean,
  ): void => {
    const name = JSON.stringify([weakest, edges]);
    if (told.has(name)) return;
    told.add(name);
    const anomaly = explainRowCycle(edges, kind, rows);
    const phenomenon = { name: "row-cycle", edges } as const;
    all.push({ levels: withStronger(weakest), anomaly, phenomenon, isSight });
  };
  const nodes = { count, isCertain: (each: number): boolean => outcomes[each] === OK };
  const founds = [false, true].map((arePredicatesIn) => {
    const graph = createLabelledDigraph(dependencies.nodeCount, known.edges(arePredicatesIn));
    return findCycles(graph, nodes);
  });
  const cycles = founds.flatMap((each) => each.cycles);
  if (base === "update-serializable") cycles.push(...updateCycles(known, check));
  for (const cycle of cycles) {
    const found = justified(cycle, known);
    const weakest = basesAgainst(found, rows).map((base) => variantOf(base, cycle.time));
    add({ ...found, kind: cycleName(found) }, weakest, false);
  }
  for (const { kind, base, time, edges } of fracturedReads(known, check)) {
    const name = `${kind}${time === "" ? "" : `-${time}`}`;
    add({ edges, kind: name }, [variantOf(base, time)], true);
  }
  return { found: founds[1] as Found, all };
}

function invocationOf(transaction: number, { transactions }: RowHistory): number {
  return transactions[transaction]?.operation.invocation as number;
}

/** What orders of transactions show directly. */
const ORDERED_LEVELS = [
  "serializable",
  "snapshot-isolation",
  "repeatable-read",
  "read-committed",
] as const;

const CERTIFIED: { readonly [manner in Manner]: "serial" | "snapshot" | "commit" } = {
  serial: "serial",
  items: "serial",
  snapshot: "snapshot",
  prefix: "snapshot",
  committed: "commit",
  uncommitted: "commit",
};

const SHOWN: { readonly [manner in Manner]: string } = {
  serial: "one order of them explains every read",
  items:
    "one order of them explains every read of a row, and what predicates left out by some earlier version",
  snapshot: "one order of their snapshots and commits explains every read",
  prefix: "one order of their snapshots and commits explains every read",
  committed: "one order of them explains who wrote what they read",
  uncommitted: "somebody wrote whatever they read",
};

function facts(
  { dependencies }: RowDependencies,
  { nodes, components }: Found,
): { readonly [name: string]: number } {
  const { count, leftOut } = dependencies.transactions;
  return {
    transactions: count,
    edges: dependencies.edges.length,
    onCycles: nodes,
    components,
    leftOut,
  };
}
