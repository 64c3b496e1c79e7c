/**
 * A proposer that wants to lead (Paxos Made Moderately Complex, sections 2 and 3: a leader with its
 * scout and its commanders). With a majority of promises for its ballot it leads: it proposes again
 * what may have been chosen before, fills the gaps with nothing, and gives each new command the
 * next slot. What was not accepted by a majority it repeats.
 */
import type { Message, NodeId } from "../../src/world/network.js";
import type { Learner } from "./learner.js";
import type { Acceptance, Accepted, PaxosMessage, Promised, Proposal } from "./messages.js";
import type { PaxosVariant } from "./variants.js";

/** What a proposer works with. */
export interface ProposerOptions {
  readonly id: NodeId;
  readonly nodes: readonly NodeId[];
  readonly learner: Learner;
  readonly send: (to: NodeId, message: PaxosMessage) => void;
  /** Makes a ballot of this node durable, and calls back then. */
  readonly reserve: (ballot: number, then: () => void) => void;
  readonly variant: PaxosVariant | null;
  /** Told that this node leads, or no longer does. */
  readonly onChange: () => void;
}

interface Open {
  readonly proposal: Proposal;
  readonly accepted: Set<NodeId>;
}

const NOTHING: Proposal = { origin: 0, operation: { kind: "nothing" } };
/** The ballots of this many nodes are kept apart. */
const NODES_MAX = 16;

/** The proposer of a node. */
export class Proposer {
  readonly #options: ProposerOptions;
  #ballot = 0;
  #state: "idle" | "preparing" | "leading" = "idle";
  /** The promises of the ballot, with what each acceptor has accepted. */
  #promises = new Map<NodeId, readonly Accepted[]>();
  /** What was proposed and is not known to be chosen. */
  #open = new Map<number, Open>();
  #nextSlot = 1;

  constructor(options: ProposerOptions) {
    this.#options = options;
  }

  get isLeading(): boolean {
    return this.#state === "leading";
  }

  get ballot(): number {
    return this.#ballot;
  }

  /** Asks for promises, for a ballot above all that was heard of. */
  prepare(above: number): void {
    const { nodes, id, learner, variant, reserve } = this.#options;
    const round = Math.floor(Math.max(above, this.#ballot) / NODES_MAX) + 1;
    const own = variant === "ballots-without-node" ? 0 : nodes.indexOf(id);
    this.#ballot = round * NODES_MAX + own;
    this.#state = "preparing";
    this.#promises = new Map();
    this.#open = new Map();
    const ballot = this.#ballot;
    // No ballot may be used twice, whatever happens to this node from here on.
    reserve(ballot, () => {
      if (this.#state !== "preparing" || this.#ballot !== ballot) return;
      this.#toAll({ kind: "prepare", ballot, from: learner.next });
    });
  }

  /** Another has a higher ballot. */
  resign(): void {
    if (this.#state === "idle") return;
    this.#state = "idle";
    this.#open = new Map();
    this.#options.onChange();
  }

  onPromised(from: NodeId, { ballot, accepted }: Promised): void {
    if (this.#state !== "preparing" || ballot !== this.#ballot) return;
    this.#promises.set(from, accepted);
    if (this.#promises.size < this.#majority()) return;
    this.#state = "leading";
    const { learner, variant } = this.#options;
    const found = new Map<number, Accepted>();
    for (const entry of [...this.#promises.values()].flat()) {
      const known = found.get(entry.slot);
      const isLater = known !== undefined && entry.ballot > known.ballot;
      const isBetter = known !== undefined && isLater !== (variant === "adopts-oldest-value");
      if (known === undefined || isBetter) found.set(entry.slot, entry);
    }
    const last = Math.max(learner.next - 1, ...found.keys());
    this.#nextSlot = last + 1;
    for (let slot = learner.next; slot <= last; slot++) {
      const proposal = variant === "ignores-accepted" ? undefined : found.get(slot)?.proposal;
      this.#proposeAt(slot, learner.chosen(slot) ?? proposal ?? NOTHING);
    }
    this.#options.onChange();
  }

  /** Proposes for the next slot; gives the slot. */
  propose(operation: Proposal["operation"]): number {
    const slot = this.#nextSlot++;
    const proposal: Proposal = { origin: this.#ballot, operation };
    this.#proposeAt(slot, proposal);
    return slot;
  }

  onAccepted(from: NodeId, { ballot, slot }: Acceptance): void {
    const { learner, nodes, id } = this.#options;
    if (this.#state !== "leading" || ballot !== this.#ballot) return;
    const open = this.#open.get(slot);
    if (open === undefined) return;
    open.accepted.add(from);
    if (open.accepted.size < this.#majority()) return;
    this.#open.delete(slot);
    learner.learn(slot, open.proposal);
    const message: PaxosMessage = { kind: "chosen", from: slot, proposals: [open.proposal] };
    for (const node of nodes) if (node !== id) this.#options.send(node, message);
  }

  /** Says that it lives, and repeats what is open. */
  beat(): void {
    if (this.#state !== "leading") return;
    const { learner } = this.#options;
    this.#toAll({ kind: "heartbeat", ballot: this.#ballot, next: learner.next });
    for (const [slot, { proposal, accepted }] of this.#open) {
      const message: PaxosMessage = { kind: "accept", ballot: this.#ballot, slot, proposal };
      for (const node of this.#options.nodes) {
        if (!accepted.has(node)) this.#options.send(node, message);
      }
    }
  }

  /** All that it goes by, in the order in which it does; see `NodeInstance.memory`. */
  memory(): Message {
    const open = [...this.#open].map(([slot, { proposal, accepted }]) => [
      slot,
      proposal as unknown as Message,
      [...accepted].toSorted(),
    ]);
    const promises = [...this.#promises] as unknown as Message;
    return [this.#ballot, this.#state, promises, open, this.#nextSlot];
  }

  #proposeAt(slot: number, proposal: Proposal): void {
    this.#open.set(slot, { proposal, accepted: new Set() });
    this.#toAll({ kind: "accept", ballot: this.#ballot, slot, proposal });
  }

  #toAll(message: PaxosMessage): void {
    for (const node of this.#options.nodes) this.#options.send(node, message);
  }

  #majority(): number {
    const { nodes, variant } = this.#options;
    const half = Math.floor(nodes.length / 2);
    return Math.max(1, variant === "minority-quorum" ? half : half + 1);
  }
}
