/**
 * A store in the memory of one node: the smallest system there is, and correct as long as the node
 * lives. Its variants each have one bug, so that one can see what a checker finds.
 */
import type { System } from "../src/runner/system.js";
import type { Value } from "../src/history/value.js";
import { createRpc } from "../src/world/rpc.js";
import type { NodeProgram } from "../src/world/world.js";
import { connectStore, decodeRequest, encodeAnswer } from "./store-client.js";
import {
  applyChange,
  applyCommand,
  fail,
  keyText,
  KV_FUNCTIONS,
  ok,
  REGISTER_FUNCTIONS,
  type Applied,
  type Command,
} from "./store-commands.js";

/**
 * The bugs: `stale-reads`, a read now and then gives the value before the last; `lost-writes`, a
 * write now and then is acknowledged and not made.
 */
export type MemoryVariant = "stale-reads" | "lost-writes";

/** Options of `memory`. */
export interface MemoryOptions {
  /** The bug to have. Default none. */
  readonly variant?: MemoryVariant;
}

/** How often a variant shows its bug. */
const BUG_PROBABILITY = 0.1;

const DESCRIPTIONS: { readonly [variant in MemoryVariant]: string } = {
  "stale-reads": "the memory store with a bug: a read now and then gives the previous value",
  "lost-writes": "the memory store with a bug: a write now and then is acknowledged and not made",
};

/** A store in the memory of one node. */
export function memory(options: MemoryOptions = {}): System {
  const { variant } = options;
  return {
    name: variant === undefined ? "memory" : `memory:${variant}`,
    description:
      variant === undefined ? "a correct store in the memory of one node" : DESCRIPTIONS[variant],
    worlds: ["simulated", "real"],
    functions: [...REGISTER_FUNCTIONS, ...KV_FUNCTIONS],
    nodes: { min: 1, default: 1, max: 1 },
    promise:
      variant === undefined
        ? {
            consistency: "linearizable",
            under: ["pause"],
            deviation: "what is in memory is lost when the node is killed or loses power",
          }
        : { consistency: "none", under: [], deviation: `it has a bug: ${variant}` },
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "memoryProgram",
        options: { variant: variant ?? null },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}

/** What runs on the node of `memory`. */
export function memoryProgram(options: { readonly variant: MemoryVariant | null }): NodeProgram {
  const { variant } = options;
  return {
    start: async ({ network, clock, random }) => {
      const state = new Map<string, Value>();
      /** The value before the last, of each key. */
      const previous = new Map<string, Value>();

      const perform = (command: Command): Applied => {
        const applied = applyCommand(state, command);
        if (variant === "stale-reads" && isRead(command) && random.chance(BUG_PROBABILITY)) {
          return { answer: ok(previous.get(keyText(command.key)) ?? null) };
        }
        if (variant === "lost-writes" && applied.change && random.chance(BUG_PROBABILITY)) {
          return { answer: applied.answer };
        }
        return applied;
      };

      createRpc(network, clock).serve((_from, message) => {
        const request = decodeRequest(message);
        if (request === undefined) return encodeAnswer(fail("bad-request", "no such request"));
        const { answer, change } = perform(request);
        if (change !== undefined) {
          previous.set(change.key, state.get(change.key) ?? null);
          applyChange(state, change);
        }
        return encodeAnswer(answer);
      });
    },
  };
}

function isRead({ f }: Command): boolean {
  return f === "read" || f === "get";
}
