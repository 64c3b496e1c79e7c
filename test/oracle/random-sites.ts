/**
 * Small random histories of transactions at two sites that hear of each other's commits later:
 * mostly what parallel snapshot isolation allows, and often what snapshot isolation does not, such
 * as long forks; now and then a read is of an older state, or a conflict is not noticed.
 */
import type { Random } from "../../src/random.js";
import type { SmallMicro, SmallTransaction } from "./isolation.js";
import type { RegisterTransaction } from "./register-isolation.js";

type Store = ReadonlyMap<string, readonly number[]>;

interface Made extends Omit<RegisterTransaction, "micro"> {
  readonly micro: readonly {
    readonly f: "w" | "r";
    readonly key: string;
    readonly value: number;
    /** What is there of the key, of the versions that are seen; undefined when not known. */
    readonly seen: readonly number[] | undefined;
  }[];
}

const KEYS = ["x", "y", "z"];

/** Three to five transactions on registers. */
export function randomSites(random: Random): readonly RegisterTransaction[] {
  return made(random).map(({ micro, process, outcome, begin, end }) => ({
    process,
    outcome,
    begin,
    end,
    micro: micro.map(({ f, key, value, seen }) => {
      if (f === "w") return { f, key, value };
      return { f, key, value: seen === undefined ? undefined : (seen.at(-1) ?? null) };
    }),
  }));
}

/** The same on lists. */
export function randomListSites(random: Random): readonly SmallTransaction[] {
  return made(random).map(({ micro, process, outcome, begin, end }) => ({
    process,
    outcome,
    begin,
    end,
    micro: micro.map(({ f, key, value, seen }): SmallMicro =>
      f === "w" ? { f: "append", key, value } : { f, key, value: seen },
    ),
  }));
}

function made(random: Random): readonly Made[] {
  const sites: [Store, Store] = [new Map(), new Map()];
  const busy = new Map<number, number>();
  const strange = random.chance(0.4) ? 0.3 : 0;
  const overlap = random.chance(0.5) ? 20 : 3;
  const plan = random.chance(0.6) ? forked(random) : [];
  let values = 0;
  return Array.from({ length: Math.max(plan.length, 3 + random.below(3)) }, (_, number): Made => {
    const step = plan[number];
    const process = step === undefined ? random.below(6) : step.site + 2 * random.below(3);
    const site = process % 2;
    if (step === undefined && random.chance(0.25))
      sites[site] = merged(sites[site] as Store, sites[1 - site] as Store);
    const whole = merged(...sites);
    const own = sites[site] as Store;
    const seen = new Map<string, readonly number[]>();
    const outcome = random.chance(0.9) ? "ok" : random.chance(0.7) ? "info" : "fail";
    const after = new Map(own);
    const onlyReads = step === undefined ? random.chance(0.45) : step.reads;
    const isBlind = step !== undefined && random.chance(0.15);
    const length = step?.reads === true ? 2 + random.below(3) : 1 + random.below(4);
    const micro = Array.from({ length }, (__, place) => {
      const mine = site === 0 ? "x" : "y";
      const key =
        step?.reads === true && place < 2
          ? (KEYS[place] as string)
          : !onlyReads && random.chance(0.6)
            ? mine
            : random.pick(KEYS);
      if (!seen.has(key)) {
        const all = whole.get(key) ?? [];
        const any = all.slice(0, random.below(all.length + 1));
        seen.set(key, random.chance(strange) ? any : (own.get(key) ?? []));
      }
      const known = seen.get(key) ?? [];
      const isFree = (own.get(key) ?? []).length === (whole.get(key) ?? []).length;
      const isWrite =
        !onlyReads && random.chance(0.7) && (isFree || isBlind || random.chance(strange));
      if (!isWrite) {
        return { f: "r" as const, key, value: 0, seen: outcome === "ok" ? known : undefined };
      }
      const value = ++values;
      seen.set(key, [...known, value]);
      after.set(key, [...(after.get(key) ?? []), value]);
      return { f: "w" as const, key, value, seen: undefined };
    });
    if (outcome === "ok" || (outcome === "info" && random.chance(0.6))) sites[site] = after;
    const earliest = 4 * number - (random.chance(0.6) ? overlap * random.float() : 0);
    const begin = Math.max(busy.get(process) ?? -20, earliest) + 0.001;
    const returned = Math.max(begin, 4 * number + 3 * random.float()) + 0.01;
    busy.set(process, outcome === "ok" ? returned + 0.1 : begin + 0.2);
    return { process, outcome, begin, end: outcome === "ok" ? returned : Infinity, micro };
  });
}

/** Writers at both sites, and readers there, before the sites hear of each other. */
function forked(random: Random): readonly { readonly site: number; readonly reads: boolean }[] {
  const writers = [0, 1].map((site) => ({ site, reads: false }));
  const readers = [0, 1].map((site) => ({ site, reads: true }));
  const also = { site: random.below(2), reads: random.chance(0.5) };
  return [...writers, ...(random.chance(0.3) ? [also] : []), ...readers];
}

/** Of each key whichever of the two has more of it. */
function merged(one: Store, other: Store): Store {
  const all = new Map(one);
  for (const [key, list] of other) {
    if (list.length > (all.get(key)?.length ?? 0)) all.set(key, list);
  }
  return all;
}
