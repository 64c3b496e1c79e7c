import { describe, expect, test } from "vitest";
import type { Value } from "../../src/history/value.js";
import { simulatedWorld } from "../../src/simulation/simulated-world.js";
import { withSystem, type Fixture } from "../../src/testing/backend-fixture.js";
import type { Message, NodeId } from "../../src/world/network.js";
import { createRpc, type Rpc } from "../../src/world/rpc.js";
import { raft, type RaftOptions } from "../raft.js";

async function withRaft(
  options: RaftOptions,
  body: (fixture: Fixture, rpc: Rpc) => Promise<void>,
  seed = 1,
): Promise<void> {
  await withSystem(
    { system: raft(options), world: () => simulatedWorld({ seed }) },
    async (fixture) => {
      const { network, clock } = fixture.cluster.endpoint("test");
      await body(fixture, createRpc(network, clock));
    },
  );
}

/** Asks all nodes in turn until the leader has answered. */
async function askLeader({ cluster, world }: Fixture, rpc: Rpc, request: Message) {
  for (let attempt = 0; attempt < 100; attempt++) {
    for (const node of cluster.nodes) {
      const answer = await rpc.call(node, request, { timeoutMs: 500 }).catch(() => null);
      if (Array.isArray(answer) && answer[0] !== "not-leader" && answer[0] !== "lost") {
        return { node, answer: answer as readonly Value[] };
      }
    }
    await world.clock.sleep(100);
  }
  throw new Error("nobody leads");
}

const leaderOf = async (fixture: Fixture, rpc: Rpc): Promise<NodeId> =>
  (await askLeader(fixture, rpc, ["read", "get", "none"])).node;

async function isolate({ cluster }: Fixture, node: NodeId): Promise<void> {
  for (const other of cluster.nodes) {
    if (other === node) continue;
    await cluster.links.cut(node, other);
    await cluster.links.cut(other, node);
  }
}

describe("elections", () => {
  test("a new leader takes over when the old one dies", async () => {
    await withRaft({}, async (fixture, rpc) => {
      const first = await leaderOf(fixture, rpc);
      await fixture.cluster.processes.kill(first);
      expect(await leaderOf(fixture, rpc)).not.toBe(first);
    });
  });

  test("a node that was cut off does not depose a leader that is well", async () => {
    await withRaft({}, async (fixture, rpc) => {
      const leader = await leaderOf(fixture, rpc);
      const other = fixture.cluster.nodes.find((node) => node !== leader) as NodeId;
      await isolate(fixture, other);
      await fixture.world.clock.sleep(5_000);
      await fixture.cluster.links.heal();
      await fixture.world.clock.sleep(1_000);
      expect(await leaderOf(fixture, rpc)).toBe(leader);
    });
  });

  test("without pre-votes it does", async () => {
    let deposed = 0;
    for (let seed = 1; seed <= 5; seed++) {
      await withRaft(
        { preVotes: false },
        async (fixture, rpc) => {
          const leader = await leaderOf(fixture, rpc);
          const other = fixture.cluster.nodes.find((node) => node !== leader) as NodeId;
          await isolate(fixture, other);
          await fixture.world.clock.sleep(5_000);
          await fixture.cluster.links.heal();
          await fixture.world.clock.sleep(1_000);
          if ((await leaderOf(fixture, rpc)) !== leader) deposed++;
        },
        seed,
      );
    }
    expect(deposed).toBeGreaterThan(0);
  });
});

test("nodes say what they wait for when they cannot go on", async () => {
  await withRaft({}, async (fixture, rpc) => {
    const { cluster, world } = fixture;
    const leader = await leaderOf(fixture, rpc);
    for (const node of cluster.nodes.filter((each) => each !== leader).slice(1)) {
      await cluster.processes.kill(node);
    }
    const asked = rpc.call(leader, ["register"], { timeoutMs: 3_000 }).catch(() => null);
    await world.clock.sleep(2_000);
    const lines = world.waiting?.() ?? [];
    expect(lines.filter((line) => line.endsWith("is down"))).toHaveLength(3);
    const said = lines.find((line) => line.startsWith(`${leader} is up`)) ?? "";
    expect(said).toMatch(
      /leader of term \d+, \d+ of \d+ entries committed, clients wait for 1; waits for answers of (n\d, ){2,3}n\d; 2 timers/,
    );
    await asked;
  });
});

