/**
 * Knows a state of the world again.
 *
 * What a client will do follows from what has happened at it, and so does what a node will do. But
 * a node forgets: where its program says what is in its memory (`NodeInstance.memory`), that, its
 * disk and its random numbers stand for its past, except while its disk has something to do: what
 * goes on after that is in nobody's memory. Two states are the same when these are, what is
 * under way, the timers, the time, what may still go wrong, and what clients have seen.
 *
 * The names of requests are numbers that depend on what was asked before. They are replaced by what
 * is asked, with a number only where the same is asked again, so that a state can be reached in
 * another order: nobody but `rpc.ts` looks at them, and it only compares them.
 *
 * States are compared by 160 bits of SHA-1. Of a million states two would be taken for one another
 * with a probability below 10^-36.
 */
import { createHash } from "node:crypto";
import type { Letter } from "../simulation/event-queue.js";
import type { Message, NodeId } from "../world/network.js";
import type { Insight } from "../world/world.js";
import { canonical } from "../history/value.js";
import type { PlaceClocks } from "./place-clocks.js";
import type { Sighting } from "./sighting.js";
import type { EventKind, Waiting } from "./waiting.js";

const FAULTS: ReadonlySet<EventKind> = new Set(["kill", "power-loss", "pause", "start", "resume"]);

/** Where states are seen. */
export interface RecognitionOptions {
  readonly insight: Insight;
  readonly nodes: readonly NodeId[];
  /** A name for what clients have seen. */
  readonly history: () => string;
  /** What a node has said last in its log. */
  readonly said: (node: NodeId) => string;
}

/** What there is beside nodes and clients. */
export interface Surroundings {
  readonly ready: readonly Waiting[];
  /** What else may happen, by why it cannot yet. */
  readonly later: { readonly [why: string]: readonly Waiting[] };
  /** The time, and how long clients wait. */
  readonly time: readonly unknown[];
  /** What may still go wrong, and what is. */
  readonly wrong: readonly unknown[];
  readonly clocks: PlaceClocks;
}

/** Knows the states of one execution. */
export class Recognition {
  readonly #options: RecognitionOptions;
  /** By place: all that has happened there, in one digest. */
  readonly #pasts = new Map<string, string>();
  /** By node: the last fault, or end of one. */
  readonly #faults = new Map<string, string>();
  /** By node: its memory, until something happens there. */
  readonly #memories = new Map<string, string>();
  /** By sender and name: what is asked. */
  readonly #requests = new Map<string, string>();
  readonly #asked = new Map<string, number>();
  /** The incarnation that has sent a message. */
  readonly #senders = new WeakMap<object, number>();
  readonly #starts = new Map<string, number>();
  readonly #contents = new WeakMap<object, string>();
  /** Nodes whose disks have something to do. */
  #busy: ReadonlySet<string> = new Set();

  constructor(options: RecognitionOptions) {
    this.#options = options;
  }

  /** Whether all nodes say what is in their memories. */
  get remembers(): boolean {
    const { nodes, insight } = this.#options;
    return nodes.every((node) => insight.node(node) !== undefined);
  }

