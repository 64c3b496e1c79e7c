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
 */
import type { HistoryEvent } from "../history/operation.js";
import type { MessageTrip } from "../simulation/simulated-world.js";
import { labelOf } from "../world/message-label.js";

/** Collects the signature of one run. */
export class Signature {
  readonly #counts = new Map<number, number>();
  readonly #heard = new Map<string, readonly [string, string]>();
  readonly #said = new Map<string, string>();
  readonly #faults = new Set<string>();
  #faultNames = "";

  /** A message whose fate is known. */
  message({ to, fate, message }: MessageTrip): void {
    const label = labelOf(message);
    if (fate !== "delivered") {
      this.#count(`${label} ${fate}`);
      return;
    }
    const [before, last] = this.#heard.get(to) ?? ["", ""];
    this.#heard.set(to, [last, label]);
    const said = this.#said.get(to) ?? "";
    this.#count(`${last}|${label}|${this.#faultNames}`);
    this.#count(`${before}|${last}|${label}`);
    this.#count(`${said}|${label}`);
  }

  /** A line of a node's log. */
  log(node: string, line: string): void {
    const template = line.replaceAll(/\d+/g, "#");
    this.#count(`${this.#said.get(node) ?? ""}>${template}|${this.#faultNames}`);
    this.#said.set(node, template);
  }

  /** An event of the history. */
  event({ process, f, type, error }: HistoryEvent): void {
    if (process === "nemesis") {
      this.#fault(f);
      return;
    }
    const code: unknown = Array.isArray(error) ? error[0] : undefined;
    const why = typeof code === "string" ? code : "";
    this.#count(`${f} ${type} ${why}|${this.#faultNames}`);
  }

  /** The numbers, without order. */
  numbers(): readonly number[] {
    return Array.from(this.#counts, ([name, count]) =>
      mixed(name, Math.min(MOST, Math.floor(Math.log2(count)))),
    );
  }

  #fault(f: string): void {
    if (f.startsWith("start-")) this.#faults.add(f.slice("start-".length));
    else this.#faults.delete(f.replace(/^stop-/, ""));
    this.#faultNames = [...this.#faults].toSorted().join("+");
  }

  #count(situation: string): void {
    const name = hashOf(situation);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}

/** From this power of two on, more often is no news. */
const MOST = 6;

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

function mixed(hash: number, power: number): number {
  return Math.imul(hash ^ (power * 0x9e3779b9), 0x85ebca6b) >>> 0;
}
