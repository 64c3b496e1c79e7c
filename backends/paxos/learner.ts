/**
 * A learner: knows what is chosen, and applies it in the order of the slots. What it misses it asks
 * the leader for.
 */
import { ok, type StoreAnswer } from "../store-commands.js";
import type { Message } from "../../src/world/network.js";
import type { Machine } from "../replicated/machine.js";
import { sorted } from "../replicated/sorted.js";
import type { Proposal } from "./messages.js";

/** The learner of a node. */
export interface Learner {
  /** The first slot that is not applied yet. */
  readonly next: number;
  /** What is chosen for a slot, as far as it is known here. */
  chosen(slot: number): Proposal | undefined;
  /** What was applied from this slot on, at most so many. */
  from(slot: number, limit: number): readonly Proposal[];
  /** Learns that this is chosen for a slot, and applies what has become possible. */
  learn(slot: number, proposal: Proposal): void;
  /** What it knows beside what is applied; see `NodeInstance.memory`. */
  memory(): Message;
  /** Sets who is told of every slot that is applied. */
  onApplied(listener: (slot: number, proposal: Proposal, answer: StoreAnswer) => void): void;
}

/** Makes a learner that knows nothing. */
export function createLearner(machine: Machine, options: { readonly skipsGaps: boolean }): Learner {
  const known = new Map<number, Proposal>();
  let next = 1;
  let tell = (_slot: number, _proposal: Proposal, _answer: StoreAnswer): void => undefined;

  const apply = (slot: number, proposal: Proposal): void => {
    const { operation } = proposal;
    const isForMachine = operation.kind === "register" || operation.kind === "command";
    tell(slot, proposal, isForMachine ? machine.apply(slot, operation) : ok(null));
  };

  return {
    get next() {
      return next;
    },
    chosen: (slot) => known.get(slot),
    from: (slot, limit) => {
      const proposals: Proposal[] = [];
      for (let at = slot; at < next && proposals.length < limit; at++) {
        const proposal = known.get(at);
        if (proposal === undefined) break;
        proposals.push(proposal);
      }
      return proposals;
    },
    learn: (slot, proposal) => {
      if (known.has(slot)) return;
      known.set(slot, proposal);
      if (options.skipsGaps) apply(slot, proposal);
      for (let at = known.get(next); at !== undefined; at = known.get(next)) {
        const slotNow = next++;
        if (!options.skipsGaps) apply(slotNow, at);
      }
    },
    memory: () => [next, sorted([...known] as unknown as Message[])],
    onApplied: (listener) => {
      tell = listener;
    },
  };
}
