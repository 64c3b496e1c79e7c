/**
 * The evidence against a weak level: every step of a cycle with the micro-operations that say so,
 * and for what a read forces how its transaction sees the other one.
 */
import { NONE } from "../../../src/history/history.js";
import type { Value } from "../../../src/history/value.js";
import type { DependencyEdge, Visibility } from "../../../src/verdict/isolation-certificate.js";
import { READ } from "../layout.js";
import { BY_ORDER, BY_VERSIONS, reasonOfRead, type Known } from "./commit-graph.js";
import type { WeakPhenomenon } from "./explain.js";
import { BY_CAUSE, type Forced, type Missed } from "./forced.js";
import type { Step } from "./short-cycle.js";

/** So many reads of initial values are compared. */
const COMPARED_MAX = 8;

/** Why one appended to a list after another. */
export type Overwrite = (from: number, to: number) => DependencyEdge;

/** Names transactions as certificates do. */
export class Evidence {
  readonly #known: Known;
  readonly #overwrite: Overwrite | undefined;

  constructor(known: Known, overwrite?: Overwrite) {
    this.#known = known;
    this.#overwrite = overwrite;
  }

  get #time(): "process" | "realtime" {
    return this.#known.moments === undefined ? "process" : "realtime";
  }

  cycle(steps: readonly Step[], forced: Forced | undefined): readonly DependencyEdge[] {
    return joined(fromChange(steps)).map((step) => this.#edge(step, forced));
  }

  /** Of several the one that is seen most directly. */
  missed(several: readonly Missed[]): WeakPhenomenon {
    const { invocations } = this.#known.transactions;
    let best: (WeakPhenomenon & { readonly name: "missed-write" }) | undefined;
    for (const each of several.slice(0, COMPARED_MAX)) {
      const visibility = this.#visibility(each);
      if (best !== undefined && best.path.length <= visibility.path.length) continue;
      const writer = invocations[each.writer] as number;
      best = { name: "missed-write", writer, ...visibility };
    }
    if (best === undefined) throw new Error("nothing was missed");
    return best;
  }

  #edge({ from, to, reason }: Step, forced: Forced | undefined): DependencyEdge {
    const { invocations, values, valueAt } = this.#known.transactions;
    const ends = { from: invocations[from] as number, to: invocations[to] as number };
    if (reason === BY_ORDER) return { ...ends, by: this.#time };
    if (reason === BY_VERSIONS) {
      if (this.#overwrite === undefined) throw new Error("no lists have an order");
      return this.#overwrite(from, to);
    }
    if (reason < BY_ORDER) return { ...ends, by: "wr", ...this.#read(-2 - reason) };
    const { reads, seen } = forced as Forced;
    const read = reads[reason] as number;
    return {
      ...ends,
      by: "visible",
      read: valueAt(values[read] as number),
      ...this.#visibility({ writer: from, read, seen: seen[reason] as number }),
    };
  }

  /** What was read, of a list its last element: what the writer wrote. */
  #read(at: number): { readonly key: Value; readonly value: Value } {
    const { keys, values, keyAt, valueAt } = this.#known.transactions;
    const source = this.#known.sources[at] as number;
    return { key: keyAt(keys[at] as number), value: valueAt(values[source] as number) };
  }

  #visibility({ writer, read, seen }: Missed): Visibility {
    const { owners, keys, invocations, keyAt } = this.#known.transactions;
    const reader = owners[read] as number;
    const key = keys[read] as number;
    return {
      key: keyAt(key),
      written: this.#written(writer, key),
      reader: invocations[reader] as number,
      path: this.#path(writer, reader, seen),
    };
  }

  /** What a transaction left in a key. */
  #written(writer: number, key: number): Value {
    const { starts, keys, kinds, values, valueAt } = this.#known.transactions;
    const first = starts[writer] as number;
    let at = (starts[writer + 1] as number) - 1;
    while (at > first && (keys[at] !== key || kinds[at] === READ)) at--;
    return valueAt(values[at] as number);
  }

  /** How the reader sees the writer. */
  #path(writer: number, reader: number, seen: number): readonly DependencyEdge[] {
    const { invocations } = this.#known.transactions;
    const ends = { from: invocations[writer] as number, to: invocations[reader] as number };
    if (seen >= 0) return [{ ...ends, by: "wr", ...this.#read(seen) }];
    if (seen !== BY_CAUSE) return [{ ...ends, by: this.#time }];
    return joined(this.#causes(writer, reader)).map((step) => this.#edge(step, undefined));
  }

  /** A shortest way from the one to the other by sessions and reads, found backwards. */
  #causes(first: number, last: number): readonly Step[] {
    const { transactions, sources, sessions, moments } = this.#known;
    const { starts, owners, count, completions, invocations } = transactions;
    /** Transaction → who comes after it on the way, and why; valid where that is known. */
    const nexts = new Int32Array(count).fill(NONE);
    const reasons = new Int32Array(count);
    const queue = [last];
    const reach = (from: number, to: number, reason: number): void => {
      if (from === NONE || from === last || nexts[from] !== NONE) return;
      nexts[from] = to;
      reasons[from] = reason;
      queue.push(from);
    };
    // Of those that ended, those before this place were reached by some that began later.
    let ended = 0;
    for (let place = 0; nexts[first] === NONE; place++) {
      const at = queue[place];
      if (at === undefined) throw new Error("what precedes causally has no path");
      for (let read = starts[at] as number; read < (starts[at + 1] as number); read++) {
        const source = sources[read] as number;
        if (source >= 0) reach(owners[source] as number, at, reasonOfRead(read));
      }
      if (moments === undefined) {
        reach(sessions.before[at] as number, at, BY_ORDER);
        continue;
      }
      const begin = invocations[at] as number;
      for (; ended < moments.ended.length; ended++) {
        const earlier = moments.ended[ended] as number;
        if ((completions[earlier] as number) > begin) break;
        reach(earlier, at, BY_ORDER);
      }
    }
    const steps: Step[] = [];
    for (let at = first; at !== last;) {
      const to = nexts[at] as number;
      steps.push({ from: at, to, reason: reasons[at] as number });
      at = to;
    }
    return steps;
  }
}

/** Steps of a session one after the other as one. */
function joined(steps: readonly Step[]): readonly Step[] {
  const short: Step[] = [];
  for (const step of steps) {
    const last = short.at(-1);
    if (step.reason === BY_ORDER && last?.reason === BY_ORDER) {
      short[short.length - 1] = { ...last, to: step.to };
    } else {
      short.push(step);
    }
  }
  return short;
}

/** A cycle turned so that it does not begin amid steps of a session. */
function fromChange(cycle: readonly Step[]): readonly Step[] {
  const begin = cycle.findIndex(({ reason }) => reason !== BY_ORDER);
  return [...cycle.slice(begin), ...cycle.slice(0, begin)];
}
