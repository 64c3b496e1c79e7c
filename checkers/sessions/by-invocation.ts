/**
 * Whether the order in which writes were invoked keeps what session guarantees force: most often it
 * does, and then no graph is needed to find an order. What is forced is in `forced-order.ts`; here
 * each of it is compared at once, and nothing is kept but what a session has seen last.
 *
 * One session is looked at after the other, so that this is as much as there are keys. Linear.
 */
import type { SessionGuarantee } from "../../src/verdict/certificate.js";
import type { Registers } from "../causal/layout.js";
import { INITIAL, NOTHING } from "../causal/sources.js";

/** All writes as they were invoked, if that explains every read; else undefined. */
export function orderByInvocation(
  registers: Registers,
  guarantees: ReadonlySet<SessionGuarantee>,
): Int32Array | undefined {
  const { starts, parents, byInvocation, isWrite } = registers;
  const look = new Look(registers, guarantees);
  /** Sessions of one operation, by parent: what these have seen is what the parent has. */
  const children = new Map<number, number[]>();
  for (const [session, parent] of parents.entries()) {
    if (parent < 0) continue;
    const known = children.get(parent);
    if (known === undefined) children.set(parent, [session]);
    else known.push(session);
  }
  for (let session = 0; session + 1 < starts.length; session++) {
    if ((parents[session] as number) >= 0) continue;
    look.begin(session);
    const end = starts[session + 1] as number;
    for (let operation = starts[session] as number; operation < end; operation++) {
      if (!look.take(operation)) return undefined;
      if (children.size === 0) continue;
      for (const child of children.get(operation) ?? []) {
        if (!look.takeAlone(starts[child] as number)) return undefined;
      }
    }
  }
  let count = 0;
  const order = new Int32Array(byInvocation.length);
  for (const operation of byInvocation) if (isWrite[operation] === 1) order[count++] = operation;
  return order.subarray(0, count);
}

/** What one session has seen; writes are told by their invocations. */
class Look {
  readonly #registers: Registers;
  readonly #readsYourWrites: boolean;
  readonly #readsMonotonically: boolean;
  readonly #followsReads: boolean;
  /** Key → the session that the next two are of; its last write, and what it read last. */
  readonly #sessions: Int32Array;
  readonly #written: Int32Array;
  readonly #read: Int32Array;
  #session = NOTHING;
  /** The last of all that it read. */
  #floor = NOTHING;

  constructor(registers: Registers, guarantees: ReadonlySet<SessionGuarantee>) {
    const { keyCount } = registers;
    this.#registers = registers;
    this.#readsYourWrites = guarantees.has("read-your-writes");
    this.#readsMonotonically = guarantees.has("monotonic-reads");
    this.#followsReads = guarantees.has("writes-follow-reads");
    this.#sessions = new Int32Array(keyCount).fill(NOTHING);
    this.#written = new Int32Array(keyCount);
    this.#read = new Int32Array(keyCount);
  }

  /** From here on it is about another session. */
  begin(session: number): void {
    this.#session = session;
    this.#floor = NOTHING;
  }

  /** Takes the next operation; false when it is out of order. */
  take(operation: number): boolean {
    const { keys, sources, isWrite, invocations } = this.#registers;
    const key = keys[operation] as number;
    if (this.#sessions[key] !== this.#session) {
      this.#sessions[key] = this.#session;
      this.#written[key] = NOTHING;
      this.#read[key] = NOTHING;
    }
    const source = sources[operation] as number;
    const written = this.#written[key] as number;
    const read = this.#read[key] as number;
    if (source >= 0) {
      const at = invocations[source] as number;
      if (written > at || read > at) return false;
      if (this.#readsMonotonically) this.#read[key] = at;
      if (this.#followsReads && at > this.#floor) this.#floor = at;
    } else if (source === INITIAL && (written !== NOTHING || read !== NOTHING)) return false;
    if (isWrite[operation] === 0) return true;
    const at = invocations[operation] as number;
    if (this.#readsYourWrites) this.#written[key] = at;
    // What the session wrote before was invoked before.
    return this.#floor < at;
  }

  /** Takes an operation that precedes nothing that the session does. */
  takeAlone(operation: number): boolean {
    const key = this.#registers.keys[operation] as number;
    const isKnown = this.#sessions[key] === this.#session;
    const written = this.#written[key] as number;
    const read = this.#read[key] as number;
    const floor = this.#floor;
    const isInOrder = this.take(operation);
    this.#floor = floor;
    this.#written[key] = isKnown ? written : NOTHING;
    this.#read[key] = isKnown ? read : NOTHING;
    return isInOrder;
  }
}
