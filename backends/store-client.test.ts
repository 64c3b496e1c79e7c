import { describe, expect, test } from "vitest";
import type { Completion } from "../src/runner/client.js";
import { completionOf } from "../src/runner/client.js";
import { simulatedWorld } from "../src/simulation/simulated-world.js";
import { createRpc } from "../src/world/rpc.js";
import type { Message } from "../src/world/network.js";
import type { NodeProgram } from "../src/world/world.js";
import { connectStore, decodeAnswer, decodeRequest, encodeAnswer } from "./store-client.js";
import { fail, indeterminate, ok } from "./store-commands.js";

/** A node that answers what it is told to, by the value of the request. */
export function scriptedProgram(): NodeProgram {
  return {
    start: async ({ network, clock }) => {
      createRpc(network, clock).serve(async (_from, message) => {
        const value = decodeRequest(message)?.value;
        if (value === "throw") throw new Error("boom");
        if (value === "hang") return new Promise<Message>(() => undefined);
        return value ?? null;
      });
    },
  };
}

interface Asked {
  readonly completion: Completion;
  readonly tookMs: number;
}

async function ask(value: Message): Promise<Completion> {
  return (await asked(value)).completion;
}

async function asked(
  value: Message,
  options: { readonly down?: boolean; readonly timeoutMs?: number } = {},
): Promise<Asked> {
  const world = simulatedWorld({ seed: 1 });
  try {
    return await world.run(async () => {
      const cluster = await world.deploy(
        {
          program: { module: import.meta.url, export: "scriptedProgram", options: {} },
          nodeCount: 1,
        },
        { onLog: () => undefined },
      );
      if (options.down === true) await cluster.processes.kill("n1");
      const client = await connectStore({
        endpoint: cluster.endpoint("c0"),
        nodes: cluster.nodes,
        preferred: "n1",
        timeoutMs: options.timeoutMs ?? 500,
      });
      const startNs = world.clock.nowNs();
      const completion = await client
        .invoke({ f: "read", value })
        .then((result): Completion => ({ type: "ok", value: result }), completionOf);
      const tookMs = (world.clock.nowNs() - startNs) / 1e6;
      await client.close();
      await cluster.stop();
      return { completion, tookMs };
    });
  } finally {
    await world.close();
  }
}

describe("the client of stores", () => {
  test.each([
    ["an answer", ["ok", { a: 1 }], { type: "ok", value: { a: 1 } }],
    ["a definite failure", ["fail", "mismatch", "no"], { type: "fail", error: ["mismatch", "no"] }],
    ["what the node does not know", ["info", "x", "y"], { type: "info", error: ["x", "y"] }],
    ["a node that throws", "throw", { type: "info", error: ["failed", "boom"] }],
    [
      "a node that does not answer",
      "hang",
      { type: "info", error: ["timeout", "no answer from n1 within 500 ms"] },
    ],
    [
      "an answer that cannot be read",
      ["yes"],
      { type: "info", error: ["bad-answer", 'cannot read the answer ["yes"]'] },
    ],
  ] as const)("%s", async (_name, value, completion) => {
    expect(await ask(value)).toEqual(completion);
  });

  test("a refused connection is a definite failure, reported after a pause", async () => {
    const refused = { type: "fail", error: ["refused", "n1 refused the connection"] };
    const { completion, tookMs } = await asked(["ok", 1], { down: true });
    expect(completion).toEqual(refused);
    expect(tookMs).toBeGreaterThan(100);
    expect(tookMs).toBeLessThan(120);
    // Where less time is left than the pause takes, the failure still comes before the time-out.
    const hasty = await asked(["ok", 1], { down: true, timeoutMs: 60 });
    expect(hasty.completion).toEqual(refused);
    expect(hasty.tookMs).toBeLessThan(60);
    const passedOn = await asked(["fail", "not-primary", "no"]);
    expect(passedOn.tookMs).toBeGreaterThan(100);
    const own = await asked(["fail", "mismatch", "no"]);
    expect(own.tookMs).toBeLessThan(50);
  });
});

test("answers travel unchanged", () => {
  for (const answer of [ok(null), ok([1, "a"]), fail("a", "b"), indeterminate("c", "d")]) {
    expect(decodeAnswer(encodeAnswer(answer))).toEqual(answer);
  }
});

test("what is no request is not taken for one", () => {
  for (const message of [null, 1, "f", ["query", "k"], {}, { f: 1, key: null, value: null }]) {
    expect(decodeRequest(message)).toBeUndefined();
  }
  expect(decodeRequest({ f: "read", key: null, value: null })).toEqual({
    f: "read",
    key: null,
    value: null,
    timeoutMs: 0,
  });
});
