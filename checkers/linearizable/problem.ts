/**
 * A search problem as columns: which completed operations must be explained (`required`) and which
 * others may have happened (`optional`), with everything about real time worked out beforehand.
 *
 * The search sweeps over *levels*, one per return of a required operation, in the order of the
 * history's events (time stamps may tie, events do not). Required operations are numbered by their
 * return, so that operation `n` is the one that returns at level `n`. An operation is open at a
 * level when it was invoked before that return and has not returned at an earlier level.
 */
import type { History } from "../../src/history/history.js";
import type { Kinds } from "./kinds.js";
import type { Meter } from "./meter.js";

/** Optional operations that nobody can tell apart but by when they begin. */
export interface Group {
  readonly kind: number;
  /** Where its members stand in `members`; they are sorted by their beginning. */
  readonly start: number;
  readonly size: number;
}

/** What the search works on. */
export interface Problem {
  /** How many required operations, and levels. */
  readonly levels: number;
  /** By required operation: index of its invocation; its kind; its bit in the configurations. */
  readonly invocations: Int32Array;
  readonly kinds: Int32Array;
  readonly slots: Int32Array;
  readonly slotCount: number;
  /**
   * Level `n` has open the operations `open[openStart[n]]` up to `open[openStart[n + 1]]`, by their
   * return.
   */
  readonly openStart: Int32Array;
  readonly open: Int32Array;
  /**
   * For each place in `open` the place of the operation of the same kind before it, at the same
   * level; -1 without one.
   */
  readonly twins: Int32Array;
  /** By required operation: the first level at which it is open. */
  readonly begins: Int32Array;
  /** By the beginning of their first member. */
  readonly groups: readonly Group[];
  /** How many groups have begun at each level. */
  readonly groupsBegun: Int32Array;
  /** Index of the invocation of each member, and the level from which on it may happen. */
  readonly members: Int32Array;
  readonly memberLevels: Int32Array;
  readonly openMax: number;
  readonly bytes: number;
  /** What it was laid out from. */
  readonly history: History;
  readonly numbering: Kinds;
}

/** Which operations a problem is about, as indices of invocations. */
export interface Selection {
  /** Completed ones, in the order of their completions. */
  readonly required: readonly number[];
  /** Ones that may have happened, in the order of their invocations. */
  readonly optional: readonly number[];
}

/** Lays out a problem; its memory is accounted for until whoever asked releases `bytes`. */
export function layOut(
  history: History,
  { required, optional }: Selection,
  kinds: Kinds,
  meter: Meter,
): Problem {
  const levels = required.length;
  const invocations = Int32Array.from(required);
  const returns = invocations.map((invocation) => history.pairs[invocation] as number);
  const held = meter.bytes;
  try {
    // Columns of this problem, and what the searches hold beside their tables.
    meter.reserve(4 * (levels * 16 + 3 * optional.length));
    const kindNumbers = invocations.map((invocation) => {
      meter.spend(1);
      return kinds.recorded(invocation);
    });
    const sweep = sweepOpen({ invocations, returns, kinds: kindNumbers }, meter);
    const grouped = group(returns, optional, kinds, meter);
    meter.reserve(48 * grouped.groups.length);
    return {
      levels,
      invocations,
      kinds: kindNumbers,
      ...sweep,
      ...grouped,
      bytes: meter.bytes - held,
      history,
      numbering: kinds,
    };
  } catch (error) {
    meter.release(meter.bytes - held);
    throw error;
  }
}

