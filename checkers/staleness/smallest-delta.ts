/**
 * The smallest Δ of one key (Golab, Li & Shah, PODC 2011, section 4): the least number of
 * nanoseconds by which the invocations of reads have to be moved back for the key to be
 * linearizable. Conflicts of zones only go away when Δ grows, so that it is found by bisection:
 * O(n log n) for each of some forty steps at worst, and one linear pass for a key that is right.
 */
import type { Impossible } from "./clusters.js";
import { proofByConflict } from "./smallest-k.js";
import { withinZones, type Zones } from "./zones.js";

/** What is known of the smallest Δ of a key. */
export type SmallestDelta =
  | { readonly kind: "impossible"; readonly impossible: Impossible }
  | {
      readonly kind: "bounded";
      readonly least: number;
      readonly most: number;
      /** Accesses in an order that real time allows when reads may begin so much earlier. */
      order(): Int32Array;
      /** Accesses that have no order with one nanosecond less, ascending. */
      proof(): readonly number[];
    };

/** `spanNs`: what lies between the first and the last event of the history. */
export function smallestDelta(key: number, zones: Zones, spanNs: number): SmallestDelta {
  const { clusters } = zones;
  const impossible = clusters.impossible[key];
  if (impossible !== undefined) return { kind: "impossible", impossible };
  // Neither can be off by less than a nanosecond.
  let tooLittle = -1;
  let enough = 0;
  let conflict = zones.conflict(key, 0);
  if (conflict !== undefined) {
    tooLittle = 0;
    enough = Math.floor(spanNs) + 1;
  }
  while (enough - tooLittle > 1) {
    const middle = tooLittle + Math.floor((enough - tooLittle) / 2);
    const found = zones.conflict(key, middle);
    if (found === undefined) enough = middle;
    else {
      tooLittle = middle;
      conflict = found;
    }
  }
  const refuting = conflict;
  return {
    kind: "bounded",
    least: enough,
    most: enough,
    order: () => {
      zones.conflict(key, enough);
      return withinZones(clusters, key, zones.order());
    },
    proof: () => (refuting === undefined ? [] : proofByConflict(clusters, refuting)),
  };
}
