/**
 * Operations on logs as transactions that depend on one another (Adya 1999; Kingsbury & Alvaro,
 * "Elle", VLDB 2020): the order of offsets says who sent first (`ww`), what a poll shows was sent
 * before (`wr`), and what lies behind all that it shows was sent after (`rw`). The graph, and what
 * looks for cycles in it, are those of transactions on lists.
 *
 * Only what is certain makes an edge: messages that one operation alone sent, offsets that nobody
 * contradicts. What a poll shows before anybody tried to send it is an anomaly of its own.
 */
import { topologicalOrder } from "../../src/graph/digraph.js";
import { createLabelledDigraph, LabelledEdges } from "../../src/graph/labelled-digraph.js";
import { NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import type { StreamIsolation } from "../../src/verdict/stream-certificate.js";
import type { CycleClass } from "../transactional/cycle-search.js";
import { findCycles, type Cycle } from "../transactional/cycles.js";
import { RW, WR, WW } from "../transactional/dependencies.js";
import { addTimeEdges, type Timed } from "../transactional/time-edges.js";
import { outcomeOf, rolesOf } from "./functions.js";
import type { Limits } from "./limits.js";
import type { StreamEvents } from "./stream-events.js";
import { placeShown, type Places } from "./stream-places.js";
import { fitsPoints } from "./stream-points.js";

/** What is known of a history, and what it is held against. */
export interface Dependent {
  readonly events: StreamEvents;
  readonly places: Places;
  readonly isolation: StreamIsolation;
  readonly limits: Limits;
}

/** Operations that happened, in the order of their invocations, and the edges between them. */
export class StreamGraph {
  readonly edges: LabelledEdges = new LabelledEdges();
  readonly transactions: Timed["transactions"];
  readonly happened: Uint8Array;
  /** Invocation → its operation, or `NONE`. */
  readonly nodes: Int32Array;
  /** Message → the operation that alone sent it, or `NONE`. */
  readonly senders: Int32Array;
  /** Message → its place, where that is beyond doubt; or `NONE`. */
  readonly placeOf: Int32Array;
  nodeCount: number;

  constructor(history: History, { events, places }: Dependent) {
    const { invocations, nodes } = operationsThatHappened(history, events);
    const { processes, pairs } = history;
    this.transactions = {
      history,
      count: invocations.length,
      invocations,
      completions: invocations.map((each) => pairs[each] as number),
      outcomes: Uint8Array.from(invocations, (each) => outcomeOf(history, each)),
      processes: invocations.map((each) => processes[each] as number),
    };
    this.happened = new Uint8Array(invocations.length).fill(1);
    this.nodes = nodes;
    this.nodeCount = invocations.length;
    const { messages } = events;
    const { count, copies } = messages;
    this.senders = new Int32Array(count).fill(NONE);
    for (let message = 0; message < count; message++) {
      if (copies.items[message] !== 1) continue;
      this.senders[message] = nodes[messages.firstSendOf(message)] as number;
    }
    this.placeOf = this.#certainPlaces(count, places);
  }

  add(from: number, to: number, kind: number): void {
    if (from !== to) this.edges.add(from, to, kind);
  }

  addNode(): number {
    return this.nodeCount++;
  }

  #certainPlaces(messages: number, places: Places): Int32Array {
    const strange = new Set(places.copies.map(({ message }) => message));
    for (const { other } of places.conflicts) strange.add(places.messages[other] as number);
    for (const { message } of places.conflicts) strange.add(message);
    const placeOf = new Int32Array(messages).fill(NONE);
    for (let place = 0; place < places.count; place++) {
      const message = places.messages[place] as number;
      const isKnown = this.senders[message] !== NONE && !strange.has(message);
      if (isKnown) placeOf[message] = place;
    }
    return placeOf;
  }
}

/** Cycles that the isolation excludes, with the graph; undefined when there can be none. */
export function streamCycles(
  history: History,
  dependent: Dependent,
): { readonly graph: StreamGraph; readonly cycles: readonly Cycle[] } | undefined {
  const { events, isolation, limits } = dependent;
  if (isolation === "none") return undefined;
  // Who only sends may be put where it began, who only polls where it ended: that fits all edges.
  if (isolation === "read-committed" && !events.isMixed) return undefined;
  if (isolation === "read-committed" && fitsPoints(history, events, limits)) return undefined;
  const graph = new StreamGraph(history, dependent);
  limits.hold(history.length * 4 + events.messages.count * 8);
  addShown(graph, dependent);
  limits.check();
  if (isolation !== "read-committed") addOffsetOrder(graph, dependent);
  if (isolation.endsWith("serializable")) addNotShown(graph, dependent);
  addTimeEdges(graph);
  limits.hold(graph.edges.length * 18);
  limits.check();
  const whole = createLabelledDigraph(graph.nodeCount, graph.edges);
  if (topologicalOrder(whole).length === whole.count) return undefined;
  limits.check();
  const { count, outcomes } = graph.transactions;
  const { cycles } = findCycles(whole, { count, isCertain: (each) => outcomes[each] === OK });
  const isExcluded = ({ class: name, time }: Cycle): boolean =>
    isolation !== "serializable" || time === "" || WITHOUT_RW.has(name);
  return { graph, cycles: cycles.filter(isExcluded) };
}

