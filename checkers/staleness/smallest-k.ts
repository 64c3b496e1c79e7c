/**
 * The smallest k of one key: 1 by zones, 2 by limited backtracking, both exactly; beyond that
 * bounds, and a search that narrows them as far as it gets.
 */
import { NONE } from "../../src/history/history.js";
import type { Meter } from "../linearizable/meter.js";
import { easyOrder, mostBehind, writesBetween } from "./bounds.js";
import type { Clusters, Impossible } from "./clusters.js";
import { groupOfKey, subgroup, type Group } from "./group.js";
import { searchOrder } from "./order-search.js";
import { withinZones, type Conflict, type Zones } from "./zones.js";

/** What is known of the smallest k of a key. */
export type SmallestK =
  | { readonly kind: "impossible"; readonly impossible: Impossible }
  | {
      readonly kind: "bounded";
      /** The smallest k is from here … */
      readonly least: number;
      /** … to here, by `order`. */
      readonly most: number;
      /** Accesses in an order in which no read is more than `most` - 1 writes behind. */
      order(): Int32Array;
      /** Accesses that have no order with `least` - 1, ascending; `least` is more than 1. */
      proof(): readonly number[];
    };

/** Steps of searches for k of 3 and more. */
export interface Allowance {
  stepsLeft: number;
}

/** For all keys together. */
export const STEPS_MAX: number = 1 << 21;
/** For one search in one key. */
const STEPS_OF_SEARCH_MAX = 1 << 17;

/** @throws LimitReached */
export function smallestK(
  key: number,
  context: { readonly zones: Zones; readonly allowance: Allowance; readonly meter: Meter },
): SmallestK {
  const { zones, meter } = context;
  const { clusters } = zones;
  const impossible = clusters.impossible[key];
  if (impossible !== undefined) return { kind: "impossible", impossible };
  const conflict = zones.conflict(key, 0);
  if (conflict === undefined) {
    // Zones are those of the key that was asked about last.
    const order = (): Int32Array => {
      zones.conflict(key, 0);
      return withinZones(clusters, key, zones.order());
    };
    return { kind: "bounded", least: 1, most: 1, order, proof: () => assertNever() };
  }
  const group = groupOfKey(clusters, key);
  const answer = searchOrder(group, { k: 2, stepsMax: Infinity, meter });
  if (answer.kind === "order") {
    const proof = (): readonly number[] => proofByConflict(clusters, conflict);
    return { kind: "bounded", least: 2, most: 2, order: () => answer.accesses, proof };
  }
  const writes = answer.kind === "none" ? answer.writes : [];
  return threeOrMore(group, writes, { clusters, key, ...context });
}

function assertNever(): never {
  throw new Error("every key has k of 1 or more");
}

interface Context {
  readonly clusters: Clusters;
  readonly key: number;
  readonly allowance: Allowance;
  readonly meter: Meter;
}

/** `refuting`: writes that have no order with k = 2. */
function threeOrMore(group: Group, refuting: readonly number[], context: Context): SmallestK {
  const { clusters, key, allowance, meter } = context;
  meter.spend(group.reads.length * 8);
  const behind = mostBehind(group);
  let least = 3;
  let proof = (): readonly number[] =>
    proofBySearch(groupOfKey(clusters, key), refuting, { k: 2, ...context });
  if (behind !== undefined && behind.count >= 2) {
    least = behind.count + 1;
    proof = () => proofByCount(groupOfKey(clusters, key), behind.read, { k: least, ...context });
  }
  let placing = easyOrder(group);
  let k = least;
  while (k < placing.k && allowance.stepsLeft > 0) {
    const stepsMax = Math.min(STEPS_OF_SEARCH_MAX, allowance.stepsLeft);
    const before = meter.work;
    const answer = searchOrder(group, { k, stepsMax, meter });
    allowance.stepsLeft -= Math.min(stepsMax, meter.work - before);
    if (answer.kind === "order") placing = { k, accesses: answer.accesses };
    else if (answer.kind === "none") {
      const { writes } = answer;
      const refuted = k;
      least = k + 1;
      proof = () => proofBySearch(groupOfKey(clusters, key), writes, { k: refuted, ...context });
    }
    // Undecided once is undecided nearby: larger k only lower the upper bound.
    k = answer.kind === "none" ? k + 1 : k + Math.ceil((placing.k - k) / 2);
  }
  const { accesses, k: most } = placing;
  return { kind: "bounded", least, most, order: () => accesses, proof };
}

/** Two clusters of which neither can come first. */
export function proofByConflict(clusters: Clusters, { one, other }: Conflict): readonly number[] {
  const { writes, firstEnding, lastReads } = clusters;
  const accesses = [one, other].flatMap((cluster) => [
    writes[cluster] as number,
    firstEnding[cluster] as number,
    lastReads[cluster] as number,
  ]);
  return ascending(accesses);
}

function proofByCount(
  group: Group,
  read: number,
  { k, clusters }: Context & { readonly k: number },
): readonly number[] {
  const between = writesBetween(group, read, k - 1);
  const seen = group.readWrites[read] as number;
  const accesses = [seen, ...between].flatMap((write) => {
    const access = group.writes[write] as number;
    const cluster = access === NONE ? NONE : (clusters.clusterOf[access] as number);
    return [access, cluster === NONE ? NONE : (clusters.firstEnding[cluster] as number)];
  });
  return ascending([...accesses, group.reads[read] as number]);
}

/** Clusters and reads are left out one by one, where these are few. */
function proofBySearch(
  group: Group,
  refuting: readonly number[],
  { k, clusters, meter }: Context & { readonly k: number },
): readonly number[] {
  const { completions } = clusters.accesses;
  const refutes = (tried: Group): boolean =>
    searchOrder(tried, { k, stepsMax: STEPS_OF_SEARCH_MAX, meter }).kind === "none";
  const chosen = new Set(refuting);
  const every = (): boolean => true;
  const few = subgroup(group, { write: (write) => chosen.has(write), read: every }, completions);
  let kept = chosen.size > 0 && refutes(few) ? few : group;
  const leaveOut = (count: () => number, without: (left: number) => Group): void => {
    if (count() > SHRUNK_MAX) return;
    for (let left = count() - 1; left >= 0; left--) {
      const tried = without(left);
      if (refutes(tried)) kept = tried;
      // What goes with it may make others needless, or take several away.
      left = Math.min(left, count());
    }
  };
  leaveOut(
    () => kept.starts.length,
    (left) => subgroup(kept, { write: (write) => write !== left, read: every }, completions),
  );
  leaveOut(
    () => kept.reads.length,
    (left) => subgroup(kept, { write: every, read: (read) => read !== left }, completions),
  );
  return ascending([...kept.writes, ...kept.reads]);
}

/** Of more than this, nothing is left out. */
const SHRUNK_MAX = 200;

function ascending(accesses: readonly number[]): number[] {
  return [...new Set(accesses)].filter((access) => access !== NONE).toSorted((a, b) => a - b);
}
