/**
 * Atomic registers on a majority of replicas, without a leader: ABD.
 *
 * Attiya, Bar-Noy, Dolev, "Sharing Memory Robustly in Message-Passing Systems", JACM 42(1), 1995;
 * with several writers: Lynch, Shvartsman, FTCS 1997. The node that a client asks coordinates. Both
 * operations ask a majority for what it holds; a write then stores its value with a higher
 * timestamp on a majority; a read stores the highest that it saw on a majority before it answers,
 * so that no later read can see less.
 *
 * - Replicas make everything durable before they answer, and show nothing that is not: a replica
 *   that forgets would break the intersection of majorities.
 * - A timestamp is `[counter, node, incarnation]`, in that order of weight. No two writes share
 *   one: a coordinator never uses a counter twice in one incarnation, also not for writes under way
 *   at once, and each start takes a new incarnation number from the disk before it serves. Without
 *   the last, a write that was cut short by a crash and one after the restart could get the same
 *   timestamp for two values.
 * - Messages may be lost, so phases ask again until the client's time is over. All that replicas
 *   are asked to do is idempotent.
 * - A write whose first phase finds no majority has sent its value nowhere: it definitely failed.
 */
import type { Value } from "../src/history/value.js";
import type { System } from "../src/runner/system.js";
import type { Clock } from "../src/world/clock.js";
import type { Address, Message, NodeId } from "../src/world/network.js";
import { createRpc, type CallOptions, type Rpc } from "../src/world/rpc.js";
import type { NodeContext, NodeProgram } from "../src/world/world.js";
import { openDurableMap, type DurableMap } from "./file/durable-map.js";
import { sorted } from "./replicated/sorted.js";
import { connectStore, decodeRequest, encodeAnswer, type StoreRequest } from "./store-client.js";
import {
  fail,
  indeterminate,
  keyText,
  ok,
  unsupported,
  type StoreAnswer,
} from "./store-commands.js";

/** Options of `quorum`. */
export interface QuorumOptions {
  /** The bug to have: `no-write-back` answers reads after their first phase. Default none. */
  readonly variant?: "no-write-back";
}

