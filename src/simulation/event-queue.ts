/**
 * The queue of what is going to happen: a binary heap on (time, sequence), so that events of the
 * same time happen in the order in which they were scheduled, and a run never depends on anything
 * else.
 */
import type { Address, Message, NodeId } from "../world/network.js";
import type { Scope } from "./scope.js";

/** What arrives with an event: a message, or the news that one was refused. */
export interface Letter {
  readonly from: Address;
  readonly to: Address;
  readonly message: Message;
  readonly sentNs: number;
  /** It comes back: nobody listened where it was sent, which is `from` here. */
  readonly refused?: true;
  /** Who listened when it was sent, and alone gets it; undefined: whoever listens in the end. */
  receiver?: unknown;
}

/** What happens; it is told what it is about, where that is known. */
export type Action = (about?: Letter | "disk") => void;

/** Something that happens at a time, to a scope. */
export interface SimulatedEvent {
  timeNs: number;
  sequence: number;
  readonly scope: Scope;
  /** Undefined once it has happened, was cancelled or was dropped. */
  action: Action | undefined;
  /** Whether it is in the queue; one that a paused scope holds is not. */
  queued: boolean;
  /** For who chooses among events: what it is; undefined for timers and the like. */
  about: Letter | "disk" | undefined;
}

/** Makes an event that is in no queue: all are made here, so that all look alike to V8. */
export function createEvent({
  timeNs,
  sequence,
  scope,
  action,
}: Pick<SimulatedEvent, "timeNs" | "sequence" | "scope" | "action">): SimulatedEvent {
  return { timeNs, sequence, scope, action, queued: false, about: undefined };
}

/** What a crash leaves of the disk of a node; undefined where it is drawn. */
export interface CrashChoices {
  /** How many of the calls that were under way, so many, are done all the same. */
  callsDone(node: NodeId, calls: number): number | undefined;
  /** Whether all is lost with the power that was not synced. */
  losesUnsynced(node: NodeId): boolean | undefined;
}

/** A priority queue of events. */
export interface EventQueue {
  readonly size: number;
  push(event: SimulatedEvent): void;
  /** Takes the earliest event that was not cancelled. */
  pop(): SimulatedEvent | undefined;
  /** Takes back an event; its action is let go at once. */
  cancel(event: SimulatedEvent): void;
  /** Drops all events of a scope that has died. */
  discard(scope: Scope): void;
  clear(): void;
  /** What is in it, in no order; absent where nobody can look. */
  events?(): Iterable<SimulatedEvent>;
  /** What crashes leave of disks, where that is chosen, too. */
  readonly crashes?: CrashChoices;
}

/** Makes an empty queue. */
export function createEventQueue(): EventQueue {
  return new EventHeap();
}

class EventHeap implements EventQueue {
  #heap: SimulatedEvent[] = [];
  #cancelled = 0;

  get size(): number {
    return this.#heap.length - this.#cancelled;
  }

  push(event: SimulatedEvent): void {
    event.queued = true;
    this.#heap.push(event);
    siftUp(this.#heap, this.#heap.length - 1);
  }

  pop(): SimulatedEvent | undefined {
    const heap = this.#heap;
    while (heap.length > 0) {
      const first = heap[0] as SimulatedEvent;
      const last = heap.pop() as SimulatedEvent;
      if (heap.length > 0) {
        heap[0] = last;
        siftDown(heap, 0);
      }
      first.queued = false;
      if (first.action !== undefined) return first;
      this.#cancelled--;
    }
    return undefined;
  }

  cancel(event: SimulatedEvent): void {
    if (event.action === undefined) return;
    event.action = undefined;
    if (!event.queued) return;
    this.#cancelled++;
    // Time-outs of requests that were answered would else pile up until their time has come.
    if (this.#cancelled > 256 && this.#cancelled * 2 > this.#heap.length) this.#keep(() => true);
  }

  events(): Iterable<SimulatedEvent> {
    return this.#heap;
  }

  discard(scope: Scope): void {
    this.#keep((event) => event.scope !== scope);
  }

  clear(): void {
    for (const event of this.#heap) drop(event);
    this.#heap = [];
    this.#cancelled = 0;
  }

  #keep(wanted: (event: SimulatedEvent) => boolean): void {
    const heap = this.#heap.filter((event) => {
      if (event.action !== undefined && wanted(event)) return true;
      drop(event);
      return false;
    });
    this.#heap = heap;
    this.#cancelled = 0;
    for (let i = (heap.length >> 1) - 1; i >= 0; i--) siftDown(heap, i);
  }
}

function drop(event: SimulatedEvent): void {
  event.action = undefined;
  event.queued = false;
}

function before(a: SimulatedEvent, b: SimulatedEvent): boolean {
  return a.timeNs < b.timeNs || (a.timeNs === b.timeNs && a.sequence < b.sequence);
}

function siftUp(heap: SimulatedEvent[], start: number): void {
  const event = heap[start] as SimulatedEvent;
  let hole = start;
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    if (!before(event, heap[parent] as SimulatedEvent)) break;
    heap[hole] = heap[parent] as SimulatedEvent;
    hole = parent;
  }
  heap[hole] = event;
}

function siftDown(heap: SimulatedEvent[], start: number): void {
  const event = heap[start] as SimulatedEvent;
  const size = heap.length;
  let hole = start;
  for (;;) {
    let child = 2 * hole + 1;
    if (child >= size) break;
    if (
      child + 1 < size &&
      before(heap[child + 1] as SimulatedEvent, heap[child] as SimulatedEvent)
    ) {
      child++;
    }
    if (!before(heap[child] as SimulatedEvent, event)) break;
    heap[hole] = heap[child] as SimulatedEvent;
    hole = child;
  }
  heap[hole] = event;
}
