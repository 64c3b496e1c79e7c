/**
 * Small random histories of a database that promises read committed and no more: transactions take
 * turns, each reads what is committed at that moment and what it wrote itself, and a commit writes
 * over whatever others committed since. So updates are lost, reads do not repeat, and half of a
 * transaction is seen.
 */
import type { Random } from "../../src/random.js";
import type { SmallMicro, SmallTransaction } from "./isolation.js";
import type { RegisterTransaction } from "./register-isolation.js";

const KEYS = ["x", "y"];
const PROCESSES = [0, 1, 2];

/** A write or a read, with the versions that it saw. */
interface Step {
  readonly f: "w" | "r";
  readonly key: string;
  readonly value: number;
  readonly seen: readonly number[];
}

interface Made {
  readonly process: number;
  readonly begin: number;
  readonly end: number;
  readonly steps: readonly Step[];
}

/** Four or five transactions on lists. */
export function randomCommittedLists(random: Random): readonly SmallTransaction[] {
  return made(random).map(({ steps, process, begin, end }) => ({
    process,
    begin,
    end,
    outcome: "ok",
    micro: steps.map(({ f, key, value, seen }): SmallMicro => {
      return f === "w" ? { f: "append", key, value } : { f, key, value: seen };
    }),
  }));
}

/** The same on registers. */
export function randomCommittedRegisters(random: Random): readonly RegisterTransaction[] {
  return made(random).map(({ steps, process, begin, end }) => ({
    process,
    begin,
    end,
    outcome: "ok",
    micro: steps.map(({ f, key, value, seen }) => {
      return f === "w" ? { f, key, value } : { f, key, value: seen.at(-1) ?? null };
    }),
  }));
}

function made(random: Random): readonly Made[] {
  const committed = new Map<string, readonly number[]>();
  const running = new Map<number, { readonly begin: number; readonly steps: Step[] }>();
  const done: Made[] = [];
  const count = 4 + random.below(2);
  let now = 0;
  let value = 0;
  for (let begun = 0; done.length < count; now++) {
    const process = random.pick(begun < count ? PROCESSES : [...running.keys()]);
    const open = running.get(process);
    if (open === undefined) {
      running.set(process, { begin: now, steps: [] });
      begun++;
      continue;
    }
    const own = open.steps.filter(({ f }) => f === "w");
    if (open.steps.length < 2 || random.chance(0.4)) {
      const key = random.pick(KEYS);
      const mine = own.filter((step) => step.key === key).map((step) => step.value);
      const seen = [...(committed.get(key) ?? []), ...mine];
      open.steps.push({ f: random.chance(0.5) ? "w" : "r", key, value: ++value, seen });
      continue;
    }
    for (const { key, value: written } of own) {
      committed.set(key, [...(committed.get(key) ?? []), written]);
    }
    running.delete(process);
    done.push({ process, begin: open.begin, end: now, steps: open.steps });
  }
  return done;
}
