/**
 * Cycles of operations on logs in sentences and as evidence: for each edge the two messages, or the
 * message and the poll, that imply it, found again when a cycle is to be told.
 */
import { NONE, OK, type History } from "../../src/history/history.js";
import type {
  OffsetEvidence,
  StreamCycleCertificate,
  StreamEdge,
  StreamSighting,
} from "../../src/verdict/stream-certificate.js";
import type { Anomaly } from "../../src/verdict/verdict.js";
import type { Step } from "../transactional/cycle-search.js";
import { PROCESS, REALTIME, WR, WW } from "../transactional/dependencies.js";
import type { Cycle } from "../transactional/cycles.js";
import type { AnomalyList } from "./anomaly-list.js";
import {
  endShown,
  NO_END,
  nextAfter,
  senderAt,
  streamCycles,
  type Dependent,
  type StreamGraph,
} from "./stream-graph.js";
import { callText, valueText } from "./words.js";

/** At most so many steps are told one by one, and repeated beside the certificate. */
const TOLD_MAX = 12;
const EDGES_MAX = 1000;

/** Tells of the cycles that the isolation excludes; answers the evidence of the first. */
export function tellCycles(
  history: History,
  dependent: Dependent,
  found: AnomalyList,
): StreamCycleCertificate | undefined {
  const known = streamCycles(history, dependent);
  if (known === undefined) return undefined;
  const reasons = new Reasons(known.graph, dependent);
  let first: StreamCycleCertificate | undefined;
  for (const cycle of known.cycles) {
    const edges = cycle.steps.map((step) => reasons.edge(step));
    first ??= {
      kind: "stream-cycle",
      isolation: dependent.isolation,
      edges,
      happened: edges.flatMap(({ from }) => reasons.sighting(from)),
    };
    found.add(kindOf(cycle), () => tell(history, edges));
  }
  return first;
}

function kindOf({ class: name, time }: Cycle): string {
  return time === "" ? name : `${name}-${time}`;
}

function tell(history: History, edges: readonly StreamEdge[]): Omit<Anomaly, "kind"> {
  const steps = edges.slice(0, TOLD_MAX).map((edge) => tellEdge(history, edge));
  if (edges.length > TOLD_MAX) steps.push(`and ${edges.length - TOLD_MAX} more steps`);
  return {
    message: `${steps.join("; ")}: so each would have to come before itself.`,
    operations: edges.map(({ from }) => from).toSorted((a, b) => a - b),
    details: { edges: edges.slice(0, EDGES_MAX) },
  };
}

/** That one operation comes before another, and why. */
function tellEdge(history: History, edge: StreamEdge): string {
  const from = callText(history, edge.from);
  const to = callText(history, edge.to);
  switch (edge.by) {
    case "process":
      return `${from} completed before its process began ${to}`;
    case "realtime":
      return `${from} completed before ${to}`;
    case "wr":
      return `${to} was shown ${valueText(edge.message)} of ${edge.log}, which ${from} sent`;
    case "ww":
      return `${from} sent ${valueText(edge.message)} to ${edge.log} at offset ${edge.at.offset}, before ${valueText(edge.next)} at offset ${edge.nextAt.offset}, which ${to} sent`;
    case "rw":
    default:
      return `${from} was shown ${edge.log} up to offset ${edge.upTo}, without ${valueText(edge.next)} at offset ${edge.nextAt.offset}, which ${to} sent`;
  }
}

/** Finds the reasons of edges. */
class Reasons {
  readonly #graph: StreamGraph;
  readonly #dependent: Dependent;

  constructor(graph: StreamGraph, dependent: Dependent) {
    this.#graph = graph;
    this.#dependent = dependent;
  }

