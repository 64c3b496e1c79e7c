/**
 * Random programs on a store of states, each beside a plain map that does what the port says. One
 * call after the other, so that every answer is determined but for the numbers of the versions.
 */
import { canonical, type Value } from "../history/value.js";
import { createRandom, type Random } from "../random.js";
import type { ChangeOptions, StateChange, StatePersistence } from "../state/persistence.js";
import { StateError } from "../state/state-error.js";
import { mustHold } from "./contract.js";

const STEP_COUNT = 60;
const KEYS: readonly string[] = ["a", "b", "c", "ca"];

/** What the map knows of a key that is there. */
interface Known {
  readonly value: Value;
  readonly version: number;
}

/** Runs that many programs, each on an empty store. */
export async function agreesWithPlainMap(
  open: () => Promise<StatePersistence>,
  seedCount: number,
): Promise<void> {
  for (let seed = 0; seed < seedCount; seed++) {
    const store = await open();
    try {
      await runProgram(store, createRandom(seed).fork("program"));
    } finally {
      await store.close();
    }
  }
}

async function runProgram(store: StatePersistence, random: Random): Promise<void> {
  const program = new Program(store, random);
  for (let step = 0; step < STEP_COUNT; step++) await program.step();
}

class Program {
  readonly #store: StatePersistence;
  readonly #random: Random;
  readonly #known = new Map<string, Known>();
  /** Versions that were, for conditions that fail. */
  readonly #past: number[] = [];
  readonly #script: string[] = [];

  constructor(store: StatePersistence, random: Random) {
    this.#store = store;
    this.#random = random;
  }

  async step(): Promise<void> {
    const kind = this.#random.pick(["save", "save", "load", "delete", "batch", "list"] as const);
    if (kind === "load") await this.#load(this.#random.pick(KEYS));
    else if (kind === "list") await this.#list();
    else if (kind === "batch") {
      const keys = this.#random.shuffle(KEYS).slice(0, this.#random.below(KEYS.length + 1));
      await this.#change(keys.map((key) => this.#draw(key)));
    } else await this.#change([this.#draw(this.#random.pick(KEYS), kind)], true);
  }

  #draw(key: string, kind: "save" | "delete" = this.#random.pick(["save", "delete"])): StateChange {
    const expected = this.#expected(key);
    if (kind === "delete") return { kind, key, ...expected };
    return { kind, key, value: this.#random.below(1000), ...expected };
  }

  /** None, the right one, none at all, or one that was. */
  #expected(key: string): ChangeOptions {
    const right = this.#known.get(key)?.version ?? 0;
    if (this.#random.chance(0.5)) return {};
    if (this.#random.chance(0.6)) return { expected: right };
    return { expected: this.#past.length === 0 ? 0 : this.#random.pick([0, ...this.#past]) };
  }

  async #change(changes: readonly StateChange[], alone = false): Promise<void> {
    const [only] = changes;
    const wanted = this.#outcome(changes);
    const call = async (): Promise<readonly number[]> => {
      if (!alone || only === undefined) return this.#store.batch(changes);
      const { key } = only;
      const options = only.expected === undefined ? {} : { expected: only.expected };
      if (only.kind === "save") return [await this.#store.saveState(key, only.value, options)];
      await this.#store.deleteState(key, options);
      return [0];
    };
    const got = await this.#told(`${alone ? "" : "batch "}${canonical(changes)}`, call);
    this.#agree(typeof got === "string" ? got : "ok", wanted);
    if (typeof got === "string") return;
    for (const [place, change] of changes.entries()) {
      const before = this.#known.get(change.key);
      if (before !== undefined) this.#past.push(before.version);
      if (change.kind === "delete") this.#known.delete(change.key);
      else this.#known.set(change.key, { value: change.value, version: got[place] as number });
    }
  }

  #outcome(changes: readonly StateChange[]): string {
    for (const { kind, key, expected } of changes) {
      const version = this.#known.get(key)?.version ?? 0;
      if (expected !== undefined && expected !== version) return "conflict";
      if (kind === "delete" && version === 0) return "not-found";
    }
    return "ok";
  }

  async #load(key: string): Promise<void> {
    const got = await this.#told(`load ${key}`, () => this.#store.loadState(key));
    const known = this.#known.get(key);
    this.#agree(shown(got), known === undefined ? "not-found" : shown(known));
  }

  async #list(): Promise<void> {
    const prefix = this.#random.pick(["", "c", "x"]);
    const got = await this.#told(`list ${prefix}`, () => this.#store.listStates({ prefix }));
    const wanted = [...this.#known]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, { version }]) => ({ key, version }))
      .toSorted((a, b) => (a.key < b.key ? -1 : 1));
    this.#agree(shown(got), shown(wanted));
  }

  async #told<T>(what: string, call: () => Promise<T>): Promise<T | string> {
    this.#script.push(what);
    try {
      return await call();
    } catch (error) {
      if (error instanceof StateError) return error.code;
      throw error;
    }
  }

  #agree(got: string, wanted: string): void {
    mustHold(got === wanted, `${this.#script.join("; ")}: must be ${wanted}, and is ${got}`);
  }
}

function shown(answer: unknown): string {
  return typeof answer === "string" ? answer : canonical(answer as Value);
}
