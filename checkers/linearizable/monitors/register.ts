/**
 * Registers in which every value that was seen was written once: zones (Gibbons & Korach,
 * "Testing shared memories", SIAM J. Comput. 26(4), 1997, section 4), extended to
 * compare-and-sets.
 *
 * A *chain* is a write (or the initial value) and the compare-and-sets that followed it: a to b,
 * b to c, … Its stages are the values, each with the reads that saw it. Unique values make every
 * order that explains the history run through a chain without anything of another chain between:
 * once another write takes effect, none of its values can come back. So:
 *
 * 1. every stage has one successor at most, and every value that was seen is in a chain;
 * 2. stages in their order are the only order of a chain, and its operations respect real time in
 *    it: none of a later stage completed before one of an earlier stage was invoked;
 * 3. let f be the earliest completion in a chain and s the latest invocation. If f < s, the
 *    register certainly holds values of the chain from f to s (*forward zone*); no two overlap.
 *    Else all its operations are open from s to f (*backward zone*), where they can take effect
 *    at one instant: any that is in no forward zone, and there is one unless f and s are in the
 *    same. The initial value's write was completed before the history, and invoked before it.
 *
 * Sufficient: chains ordered by f if forward, by s if backward. For a before b in that order,
 * none of b's operations y completed before an x of a's was invoked: forward a and b: x.inv <=
 * s(a) < f(b) <= y.res. Backward a, forward b: x.inv <= s(a) < f(b). Forward a, backward b: s(b)
 * is after f(a), and f(b) after s(a) by the third condition. Both backward: x.inv <= s(a) < s(b)
 * < f(b).
 *
 * O(n) after counting places of events. Indeterminate operations: see `register/facts.ts`.
 * Compare-and-sets that did not swap: see `register/refusals.ts`.
 */
import { NONE } from "../../../src/history/history.js";
import { sortedByKey } from "./event-order.js";
import {
  NEVER,
  type Calls,
  type Monitor,
  type MonitorAnswer,
  type MonitorQuestion,
} from "./monitor.js";
import {
  BYTES_OF_FACTS,
  MAKES,
  readFacts,
  REFUSES,
  REGISTER_ROLES,
  SAYS_NOTHING,
  SEES,
  SWAPS,
  type RegisterFacts,
} from "./register/facts.js";
import { placeRefusals } from "./register/refusals.js";
import { completedFor, refutation } from "./register/refutation.js";

/** Decides registers by the zones of chains. */
export const registerZones: Monitor = {
  name: "register-zones",
  type: "register",
  roles: REGISTER_ROLES,
  decide,
};

/** Bytes of the tables here, an operation. */
const BYTES_PER_CALL = 4 * 20;

function decide(question: MonitorQuestion): MonitorAnswer {
  const { calls, meter } = question;
  meter.reserve((BYTES_OF_FACTS + BYTES_PER_CALL) * calls.count);
  meter.spend(calls.count);
  const facts = readFacts(question);
  if (typeof facts === "string") return { kind: "unsuitable", reason: facts };
  meter.spend(calls.count);
  const chains = chainsOf(calls, facts);
  if ("kind" in chains) return chains;
  meter.spend(calls.count);
  const zones = zonesOf(calls, facts, chains);
  if ("kind" in zones) return zones;
  meter.spend(calls.count);
  const sorted = sortedByKey(zones.keys);
  const overlap = refutedByZones(zones, sorted);
  if (overlap !== undefined) return refutation(overlap, calls, facts);
  meter.spend(calls.count);
  const stages = inOrder(sorted, chains);
  const order = orderOf(stages, calls, facts);
  return placeRefusals({ calls, facts, stages, order, meter });
}

/** Chains of values, one after the other. */
export interface Chains {
  readonly count: number;
  /** Values, by chain and in each in the order of its stages. */
  readonly values: Int32Array;
  /** By chain: where it starts in `values`; one more at the end. */
  readonly starts: Int32Array;
}

/** The first condition. */
function chainsOf(calls: Calls, facts: RegisterFacts): Chains | MonitorAnswer {
  const { kinds, seen, made, initial, witnesses } = facts;
  const successors = new Int32Array(facts.count).fill(NONE);
  for (let call = 0; call < calls.count; call++) {
    if (kinds[call] !== SWAPS) continue;
    const from = seen[call] as number;
    const other = successors[from] as number;
    if (other !== NONE) {
      return refutation(completedFor([other, call], calls, facts), calls, facts);
    }
    successors[from] = call;
  }
  const values = new Int32Array(facts.count);
  const starts = new Int32Array(facts.count + 1);
  const reached = new Uint8Array(facts.count);
  let length = 0;
  let count = 0;
  for (let call = NONE; call < calls.count; call++) {
    // The initial value comes first, then every write.
    let value = call === NONE ? initial : kinds[call] === MAKES ? (made[call] as number) : NONE;
    if (value === NONE) continue;
    starts[count++] = length;
    for (;;) {
      reached[value] = 1;
      values[length++] = value;
      const swap = successors[value] as number;
      if (swap === NONE) break;
      value = made[swap] as number;
    }
  }
  starts[count] = length;
  for (let value = 0; value < facts.count; value++) {
    // Nobody wrote it, or only who saw a value that nobody wrote, or who saw this very one.
    const witness = witnesses[value] as number;
    if (witness !== NONE && reached[value] === 0) return refutation([witness], calls, facts);
  }
  return { count, values, starts };
}

