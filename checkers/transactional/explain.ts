/**
 * Anomalies of transactions in sentences: every step of a cycle with the two micro-operations that
 * imply it, every finding with what it saw.
 */
import { canonical, type Value } from "../../src/history/value.js";
import type {
  DependencyEdge,
  IsolationPhenomenon,
  RegisterEdge,
  VersionStepEvidence,
  Visibility,
} from "../../src/verdict/isolation-certificate.js";
import type { Anomaly } from "../../src/verdict/verdict.js";
import type { Cycle } from "./cycles.js";
import { RW, UPDATE } from "./dependencies.js";
import { withMicros } from "./edge-micros.js";
import type { Finding, FindingKind, VersionStep } from "./findings.js";
import type { Transactions } from "./layout.js";

/** Longer values are cut. */
const VALUE_LENGTH = 60;

/** At most so many edges are repeated beside the certificate. */
export const EDGES_MAX = 1000;

/** At most so many steps are told one by one. */
const TOLD_MAX = 12;

/** An anomaly and its evidence. */
export interface Explained {
  readonly anomaly: Anomaly;
  readonly phenomenon: IsolationPhenomenon;
}

/** The name of a cycle: its class, what its rw edges are about, and the time that it needs. */
function cycleName({ class: name, time, steps }: ToldCycle): string {
  const item = steps.some(({ kind }) => kind === RW || kind === UPDATE) ? "-item" : "";
  return `${name}${item}${time === "" ? "" : `-${time}`}`;
}

const LONGER =
  " (The search for short cycles ended at its budget: there may be a shorter one of this class.)";

/** A cycle, and where it is known whether it is a shortest one. */
type ToldCycle = Omit<Cycle, "isShortest"> & Partial<Cycle>;

/** What makes a cycle wrong. */
export function explainCycle(
  cycle: ToldCycle,
  edges: readonly DependencyEdge[],
  transactions: Transactions,
): Explained {
  const kind = cycleName(cycle);
  const steps = edges.slice(0, TOLD_MAX).map((edge) => tellEdge(edge, transactions));
  if (edges.length > TOLD_MAX) steps.push(`and ${edges.length - TOLD_MAX} more steps`);
  const operations = [...new Set(edges.map(({ from }) => from))].toSorted((a, b) => a - b);
  const { isShortest } = cycle;
  const doubt = isShortest === false ? LONGER : "";
  return {
    anomaly: {
      kind,
      message: `${kind}: ${steps.join("; ")}: so each would have to come before itself.${doubt}`,
      operations,
      details: {
        edges: withMicros(edges.slice(0, EDGES_MAX), transactions.history),
        ...(isShortest === undefined ? {} : { isShortest }),
      },
    },
    phenomenon: { name: "cycle", edges },
  };
}

/** One edge: that its first transaction comes before its second, and why. */
export function tellEdge(edge: DependencyEdge, transactions: Transactions): string {
  const { history } = transactions;
  const { from, to } = edge;
  if ("step" in edge) return tellRegisterEdge(edge);
  if (edge.by === "visible") {
    const { reader, key, read, written } = edge;
    const sight = tellSight(edge, transactions);
    return `transaction ${from} committed before transaction ${to}: transaction ${reader} read of ${short(key)} what transaction ${to} wrote, ${short(read)}, although it sees transaction ${from}, which wrote ${short(written)} there (${sight})`;
  }
  switch (edge.by) {
    case "process":
      return `transaction ${from} completed before its process ${history.processes[from]} began transaction ${to}`;
    case "realtime":
      return `transaction ${from} completed before transaction ${to} was invoked`;
    case "ww":
      return `transaction ${from} wrote ${short(edge.value)} to ${short(edge.key)} before transaction ${to} wrote ${short(edge.next)}, as transaction ${edge.seenBy} saw`;
    case "wr":
      return `transaction ${to} read of ${short(edge.key)} what transaction ${from} wrote, ${short(edge.value)}`;
    case "update":
      return `transaction ${from} read ${short(edge.key)} without ${short(edge.next)}, which transaction ${to} wrote, and wrote it itself`;
    case "rw":
    default:
      return `transaction ${from} read ${short(edge.key)} without ${short(edge.next)}, which transaction ${to} wrote`;
  }
}

/** How a reader sees a transaction. */
export function tellSight({ path }: Visibility, transactions: Transactions): string {
  const told = path.slice(0, TOLD_MAX).map((edge) => tellEdge(edge, transactions));
  if (path.length > TOLD_MAX) told.push(`and ${path.length - TOLD_MAX} more steps`);
  return told.join(", ");
}

function tellRegisterEdge({ from, to, by, key, step }: RegisterEdge): string {
  const did = by === "ww" ? "wrote" : "read";
  const also = by === "update" ? ", and wrote it itself" : "";
  return `transaction ${from} ${did} ${short(step.value)} ${by === "ww" ? "to" : "of"} ${short(key)} before transaction ${to} wrote ${short(step.next)} (${whyOf(step)})${also}`;
}

