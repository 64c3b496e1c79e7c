/**
 * A primary with backups and failover: fast, always available, and wrong under partitions. It is
 * how many stores work by default, and here to be caught.
 *
 * With asynchronous replication the primary answers as soon as it has applied a write itself, and
 * sends its log to the backups every few milliseconds. With synchronous replication it sends it at
 * once, and answers when all backups have it: what was acknowledged is then on every node, but a
 * write that is under way can be read, and be gone after a failover; and while one node cannot be
 * reached no write ends. A backup that hears nothing for long enough takes over with the next
 * epoch that is its own (epoch e belongs to node e modulo n; the next in line waits the shortest).
 * Whoever hears of a higher epoch follows it, and throws away what it had written alone.
 *
 * As strategies: `strong` is synchronous, which is atomic for as long as nobody fails; `eventual`
 * is asynchronous, and every node answers reads from what it has. In the end all nodes are as the
 * last primary is.
 *
 * ```
 *         n1 (primary)   |cut|   n2 n3
 *  t1     write 1: ok     x
 *  t2                     x      n2 takes over; read: null, though 1 was acknowledged
 *  t3     healed: n1 hears of n2's epoch and drops the 1
 * ```
 */
import type { Value } from "../src/history/value.js";
import type { System } from "../src/runner/system.js";
import type { Timer } from "../src/world/clock.js";
import type { Message, NodeId } from "../src/world/network.js";
import { createRpc, type Rpc } from "../src/world/rpc.js";
import { HarnessError } from "../src/errors.js";
import type { NodeContext, NodeInstance, NodeProgram } from "../src/world/world.js";
import { assertStrategy } from "./replicated/synchronization.js";
import {
  answerToError,
  connectStore,
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  type StoreRequest,
} from "./store-client.js";
import {
  applyChange,
  applyCommand,
  fail,
  indeterminate,
  STORE_FUNCTIONS,
  type StoreAnswer,
  type StoreChange,
} from "./store-commands.js";

/** Options of `primaryBackup`. */
export interface PrimaryBackupOptions {
  /** When a write is acknowledged; see above. Default `asynchronous`. */
  readonly replication?: "asynchronous" | "synchronous";
  /**
   * As that of other systems: `strong` is synchronous replication; with `eventual`, which is
   * asynchronous, each node answers reads from what it has. It says how writes are acknowledged,
   * so that `replication` is not given beside it.
   */
  readonly strategy?: "strong" | "eventual";
}

/**
 * A primary that answers, by default before its backups know, and backups that take over.
 * @throws HarnessError `bad-argument` for a strategy that it cannot have, or one beside
 *   `replication`
 */
