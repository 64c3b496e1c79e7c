/**
 * Confirms that no order of versions is possible. The certificate names cycles that follow from
 * orders of pairs of transactions that wrote the same key; here each edge that follows from an
 * order is looked up in the history, and then it is confirmed that every choice of orders holds one
 * of the cycles: each step by what follows from its orders when nothing is chosen any more.
 */
import type { History } from "../history/history.js";
import { canonical } from "../history/value.js";
import { claim } from "./claims.js";
import type { GivenEdge, OrderRefutation, PairOrder } from "./isolation-certificate.js";
import { transactionAt, transactionsOf, type Transaction } from "./transactions.js";

/** What is asked of a history again and again. */
export class WrittenAndRead {
  readonly #history: History;
  /** Key and value → how often it was written, and whether a completed transaction read it. */
  readonly #written = new Map<string, number>();
  readonly #read = new Set<string>();

  constructor(history: History) {
    this.#history = history;
    for (const { micro, operation } of transactionsOf(history)) {
      for (const { f, key, value } of micro) {
        const name = `${key} ${canonical(value ?? null)}`;
        if (f === "w") this.#written.set(name, (this.#written.get(name) ?? 0) + 1);
        else if (f === "r" && operation.outcome === "ok") {
          this.#read.add(name);
          if (!Array.isArray(value)) continue;
          for (const element of value) this.#read.add(`${key} ${canonical(element)}`);
        }
      }
    }
  }

  /** @throws ClaimRefused */
  confirmEdge({ from, to, by, key, given }: GivenEdge): void {
    const about = `${from} → ${to}`;
    const name = canonical(key);
    const [first, second] = given;
    const writer = transactionAt(this.#history, first);
    const other = transactionAt(this.#history, second);
    this.#confirmHappened(writer);
    this.#confirmHappened(other);
    claim(to === second && from !== to, () => `${about}: the order is not about these.`);
    claim(
      [writer, other].every(({ micro }) =>
        micro.some(({ f, key: of }) => f !== "r" && of === name),
      ),
      () => `${about}: not both wrote ${name}.`,
    );
    if (by === "ww") {
      claim(from === first, () => `${about}: the order is not about these.`);
      return;
    }
    claim(by === "rw" || by === "update", () => `${about}: there are no such edges.`);
    const reader = transactionAt(this.#history, from);
    claim(
      by === "rw" || reader.micro.some(({ f, key: of }) => f === "w" && of === name),
      () => `${about}: ${from} did not write ${name}.`,
    );
    // Of several reads each is of a version; who is to have written after one read it before.
    const own = reader.micro.filter(({ key: of }) => of === name);
    const firstWrite = own.findIndex(({ f }) => f === "w");
    const accesses = by === "rw" ? own : own.slice(0, firstWrite);
    const last = writer.micro.findLast(({ f, key: of }) => f === "w" && of === name);
    const text = canonical(last?.value ?? null);
    claim(
      reader.operation.outcome === "ok" &&
        last !== undefined &&
        accesses.some(({ f, value }) => f === "r" && canonical(value ?? null) === text) &&
        this.#written.get(`${name} ${text}`) === 1,
      () => `${about}: ${from} did not read of ${name} what ${first} wrote.`,
    );
  }

  /** It completed, or another read what it alone wrote. */
  #confirmHappened({ operation, micro }: Transaction): void {
    const isSeen = micro.some(({ f, key, value }) => {
      const name = `${key} ${canonical(value ?? null)}`;
      return f !== "r" && this.#read.has(name) && (this.#written.get(name) ?? 0) < 2;
    });
    claim(
      operation.outcome === "ok" || (operation.outcome === "info" && isSeen),
      () => `Transaction ${operation.invocation} need not have happened.`,
    );
  }
}

/** Confirms that one of the contradictions holds, whatever is chosen. @throws ClaimRefused */
export function confirmUnavoidable({ contradictions, steps }: OrderRefutation): void {
  const choices = new Choices();
  for (const { orders } of contradictions) choices.exclude(orders);
  for (const [place, step] of steps.entries()) {
    claim(choices.follows(step), () => `Step ${place} does not follow from what is before it.`);
    choices.exclude(step);
  }
  claim(choices.follows([]), () => "The contradictions leave a choice of orders.");
}

/** A set of orders. */
interface Orders {
  has(name: string): boolean;
  add(name: string): unknown;
}

/** Orders that cannot hold together, and what follows from that. */
class Choices {
  readonly #excluded: (readonly string[])[] = [];
  /** Order → where it is excluded. */
  readonly #places = new Map<string, number[]>();
  /** Orders that hold anyway. */
  readonly #facts = new Set<string>();
  #isContradictory = false;

  exclude(orders: readonly PairOrder[]): void {
    const names = [...new Set(orders.map(([first, second]) => `${first} ${second}`))];
    const place = this.#excluded.push(names) - 1;
    for (const name of names) {
      const places = this.#places.get(name);
      if (places === undefined) this.#places.set(name, [place]);
      else places.push(place);
    }
    const next = this.#look(place, this.#facts);
    if (next === "all" || (next !== undefined && this.#spread(next, this.#facts))) {
      this.#isContradictory = true;
    }
  }

  /** Whether these orders cannot hold together, seen without any choice. */
  follows(orders: readonly PairOrder[]): boolean {
    if (this.#isContradictory) return true;
    const held = new Held(this.#facts);
    return orders.some(([first, second]) => this.#spread(`${first} ${second}`, held));
  }

  /** Adds an order and what follows from it; true when something excluded holds. */
  #spread(order: string, held: Orders): boolean {
    const open = [order];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (held.has(opposite(name))) return true;
      if (held.has(name)) continue;
      held.add(name);
      for (const place of this.#places.get(name) ?? []) {
        const next = this.#look(place, held);
        if (next === "all") return true;
        if (next !== undefined) open.push(next);
      }
    }
    return false;
  }

  /** Of what is excluded: "all" when all of it holds, or the opposite of the only one left. */
  #look(place: number, held: Orders): string | undefined {
    const missing = (this.#excluded[place] as readonly string[]).filter((name) => !held.has(name));
    const [one] = missing;
    if (one === undefined) return "all";
    if (missing.length > 1 || held.has(opposite(one))) return undefined;
    return opposite(one);
  }
}

/** Orders that hold for now, on top of those that hold anyway. */
class Held implements Orders {
  readonly #facts: ReadonlySet<string>;
  readonly #own = new Set<string>();

  constructor(facts: ReadonlySet<string>) {
    this.#facts = facts;
  }

  has(name: string): boolean {
    return this.#own.has(name) || this.#facts.has(name);
  }

  add(name: string): void {
    this.#own.add(name);
  }
}

function opposite(name: string): string {
  return name.split(" ").reverse().join(" ");
}