function whyOf({ rule, transactions: [one, other] }: VersionStepEvidence): string {
  switch (rule) {
    case "initial":
      return "which all writes follow";
    case "writes-follow-reads":
      return `transaction ${one} read the one and wrote the other`;
    case "sessions":
      return `transaction ${other} follows transaction ${one} in its session`;
    case "realtime":
    default:
      return `transaction ${other} follows transaction ${one} in time`;
  }
}

/** The steps of a cycle of versions as evidence. */
export function versionSteps(
  steps: readonly VersionStep[],
  { valueAt, invocations }: Transactions,
): readonly VersionStepEvidence[] {
  return steps.map(({ value, next, reason: { rule, transactions } }) => ({
    value: valueAt(value),
    next: valueAt(next),
    rule,
    transactions: transactions.map((each) => invocations[each] as number),
  }));
}

function explainVersions(finding: Finding, transactions: Transactions): Explained {
  const key = transactions.keyAt(finding.key);
  const steps = versionSteps(finding.versions ?? [], transactions);
  const told = steps
    .slice(0, TOLD_MAX)
    .map((step) => `${short(step.value)} before ${short(step.next)} (${whyOf(step)})`);
  const named = finding.transactions.map((each) => transactions.invocations[each] as number);
  return {
    anomaly: {
      kind: "cyclic-versions",
      message: `cyclic-versions: of ${short(key)} comes ${told.join(", ")}: so each would have to come before itself.`,
      operations: [...new Set(named)].toSorted((a, b) => a - b),
      key,
    },
    phenomenon: { name: "version-cycle", key, steps },
  };
}

/** What a finding says. */
export function explainFinding(finding: Finding, transactions: Transactions): Explained {
  const { invocations, keyAt, valueAt, starts, values } = transactions;
  const { kind, micro } = finding;
  if (finding.versions !== undefined) return explainVersions(finding, transactions);
  const named = finding.transactions.map((each) => invocations[each] as number);
  const key = keyAt(finding.key);
  const value = finding.value === undefined ? undefined : valueAt(finding.value);
  const shown = micro.map((at) => {
    const transaction = transactions.owners[at] as number;
    const place = at - (starts[transaction] as number);
    return { place, text: short(valueAt(values[at] as number)) };
  });
  const message = SAID[kind]({
    who: named.map(String),
    key: short(key),
    value: value === undefined ? "" : short(value),
    shown: shown.map(({ text }) => text),
  });
  return {
    anomaly: {
      kind,
      message: `${kind}: ${message}.`,
      operations: [...new Set(named)].toSorted((a, b) => a - b),
      key,
      details: {
        transactions: named,
        micro: shown.map(({ place }) => place),
        ...(value === undefined ? {} : { value }),
      },
    },
    phenomenon: {
      name: kind,
      key,
      transactions: named,
      ...(value === undefined ? {} : { value }),
    },
  };
}

interface Words {
  readonly who: readonly string[];
  readonly key: string;
  readonly value: string;
  readonly shown: readonly string[];
}

const SAID: { readonly [kind in FindingKind]: (words: Words) => string } = {
  internal: ({ who, key, shown }) =>
    `transaction ${who[0]} read ${key} as ${shown[1]}, which does not follow from what it did there before (${shown[0]})`,
  "future-read": ({ who, key, shown }) =>
    `transaction ${who[0]} read of ${key} what it wrote itself only later, ${shown[1]}`,
  G1a: ({ who, key, value }) =>
    `transaction ${who[0]} read of ${key} what transaction ${who[1]} wrote, ${value}, but transaction ${who[1]} failed`,
  G1b: ({ who, key, shown }) =>
    `transaction ${who[0]} read of ${key} what transaction ${who[1]} wrote in between, ${shown[1]}, before it wrote again`,
  "dirty-update": ({ who, key, value }) =>
    `transaction ${who[0]} wrote ${value} to ${key} on top of what transaction ${who[1]} had written, which failed, as transaction ${who[2]} saw`,
  "lost-update": ({ who, key, shown }) =>
    who.length === 1
      ? `transaction ${who[0]} read ${key} as ${shown[0]}, then as ${shown[1]}, and then wrote ${shown[2]}: whichever it read came first, another overwrote that in between`
      : `transaction ${who[0]} read ${key} as ${shown[0]} and wrote it on, while transaction ${who[1]} wrote ${shown[2]} in between, which it did not see`,
  "garbage-read": ({ who, key, value }) =>
    `transaction ${who[0]} read of ${key} what nobody wrote, ${value}`,
  "duplicate-elements": ({ who, key, value }) =>
    `transaction ${who[0]} read ${key} with ${value} in it twice`,
  "incompatible-order": ({ who, key, shown }) =>
    `transactions ${who[0]} and ${who[1]} read ${key} as ${shown[0]} and ${shown[1]}: neither is the beginning of the other`,
  "cyclic-versions": (words) => reordered(words),
  "reordered-writes": (words) => reordered(words),
};

function reordered({ who, key, shown }: Words): string {
  return `transaction ${who[0]} wrote ${shown[0]} to ${key} before ${shown[1]}, but transaction ${who[1]} saw the second without the first before it`;
}

/** A value as text, cut when it is long. */
export function short(value: Value): string {
  const text = canonical(value);
  return text.length <= VALUE_LENGTH ? text : `${text.slice(0, VALUE_LENGTH - 1)}…`;
}
