/**
 * A cycle of operations on logs, told step by step: what each sent and was shown, and why the next
 * one comes after it. Taken from the certificate of the verdict.
 */
import type { History } from "../src/history/history.js";
import { canonical, sameValue, type Value } from "../src/history/value.js";
import type { StreamCycleCertificate, StreamEdge } from "../src/verdict/stream-certificate.js";
import {
  cycleSteps,
  timeReason,
  transactionName,
  type CycleStep,
  type ShownMicro,
} from "./cycle-step.js";
import { formatValue } from "./operation-label.js";

const DEPENDENCIES: { readonly [by in StreamEdge["by"]]: string } = {
  ww: "send, then send",
  wr: "send, then poll",
  rw: "poll, then send",
  process: "same process",
  realtime: "real time",
};

/** The cycle of a certificate, step by step. */
export function streamCycleOf(
  { edges }: StreamCycleCertificate,
  history: History,
): readonly CycleStep[] {
  return cycleSteps(edges, history, (edge, about) => ({
    micros: microsOf(history, edge.from, about),
    by: edge.by,
    dependency: DEPENDENCIES[edge.by],
    why: whyOf(edge),
  }));
}

function whyOf(edge: StreamEdge): string {
  const [from, to] = [transactionName(edge.from), transactionName(edge.to)];
  switch (edge.by) {
    case "process":
    case "realtime":
      return timeReason(edge);
    case "ww":
      return `${from} sent message ${formatValue(edge.message)} to log ${edge.log} at offset ${edge.at.offset}, and ${to} sent message ${formatValue(edge.next)} behind it, at offset ${edge.nextAt.offset}.`;
    case "wr":
      return `${to} was shown message ${formatValue(edge.message)} of log ${edge.log}, which only ${from} sent.`;
    case "rw":
    default:
      return `${from} was shown log ${edge.log} up to offset ${edge.upTo}, without message ${formatValue(edge.next)} at offset ${edge.nextAt.offset}, which ${to} sent.`;
  }
}

/** What an operation sent and was shown; of a log that it polled, only what a step is about. */
function microsOf(
  history: History,
  invocation: number,
  about: readonly StreamEdge[],
): readonly ShownMicro[] {
  const { f, key, input, output = null } = history.operation(invocation);
  const name = key === undefined || key === null ? undefined : logName(key);
  const isAnswered = Array.isArray(output);
  if (f === "poll" && name !== undefined) {
    return [shown(name, isAnswered ? (output as readonly Value[]) : [], about)];
  }
  if (name !== undefined) {
    const offset = isAnswered ? (output as readonly Value[])[0] : output;
    return [sent(name, { message: input, offset: offset ?? null }, { about, invocation })];
  }
  if (!Array.isArray(input)) return shownLogs(output, about);
  return (input as readonly Value[]).flatMap((step, at): readonly ShownMicro[] => {
    const answer = isAnswered ? ((output as readonly Value[])[at] ?? null) : null;
    const told = Array.isArray(answer) ? (answer as readonly Value[]) : [];
    if (!Array.isArray(step)) return [{ text: formatValue(step), matters: false }];
    const [what, log = null, message = null] = step as readonly Value[];
    if (what === "poll") return shownLogs(told[1] ?? null, about);
    const pair = told[2];
    const offset = Array.isArray(pair) ? ((pair as readonly Value[])[0] ?? null) : null;
    return [sent(logName(log), { message, offset }, { about, invocation })];
  });
}

function sent(
  log: string,
  { message, offset }: { readonly message: Value; readonly offset: Value },
  { about, invocation }: { readonly about: readonly StreamEdge[]; readonly invocation: number },
): ShownMicro {
  const matters = about.some((edge) => {
    if (!("log" in edge) || edge.log !== log) return false;
    const isFirst = "message" in edge && edge.from === invocation;
    if (isFirst && sameValue(edge.message, message)) return true;
    return "next" in edge && edge.to === invocation && sameValue(edge.next, message);
  });
  const at = typeof offset === "number" ? ` at ${offset}` : "";
  return { text: `send ${log} ${formatValue(message)}${at}`, matters };
}

function shownLogs(value: Value, about: readonly StreamEdge[]): readonly ShownMicro[] {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return [{ text: "poll", matters: false }];
  }
  const logs = Object.entries(value as { readonly [log: string]: Value });
  if (logs.length === 0) return [{ text: "poll → nothing", matters: false }];
  return logs.map(([log, pairs]) =>
    shown(log, Array.isArray(pairs) ? (pairs as readonly Value[]) : [], about),
  );
}

/** So many messages of a poll are shown one by one, the last ones and what a step is about. */
const PAIRS_MAX = 3;

function shown(log: string, pairs: readonly Value[], about: readonly StreamEdge[]): ShownMicro {
  const ofLog = about.filter(
    (edge) => (edge.by === "wr" || edge.by === "rw") && edge.log === log && pairs.length > 0,
  );
  const isAbout = (pair: Value): boolean =>
    ofLog.some((edge) => {
      const [offset, message = null] = pair as readonly Value[];
      if (edge.by === "wr") return sameValue(edge.message, message);
      return edge.by === "rw" && offset === edge.upTo;
    });
  const named = pairs.filter((pair, at) => at >= pairs.length - PAIRS_MAX || isAbout(pair));
  const texts = named.map((pair) => {
    const [offset = null, message = null] = pair as readonly Value[];
    return `${formatValue(message)} at ${formatValue(offset)}`;
  });
  const left = pairs.length - named.length;
  const more = left > 0 ? ` (and ${left} more)` : "";
  const what = texts.length === 0 ? "nothing" : texts.join(", ");
  return { text: `poll ${log} → ${what}${more}`, matters: pairs.some((pair) => isAbout(pair)) };
}

function logName(log: Value): string {
  return typeof log === "string" ? log : canonical(log);
}
