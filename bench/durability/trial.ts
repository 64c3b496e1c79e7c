/**
 * One store on trial: workers save, delete and load states, the store is crashed again and again,
 * and after each recovery every state is loaded. What every worker was told goes into a history,
 * which the checker of durability judges: every acknowledged save is there, nothing deleted comes
 * back, nothing shows that was not saved yet.
 */
import { durability } from "../../checkers/durability.js";
import { createBudget } from "../../src/checker/checker.js";
import { historyOf, type NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Random } from "../../src/random.js";
import { isStateError, StateError } from "../../src/state/state-error.js";
import type { StatePersistence } from "../../src/state/persistence.js";
import type { Verdict } from "../../src/verdict/verdict.js";

/** How many workers there are, each with two keys of its own. */
const WORKERS = 8;
const KEYS_EACH = 2;

/** One thing that a worker did or was told. */
export type Step =
  | readonly [type: "invoke", worker: number, f: string, key: string, value: Value]
  | readonly [type: "ok" | "fail" | "info", worker: number, value: Value];

/** What came of a trial. */
export interface TrialResult {
  readonly crashes: number;
  /** Saves and deletions that were acknowledged. */
  readonly acknowledged: number;
  /** Loads after a recovery. */
  readonly loads: number;
  /** Openings that were refused with `corrupt`: nothing was lost in silence, but all was lost. */
  readonly refused: number;
  readonly verdict: Verdict;
}

/** Collects steps into a history. */
export class Trial {
  readonly #events: NewEvent[] = [];
  readonly #open = new Map<number, { readonly f: string; readonly key: string }>();
  #crashes = 0;
  #acknowledged = 0;
  #loads = 0;
  #refused = 0;

  get acknowledged(): number {
    return this.#acknowledged;
  }

  note(step: Step): void {
    const timeNs = this.#events.length;
    // Whoever was in the middle of something when the store crashed is never heard of again.
    const process = this.#crashes * WORKERS + step[1];
    if (step[0] === "invoke") {
      const [type, worker, f, key, value] = step;
      this.#open.set(worker, { f, key });
      this.#events.push({ timeNs, type, process, f, key, value });
      return;
    }
    const [type, worker, value] = step;
    const { f, key } = this.#open.get(worker) as { f: string; key: string };
    if (type === "ok" && f === "get") this.#loads++;
    else if (type === "ok") this.#acknowledged++;
    this.#events.push({ timeNs, type, process, f, key, value });
  }

  crashed(kind: "kill" | "power-loss"): void {
    for (const type of ["info", "info"] as const) {
      const timeNs = this.#events.length;
      this.#events.push({ timeNs, type, process: "nemesis", f: `start-${kind}`, value: null });
    }
    this.#open.clear();
    this.#crashes++;
  }

  refused(): void {
    this.#refused++;
  }

  async judge(): Promise<TrialResult> {
    const budget = createBudget({ timeMs: 600_000 });
    const verdict = await durability().check(historyOf(this.#events), budget);
    return {
      crashes: this.#crashes,
      acknowledged: this.#acknowledged,
      loads: this.#loads,
      refused: this.#refused,
      verdict,
    };
  }
}

/**
 * Loads every state, and then works until it is told to stop; a worker that did not get through
 * stops by itself.
 */
export async function useStore(
  store: StatePersistence,
  {
    random,
    tell,
    goesOn,
  }: {
    readonly random: Random;
    readonly tell: (step: Step) => void;
    readonly goesOn: () => boolean;
  },
): Promise<void> {
  const workers = Array.from({ length: WORKERS }, (_, worker) => worker);
  await Promise.all(
    workers.map(async (worker) => {
      const own = random.fork(`worker ${worker}`);
      const keys = Array.from({ length: KEYS_EACH }, (_, place) => `k${worker}-${place}`);
      const there = new Set<string>();
      const call = (f: string, key: string, value: Value): Promise<Value | undefined> =>
        invoke(store, { worker, f, key, value }, tell);
      for (const key of keys) {
        const found = await call("get", key, null);
        if (found === undefined) return;
        if (found !== null) there.add(key);
      }
      while (goesOn()) {
        const key = own.pick(keys);
        const deletes = own.chance(0.2) && there.has(key);
        const done = await call(deletes ? "delete" : "put", key, deletes ? null : fresh(own));
        if (done === undefined) return;
        if (deletes) there.delete(key);
        else there.add(key);
      }
    }),
  );
}

/** A value that was never saved before, as good as certainly. */
function fresh(random: Random): number {
  return random.below(2 ** 20) * 2 ** 32 + random.below(2 ** 32);
}

/** Undefined when it did not get through. */
async function invoke(
  store: StatePersistence,
  call: {
    readonly worker: number;
    readonly f: string;
    readonly key: string;
    readonly value: Value;
  },
  tell: (step: Step) => void,
): Promise<Value | undefined> {
  const { worker, f, key, value } = call;
  tell(["invoke", worker, f, key, value]);
  try {
    const found = await perform(store, call);
    tell(["ok", worker, found]);
    return found;
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    tell([error.code === "indeterminate" ? "info" : "fail", worker, value]);
    return undefined;
  }
}

async function perform(
  store: StatePersistence,
  { f, key, value }: { readonly f: string; readonly key: string; readonly value: Value },
): Promise<Value> {
  if (f === "put") await store.saveState(key, value);
  else if (f === "delete") await store.deleteState(key);
  else {
    try {
      return (await store.loadState(key)).value;
    } catch (error) {
      if (isStateError(error, "not-found")) return null;
      throw error;
    }
  }
  return value;
}