/** Zones of chains; f and s are ends of calls, `NONE` for the initial write. */
interface Zones {
  readonly firstEnds: Int32Array;
  readonly lastStarts: Int32Array;
  /** By chain: a place of an event + 1. */
  readonly keys: Int32Array;
  readonly firstEndOf: (chain: number) => number[];
  readonly lastStartOf: (chain: number) => number[];
}

/** The second condition; a walk through all stages. */
function zonesOf(calls: Calls, facts: RegisterFacts, chains: Chains): Zones | MonitorAnswer {
  const { invocations, completions } = calls;
  const { writers, kinds } = facts;
  const { firstEnding, lastStarting } = readsOf(calls, facts);
  const ending = new Int32Array(chains.count);
  const starting = new Int32Array(chains.count);
  const firstEnds = new Int32Array(chains.count);
  const lastStarts = new Int32Array(chains.count);
  const keys = new Int32Array(chains.count);
  for (let chain = 0; chain < chains.count; chain++) {
    let firstEnd = NEVER;
    let ends = NONE;
    let lastStart = -1;
    let starts = NONE;
    const last = chains.starts[chain + 1] as number;
    for (let place = chains.starts[chain] as number; place < last; place++) {
      const value = chains.values[place] as number;
      const writer = writers[value] as number;
      const reader = firstEnding[value] as number;
      let call = writer;
      if (call === NONE) firstEnd = -1;
      for (let step = 0; step < 2; step++, call = reader) {
        if (call === NONE) continue;
        const end = completions[call] as number;
        if (end < lastStart) {
          // A writer is what made the later stage possible, so that the later one says it all.
          const both = kinds[starts] === SEES ? [starts, call] : [call];
          return refutation(both, calls, facts);
        }
        if (end < firstEnd) {
          firstEnd = end;
          ends = call;
        }
        const latest = step === 0 ? writer : (lastStarting[value] as number);
        if ((invocations[latest] as number) > lastStart) {
          lastStart = invocations[latest] as number;
          starts = latest;
        }
      }
    }
    firstEnds[chain] = firstEnd;
    lastStarts[chain] = lastStart;
    ending[chain] = ends;
    starting[chain] = starts;
    keys[chain] = (firstEnd < lastStart ? firstEnd : lastStart) + 1;
  }
  return {
    firstEnds,
    lastStarts,
    keys,
    firstEndOf: (chain) => completedFor([ending[chain] as number], calls, facts),
    lastStartOf: (chain) => completedFor([starting[chain] as number], calls, facts),
  };
}

/** By value: the read that completed first, and the one that was invoked last. */
function readsOf(
  { count, completions }: Calls,
  { count: values, kinds, seen }: RegisterFacts,
): { readonly firstEnding: Int32Array; readonly lastStarting: Int32Array } {
  const firstEnding = new Int32Array(values).fill(NONE);
  const lastStarting = new Int32Array(values).fill(NONE);
  for (let call = 0; call < count; call++) {
    if (kinds[call] !== SEES) continue;
    const value = seen[call] as number;
    const first = firstEnding[value] as number;
    if (first === NONE || (completions[call] as number) < (completions[first] as number)) {
      firstEnding[value] = call;
    }
    lastStarting[value] = call;
  }
  return { firstEnding, lastStarting };
}

/** The third condition: calls that contradict it, if any. */
function refutedByZones(zones: Zones, sorted: Int32Array): number[] | undefined {
  const { firstEnds, lastStarts, firstEndOf, lastStartOf } = zones;
  let forward = NONE;
  let until = -1;
  for (let place = 0; place < sorted.length; place++) {
    const chain = sorted[place] as number;
    const end = firstEnds[chain] as number;
    const start = lastStarts[chain] as number;
    // Forward: the other zone begins inside the one before. Backward: it ends inside of it too, for
    // it begins after that one does, or it would not come after it.
    if (end < until) {
      return [forward, chain].flatMap((one) => firstEndOf(one).concat(lastStartOf(one)));
    }
    if (end < start) {
      forward = chain;
      until = start;
    }
  }
  return undefined;
}

/** The stages of all chains in the order of effect. */
function inOrder(sorted: Int32Array, chains: Chains): Int32Array {
  const stages = new Int32Array(chains.starts[chains.count] as number);
  let length = 0;
  for (let place = 0; place < sorted.length; place++) {
    const chain = sorted[place] as number;
    const last = chains.starts[chain + 1] as number;
    for (let from = chains.starts[chain] as number; from < last; from++) {
      stages[length++] = chains.values[from] as number;
    }
  }
  return stages;
}

/** Each stage's writer, then its reads as they were invoked. */
function orderOf(stages: Int32Array, { count }: Calls, facts: RegisterFacts): Int32Array {
  const { kinds, seen, writers } = facts;
  const ends = new Int32Array(facts.count);
  let length = 0;
  for (let call = 0; call < count; call++) {
    const kind = kinds[call] as number;
    if (kind === SEES) (ends[seen[call] as number] as number)++;
    if (kind !== 0 && kind !== REFUSES && kind !== SAYS_NOTHING) length++;
  }
  const order = new Int32Array(length);
  let place = 0;
  for (let stage = 0; stage < stages.length; stage++) {
    const value = stages[stage] as number;
    const writer = writers[value] as number;
    if (writer !== NONE) order[place++] = writer;
    const reads = ends[value] as number;
    ends[value] = place;
    place += reads;
  }
  for (let call = 0; call < count; call++) {
    if (kinds[call] === SEES) {
      const value = seen[call] as number;
      order[ends[value] as number] = call;
      ends[value] = (ends[value] as number) + 1;
    }
  }
  return order;
}
