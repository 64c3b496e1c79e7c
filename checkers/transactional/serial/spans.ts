/**
 * When versions of registers were there in real time: all who have to do with one span a time from
 * the first completion of them to the last invocation. Of two versions the one whose span ends
 * before the other's last invocation comes first (Gibbons & Korach 1997); where each would, there
 * is no order.
 */
import { NONE, OK } from "../../../src/history/history.js";
import type { ByKey } from "../dependencies.js";
import type { Accesses } from "./accesses.js";

/** The completion of who did not complete. */
const NEVER = 2 ** 31 - 1;

/** The spans of all versions, and versions by key in the order of their first completions. */
export class Spans {
  /** Version → when the first of them completed, and the last was invoked. */
  readonly ends: Int32Array;
  readonly begins: Int32Array;
  /** Versions of each key from its start on; `NONE` after the last. */
  readonly byEnd: Int32Array;
  readonly keyStarts: Int32Array;
  /** Version → its place among these. */
  readonly places: Int32Array;
  /** Two versions of a key that come each before the other, the first that were found. */
  torn: readonly [number, number] | undefined;
  /** Key → of the versions so far, the one with the last invocation. */
  readonly #latest: Int32Array;
  /** Key → where its next version goes. */
  readonly #nexts: Int32Array;

  constructor(accesses: Accesses, { starts }: ByKey) {
    const { kinds, keyCount } = accesses.transactions;
    this.ends = new Int32Array(kinds.length + keyCount).fill(NEVER);
    // The initial versions were there before.
    this.ends.fill(-1, kinds.length);
    this.begins = new Int32Array(kinds.length + keyCount).fill(-1);
    this.keyStarts = starts.map((start, key) => start + key);
    this.byEnd = new Int32Array(kinds.length + keyCount).fill(NONE);
    this.places = new Int32Array(kinds.length + keyCount);
    this.#latest = new Int32Array(keyCount).fill(NONE);
    this.#nexts = this.keyStarts.slice(0, keyCount);
    this.#findEnds(accesses);
    this.#sort(accesses);
  }

  #findEnds({ transactions, sources, isVersion }: Accesses): void {
    const { invocations, completions, outcomes, owners } = transactions;
    const { ends, begins } = this;
    for (let at = 0; at < sources.length; at++) {
      const version = isVersion[at] === 1 ? at : (sources[at] as number);
      if (version === NONE) continue;
      const owner = owners[at] as number;
      const end = outcomes[owner] === OK ? (completions[owner] as number) : NEVER;
      if (end < (ends[version] as number)) ends[version] = end;
      const begin = invocations[owner] as number;
      if (begin > (begins[version] as number)) begins[version] = begin;
    }
  }

  /** By counting: the versions of each event, then those that nobody completed. */
  #sort({ transactions, isVersion }: Accesses): void {
    const { keys, keyCount, history } = transactions;
    const events = history.length;
    const heads = new Int32Array(events + 1).fill(NONE);
    const nexts = new Int32Array(isVersion.length);
    for (let at = 0; at < isVersion.length; at++) {
      if (isVersion[at] === 0) continue;
      const end = Math.min(this.ends[at] as number, events);
      nexts[at] = heads[end] as number;
      heads[end] = at;
    }
    for (let key = 0; key < keyCount; key++) this.#put(key, isVersion.length + key);
    for (let event = 0; event <= events; event++) {
      for (let at = heads[event] as number; at !== NONE; at = nexts[at] as number) {
        this.#put(keys[at] as number, at);
      }
    }
  }

  #put(key: number, version: number): void {
    const { begins, ends } = this;
    const place = this.#nexts[key] as number;
    this.#nexts[key] = place + 1;
    this.byEnd[place] = version;
    this.places[version] = place;
    const other = this.#latest[key] as number;
    if (other === NONE) {
      this.#latest[key] = version;
      return;
    }
    const last = begins[other] as number;
    const begin = begins[version] as number;
    if (last > (ends[version] as number) && begin > (ends[other] as number)) {
      this.torn ??= [other, version];
    }
    if (begin > last) this.#latest[key] = version;
  }
}
