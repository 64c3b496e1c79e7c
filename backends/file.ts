/**
 * A store of one node that keeps everything in a write-ahead log (`file/durable-map.ts`): what it
 * acknowledged survives kills and losses of power. Its variant without fsync keeps that promise
 * only until the power goes.
 */
import { messageOf } from "../src/errors.js";
import type { System } from "../src/runner/system.js";
import { createRpc } from "../src/world/rpc.js";
import type { NodeProgram } from "../src/world/world.js";
import { DurableMapError, openDurableMap, type DurableMap } from "./file/durable-map.js";
import { connectStore, decodeRequest, encodeAnswer, type StoreRequest } from "./store-client.js";
import {
  applyCommand,
  fail,
  indeterminate,
  STORE_FUNCTIONS,
  type StoreAnswer,
} from "./store-commands.js";

/** Options of `file`. */
export interface FileOptions {
  /** The bug to have: `no-fsync` answers before the disk has confirmed. Default none. */
  readonly variant?: "no-fsync";
  /** Size of the log that starts a new checkpoint, in bytes. Default 64 KiB. */
  readonly checkpointBytes?: number;
}

/** A write-ahead-log store on one node. */
export function file(options: FileOptions = {}): System {
  const { variant, checkpointBytes = 64 * 1024 } = options;
  return {
    name: variant === undefined ? "file" : `file:${variant}`,
    description:
      variant === undefined
        ? "a write-ahead-log store on one node; survives kills and losses of power"
        : "the file store with a bug: it never calls fsync, and loses data with the power",
    worlds: ["simulated", "real"],
    functions: STORE_FUNCTIONS,
    nodes: { min: 1, default: 1, max: 1 },
    promise:
      variant === undefined
        ? { consistency: "linearizable", under: ["kill", "power-loss", "pause"] }
        : {
            consistency: "linearizable",
            under: ["kill", "pause"],
            deviation: "without fsync, acknowledged writes are lost when the power goes",
          },
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "fileProgram",
        options: { syncs: variant !== "no-fsync", checkpointBytes },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}

/** What runs on the node of `file`. */
export function fileProgram(options: {
  readonly syncs: boolean;
  readonly checkpointBytes: number;
}): NodeProgram {
  return {
    start: async (node) => {
      const store = await openDurableMap(node.disk, options);
      createRpc(node.network, node.clock).serve(async (_from, message) => {
        const request = decodeRequest(message);
        if (request === undefined) return encodeAnswer(fail("bad-request", "no such request"));
        const answer = await perform(store, request);
        if (answer.outcome === "info") node.log(`${request.f}: ${answer.message}`);
        return encodeAnswer(answer);
      });
    },
  };
}

async function perform(store: DurableMap, request: StoreRequest): Promise<StoreAnswer> {
  try {
    return await store.transact((state) => {
      const { answer, change } = applyCommand(state, request);
      return { changes: change === undefined ? [] : [change], result: answer };
    });
  } catch (error) {
    if (error instanceof DurableMapError && error.code === "stopped") {
      return fail("stopped", error.message);
    }
    return indeterminate("disk-failed", messageOf(error));
  }
}
