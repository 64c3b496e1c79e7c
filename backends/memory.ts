/**
 * A store in the memory of one node: the smallest system there is, and correct as long as the node
 * lives. Its variants each have one bug, so that one can see what a checker finds.
 */
import type { System } from "../src/runner/system.js";
import type { Value } from "../src/history/value.js";
import type { Message } from "../src/world/network.js";
import { createRpc } from "../src/world/rpc.js";
import type { NodeContext, NodeProgram } from "../src/world/world.js";
import {
  BUG_PROBABILITY,
  BUGS,
  EARLY_MS,
  inTwo,
  Past,
  torn,
  withBug,
  type MemoryVariant,
} from "./memory-bugs.js";
import { connectStore, decodeRequest, encodeAnswer } from "./store-client.js";
import {
  applyChange,
  applyCommand,
  fail,
  indeterminate,
  ok,
  STORE_FUNCTIONS,
} from "./store-commands.js";

export type { MemoryVariant } from "./memory-bugs.js";

/** Options of `memory`. */
export interface MemoryOptions {
  /** The bug to have. Default none. */
  readonly variant?: MemoryVariant;
}

/** A store in the memory of one node. */
export function memory(options: MemoryOptions = {}): System {
  const { variant } = options;
  return {
    name: variant === undefined ? "memory" : `memory:${variant}`,
    description:
      variant === undefined
        ? "a correct store in the memory of one node"
        : `the memory store with a bug: ${BUGS[variant]}`,
    worlds: ["simulated", "real"],
    functions: STORE_FUNCTIONS,
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
    start: async (node) => {
      const { network, clock, random } = node;
      if (variant === "stuck-after-restart" && (await wasHereBefore(node))) return;
      const state = new Map<string, Value>();
      const past = new Past();
      const early = async (parts: NonNullable<ReturnType<typeof inTwo>>): Promise<Message> => {
        const { answer: sent, change } = applyCommand(state, parts.sends);
        if (change !== undefined) applyChange(state, change);
        await clock.sleep(EARLY_MS);
        const { answer: read } = applyCommand(state, parts.reads);
        if (sent.outcome !== "ok" || read.outcome !== "ok") return encodeAnswer(sent);
        return encodeAnswer(ok(parts.answer(sent.value, read.value)));
      };
      createRpc(network, clock).serve((_from, message) => {
        const request = decodeRequest(message);
        if (request === undefined) return encodeAnswer(fail("bad-request", "no such request"));
        const parts = variant === "early-sends" ? inTwo(request) : undefined;
        if (parts !== undefined) return early(parts);
        const isTorn = variant === "torn-transactions" && random.chance(BUG_PROBABILITY);
        const right = (isTorn ? torn(state, request) : undefined) ?? applyCommand(state, request);
        const { answer, change } =
          variant === null ? right : withBug(variant, request, { applied: right, past, random });
        if (change !== undefined) {
          past.keep(change.key, state.get(change.key) ?? null);
          applyChange(state, change);
        }
        if (variant === "panics" && random.chance(BUG_PROBABILITY)) {
          node.log(`panic: index out of range, while serving ${request.f}; recovered`);
          return encodeAnswer(indeterminate("internal", "internal error"));
        }
        const isGarbled = variant === "bad-answers" && random.chance(BUG_PROBABILITY);
        return isGarbled ? "?" : encodeAnswer(answer);
      });
    },
  };
}

const MARK = "started";

/** Leaves a mark on the disk; true when one was there. */
async function wasHereBefore({ disk }: NodeContext): Promise<boolean> {
  if ((await disk.read(MARK)) !== undefined) return true;
  await disk.write(MARK, new Uint8Array(1));
  return false;
}
