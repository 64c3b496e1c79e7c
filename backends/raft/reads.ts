/**
 * Linearizable reads without an entry in the log (dissertation, section 6.4).
 *
 * ReadIndex: the leader has committed an entry of its own term, so that it knows of everything that
 * was committed before; then a majority answers a round that began after the read had come, so that
 * nobody else can have been leading before. The state then has everything that the read must see.
 * Reads that come while a round is under way share the next one.
 *
 * Lease: when a majority has answered a round, none of them votes for another until the least
 * election time-out has passed since the round began. Until then, less what clocks may run apart,
 * the leader reads at once. Only the lengths of times are compared, never the clocks of two nodes.
 */
import type { Message } from "../../src/world/network.js";
import { beginRound, reachedByMajority } from "./replication.js";
import type { ClientRequest } from "./frontend.js";
import { has, type RaftNode } from "./raft-node.js";

/** Clocks may run apart by this share before a lease is wrong. */
const DRIFT_SHARE = 0.1;

interface WaitingRead {
  readonly request: ClientRequest;
  readonly term: number;
  /** The round that has to be answered; undefined until one of its term is committed. */
  round: number | undefined;
  readonly resolve: (mayRead: boolean) => void;
}

/** Tells when reads may look at the state. */
export interface Reads {
  /**
   * Resolves with true at a moment at which the state is current; false when another leads. The
   * request is what it is for.
   */
  current(request: ClientRequest): Promise<boolean>;
  /** Those that wait; see `NodeInstance.memory`. */
  memory(): Message;
}

/** Makes the reads of a node. */
export function createReads(node: RaftNode): Reads {
  let waiting: WaitingRead[] = [];

  const lookAgain = (): void => {
    if (waiting.length === 0) return;
    const still: WaitingRead[] = [];
    for (const read of waiting) {
      const { leading } = node;
      if (leading === undefined || node.term !== read.term) {
        read.resolve(false);
        continue;
      }
      if (read.round === undefined && knowsCommitted(node)) {
        if (holdsLease(node)) {
          read.resolve(true);
          continue;
        }
        read.round = leading.round + 1;
      }
      if (read.round !== undefined && leading.confirmedRound >= read.round) read.resolve(true);
      else still.push(read);
    }
    waiting = still;
    const { leading } = node;
    const isIdle = leading !== undefined && leading.confirmedRound >= leading.round;
    if (isIdle && waiting.some(({ round }) => round !== undefined && round > leading.round)) {
      beginRound(node);
    }
  };
  node.listeners.add(lookAgain);

  return {
    memory: () =>
      waiting.map(({ request: { name, says }, term, round = null }) => [
        [name, ...says],
        term,
        round,
      ]),
    current: (request) =>
      new Promise((resolve) => {
        if (node.leading !== undefined && has(node, "local-reads")) {
          resolve(true);
          return;
        }
        waiting.push({ request, term: node.term, round: undefined, resolve });
        lookAgain();
      }),
  };
}

/** Whether the leader's commit index covers all that earlier leaders have committed. */
function knowsCommitted(node: RaftNode): boolean {
  return node.log.termAt(node.commitIndex) === node.term || has(node, "read-before-noop");
}

function holdsLease(node: RaftNode): boolean {
  const { leading, settings, clock } = node;
  if (leading === undefined || !settings.leases) return false;
  if (has(node, "lease-wall-clock")) return isPromised(node);
  const share = has(node, "lease-outlives-election") ? 4 : 1 - DRIFT_SHARE;
  const lengthNs = settings.electionMs * share * 1e6;
  return clock.nowNs() < leading.confirmedNs + lengthNs;
}

/** The bug of `lease-wall-clock`: what followers have promised is compared with the clock here. */
function isPromised(node: RaftNode): boolean {
  const all = node.log.membership.members.map((member) => {
    const known = node.leading?.progress.get(member);
    return member === node.id ? Infinity : (known?.promisedMs ?? 0);
  });
  return reachedByMajority(node, all, node.clock.wallMs()) !== undefined;
}
