/**
 * Small random histories of sets and logs that only grow, with elements that are added once: what
 * is shown is near to what could be.
 */
import type { NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Dice } from "./random-history.js";

/** How histories look. */
export interface CollectionShape {
  readonly isOrdered: boolean;
  readonly keys: readonly (string | undefined)[];
  readonly operationsMax: number;
  /** One in so many operations is like that; 0 for none. */
  readonly odd: {
    /** Ends without an answer, or with one that says nothing. */
    readonly indeterminate: number;
    readonly failed: number;
    /** Shows what nobody added, or something twice. */
    readonly wrong: number;
  };
}

interface Planned {
  readonly process: number;
  readonly key: string | undefined;
  /** What it adds; undefined for one that looks. */
  readonly adds: string | undefined;
  readonly outcome: "ok" | "fail" | "info" | "open";
}

/**
 * The events of a few operations, which end before the next one begins. Reads show anything, or
 * what a replica of their process has come to, which hears of additions late and in any order.
 */
export function randomCollections(dice: Dice, shape: CollectionShape): NewEvent[] {
  const { operationsMax, odd, keys } = shape;
  const count = operationsMax - dice(dice(2) === 0 ? 2 : operationsMax - 1);
  const processes = 2 + dice(3);
  const planned: Planned[] = [];
  const open = new Set<number>();
  for (let number = 0; number < count; number++) {
    const process = dice(processes);
    if (open.has(process)) continue;
    const outcome = outcomeOf(dice, odd);
    if (outcome === "open") open.add(process);
    const key = keys[dice(keys.length)];
    const isRead = dice(6) < (2 * number < count ? 2 : 5);
    planned.push({ process, key, adds: isRead ? undefined : `${"abcdefghij"[number]}`, outcome });
  }
  const replicas = dice(4) > 0 ? new Map<string, string[]>() : undefined;
  return planned.flatMap((call, at) => eventsOf(dice, { shape, planned, call, at, replicas }));
}

function outcomeOf(dice: Dice, odd: CollectionShape["odd"]): Planned["outcome"] {
  if (odd.failed > 0 && dice(odd.failed) === 0) return "fail";
  if (odd.indeterminate === 0 || dice(odd.indeterminate) > 0) return "ok";
  return dice(3) === 0 ? "open" : "info";
}

function eventsOf(
  dice: Dice,
  about: {
    readonly shape: CollectionShape;
    readonly planned: readonly Planned[];
    readonly call: Planned;
    readonly at: number;
    readonly replicas: Map<string, string[]> | undefined;
  },
): NewEvent[] {
  const { shape, planned, call, at, replicas } = about;
  const { process, key, adds, outcome } = call;
  const there = planned.flatMap((each, place) => {
    if (each.adds === undefined || each.key !== key || each.outcome === "fail") return [];
    // Most of what is shown was added before.
    return place < at || dice(40) === 0 ? [each.adds] : [];
  });
  const replica = heardOf(dice, replicas, { call, there });
  const looksFor = !shape.isOrdered && adds === undefined && dice(3) === 0;
  const sought = there[dice(there.length || 1)] ?? "z";
  const f =
    adds === undefined ? (looksFor ? "contains" : "read") : shape.isOrdered ? "append" : "add";
  const input: Value = adds ?? (looksFor ? sought : null);
  const base = { timeNs: 2 * at, process, f, ...(key === undefined ? {} : { key }) };
  const events: NewEvent[] = [{ ...base, type: "invoke", value: input }];
  if (outcome === "open") return events;
  if (outcome !== "ok") return [...events, { ...base, type: outcome, value: input }];
  let output: Value = input;
  if (looksFor) output = replica?.includes(sought) ?? dice(2) === 0;
  else if (adds === undefined) output = shownOf(dice, { there, replica, shape });
  else if (!shape.isOrdered && dice(4) === 0) {
    output = shape.odd.wrong === 0 || dice(2 * shape.odd.wrong) > 0;
  }
  return [...events, { ...base, type: "ok", value: output }];
}

/** What the replica of a process has come to, when it has heard of some more. */
function heardOf(
  dice: Dice,
  replicas: Map<string, string[]> | undefined,
  { call, there }: { readonly call: Planned; readonly there: readonly string[] },
): string[] | undefined {
  if (replicas === undefined) return undefined;
  const name = `${call.process} ${call.key ?? ""}`;
  const replica = replicas.get(name) ?? [];
  replicas.set(name, replica);
  for (const element of there) {
    if (dice(3) > 0 || replica.includes(element)) continue;
    // Mostly at the end.
    replica.splice(dice(4) === 0 ? dice(replica.length + 1) : replica.length, 0, element);
  }
  const { adds } = call;
  if (adds !== undefined && call.outcome !== "fail" && dice(8) > 0) replica.push(adds);
  return replica;
}

function shownOf(
  dice: Dice,
  about: {
    readonly there: readonly string[];
    readonly replica: readonly string[] | undefined;
    readonly shape: CollectionShape;
  },
): string[] {
  const { odd } = about.shape;
  const shown = about.replica?.slice() ?? about.there.filter(() => dice(3) > 0);
  if (dice(about.replica === undefined ? 2 : 40) === 0) shown.sort(() => dice(3) - 1);
  if (odd.wrong > 0 && dice(odd.wrong) === 0) shown.push(dice(2) === 0 ? "q" : (shown[0] ?? "q"));
  return shown;
}
