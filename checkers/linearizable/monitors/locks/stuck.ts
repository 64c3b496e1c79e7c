/**
 * Which calls refute a history in which a call is stuck (`schedule.ts`), with the completions of
 * all others forgotten. Counted up to the end of that call: an owner has released no more than was
 * invoked, and acquired no less than had ended, so that it holds at least the difference; and the
 * other way round. Where such a bound is broken, the calls that ended are enough: acquisitions
 * only, or releases only. Else all that ended; which refutes only if being stuck does.
 */
import { INFO } from "../../../../src/history/history.js";
import { isExact, type Limits, type LockQuestion } from "./schedule.js";
import { ACQUIRE, RELEASE } from "./requests.js";

/** The calls; undefined when nothing is known. O(n). */
export function refuteStuck(question: LockQuestion, stuck: number): number[] | undefined {
  const { requests, windows, limits } = question;
  const end = windows.ends[stuck] as number;
  if ((requests.amounts[stuck] as number) > Math.min(limits.total, limits.each)) return [stuck];
  const counts = countUpTo(question, end);
  const ended = (isNamed: (call: number) => boolean): number[] => {
    const named: number[] = [];
    for (let call = 0; call < requests.calls.count; call++) {
      if ((windows.ends[call] as number) <= end && isNamed(call)) named.push(call);
    }
    return named;
  };
  const { kinds, owners } = requests;
  const overdrawn = counts.overdrawnOwner();
  if (overdrawn !== undefined) {
    return ended((call) => kinds[call] === RELEASE && owners[call] === overdrawn);
  }
  const holders = counts.holdersBeyond(limits);
  if (holders !== undefined) {
    return ended((call) => kinds[call] === ACQUIRE && holders.has(owners[call] as number));
  }
  if (!isExact(requests)) return undefined;
  return ended((call) => requests.calls.outcomes[call] !== INFO);
}

/** By owner, up to some event: permits of calls that had begun, and of those that had ended. */
class Counts {
  readonly acquireBegun: Float64Array;
  readonly acquireEnded: Float64Array;
  readonly releaseBegun: Float64Array;
  readonly releaseEnded: Float64Array;

  constructor(owners: number) {
    this.acquireBegun = new Float64Array(owners);
    this.acquireEnded = new Float64Array(owners);
    this.releaseBegun = new Float64Array(owners);
    this.releaseEnded = new Float64Array(owners);
  }

  /** Who released more than it can have acquired. */
  overdrawnOwner(): number | undefined {
    const owner = this.releaseEnded.findIndex(
      (released, each) => released > (this.acquireBegun[each] as number),
    );
    return owner < 0 ? undefined : owner;
  }

  /** Few owners who together hold more than can be. */
  holdersBeyond({ total, each, holders }: Limits): ReadonlySet<number> | undefined {
    const found = new Set<number>();
    let sum = 0;
    for (let owner = 0; owner < this.acquireEnded.length; owner++) {
      const held = (this.acquireEnded[owner] as number) - (this.releaseBegun[owner] as number);
      if (held > each) return new Set([owner]);
      if (held <= 0) continue;
      found.add(owner);
      sum += held;
      if (sum > total || found.size > holders) return found;
    }
    return undefined;
  }
}

function countUpTo({ requests, windows }: LockQuestion, event: number): Counts {
  const { kinds, owners, amounts, calls } = requests;
  const { starts, ends } = windows;
  const counts = new Counts(requests.ownerCount);
  for (let call = 0; call < calls.count; call++) {
    const kind = kinds[call] as number;
    if (kind > RELEASE || (starts[call] as number) > event) continue;
    const owner = owners[call] as number;
    const amount = amounts[call] as number;
    const begun = kind === ACQUIRE ? counts.acquireBegun : counts.releaseBegun;
    begun[owner] = (begun[owner] as number) + amount;
    if ((ends[call] as number) > event) continue;
    const ended = kind === ACQUIRE ? counts.acquireEnded : counts.releaseEnded;
    ended[owner] = (ended[owner] as number) + amount;
  }
  return counts;
}