/** Walks over invocations and returns; gives each operation a bit for as long as it is open. */
function sweepOpen(
  {
    invocations,
    returns,
    kinds,
  }: {
    readonly invocations: Int32Array;
    readonly returns: Int32Array;
    readonly kinds: Int32Array;
  },
  meter: Meter,
): Pick<Problem, "slots" | "slotCount" | "openStart" | "open" | "twins" | "begins" | "openMax"> {
  const levels = invocations.length;
  const byInvocation = Int32Array.from(invocations.keys()).sort(
    (a, b) => (invocations[a] as number) - (invocations[b] as number),
  );
  const slots = new Int32Array(levels);
  const free: number[] = [];
  let slotCount = 0;
  const openStart = new Int32Array(levels + 1);
  // Grows with the history's length times its width, so that it is accounted for while it grows.
  let open = new Int32Array(Math.max(16, 2 * levels));
  let twins = new Int32Array(open.length);
  const begins = new Int32Array(levels);
  /** Kind → 1 + the last place where it stands. */
  const places = new Int32Array(kinds.reduce((most, kind) => Math.max(most, kind), -1) + 1);
  let count = 0;
  meter.reserve(8 * open.length + 4 * places.length);
  const makeRoom = (more: number): void => {
    if (count + more <= open.length) return;
    const longer = 2 * (count + more);
    meter.reserve(8 * longer);
    meter.release(8 * open.length);
    open = lengthened(open, longer);
    twins = lengthened(twins, longer);
  };
  /** Ascending, which is the order of their returns. */
  const now: number[] = [];
  let next = 0;
  let openMax = 0;
  for (let level = 0; level < levels; level++) {
    for (; next < levels; next++) {
      const operation = byInvocation[next] as number;
      if ((invocations[operation] as number) > (returns[level] as number)) break;
      slots[operation] = free.pop() ?? slotCount++;
      begins[operation] = level;
      let at = now.length;
      while (at > 0 && (now[at - 1] as number) > operation) at--;
      now.splice(at, 0, operation);
    }
    makeRoom(now.length);
    const first = count;
    for (const operation of now) {
      const kind = kinds[operation] as number;
      const place = (places[kind] as number) - 1;
      open[count] = operation;
      twins[count] = place < first ? -1 : place;
      places[kind] = ++count;
    }
    meter.spend(now.length);
    openMax = Math.max(openMax, now.length);
    openStart[level + 1] = count;
    now.shift();
    free.push(slots[level] as number);
  }
  return { slots, slotCount, openStart, open, twins, begins, openMax };
}

function lengthened(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(length);
  longer.set(array);
  return longer;
}

function group(
  returns: Int32Array,
  optional: readonly number[],
  kinds: Kinds,
  meter: Meter,
): Pick<Problem, "groups" | "groupsBegun" | "members" | "memberLevels"> {
  const levels = returns.length;
  const end = levels === 0 ? -1 : (returns[levels - 1] as number);
  let count = 0;
  let kindMax = -1;
  const memberKinds = new Int32Array(optional.length);
  for (const invocation of optional) {
    if (invocation > end) break;
    const kind = kinds.forgotten(invocation);
    memberKinds[count++] = kind;
    if (kind > kindMax) kindMax = kind;
  }
  meter.spend(count + kindMax + 1);
  // Counting sort by kind; groups in the order of their first members.
  const sizes = new Int32Array(kindMax + 1);
  for (let at = 0; at < count; at++) {
    const kind = memberKinds[at] as number;
    sizes[kind] = (sizes[kind] as number) + 1;
  }
  const groups: Group[] = [];
  const places = new Int32Array(kindMax + 1).fill(-1);
  const members = new Int32Array(count);
  let start = 0;
  for (let at = 0; at < count; at++) {
    const kind = memberKinds[at] as number;
    if ((places[kind] as number) < 0) {
      const size = sizes[kind] as number;
      groups.push({ kind, start, size });
      places[kind] = start;
      start += size;
    }
    const place = places[kind] as number;
    members[place] = optional[at] as number;
    places[kind] = place + 1;
  }
  const memberLevels = members.map((invocation) => firstAfter(returns, invocation));
  const groupsBegun = new Int32Array(levels);
  for (const { start } of groups) {
    const level = memberLevels[start] as number;
    groupsBegun[level] = (groupsBegun[level] as number) + 1;
  }
  for (let level = 1; level < levels; level++) {
    groupsBegun[level] = (groupsBegun[level] as number) + (groupsBegun[level - 1] as number);
  }
  return { groups, groupsBegun, members, memberLevels };
}

/** The first level whose return comes after this event. */
function firstAfter(returns: Int32Array, event: number): number {
  let low = 0;
  let high = returns.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((returns[middle] as number) > event) high = middle;
    else low = middle + 1;
  }
  return low;
}