export function primaryBackup(options: PrimaryBackupOptions = {}): System {
  const { replication, strategy } = options;
  if (strategy !== undefined) assertStrategy("primary-backup", strategy);
  if (strategy !== undefined && replication !== undefined) {
    const message = "primary-backup: strategy says what replication is; give one of them";
    throw new HarnessError("bad-argument", message);
  }
  const isSynchronous = replication === "synchronous" || strategy === "strong";
  const readsAnywhere = strategy === "eventual";
  const suffix = isSynchronous ? "synchronous" : strategy;
  return {
    name: suffix === undefined ? "primary-backup" : `primary-backup:${suffix}`,
    description: isSynchronous
      ? "synchronous replication with failover; reads under partition show what is then gone"
      : readsAnywhere
        ? "asynchronous replication with failover, read as a node has it; all come to the same"
        : "asynchronous replication with failover; loses acknowledged writes under partition",
    worlds: ["simulated", "real"],
    functions: STORE_FUNCTIONS,
    nodes: { min: 2, default: 3, max: 9 },
    promise: readsAnywhere
      ? {
          consistency: "eventual",
          under: ["cut-link", "pause"],
          deviation: "nodes answer reads from what they have; a new primary's state is everybody's",
        }
      : {
          consistency: "linearizable",
          under: [],
          deviation: `${
            isSynchronous
              ? "a write is read before all nodes have it"
              : "a write is acknowledged while only the primary's memory has it"
          }, and a primary that cannot be heard is replaced while it still answers`,
        },
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "primaryBackupProgram",
        options: { isSynchronous, readsAnywhere },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}

/** How often the primary sends news, or that there is none. */
const HEARTBEAT_MS = 50;
/**
 * How long the next in line hears nothing before it takes over; the one after it waits one step
 * more.
 */
const SILENCE_MS = 1_000;
const SILENCE_STEP_MS = 500;

/** What runs on each node of `primaryBackup`. */
export function primaryBackupProgram({
  isSynchronous = false,
  readsAnywhere = false,
}: {
  readonly isSynchronous?: boolean;
  readonly readsAnywhere?: boolean;
}): NodeProgram {
  return {
    start: async (node) => {
      const rpc = createRpc(node.network, node.clock);
      const replica = createReplica(node);
      const backups = createBackups(node, replica, rpc);
      const perform = createFrontend(node, replica, {
        rpc,
        backups: isSynchronous ? backups : undefined,
        readsAnywhere,
      });
      rpc.serve(async (from, message) => {
        if (Array.isArray(message)) return replica.follow(from, message as readonly Message[]);
        const request = decodeRequest(message);
        if (request === undefined) return encodeAnswer(fail("bad-request", "no such request"));
        return encodeAnswer(await perform(from, request));
      });
      return startHeartbeat(node, replica, backups);
    },
  };
}

interface Replica {
  readonly epoch: number;
  /** Who leads, as far as this node knows. */
  readonly primary: NodeId;
  /** How many changes of this epoch are here. */
  readonly changes: number;
  /** Applies a command here; the primary does so. */
  apply(request: StoreRequest): StoreAnswer;
  /** What a backup that has `[epoch, position]` is missing. */
  newsFor(known: Position): Message;
  /** Takes the primary's news (a message of `newsFor`); answers this node's position. */
  follow(from: NodeId, news: readonly Message[]): Message;
  /** Hears that there is a higher epoch. */
  heard(epoch: number): void;
  /** Takes over with an epoch of its own. */
  takeOver(): void;
  /** How long the primary has been silent. */
  silentMs(): number;
}

/**
 * How far a node is: so many changes of this epoch; -1 when it has not got the epoch's state yet.
 */
type Position = readonly [epoch: number, changes: number];

function createReplica(node: NodeContext): Replica {
  const { id, nodes, clock } = node;
  let state = new Map<string, Value>();
  let epoch = 0;
  /** The changes of this epoch, of which the primary has all and a backup the first few. */
  let changes: StoreChange[] = [];
  /** False on a backup that still has the state of an earlier epoch. */
  let current = nodes[0] === id;
  let heardNs = clock.nowNs();
  const primaryOf = (e: number): NodeId => nodes[e % nodes.length] as NodeId;

  const enter = (next: number): void => {
    epoch = next;
    changes = [];
    current = primaryOf(next) === id;
    heardNs = clock.nowNs();
    node.log(`epoch ${epoch}: ${current ? "leading" : `following ${primaryOf(epoch)}`}`);
  };

  return {
    get epoch() {
      return epoch;
    },
    get primary() {
      return primaryOf(epoch);
    },
    get changes() {
      return changes.length;
    },
    apply: (request) => {
      const { answer, change } = applyCommand(state, request);
      if (change !== undefined) {
        applyChange(state, change);
        changes.push(change);
      }
      return answer;
    },
    newsFor: ([knownEpoch, position]) =>
      knownEpoch !== epoch || position < 0
        ? [epoch, changes.length, "state", [...state]]
        : [epoch, position, "changes", changes.slice(position).map(encodeChange)],
    follow: (from, news) => {
      const [newsEpoch, start, kind, content] = news as readonly [number, number, string, Message];
      if (newsEpoch > epoch) enter(newsEpoch);
      if (newsEpoch < epoch || from !== primaryOf(epoch)) return [epoch, -1];
      heardNs = clock.nowNs();
      if (kind === "state") {
        // Also when it is behind what is here: the primary may have started anew. A late one does
        // no lasting harm, for the answer tells the primary where to go on.
        state = new Map(content as unknown as readonly [string, Value][]);
        // Only their number matters to a backup.
        changes = Array.from({ length: start }, () => ({ key: "", value: null }));
        current = true;
      } else if (kind === "changes" && current) {
        // Late or repeated news holds changes that are here already.
        const fresh = (content as readonly Message[]).slice(Math.max(0, changes.length - start));
        if (start <= changes.length) {
          for (const change of fresh.map(decodeChange)) {
            applyChange(state, change);
            changes.push(change);
          }
        }
      }
      return [epoch, current ? changes.length : -1];
    },
    heard: (other) => {
      if (other > epoch) enter(other);
    },
    takeOver: () => {
      let next = epoch + 1;
      while (primaryOf(next) !== id) next++;
      enter(next);
    },
    silentMs: () => (clock.nowNs() - heardNs) / 1e6,
  };
}

/** Answers clients: the primary itself, all others by asking whom they take for it. */
function createFrontend(
  node: NodeContext,
  replica: Replica,
  options: {
    readonly rpc: Rpc;
    /** They are waited for when they are given. */
    readonly backups: Backups | undefined;
    /** Whether a backup answers reads. */
    readonly readsAnywhere: boolean;
  },
): (from: string, request: StoreRequest) => Promise<StoreAnswer> {
  const { rpc, backups, readsAnywhere } = options;
  return async (from, request) => {
    const { primary } = replica;
    if (readsAnywhere && isRead(request)) return replica.apply(request);
    if (primary === node.id) {
      const before = replica.changes;
      const answer = replica.apply(request);
      if (backups === undefined || replica.changes === before) return answer;
      if (await backups.haveAll(request.timeoutMs)) return answer;
      return indeterminate("not-replicated", "not all backups have it");
    }
    if (node.nodes.includes(from)) {
      // Passed on to a node that has stepped down: no more hops, for two could send it back and
      // forth.
      return fail("not-primary", `${node.id} does not lead; it follows ${primary}`);
    }
    try {
      const { timeoutMs } = request;
      return decodeAnswer(await rpc.call(primary, { ...request }, { timeoutMs }));
    } catch (error) {
      return answerToError(error);
    }
  };
}

/** What a backup may answer where reads need not be current. */
function isRead({ f }: StoreRequest): boolean {
  return f === "read" || f === "get";
}

/** The primary's side of its backups. */
interface Backups {
  /** Sends each what it lacks. */
  informAll(): Promise<unknown>;
  /** Whether all have, within a time, what is here now. */
  haveAll(timeoutMs: number): Promise<boolean>;
}

function createBackups({ id, nodes, clock }: NodeContext, replica: Replica, rpc: Rpc): Backups {
  const others = nodes.filter((other) => other !== id);
  const known = new Map<NodeId, Position>();

  const inform = async (backup: NodeId): Promise<void> => {
    const news = replica.newsFor(known.get(backup) ?? [-1, -1]);
    try {
      const position = await rpc.call(backup, news, { timeoutMs: SILENCE_MS });
      const [epoch, changes] = position as readonly [number, number];
      replica.heard(epoch);
      known.set(backup, [epoch, changes]);
    } catch {
      // Lost or down: the next heartbeat tries again with the same news.
    }
  };

  const informAll = (): Promise<unknown> => Promise.all(others.map(inform));
  return {
    informAll,
    haveAll: async (timeoutMs) => {
      const { epoch, changes } = replica;
      const endNs = clock.nowNs() + timeoutMs * 1e6;
      const has = (backup: NodeId): boolean => {
        const [theirs, position] = known.get(backup) ?? [-1, -1];
        return theirs === epoch && position >= changes;
      };
      while (replica.epoch === epoch && clock.nowNs() < endNs) {
        if (others.every(has)) return true;
        await Promise.race([informAll(), clock.sleep(HEARTBEAT_MS)]);
      }
      return false;
    },
  };
}

function startHeartbeat(node: NodeContext, replica: Replica, backups: Backups): NodeInstance {
  const { id, nodes, clock } = node;
  let timer: Timer | undefined;
  const beat = (): void => {
    if (replica.primary === id) {
      void backups.informAll();
    } else {
      const inLine =
        (nodes.indexOf(id) - nodes.indexOf(replica.primary) + nodes.length) % nodes.length;
      if (replica.silentMs() > SILENCE_MS + (inLine - 1) * SILENCE_STEP_MS) replica.takeOver();
    }
    timer = clock.timer(HEARTBEAT_MS, beat);
  };
  beat();
  return {
    stop: async () => timer?.cancel(),
  };
}

function encodeChange({ key, value }: StoreChange): Message {
  return value === undefined ? [key] : [key, value];
}

function decodeChange(message: Message): StoreChange {
  const [key, value] = message as readonly [string, Value?];
  return { key, value };
}
