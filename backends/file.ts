/**
 * A store of one node that keeps everything in a write-ahead log (`file/durable-map.ts`): what it
 * acknowledged survives kills and losses of power. Its variants keep that promise only until the
 * power goes: one never calls fsync, the other calls it again when it has failed, and believes it
 * then.
 */
import { messageOf } from "../src/errors.js";
import type { System, SystemPromise } from "../src/runner/system.js";
import { createRpc } from "../src/world/rpc.js";
import type { NodeProgram } from "../src/world/world.js";
import { DurableMapError, openDurableMap, type DurableMap } from "./file/durable-map.js";
import type { KnownBugs } from "./replicated/known-bug.js";
import { connectStore, decodeRequest, encodeAnswer, type StoreRequest } from "./store-client.js";
import {
  applyCommand,
  fail,
  indeterminate,
  STORE_FUNCTIONS,
  type StoreAnswer,
} from "./store-commands.js";

/** A bug of `file`. */
export type FileVariant = "no-fsync" | "fsync-retried";

/** Every variant by name. */
export const FILE_VARIANTS: KnownBugs<FileVariant> = {
  "no-fsync": {
    description: "it never calls fsync, and loses data with the power",
    source: "Pillai et al., All File Systems Are Not Created Equal, OSDI 2014",
  },
  "fsync-retried": {
    description: "an fsync that failed is called again, and believed when it succeeds",
    source:
      "PostgreSQL, 2018 (fsyncgate); Rebello et al., Can Applications Recover from fsync Failures?, USENIX ATC 2020",
  },
};

/** Options of `file`. */
export interface FileOptions {
  /** The bug to have; see `FILE_VARIANTS`. Default none. */
  readonly variant?: FileVariant;
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
        : `the file store with a bug: ${FILE_VARIANTS[variant].description}`,
    worlds: ["simulated", "real"],
    functions: STORE_FUNCTIONS,
    nodes: { min: 1, default: 1, max: 1 },
    promise: promiseOf(variant),
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "fileProgram",
        options: {
          syncs: variant !== "no-fsync",
          ...(variant === "fsync-retried" ? { retriesSync: true } : {}),
          checkpointBytes,
        },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}

function promiseOf(variant: FileVariant | undefined): SystemPromise {
  const consistency = "linearizable";
  if (variant === "no-fsync") {
    const deviation = "without fsync, acknowledged writes are lost when the power goes";
    return { consistency, under: ["kill", "pause"], deviation };
  }
  const under = ["kill", "power-loss", "pause"] as const;
  if (variant === undefined) return { consistency, under };
  const deviation = "after an fsync that failed, acknowledged writes are lost when the power goes";
  return { consistency, under, deviation };
}

/** What runs on the node of `file`. */
export function fileProgram(options: {
  readonly syncs: boolean;
  readonly retriesSync?: boolean;
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
