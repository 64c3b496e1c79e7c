/**
 * From an event of the simulated world to a candidate: where it happens, and a name that is the
 * same in all executions in which its place has seen the same. Messages are numbered by link, all
 * else by place.
 */
import type { SimulatedEvent } from "../simulation/event-queue.js";
import type { Candidate } from "./step.js";

/** What an event is. */
export type EventKind =
  | "message"
  | "refusal"
  | "disk"
  | "timer"
  | "begin"
  | "kill"
  | "power-loss"
  | "pause"
  | "resume"
  | "start";

/** An event that is going to happen, or that may. */
export interface Waiting extends Candidate {
  readonly kind: EventKind;
  readonly event: SimulatedEvent;
}

/** When something that is held happens at the latest; only a client that waits has such a time. */
export function latestNs({ kind, event }: Waiting): number {
  return kind === "begin" ? event.timeNs : Infinity;
}

/** Whether nothing has seen to it that it cannot happen any more. */
export function isPossible({ event }: Waiting): boolean {
  return event.action !== undefined;
}

/**
 * What is ready when one of them happens: what was put off goes behind all that is there now, so
 * that this counts as one delay.
 */
export function withoutChosen(ready: readonly Waiting[], index: number): Waiting[] {
  const before = ready.slice(0, index);
  return [
    ...before.filter(({ free }) => free === true),
    ...ready.slice(index + 1),
    ...before.filter(({ free }) => free !== true),
  ];
}

/** When something happens next that time brings; Infinity for never. */
export function nextNs(timers: readonly Waiting[], held: readonly Waiting[]): number {
  return Math.min(...timers.map(({ event }) => event.timeNs), ...held.map(latestNs));
}

/** Which clients wait, and until when at the latest. */
export function endsOfWaits(held: readonly Waiting[]): readonly string[] {
  const begins = held.filter(({ kind }) => kind === "begin");
  return begins.map(({ id, event }) => `${id} ${event.timeNs}`).toSorted();
}

/** What names depend on. */
export interface NamingOptions {
  readonly nodes: readonly string[];
  readonly workers: number;
  /** Whether clients share something, so that they are one place. */
  readonly shared: boolean;
}

/** Names the events of one execution. */
export class Naming {
  readonly #options: NamingOptions;
  readonly #counts = new Map<string, number>();

  constructor(options: NamingOptions) {
    this.#options = options;
  }

  /** Names what was scheduled by a step at a place; `place` is undefined before the first. */
  name(event: SimulatedEvent, creator: number, place: string | undefined): Waiting {
    const { about, scope } = event;
    if (about === undefined || about === "disk") {
      const at = this.#placeOf(scope.name) ?? place ?? "harness";
      const kind = about ?? "timer";
      return this.#waiting({ kind, event, creator }, at, `${at} ${kind}`);
    }
    const { from, to, refused } = about;
    const at = this.#placeOf(to) ?? to;
    return refused === true
      ? this.#waiting({ kind: "refusal", event, creator }, at, `${from}>${to} refusal`)
      : this.#waiting({ kind: "message", event, creator }, at, `${from}>${to}`);
  }

  /** Names what is no event of the world. */
  own(what: Omit<Waiting, "id" | "operation">): Waiting {
    const { place, kind } = what;
    return this.#waiting(what, place, `${place} ${kind}`);
  }

  /** Where the operations of a worker begin and end. */
  placeOfWorker(worker: number): string {
    return this.#options.shared ? "clients" : `c${worker}`;
  }

  #waiting(
    what: Pick<Waiting, "kind" | "event" | "creator">,
    place: string,
    series: string,
  ): Waiting {
    const count = (this.#counts.get(series) ?? 0) + 1;
    this.#counts.set(series, count);
    const isNode = this.#options.nodes.includes(place);
    const operation = isNode ? undefined : what.kind === "begin" ? "begins" : "ends";
    return { ...what, place, id: `${series}.${count}`, operation };
  }

  /** Undefined for the harness itself. Clients are `c3`, or `c3.2` at their second attempt. */
  #placeOf(name: string): string | undefined {
    if (this.#options.nodes.includes(name)) return name;
    const process = /^c(\d+)(\.\d+)?$/.exec(name)?.[1];
    return process === undefined
      ? undefined
      : this.placeOfWorker(Number(process) % this.#options.workers);
  }
}
