/**
 * An acceptor: the memory of the protocol (Paxos Made Simple, section 2.2). It promises, and
 * accepts what no promise forbids, and says neither before its disk has it.
 */
import type { Value } from "../../src/history/value.js";
import type { Disk } from "../../src/world/disk.js";
import type { Message, NodeId } from "../../src/world/network.js";
import { openJournal, type Journal } from "../file/journal.js";
import type { Accept, Accepted, PaxosMessage, Prepare, Proposal } from "./messages.js";
import type { PaxosVariant } from "./variants.js";

const NOTHING: Proposal = { origin: 0, operation: { kind: "nothing" } };
/** Every so many slots the acceptor writes down how much is chosen. */
const SETTLE_EVERY = 32;

/** The acceptor of a node. */
export interface Acceptor {
  /** The highest ballot that was promised. */
  readonly promised: number;
  /** What is known to be chosen, from the first slot on, as of an earlier incarnation. */
  readonly chosen: readonly Proposal[];
  /** Takes a ballot of this node's own; calls back when that is durable. */
  reserve(ballot: number, then: () => void): void;
  /** Is told that everything up to this slot is chosen, in order. */
  settle(slot: number, proposal: Proposal): void;
  onPrepare(from: NodeId, message: Prepare): void;
  onAccept(from: NodeId, message: Accept): void;
  /** All that it goes by, undefined while that is not durable; see `NodeInstance.memory`. */
  memory(): Message | undefined;
}

/** Opens what was promised and accepted before. */
export async function openAcceptor(options: {
  readonly disk: Disk;
  readonly send: (to: NodeId, message: PaxosMessage) => void;
  readonly variant: PaxosVariant | null;
}): Promise<Acceptor> {
  const { disk, send, variant } = options;
  const journal = await openJournal(disk);
  const found = read(journal);
  const { accepted, upTo } = found;
  let { promised } = found;
  if (variant === "promise-not-persisted") promised = 0;
  await journal.replace([promised, [...accepted.values()] as unknown as Value, upTo]);

  const reply = (to: NodeId, message: PaxosMessage): void => {
    if (variant === "acceptance-not-synced") send(to, message);
    else void journal.durable().then(() => send(to, message));
  };

  return {
    get promised() {
      return promised;
    },
    chosen: Array.from({ length: upTo }, (_, i) => accepted.get(i + 1)?.proposal ?? NOTHING),
    reserve: (ballot, then) => {
      promised = Math.max(promised, ballot);
      void journal.append(["promised", ballot]).then(then);
    },
    settle: (slot, proposal) => {
      if (accepted.get(slot)?.proposal.origin !== proposal.origin) {
        // Nothing else can be chosen any more, in whatever ballot.
        const entry: Accepted = { slot, ballot: Number.MAX_SAFE_INTEGER, proposal };
        accepted.set(slot, entry);
        void journal.append(["accepted", entry as unknown as Value]);
      }
      if (slot % SETTLE_EVERY === 0) void journal.append(["chosen", slot]);
    },
    // In the order in which it tells of them.
    memory: () =>
      journal.isIdle() ? [promised, [...accepted.values()] as unknown as Message] : undefined,
    onPrepare: (from, { ballot, from: slot }) => {
      if (ballot < promised) {
        send(from, { kind: "refused", ballot: promised });
        return;
      }
      if (ballot > promised) {
        promised = ballot;
        void journal.append(["promised", ballot]);
      }
      const since = [...accepted.values()].filter((each) => each.slot >= slot);
      reply(from, { kind: "promised", ballot, accepted: since });
    },
    onAccept: (from, { ballot, slot, proposal }) => {
      if (ballot < promised && variant !== "accepts-below-promise") {
        send(from, { kind: "refused", ballot: promised });
        return;
      }
      promised = Math.max(promised, ballot);
      const entry: Accepted = { slot, ballot, proposal };
      if ((accepted.get(slot)?.ballot ?? 0) < ballot) {
        accepted.set(slot, entry);
        void journal.append(["accepted", entry as unknown as Value]);
      }
      reply(from, { kind: "accepted", ballot, slot });
    },
  };
}

function read({ checkpoint, records }: Journal): {
  promised: number;
  accepted: Map<number, Accepted>;
  upTo: number;
} {
  const [start, entries, settled] = (checkpoint ?? [0, [], 0]) as unknown as readonly [
    number,
    readonly Accepted[],
    number,
  ];
  let promised = start;
  let upTo = settled;
  const accepted = new Map(entries.map((entry) => [entry.slot, entry]));
  for (const record of records) {
    const [kind, content] = record as readonly [string, Value];
    if (kind === "promised") {
      promised = Math.max(promised, content as number);
      continue;
    }
    if (kind === "chosen") {
      upTo = content as number;
      continue;
    }
    const entry = content as unknown as Accepted;
    // To accept is to promise as well.
    if (entry.ballot < Number.MAX_SAFE_INTEGER) promised = Math.max(promised, entry.ballot);
    accepted.set(entry.slot, entry);
  }
  return { promised, accepted, upTo };
}
