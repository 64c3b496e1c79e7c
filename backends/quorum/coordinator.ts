/** Reads and writes on a majority of replicas: both phases of ABD. */
import type { Value } from "../../src/history/value.js";
import type { Address, Message } from "../../src/world/network.js";
import type { Rpc } from "../../src/world/rpc.js";
import type { NodeContext } from "../../src/world/world.js";
import { sorted } from "../replicated/sorted.js";
import type { StoreRequest } from "../store-client.js";
import {
  fail,
  indeterminate,
  keyText,
  ok,
  unsupported,
  type StoreAnswer,
} from "../store-commands.js";
import { askMajority, NoMajority, type Round } from "./ask-majority.js";
import type { Replica } from "./replica.js";
import {
  compareTimestamps,
  decodeVersioned,
  encodeVersioned,
  type Timestamp,
  type Versioned,
} from "./versions.js";

/** What a coordinator works with. */
export interface CoordinatorOptions {
  readonly node: Pick<NodeContext, "id" | "nodes" | "clock">;
  readonly replica: Replica;
  readonly incarnation: number;
  readonly rpc: Rpc;
  readonly writesBack: boolean;
}

/** Who carries out what clients ask of a node. */
export interface Coordinator {
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

/** The coordinator of a node. */
export function createCoordinator(options: CoordinatorOptions): Coordinator {
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
