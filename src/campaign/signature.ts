/**
 * The signature of a run: which situations its nodes got into, as a set of numbers. Two runs with
 * the same signature have shown the same; one with a number that no run had before has been
 * somewhere new.
 *
 * A situation is what a node has heard last (the kinds of its last messages, in their order), what
 * it said last in its log (which is where protocols tell of their roles), and which faults were in
 * effect; and how operations ended. How often something happened counts by its power of two, as in
 * AFL ("Technical whitepaper", 2016, section 1). Nodes are not told apart: what one did, any might
 * have done.
 *
 * Texts are numbers as soon as they are there, and situations are made of these: texts put together
 * anew for each message would be read whole each time.
 */
import type { HistoryEvent } from "../history/operation.js";
import type { MessageTrip } from "../simulation/simulated-world.js";
import { labelOf } from "../world/message-label.js";

/** Collects the signature of one run. */
export class Signature {
  readonly #counts = new Map<number, number>();
  readonly #hashes = new Map<string, number>();
  readonly #nodes = new Map<string, Node>();
  readonly #faults = new Set<string>();
  /** The faults that are in effect; 0 for none. */
  #faultNames = 0;

  /** A message whose fate is known. */
  message({ to, fate, message }: MessageTrip): void {
    const label = this.#hash(labelOf(message));
    if (fate !== "delivered") {
      this.#count(mixed(mixed(label, this.#hash(fate)), FATE));
      return;
    }
    const node = this.#node(to);
    const { before, last, said } = node;
    node.before = last;
    node.last = label;
    const pair = mixed(last, label);
    this.#count(mixed(mixed(pair, this.#faultNames), HEARD));
    this.#count(mixed(mixed(before, pair), ORDER));
    this.#count(mixed(mixed(said, label), TOLD));
  }

  /** A line of a node's log. */
  log(name: string, line: string): void {
    const template = this.#hash(line.replaceAll(/\d+/g, "#"));
    const node = this.#node(name);
    this.#count(mixed(mixed(mixed(node.said, template), this.#faultNames), SAID));
    node.said = template;
  }

  /** An event of the history. */
  event({ process, f, type, error }: HistoryEvent): void {
    if (process === "nemesis") {
      this.#fault(f);
      return;
    }
    const code: unknown = Array.isArray(error) ? error[0] : undefined;
    const why = typeof code === "string" ? code : "";
    this.#count(mixed(mixed(this.#hash(`${f} ${type} ${why}`), this.#faultNames), ENDED));
  }

  /** The numbers, without order. */
  numbers(): readonly number[] {
    return Array.from(this.#counts, ([situation, count]) =>
      mixed(situation, Math.min(MOST, Math.floor(Math.log2(count)))),
    );
  }

  #fault(f: string): void {
    if (f.startsWith("start-")) this.#faults.add(f.slice("start-".length));
    else this.#faults.delete(f.replace(/^stop-/, ""));
    const names = [...this.#faults].toSorted().join("+");
    this.#faultNames = names === "" ? 0 : this.#hash(names);
  }

  #node(name: string): Node {
    let node = this.#nodes.get(name);
    if (node === undefined) this.#nodes.set(name, (node = { before: 0, last: 0, said: 0 }));
    return node;
  }

  #count(situation: number): void {
    this.#counts.set(situation, (this.#counts.get(situation) ?? 0) + 1);
  }

  #hash(text: string): number {
    let hash = this.#hashes.get(text);
    if (hash === undefined) this.#hashes.set(text, (hash = hashOf(text)));
    return hash;
  }
}

/** What is known of a node or client, as hashes; 0 for nothing yet. */
interface Node {
  /** The kind of the message before the last one. */
  before: number;
  last: number;
  /** The last line of its log, without its numbers. */
  said: number;
}

/** From this power of two on, more often is no news. */
const MOST = 6;

/** Tell kinds of situations apart that are made of the same parts. */
const [FATE, HEARD, ORDER, TOLD, SAID, ENDED] = [1, 2, 3, 4, 5, 6] as const;

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** One number of two, whose order counts; its last steps are those of MurmurHash3. */
function mixed(first: number, second: number): number {
  let hash = Math.imul(first ^ 0x9e3779b9, 0x85ebca6b) ^ second;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
