/**
 * A cycle of transactions, told step by step: what each transaction did, and why the next one comes
 * after it. Taken from the certificate of the verdict.
 */
import type { History } from "../src/history/history.js";
import { sameValue, type Value } from "../src/history/value.js";
import type { DependencyEdge, RegisterEdge } from "../src/verdict/isolation-certificate.js";
import type { Verdict } from "../src/verdict/verdict.js";
import {
  cycleSteps,
  timeReason,
  transactionName,
  type CycleStep,
  type ShownMicro,
} from "./cycle-step.js";
import { formatAround, formatValue } from "./operation-label.js";
import { streamCycleOf } from "./stream-cycle.js";

const DEPENDENCIES: { readonly [by in DependencyEdge["by"]]: string } = {
  ww: "write, then write",
  wr: "write, then read",
  rw: "read, then write",
  update: "read, then write",
  visible: "seen, then overwritten",
  process: "same process",
  realtime: "real time",
};

/** The cycle that a verdict rests on, step by step; empty when it rests on something else. */
export function cycleOf({ certificate }: Verdict, history: History): readonly CycleStep[] {
  if (certificate?.kind === "stream-cycle") return streamCycleOf(certificate, history);
  if (certificate?.kind !== "isolation-violation") return [];
  const { phenomenon } = certificate;
  if (phenomenon.name !== "cycle") return [];
  const { edges } = phenomenon;
  return cycleSteps(edges, history, (edge, about) => ({
    micros: microsOf(history, edge.from, about),
    by: edge.by === "update" ? "rw" : edge.by,
    dependency: DEPENDENCIES[edge.by],
    why: whyOf(edge),
  }));
}

function microsOf(
  history: History,
  invocation: number,
  about: readonly DependencyEdge[],
): readonly ShownMicro[] {
  const { input, output } = history.operation(invocation);
  const list = output ?? input;
  if (!Array.isArray(list)) return [];
  const focus = about.flatMap((edge) => valuesOf(edge));
  return (list as readonly Value[]).map((micro): ShownMicro => {
    if (!Array.isArray(micro)) return { text: formatValue(micro), matters: false };
    const [f, key = null, value = null] = micro as readonly Value[];
    const matters = about.some((edge) => "key" in edge && sameValue(edge.key, key));
    const what = formatAround(value, matters ? focus : [], matters ? 80 : 40);
    const name = typeof f === "string" ? f : formatValue(f ?? null);
    const text =
      name === "r"
        ? `r ${formatValue(key)} → ${what}`
        : `${name} ${formatValue(key)} ${formatValue(value)}`;
    return { text, matters };
  });
}

/** The values that a step is about. */
function valuesOf(edge: DependencyEdge): readonly Value[] {
  if ("step" in edge) return [edge.step.value, edge.step.next];
  switch (edge.by) {
    case "process":
    case "realtime":
      return [];
    case "visible":
      return [edge.written, edge.read];
    case "ww":
      return [edge.value, edge.next];
    case "wr":
      return [edge.value];
    case "update":
    case "rw":
    default:
      return [edge.next];
  }
}

function whyOf(edge: DependencyEdge): string {
  if ("step" in edge) return registerReason(edge);
  const [from, to] = [transactionName(edge.from), transactionName(edge.to)];
  switch (edge.by) {
    case "process":
    case "realtime":
      return timeReason(edge);
    case "visible":
      return `${transactionName(edge.reader)} sees ${from}, which wrote ${formatValue(edge.written)} to ${formatValue(edge.key)}, and yet reads there ${formatValue(edge.read)}, which ${to} wrote.`;
    case "ww":
      return `${from} wrote ${formatValue(edge.value)} to ${formatValue(edge.key)}, and ${to} wrote ${formatValue(edge.next)} over it or after it, as ${transactionName(edge.seenBy)} saw.`;
    case "wr":
      return `${to} read of ${formatValue(edge.key)} what ${from} wrote: ${formatValue(edge.value)}.`;
    case "update":
    case "rw":
    default:
      return `${from} read ${formatValue(edge.key)} without ${formatValue(edge.next)}, which ${to} wrote.`;
  }
}

const RULES = {
  initial: "the initial value comes first",
  "writes-follow-reads": "who read the one wrote the other",
  sessions: "by the order of a session",
  realtime: "by real time",
} as const;

function registerReason({ by, key, step, ...ends }: RegisterEdge): string {
  const [from, to] = [transactionName(ends.from), transactionName(ends.to)];
  const did = by === "ww" ? "wrote" : "read";
  const at = `${by === "ww" ? "to" : "of"} ${formatValue(key)}`;
  return `${from} ${did} ${formatValue(step.value)} ${at}, and ${to} wrote ${formatValue(step.next)} there, which comes after it: ${RULES[step.rule]}.`;
}
