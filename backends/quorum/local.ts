/**
 * The weaker strategies: a node answers from its own copy, once its disk has what was written, and
 * tells the others; the last writer wins, by the timestamps of the versions. With repair each node
 * also sends all that it has to the next one in turn, now and then (anti-entropy: Demers et al.,
 * "Epidemic Algorithms for Replicated Database Maintenance", PODC 1987), so that all come to the
 * same; without it what was lost on its way stays lost.
 */
import type { Value } from "../../src/history/value.js";
import type { Address, Message, NodeId } from "../../src/world/network.js";
import type { Rpc } from "../../src/world/rpc.js";
import type { Timer } from "../../src/world/clock.js";
import type { NodeContext } from "../../src/world/world.js";
import type { StoreRequest } from "../store-client.js";
import { keyText, ok, unsupported, type StoreAnswer } from "../store-commands.js";
import type { Replica } from "./replica.js";
import { encodeVersioned } from "./versions.js";

/** How often a node sends all that it has to another one. */
const REPAIR_MS = 500;
/** Nobody waits longer for a node that is told something. */
const TELL_TIMEOUT_MS = 1_000;

/** What such a node works with. */
export interface LocalOptions {
  readonly node: Pick<NodeContext, "id" | "nodes" | "clock">;
  readonly replica: Replica;
  readonly incarnation: number;
  readonly rpc: Rpc;
  readonly repairs: boolean;
}

/** Who answers clients from the copy of a node. */
export interface Local {
  perform(from: Address, request: StoreRequest): Promise<StoreAnswer>;
  stop(): Promise<void>;
}

/** Begins to answer, and to repair. */
export function startLocal(options: LocalOptions): Local {
  const { node, replica, incarnation, rpc, repairs } = options;
  const { id, nodes, clock } = node;
  const others = nodes.filter((other) => other !== id);
  const self = nodes.indexOf(id);
  /** The highest counter that a write of this incarnation has, over all keys. */
  let lastCounter = 0;

  const tell = (other: NodeId, message: Message): void => {
    // What does not arrive is sent again with everything else, or never.
    rpc.call(other, message, { timeoutMs: TELL_TIMEOUT_MS }).catch(() => undefined);
  };

  const write = async (key: string, value: Value): Promise<StoreAnswer> => {
    const version = await replica.write(key, value, ([counter]) => {
      lastCounter = Math.max(lastCounter, counter) + 1;
      return [lastCounter, self, incarnation];
    });
    for (const other of others) tell(other, ["store", key, encodeVersioned(version)]);
    return ok(value);
  };

  let [turn, timer]: [number, Timer | undefined] = [0, undefined];
  const repair = async (): Promise<void> => {
    const everything = await replica.everything();
    const other = others[turn++ % others.length];
    if (other !== undefined && everything.length > 0) {
      const versions = everything.map(([key, version]) => [key, encodeVersioned(version)]);
      tell(other, ["store-all", versions]);
    }
    repairLater();
  };
  const repairLater = (): void => {
    timer = clock.timer(REPAIR_MS, () => void repair());
  };
  if (repairs) repairLater();

  return {
    perform: async (_from, { f, key, value }) => {
      const text = keyText(key);
      if (f === "read" || f === "get") return ok((await replica.query(text)).value);
      if (f === "write" || f === "put") return write(text, value);
      return unsupported(f);
    },
    stop: async () => timer?.cancel(),
  };
}