describe("sessions", () => {
  test("a command that comes again is answered again and not carried out again", async () => {
    await withRaft({}, async (fixture, rpc) => {
      const { answer } = await askLeader(fixture, rpc, ["register"]);
      const command = ["command", answer[1] as number, 1, "append", "k", "x"];
      expect((await askLeader(fixture, rpc, command)).answer).toEqual(["ok", "x"]);
      expect((await askLeader(fixture, rpc, command)).answer).toEqual(["ok", "x"]);
      const read = await askLeader(fixture, rpc, ["read", "get", "k"]);
      expect(read.answer).toEqual(["ok", "x"]);
    });
  });

  test("also after a snapshot and a restart of everybody", async () => {
    await withRaft({ snapshotEntries: 2 }, async (fixture, rpc) => {
      const { nodes, processes } = fixture.cluster;
      const { answer } = await askLeader(fixture, rpc, ["register"]);
      const command = ["command", answer[1] as number, 1, "append", "k", "x"];
      await askLeader(fixture, rpc, command);
      for (let i = 0; i < 5; i++) await askLeader(fixture, rpc, ["register"]);
      for (const node of nodes) await processes.powerOff(node);
      for (const node of nodes) await processes.start(node);
      expect((await askLeader(fixture, rpc, command)).answer).toEqual(["ok", "x"]);
      const read = await askLeader(fixture, rpc, ["read", "get", "k"]);
      expect(read.answer).toEqual(["ok", "x"]);
    });
  });

  test("a command of a session that is not there is not carried out", async () => {
    await withRaft({}, async (fixture, rpc) => {
      const command = ["command", 4_711, 1, "append", "k", "x"];
      const { answer } = await askLeader(fixture, rpc, command);
      expect(answer).toEqual(["info", "expired", expect.any(String)]);
      const read = await askLeader(fixture, rpc, ["read", "get", "k"]);
      expect(read.answer).toEqual(["ok", null]);
    });
  });
});

test("a follower that has missed more than the log still has gets a snapshot", async () => {
  await withRaft({ snapshotEntries: 3 }, async (fixture, rpc) => {
    const { cluster, connect, succeed, recover } = fixture;
    const leader = await leaderOf(fixture, rpc);
    const [behind = "", ...others] = cluster.nodes.filter((node) => node !== leader);
    await cluster.processes.kill(behind);
    const client = await connect(leader);
    for (let i = 0; i < 60; i++) await succeed(client, { f: "put", key: `k${i % 7}`, value: i });
    await cluster.processes.start(behind);
    await fixture.world.clock.sleep(1_000);
    // Now it has to be one of the majority.
    for (const node of others.slice(0, 2)) await cluster.processes.kill(node);
    for (let i = 53; i < 60; i++) {
      expect(await recover(behind, { f: "get", key: `k${i % 7}`, value: null })).toBe(i);
    }
  });
});

describe("members", () => {
  const membersOf = async (fixture: Fixture, rpc: Rpc): Promise<Value> =>
    (await askLeader(fixture, rpc, ["members", "list"])).answer[1] as Value;

  test("are removed and added one at a time, and the rest goes on alone", async () => {
    await withRaft({}, async (fixture, rpc) => {
      const { cluster, connect, succeed } = fixture;
      await succeed(await connect("n1"), { f: "put", key: "k", value: 1 });
      for (const node of ["n5", "n4"]) {
        const { answer } = await askLeader(fixture, rpc, ["members", "remove", node]);
        expect(answer).toEqual(["ok", null]);
      }
      expect(await membersOf(fixture, rpc)).toEqual(["n1", "n2", "n3"]);
      // Two of three are a majority now.
      for (const node of ["n3", "n4", "n5"]) await cluster.processes.kill(node);
      expect(await fixture.recover("n1", { f: "get", key: "k", value: null })).toBe(1);
      await cluster.processes.start("n5");
      await askLeader(fixture, rpc, ["members", "add", "n5"]);
      expect(await membersOf(fixture, rpc)).toEqual(["n1", "n2", "n3", "n5"]);
    });
  });

  test("a second change has to wait for the first", async () => {
    await withRaft({}, async (fixture, rpc) => {
      const leader = await leaderOf(fixture, rpc);
      const [a = "", b = ""] = fixture.cluster.nodes.filter((node) => node !== leader);
      const answers = await Promise.all(
        [a, b].map(async (node) =>
          rpc.call(leader, ["members", "remove", node], { timeoutMs: 1_000 }),
        ),
      );
      expect(answers).toContainEqual(["ok", null]);
      expect(answers).toContainEqual(["fail", "busy", expect.any(String)]);
    });
  });

  test("a leader that removes itself leaves the others with a new one", async () => {
    await withRaft({}, async (fixture, rpc) => {
      const leader = await leaderOf(fixture, rpc);
      await rpc.call(leader, ["members", "remove", leader], { timeoutMs: 1_000 });
      expect(await leaderOf(fixture, rpc)).not.toBe(leader);
      expect(await membersOf(fixture, rpc)).not.toContain(leader);
    });
  });
});

describe("reads", () => {
  test("a leader that is cut off does not read; with a lease it does, until that ends", async () => {
    for (const reads of ["read-index", "lease"] as const) {
      await withRaft({ reads }, async (fixture, rpc) => {
        const leader = await leaderOf(fixture, rpc);
        await isolate(fixture, leader);
        const read = async (): Promise<Message> =>
          rpc
            .call(leader, ["read", "get", "k"], { timeoutMs: 50 })
            .catch((error: unknown) => (error as { readonly code: string }).code);
        expect(await read()).toEqual(reads === "lease" ? ["ok", null] : "timeout");
        await fixture.world.clock.sleep(1_000);
        expect(await read()).not.toEqual(["ok", null]);
      });
    }
  });
});