  /** A message is under way. */
  sent({ from, to, message }: Letter): void {
    if (typeof message === "object" && message !== null) {
      if (!this.#senders.has(message)) this.#senders.set(message, this.#starts.get(from) ?? 0);
    }
    const [kind, id, body = null] = rpcOf(message) ?? [];
    if (kind !== "req" || this.#requests.has(`${from} ${id}`)) return;
    const asked = digestOf(canonical([from, to, body]));
    const count = (this.#asked.get(asked) ?? 0) + 1;
    this.#asked.set(asked, count);
    this.#requests.set(`${from} ${id}`, `${asked}.${count}`);
  }

  /** An event happens at its place. */
  happens(waiting: Waiting, timeNs: number): void {
    const { place, kind, id } = waiting;
    const what = kind === "message" || kind === "refusal" ? this.#letter(waiting) : id;
    this.#pasts.set(place, digestOf(`${this.#pasts.get(place) ?? ""} ${what} ${timeNs}`));
    this.#memories.delete(place);
    if (FAULTS.has(kind)) this.#faults.set(place, kind);
    if (kind === "start" || kind === "kill" || kind === "power-loss") {
      this.#starts.set(place, (this.#starts.get(place) ?? 0) + 1);
    }
  }

  /** The index of an event that changes nothing, and never will. */
  idle(ready: readonly Waiting[]): number | undefined {
    const index = ready.findIndex((waiting) => this.#isIdle(waiting));
    return index < 0 ? undefined : index;
  }

  /** An answer for which nobody waits any more, or the news that such a message was refused. */
  #isIdle({ event: { about } }: Waiting): boolean {
    if (typeof about !== "object") return false;
    const { from, to, message, refused } = about;
    const { insight } = this.#options;
    const [kind, id = ""] = rpcOf(message) ?? [];
    if (refused === true) {
      if (this.#isStale(about, to)) return true;
      const waits = insight.waitsFor(to, id);
      return kind === "req" ? waits === false : kind !== undefined && waits !== undefined;
    }
    if (kind === undefined || kind === "req") return false;
    // Where nothing listens it is refused, and comes back to who takes no notice of that.
    return insight.waitsFor(to, id) === false && insight.waitsFor(from, id) !== undefined;
  }

  sighting({ ready, later, time, wrong, clocks }: Surroundings): Sighting {
    const calls = [ready, ...Object.values(later)].flat().filter(isCall);
    this.#busy = new Set(calls.map(({ place }) => place));
    const names = ready.map((waiting) => this.#name(waiting));
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    const marked = (list: readonly Waiting[]): string =>
      list
        .map((each) => this.#name(each) + this.#marks(each))
        .toSorted()
        .join("\n");
    const { history, said, nodes } = this.#options;
    const seen = history();
    const parts = [JSON.stringify([time, wrong]), seen, marked(ready)];
    for (const [why, list] of Object.entries(later)) {
      const waiting = list.filter(({ event }) => event.action !== undefined);
      parts.push(why, marked(waiting));
    }
    for (const place of [...new Set([...nodes, ...this.#pasts.keys()])].toSorted()) {
      parts.push(`${place} ${clocks.ahead(place) ?? ""} ${this.#memory(place)}`);
    }
    return {
      digest: digestOf(JSON.stringify(parts)),
      situation: digestOf(
        JSON.stringify([seen, wrong, nodes.map((node) => [said(node), this.#faults.get(node)])]),
      ),
      names: names.map((name) => (counts.get(name) === 1 ? name : undefined)),
    };
  }

  #memory(place: string): string {
    const { insight, nodes } = this.#options;
    const known = this.#memories.get(place);
    if (known !== undefined) return known;
    const isTold = nodes.includes(place) && !this.#busy.has(place);
    const memory = isTold ? insight.node(place) : undefined;
    const name =
      memory === undefined ? `past ${this.#pasts.get(place) ?? ""}` : digestOf(canonical(memory));
    this.#memories.set(place, name);
    return name;
  }

  /** The name of an event in a state; see `Sighting`. */
  #name(waiting: Waiting): string {
    const { kind, place, event, id } = waiting;
    if (kind === "message" || kind === "refusal") return this.#letter(waiting);
    if (FAULTS.has(kind)) return `${place} ${kind}`;
    // The timers of a node are known by their times, when its past is not.
    const isNode = this.#options.nodes.includes(place);
    if (kind === "timer" && isNode && !this.#memory(place).startsWith("past ")) {
      return `${place} at ${event.timeNs}`;
    }
    return id;
  }

  #letter({ event: { about } }: Waiting): string {
    if (typeof about !== "object") return "";
    const { from, to, message, refused, sentNs } = about;
    const [kind, id = ""] = rpcOf(message) ?? [];
    let content = this.#contents.get(about);
    if (content === undefined) {
      const request =
        kind === undefined ? undefined : this.#requests.get(`${askerOf(about)} ${id}`);
      const said =
        request === undefined
          ? message
          : [kind as string, request, (message as readonly Message[])[2] ?? null];
      content = `${from}>${to} ${digestOf(canonical([said, refused === true, sentNs]))}`;
      this.#contents.set(about, content);
    }
    return content;
  }

  /** What becomes of a message elsewhere: it keeps its name, and the state is another one. */
  #marks({ event: { about } }: Waiting): string {
    if (typeof about !== "object") return "";
    const { from, to, message, refused } = about;
    const [kind, id = ""] = rpcOf(message) ?? [];
    const asker = askerOf(about);
    const waits = kind === undefined ? undefined : this.#options.insight.waitsFor(asker, id);
    const isStale = this.#isStale(about, refused === true ? to : from);
    return `${waits === false ? " in vain" : ""}${isStale ? " stale" : ""}`;
  }

  /** Whether the incarnation that has sent it is gone. */
  #isStale({ message }: Letter, sender: string): boolean {
    if (typeof message !== "object" || message === null) return false;
    return (this.#senders.get(message) ?? 0) !== (this.#starts.get(sender) ?? 0);
  }
}

/** Whether a disk has this to do. */
function isCall({ kind, event }: Waiting): boolean {
  return kind === "disk" && event.action !== undefined;
}

/** Who has asked, of a request or an answer; the news of a refusal goes to who sent the message. */
function askerOf({ from, to, message, refused }: Letter): string {
  return (rpcOf(message)?.[0] === "req") === (refused !== true) ? from : to;
}

/** A request or an answer, when it is one. */
function rpcOf(message: Message): readonly [kind: string, id: string, body?: Message] | undefined {
  if (!Array.isArray(message)) return undefined;
  const [kind, id, body] = message as readonly Message[];
  if (typeof id !== "string" || (kind !== "req" && kind !== "ok" && kind !== "err")) {
    return undefined;
  }
  return body === undefined ? [kind, id] : [kind, id, body];
}

function digestOf(text: string): string {
  return createHash("sha1").update(text).digest("base64");
}
