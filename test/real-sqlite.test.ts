import { describe, expect, it } from "vitest";
import { sqlite } from "../backends/sqlite.js";
import { OperationError, type Client } from "../src/runner/client.js";
import type { Invocation } from "../src/generator/generator.js";
import type { Value } from "../src/history/value.js";
import { realWorld } from "../src/real/real-world.js";
import { durabilityOf } from "./real/durability.js";

describe("sqlite in a child process", () => {
  it("keeps every acknowledged write over kill -9", async () => {
    const { acknowledged, violations } = await durabilityOf(() => sqlite(), { kills: 10, seed: 1 });
    expect(violations).toEqual([]);
    expect(acknowledged).toBeGreaterThan(80);
  });

  it("is seen to lose them when it answers before it commits", async () => {
    const make = (): ReturnType<typeof sqlite> => sqlite({ variant: "late-commit" });
    const { violations } = await durabilityOf(make, { kills: 5, seed: 1 });
    expect(violations).not.toEqual([]);
  });

  it("does what the functions of a store say", async () => {
    const world = realWorld({ seed: 1 });
    try {
      const system = sqlite();
      const cluster = await world.deploy(system.deployment(1), { onLog: () => undefined });
      const client = await system.connect({
        endpoint: cluster.endpoint("c0"),
        nodes: cluster.nodes,
        preferred: "n1",
        timeoutMs: 20_000,
      });
      const invoke = (invocation: Invocation): Promise<Value> => client.invoke(invocation);
      expect(await invoke({ f: "read", value: null })).toBe(null);
      await invoke({ f: "write", value: { b: [1, "it's"], a: null } });
      expect(await invoke({ f: "read", value: null })).toEqual({ a: null, b: [1, "it's"] });
      await invoke({ f: "cas", value: [{ a: null, b: [1, "it's"] }, 5] });
      expect(await outcomeOf(client, "cas", [4, 6])).toEqual(["fail", "mismatch"]);
      expect(await invoke({ f: "read", value: null })).toBe(5);
      await invoke({ f: "append", key: "k", value: "ab" });
      await invoke({ f: "append", key: "k", value: "c" });
      expect(await invoke({ f: "get", key: "k", value: null })).toBe("abc");
      await cluster.processes.kill("n1");
      await cluster.processes.start("n1");
      expect(await invoke({ f: "get", key: "k", value: null })).toBe("abc");
      await invoke({ f: "delete", key: "k", value: null });
      expect(await invoke({ f: "get", key: "k", value: null })).toBe(null);
      expect(await outcomeOf(client, "fly", null)).toEqual(["fail", "unsupported"]);
      await cluster.stop();
    } finally {
      await world.close();
    }
  });
});

async function outcomeOf(client: Client, f: string, value: Value): Promise<unknown> {
  try {
    return ["ok", await client.invoke({ f, value })];
  } catch (error) {
    return error instanceof OperationError ? [error.outcome, error.code] : error;
  }
}