  edge({ from, to, kind }: Step): StreamEdge {
    const { invocations } = this.#graph.transactions;
    const ends = { from: invocations[from] as number, to: invocations[to] as number };
    if (kind === PROCESS) return { ...ends, by: "process" };
    if (kind === REALTIME) return { ...ends, by: "realtime" };
    if (kind === WR) return { ...ends, by: "wr", ...this.#shown(from, to) };
    if (kind === WW) return { ...ends, by: "ww", ...this.#order(from, to) };
    return { ...ends, by: "rw", ...this.#notShown(from, to) };
  }

  /** Why an indeterminate operation happened: a message that only it sent, and who was shown it. */
  sighting(operation: number): readonly StreamSighting[] {
    const { events } = this.#dependent;
    const { transactions, nodes, senders } = this.#graph;
    const node = nodes[operation] as number;
    if (transactions.outcomes[node] === OK) return [];
    const { batches, shown } = events;
    for (let batch = 0; batch < batches.count; batch++) {
      const end = batches.endOf(batch);
      for (let k = batches.startOf(batch); k < end; k++) {
        const message = shown.messageOf(k);
        if (senders[message] !== node) continue;
        return [{ operation, ...this.#named(message), shownBy: batches.invocationOf(batch) }];
      }
    }
    throw new Error(`nobody was shown what operation ${operation} sent`);
  }

  #named(message: number): Pick<StreamSighting, "log" | "message"> {
    const { messages, logs } = this.#dependent.events;
    const log = logs[messages.logOf(message)] as string;
    return { log, message: messages.valueOf(message) };
  }

  #shown(sender: number, reader: number): Pick<StreamSighting, "log" | "message"> {
    const { batches, shown } = this.#dependent.events;
    const { nodes, senders } = this.#graph;
    for (let batch = 0; batch < batches.count; batch++) {
      if (nodes[batches.invocationOf(batch)] !== reader) continue;
      const end = batches.endOf(batch);
      for (let k = batches.startOf(batch); k < end; k++) {
        const message = shown.messageOf(k);
        if (senders[message] === sender) return this.#named(message);
      }
    }
    throw new Error("an edge between operations on logs has no reason");
  }

  #order(
    from: number,
    to: number,
  ): Omit<Extract<StreamEdge, { readonly by: "ww" }>, "from" | "to" | "by"> {
    const { places } = this.#dependent;
    for (const list of places.byLog) {
      let before: number = NONE;
      for (const place of list) {
        const sender = senderAt(this.#graph, places, place);
        if (sender === NONE) continue;
        if (sender === to && before !== NONE && senderAt(this.#graph, places, before) === from) {
          const { log, message } = this.#named(places.messages[before] as number);
          const next = this.#named(places.messages[place] as number).message;
          return { log, message, next, at: this.#at(before), nextAt: this.#at(place) };
        }
        before = place;
      }
    }
    throw new Error("an edge between operations on logs has no reason");
  }

  #notShown(
    from: number,
    to: number,
  ): Omit<Extract<StreamEdge, { readonly by: "rw" }>, "from" | "to" | "by"> {
    const { places, events } = this.#dependent;
    const { batches } = events;
    const ends = new Map<number, number>();
    for (let batch = 0; batch < batches.count; batch++) {
      if (this.#graph.nodes[batches.invocationOf(batch)] !== from) continue;
      const log = batches.logOf(batch);
      const place = endShown(events, places, { batch, known: ends.get(log) ?? NONE });
      if (place !== NONE) ends.set(log, place);
    }
    for (const [log, place] of ends) {
      if (place === NO_END) continue;
      const next = nextAfter(this.#graph, places, { log, place, node: from });
      if (next === NONE || senderAt(this.#graph, places, next) !== to) continue;
      const { log: name, message } = this.#named(places.messages[next] as number);
      const upTo = places.offsets[place] as number;
      return { log: name, upTo, next: message, nextAt: this.#at(next) };
    }
    throw new Error("an edge between operations on logs has no reason");
  }

  #at(place: number): OffsetEvidence {
    const { offsets, firstBy } = this.#dependent.places;
    return { offset: offsets[place] as number, by: firstBy(place) };
  }
}