/** Classes of cycles without an rw: time contradicts these also where polls may lag behind. */
const WITHOUT_RW: ReadonlySet<CycleClass> = new Set<CycleClass>(["G0", "G1c"]);

const FUNCTIONS = { send: 1, poll: 1, txn: 1 };

function operationsThatHappened(
  history: History,
  { sends, acknowledged }: StreamEvents,
): { readonly invocations: Int32Array; readonly nodes: Int32Array } {
  const roles = rolesOf(history, FUNCTIONS);
  const committed = new Set<number>();
  for (let send = acknowledged; send < sends.count; send++) committed.add(sends.invocationOf(send));
  const nodes = new Int32Array(history.length).fill(NONE);
  const invocations = history.invocations().filter((at) => {
    if (roles[history.functions[at] as number] === 0 || history.processes[at] === NEMESIS) {
      return false;
    }
    return outcomeOf(history, at) === OK || committed.has(at);
  });
  for (let node = 0; node < invocations.length; node++) nodes[invocations[node] as number] = node;
  return { invocations, nodes };
}

/** `wr`: from who sent a message to who was shown it. */
function addShown(graph: StreamGraph, { events, limits }: Dependent): void {
  const { batches, shown } = events;
  const { invocations } = graph.transactions;
  for (let batch = 0; batch < batches.count; batch++) {
    if (batch % 65_536 === 0) limits.check();
    const reader = graph.nodes[batches.invocationOf(batch)] as number;
    if (reader === NONE) continue;
    const completion = batches.completionOf(batch);
    const end = batches.endOf(batch);
    let last: number = NONE;
    for (let k = batches.startOf(batch); k < end; k++) {
      const sender = graph.senders[shown.messageOf(k)] as number;
      if (sender === NONE || sender === last) continue;
      if ((invocations[sender] as number) > completion) continue;
      graph.add(sender, reader, WR);
      last = sender;
    }
  }
}

/** `ww`: from who sent a message to who sent the next one. */
function addOffsetOrder(graph: StreamGraph, { places }: Dependent): void {
  for (const list of places.byLog) {
    let before: number = NONE;
    for (const place of list) {
      const sender = senderAt(graph, places, place);
      if (sender === NONE) continue;
      if (before !== NONE) graph.add(before, sender, WW);
      before = sender;
    }
  }
}

/** `rw`: from who was shown a log up to some message to the next one who sent more. */
function addNotShown(graph: StreamGraph, { events, places }: Dependent): void {
  const { batches } = events;
  const { count } = batches;
  // Of the operation whose batches are looked at, by log: its end there, and when it was set.
  const ends = new Int32Array(events.logs.length);
  const stamps = new Int32Array(events.logs.length);
  for (let batch = 0, end = 0; batch < count; batch = end) {
    const invocation = batches.invocationOf(batch);
    // The batches of an operation stand one behind the other.
    for (end = batch; end < count && batches.invocationOf(end) === invocation; end++) {
      const log = batches.logOf(end);
      const known = stamps[log] === batch + 1 ? (ends[log] as number) : NONE;
      const place = endShown(events, places, { batch: end, known });
      if (place === NONE) continue;
      stamps[log] = batch + 1;
      ends[log] = place;
    }
    const node = graph.nodes[invocation] as number;
    if (node === NONE) continue;
    for (let one = batch; one < end; one++) {
      const log = batches.logOf(one);
      if (stamps[log] !== batch + 1) continue;
      stamps[log] = 0;
      const place = ends[log] as number;
      if (place === NO_END) continue;
      const next = nextAfter(graph, places, { log, place, node });
      if (next !== NONE) graph.add(node, senderAt(graph, places, next), RW);
    }
  }
}

/** The end of who was shown something at no offset: that may be anywhere. */
export const NO_END: number = NONE - 1;

/**
 * How far a batch and those of its operation before it show their log: the place with the largest
 * offset; `NONE` where they show nothing, `NO_END` where nobody can tell.
 */
export function endShown(
  events: StreamEvents,
  places: Places,
  { batch, known }: { readonly batch: number; readonly known: number },
): number {
  if (known === NO_END) return NO_END;
  const { offsets } = places;
  const end = events.batches.endOf(batch);
  let largest = known;
  for (let k = events.batches.startOf(batch); k < end; k++) {
    const place = placeShown(events, places, k);
    if (place === NONE) return NO_END;
    if (largest === NONE || (offsets[place] as number) > (offsets[largest] as number)) {
      largest = place;
    }
  }
  return largest;
}

/** The first place behind this one whose message another operation sent; `NONE` for none. */
export function nextAfter(
  graph: StreamGraph,
  places: Places,
  from: { readonly log: number; readonly place: number; readonly node: number },
): number {
  const list = places.byLog[from.log] as Int32Array;
  const offset = places.offsets[from.place] as number;
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places.offsets[list[middle] as number] as number) <= offset) low = middle + 1;
    else high = middle;
  }
  for (let at = low; at < list.length; at++) {
    const sender = senderAt(graph, places, list[at] as number);
    if (sender !== NONE && sender !== from.node) return list[at] as number;
  }
  return NONE;
}

/** Who sent what is at a place; `NONE` where that is in doubt. */
export function senderAt(graph: StreamGraph, places: Places, place: number): number {
  const message = places.messages[place] as number;
  return graph.placeOf[message] === place ? (graph.senders[message] as number) : NONE;
}