/** Atomic registers on a majority of nodes. */
export function quorum(options: QuorumOptions = {}): System {
  const { variant } = options;
  return {
    name: variant === undefined ? "quorum" : `quorum:${variant}`,
    description:
      variant === undefined
        ? "atomic registers on a majority of nodes (ABD); correct under every fault"
        : "the quorum store with a bug: reads do not write back, so that a later one may see less",
    worlds: ["simulated", "real"],
    functions: ["read", "write", "get", "put"],
    nodes: { min: 1, default: 5, max: 9 },
    promise:
      variant === undefined
        ? { consistency: "linearizable", under: ["kill", "power-loss", "pause", "cut-link"] }
        : { consistency: "none", under: [], deviation: `it has a bug: ${variant}` },
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "quorumProgram",
        options: { writesBack: variant !== "no-write-back" },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}

/** What runs on each node of `quorum`. */
export function quorumProgram(options: { readonly writesBack: boolean }): NodeProgram {
  return {
    start: async (node) => {
      const replica = createReplica(await openDurableMap(node.disk));
      const incarnation = await replica.nextIncarnation();
      node.log(`incarnation ${incarnation}`);
      const rpc = createRpc(node.network, node.clock);
      const coordinator = createCoordinator({ ...options, node, replica, incarnation, rpc });
      rpc.serve(async (from, message) => {
        if (Array.isArray(message)) return answerPeer(replica, message as readonly Message[]);
        const request = decodeRequest(message);
        if (request === undefined) return encodeAnswer(fail("bad-request", "no such request"));
        return encodeAnswer(await coordinator.perform(from, request));
      });
      return { memory: () => coordinator.memory() };
    },
  };
}

/** `[counter, node, incarnation]`. */
export type Timestamp = readonly [counter: number, node: number, incarnation: number];

/** A value with the timestamp of the write that made it. */
export interface Versioned {
  readonly timestamp: Timestamp;
  readonly value: Value;
}

/** What every register holds before the first write. */
const UNWRITTEN: Versioned = { timestamp: [0, 0, 0], value: null };

/** Negative, zero or positive as `a` is before, equal to or after `b`. */
export function compareTimestamps(a: Timestamp, b: Timestamp): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

interface Replica {
  query(key: string): Promise<Versioned>;
  /** Keeps the later of what it has and what it is given. */
  store(key: string, version: Versioned): Promise<void>;
  /** A number that no earlier start of this node had. */
  nextIncarnation(): Promise<number>;
}

/** No key's text can be this, for it is not JSON. */
const INCARNATION_KEY = "incarnation";

/**
 * A failed disk call ends the node, as one of `file/journal.ts` does: whoever starts it again reads
 * what the disk holds. One that only refused would be of no use to anybody for ever.
 */
function endingWithDisk(map: DurableMap): DurableMap {
  return {
    transact: async (transaction) =>
      new Promise((resolve) => {
        // Nobody handles what is thrown here.
        void map.transact(transaction).then(resolve);
      }),
  };
}

function createReplica(given: DurableMap): Replica {
  const map = endingWithDisk(given);
  return {
    query: async (key) =>
      map.transact((state) => ({ changes: [], result: decodeVersioned(state.get(key)) })),
    store: async (key, version) =>
      map.transact((state) => {
        const held = decodeVersioned(state.get(key));
        const later = compareTimestamps(version.timestamp, held.timestamp) > 0;
        const changes = later ? [{ key, value: encodeVersioned(version) }] : [];
        return { changes, result: undefined };
      }),
    // Who cannot read its disk does not start.
    nextIncarnation: async () =>
      given.transact((state) => {
        const next = Number(state.get(INCARNATION_KEY) ?? 0) + 1;
        return { changes: [{ key: INCARNATION_KEY, value: next }], result: next };
      }),
  };
}

async function answerPeer(replica: Replica, message: readonly Message[]): Promise<Message> {
  const [kind, key, version] = message;
  if (typeof key !== "string") throw new Error("a replica is asked about a key");
  if (kind === "query") return encodeVersioned(await replica.query(key));
  if (kind !== "store") throw new Error("a replica answers query and store");
  await replica.store(key, decodeVersioned(version));
  return "stored";
}

interface CoordinatorOptions {
  readonly node: Pick<NodeContext, "id" | "nodes" | "clock">;
  readonly replica: Replica;
  readonly incarnation: number;
  readonly rpc: Rpc;
  readonly writesBack: boolean;
}

interface Coordinator {
  perform(from: Address, request: StoreRequest): Promise<StoreAnswer>;
  /** What it goes by beside what its replica holds, which is as the disk has it. */
  memory(): Message;
}

/** An operation under way: for whom, what of it, and what was heard. */
interface Running extends StoreRequest {
  readonly from: Address;
  readonly deadlineNs: number;
  /** What it stores; undefined while it asks. */
  version?: Versioned;
  round?: Round<Versioned | void>;
}

function createCoordinator(options: CoordinatorOptions): Coordinator {
  const { node, replica, incarnation, rpc, writesBack } = options;
  const { clock, nodes } = node;
  const self = nodes.indexOf(node.id);
  const majority = Math.floor(nodes.length / 2) + 1;
  const shared = { nodes, majority, clock };
  /** The highest counter that a write of this incarnation has, over all keys. */
  let lastCounter = 0;
  const operations = new Set<Running>();

  const queryAll = async (key: string, running: Running): Promise<readonly Versioned[]> =>
    askMajority({
      ...shared,
      deadlineNs: running.deadlineNs,
      begun: (round) => (running.round = round),
      ask: async (peer, call) =>
        peer === node.id
          ? replica.query(key)
          : decodeVersioned(await rpc.call(peer, ["query", key], call)),
    });

  const storeAll = async (
    key: string,
    version: Versioned,
    running: Running,
  ): Promise<readonly void[]> => {
    running.version = version;
    return askMajority<void>({
      ...shared,
      deadlineNs: running.deadlineNs,
      begun: (round) => (running.round = round),
      ask: async (peer, call) => {
        if (peer === node.id) return replica.store(key, version);
        await rpc.call(peer, ["store", key, encodeVersioned(version)], call);
      },
    });
  };

  const read = async (key: string, running: Running): Promise<StoreAnswer> => {
    const versions = await queryAll(key, running);
    const newest = versions.reduce((a, b) =>
      compareTimestamps(b.timestamp, a.timestamp) > 0 ? b : a,
    );
    // When the whole majority holds it already, there is nothing to write back.
    const settled = versions.every((v) => compareTimestamps(v.timestamp, newest.timestamp) === 0);
    if (writesBack && !settled) await storeAll(key, newest, running);
    return ok(newest.value);
  };

  const write = async (key: string, value: Value, running: Running): Promise<StoreAnswer> => {
    const versions = await queryAll(key, running);
    // Nothing may wait between these two lines, else two writes could take the same counter.
    lastCounter = Math.max(lastCounter, ...versions.map(({ timestamp }) => timestamp[0])) + 1;
    const timestamp: Timestamp = [lastCounter, self, incarnation];
    try {
      await storeAll(key, { timestamp, value }, running);
    } catch (error) {
      if (!(error instanceof NoMajority)) throw error;
      return indeterminate("no-majority", `${error.message} to store the value`);
    }
    return ok(value);
  };

  const carryOut = async (running: Running): Promise<StoreAnswer> => {
    const { f, key, value } = running;
    const text = keyText(key);
    try {
      if (f === "read" || f === "get") return await read(text, running);
      if (f === "write" || f === "put") return await write(text, value, running);
    } catch (error) {
      // Only the first phase of a write and the phases of a read, which change no value, end
      // here.
      if (error instanceof NoMajority) return fail("no-majority", error.message);
      throw error;
    }
    return unsupported(f);
  };

  return {
    perform: async (from, request) => {
      // A little less than the client waits, so that a definite failure reaches it in time.
      const deadlineNs = clock.nowNs() + request.timeoutMs * 0.9 * 1e6;
      const running: Running = { ...request, from, deadlineNs };
      operations.add(running);
      try {
        return await carryOut(running);
      } finally {
        operations.delete(running);
      }
    },
    memory: () => [
      incarnation,
      lastCounter,
      sorted(
        Array.from(operations, ({ version, round, ...request }) => [
          { ...request },
          version === undefined ? null : encodeVersioned(version),
          // Of what was heard only the sum counts.
          (round?.answers ?? []).map((each) => JSON.stringify(each ?? null)).toSorted(),
          [...(round?.peers ?? [])],
        ]),
      ),
    ],
  };
}

/** Too few replicas answered in time. */
class NoMajority extends Error {
  override readonly name = "NoMajority";
}

/**
 * The time that a replica has for its first answer, in milliseconds; it doubles with every attempt.
 */
const FIRST_ATTEMPT_MS = 100;

/** A phase of an operation. */
interface Round<T> {
  readonly answers: T[];
  /** By node: how often it was asked, whether it is now, and when that is over. */
  readonly peers: Map<NodeId, readonly [attemptMs: number, isAsked: boolean, nextNs: number]>;
}

/**
 * Asks all nodes, those that do not answer again and again, until a majority has answered.
 * @throws NoMajority at the deadline.
 */
async function askMajority<T>(options: {
  readonly nodes: readonly NodeId[];
  readonly majority: number;
  readonly clock: Clock;
  readonly deadlineNs: number;
  readonly begun: (round: Round<T>) => void;
  readonly ask: (node: NodeId, call: CallOptions) => Promise<T>;
}): Promise<readonly T[]> {
  const { nodes, majority, clock, deadlineNs, ask } = options;
  return new Promise((resolve, reject) => {
    const answers: T[] = [];
    const peers: Round<T>["peers"] = new Map();
    const enough = new AbortController();
    const { signal } = enough;
    const leftMs = (): number => Math.max(0, (deadlineNs - clock.nowNs()) / 1e6);
    const timer = clock.timer(leftMs(), () => {
      enough.abort("enough");
      reject(new NoMajority(`${answers.length} of the ${majority} nodes answered that are needed`));
    });

    const askUntilAnswered = async (node: NodeId): Promise<void> => {
      for (let attemptMs = FIRST_ATTEMPT_MS; !signal.aborted; attemptMs *= 2) {
        const timeoutMs = Math.min(attemptMs, leftMs());
        const nextNs = clock.nowNs() + timeoutMs * 1e6;
        peers.set(node, [attemptMs, true, nextNs]);
        try {
          const answer = await ask(node, { timeoutMs, signal });
          if (signal.aborted) return;
          answers.push(answer);
          peers.delete(node);
          if (answers.length < majority) return;
          timer.cancel();
          enough.abort("enough");
          resolve(answers);
          return;
        } catch {
          // Lost, refused, or its disk failed: it may answer the next time.
          if (signal.aborted) return;
          peers.set(node, [attemptMs, false, nextNs]);
          await clock.sleep(Math.max(1, (nextNs - clock.nowNs()) / 1e6));
        }
      }
    };
    options.begun({ answers, peers });
    for (const node of nodes) void askUntilAnswered(node);
  });
}

function encodeVersioned({ timestamp, value }: Versioned): Value {
  return [...timestamp, value];
}

function decodeVersioned(encoded: Value | undefined): Versioned {
  if (encoded === undefined) return UNWRITTEN;
  const [counter, node, incarnation, value] = encoded as readonly [number, number, number, Value];
  return { timestamp: [counter, node, incarnation], value };
}
