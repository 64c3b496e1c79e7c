/**
 * A small run as a message sequence (Lamport, "Time, Clocks, and the Ordering of Events in a
 * Distributed System", CACM 1978): who there is, what they sent, which operations were open
 * meanwhile, which faults struck whom. Both drawings, in the page and as text, are made from it.
 */
import { FAIL, INVOKE, NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { RecordedMessage } from "../../src/runner/recorded-message.js";
import { counterexampleOf } from "../counterexample.js";
import { createLabeller, formatValue } from "../operation-label.js";
import type { ReportSubject } from "../report-input.js";
import { backgroundOf } from "./background.js";
import { strikesOf, type Strike } from "./strikes.js";
import { wordsOf } from "./words.js";

/** Everything that a drawing shows. */
export interface Sequence {
  /** Processes first, then nodes. */
  readonly lanes: readonly Lane[];
  readonly arrows: readonly Arrow[];
  readonly operations: readonly SequenceOperation[];
  readonly strikes: readonly Strike[];
  /** So many messages at the end are not in `arrows`. */
  readonly leftOut: number;
}

/** One who sends and receives. */
export interface Lane {
  readonly name: string;
  readonly kind: "process" | "node";
}

/** A message. */
export interface Arrow {
  /** Positions in the lanes. */
  readonly from: number;
  readonly to: number;
  readonly message: RecordedMessage;
  /** What it says, in short. */
  readonly words: string;
  /** No room is made for it; see `background.ts`. */
  readonly background: boolean;
  /** Whether an operation that the anomaly is about sent it or waited for it. */
  readonly ofAnomaly: boolean;
}

/** An operation on the lane of its process. */
export interface SequenceOperation {
  readonly lane: number;
  readonly startNs: number;
  /** Infinity when it never completed. */
  readonly endNs: number;
  /** `put a: a`. */
  readonly asked: string;
  /** `→ null`, `ok`, `failed`, `unknown`. */
  readonly answered: string;
  readonly outcome: "ok" | "fail" | "info";
  readonly required: boolean;
}

/** A drawing of more messages is none that anybody reads. */
const ARROWS_MAX = 1000;

/** Brings a run into the shape of the drawings; undefined when its messages were not recorded. */
export function sequenceOf(subject: ReportSubject): Sequence | undefined {
  const { messages, history, result } = subject;
  if (messages.length === 0) return undefined;
  const shown = messages.slice(0, ARROWS_MAX);
  const lanes = lanesOf(shown, history, result?.test.nodeCount ?? 0);
  const places = new Map(lanes.map(({ name }, place) => [name, place]));
  const placeOf = (address: string): number => places.get(laneNameOf(address)) as number;
  const operations = operationsOf(subject, (name) => places.get(name) as number);
  const candidates = shown.map((message) => {
    const from = placeOf(message.from);
    const to = placeOf(message.to);
    const ofAnomaly = operations.some(({ required, lane, startNs, endNs }) => {
      const within = message.sentNs >= startNs && message.sentNs <= endNs;
      return required && within && (lane === from || lane === to);
    });
    return { from, to, message, ofAnomaly };
  });
  const background = backgroundOf(candidates, {
    history,
    nodeCount: lanes.filter(({ kind }) => kind === "node").length,
    required: operations.filter(({ required }) => required),
  });
  const arrows = candidates.map(({ from, to, message, ofAnomaly }, index) => {
    const words = wordsOf(message);
    return { from, to, message, ofAnomaly, words, background: background.has(index) };
  });
  const strikes = strikesOf(history);
  return { lanes, arrows, operations, strikes, leftOut: messages.length - shown.length };
}

/** `c3` and `c3.2` are the endpoints of process 3: connections that it opened one after another. */
function laneNameOf(address: string): string {
  const process = /^c(\d+)(?:\.\d+)?$/.exec(address)?.[1];
  return process === undefined ? address : `process ${process}`;
}

function lanesOf(
  messages: readonly RecordedMessage[],
  history: History,
  nodeCount: number,
): readonly Lane[] {
  const names = new Set(messages.flatMap(({ from, to }) => [laneNameOf(from), laneNameOf(to)]));
  for (const process of history.processes) if (process !== NEMESIS) names.add(`process ${process}`);
  for (let node = 1; node <= nodeCount; node++) names.add(`n${node}`);
  const lanes = [...names].map((name): Lane => {
    return { name, kind: name.startsWith("process ") ? "process" : "node" };
  });
  const rank = ({ kind }: Lane): number => (kind === "process" ? 0 : 1);
  return lanes.toSorted((a, b) => {
    return rank(a) - rank(b) || a.name.localeCompare(b.name, "en", { numeric: true });
  });
}

function operationsOf(
  { history, verdict }: ReportSubject,
  laneOf: (name: string) => number,
): readonly SequenceOperation[] {
  const required = new Set(counterexampleOf(verdict, history)?.required);
  const { label, answers } = createLabeller(history);
  const operations: SequenceOperation[] = [];
  for (let index = 0; index < history.length; index++) {
    if (history.types[index] !== INVOKE || history.processes[index] === NEMESIS) continue;
    const completion = history.pairs[index] as number;
    const type = completion === NONE ? NONE : history.types[completion];
    const outcome = type === OK ? "ok" : type === FAIL ? "fail" : "info";
    const [asked = ""] = label(index).split(" → ");
    const says = type === OK && answers[history.functions[index] as number] === true;
    const output = says ? (history.pool[history.values[completion] as number] as Value) : null;
    operations.push({
      lane: laneOf(`process ${history.processes[index]}`),
      startNs: history.timesNs[index] as number,
      endNs: completion === NONE ? Infinity : (history.timesNs[completion] as number),
      asked: asked.replace(/ [✗?]$/, ""),
      answered: says ? `→ ${formatValue(output, 40)}` : ANSWERS[outcome],
      outcome,
      required: required.has(index),
    });
  }
  return operations;
}

const ANSWERS = { ok: "ok", fail: "✗ failed", info: "? unknown" } as const;
