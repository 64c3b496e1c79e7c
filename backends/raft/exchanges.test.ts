import { describe, expect, test } from "vitest";
import type { MessageTrip } from "../../src/simulation/options.js";
import { simulatedWorld } from "../../src/simulation/simulated-world.js";
import { withSystem, type Fixture } from "../../src/testing/backend-fixture.js";
import { raft } from "../raft.js";
import type { RaftMessage } from "./messages.js";

const HEARTBEAT_MS = 50;

/** A message between nodes. */
interface PeerTrip extends Omit<MessageTrip, "message"> {
  readonly message: RaftMessage;
}

async function tripsDuring(
  seed: number,
  body: (fixture: Fixture, begin: () => void) => Promise<void>,
): Promise<readonly PeerTrip[]> {
  let beganNs = Infinity;
  const trips: PeerTrip[] = [];
  const onMessage = (trip: MessageTrip): void => {
    const [kind, message] = Array.isArray(trip.message) ? trip.message : [];
    if (kind !== "peer" || trip.sentNs < beganNs) return;
    trips.push({ ...trip, message });
  };
  await withSystem(
    { system: raft(), world: () => simulatedWorld({ seed, onMessage }) },
    async (fixture) =>
      body(fixture, () => {
        beganNs = fixture.world.clock.nowNs();
      }),
  );
  return trips.toSorted((a, b) => a.sentNs - b.sentNs);
}

const appendsOf = (trips: readonly PeerTrip[]): readonly PeerTrip[] =>
  trips.filter(({ message: { kind } }) => kind === "append");

describe("exchanges with followers", () => {
  test("one is under way with each, however many commands and reads come at once", async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const trips = await tripsDuring(seed, async ({ connect, succeed, world }, begin) => {
        const clients = await Promise.all(["n1", "n2", "n3", "n4", "n5"].map(connect));
        for (const client of clients) await succeed(client, { f: "put", key: "k", value: 0 });
        begin();
        await Promise.all(
          clients.map(async (client, index) => {
            for (let i = 0; i < 10; i++) {
              const f = (i + index) % 2 === 0 ? "put" : "get";
              await succeed(client, { f, key: "k", value: f === "put" ? i : null });
            }
          }),
        );
        await world.clock.sleep(1);
      });
      const appends = appendsOf(trips);
      expect(appends.length).toBeGreaterThan(40);
      const openUntilNs = new Map<string, number>();
      for (const { to, message, sentNs } of appends) {
        if (message.kind !== "append") continue;
        const answer = trips.find(
          ({ from, message: said }) =>
            from === to && said.kind === "ack" && said.number === message.number,
        );
        const lastNs = openUntilNs.get(to) ?? 0;
        expect(sentNs, `message ${message.number} to ${to}`).toBeGreaterThanOrEqual(lastNs);
        openUntilNs.set(to, answer?.endNs ?? Infinity);
      }
    }
  });

  test("an idle leader is heard at each heartbeat, and nothing is said beside that", async () => {
    const trips = await tripsDuring(1, async ({ connect, succeed, world }, begin) => {
      await succeed(await connect("n1"), { f: "put", key: "k", value: 0 });
      await world.clock.sleep(1_000);
      begin();
      await world.clock.sleep(20 * HEARTBEAT_MS);
    });
    const beats = appendsOf(trips);
    // Four followers; of the last one some may still be on their way.
    expect(beats.length).toBeGreaterThanOrEqual(4 * 19);
    expect(beats.length).toBeLessThanOrEqual(4 * 21);
    expect(
      beats.every(({ message }) => message.kind === "append" && message.entries.length === 0),
    ).toBe(true);
  });

  test("what a follower has not answered is repeated after two heartbeats at the latest", async () => {
    let deaf = "";
    const trips = await tripsDuring(1, async ({ connect, succeed, cluster, world }, begin) => {
      const client = await connect("n1");
      await succeed(client, { f: "put", key: "k", value: 0 });
      await world.clock.sleep(1_000);
      // A follower, or the leader itself, for which the others then stand.
      deaf = "n5";
      for (const node of cluster.nodes) if (node !== deaf) await cluster.links.cut(deaf, node);
      begin();
      await succeed(client, { f: "put", key: "k", value: 1 });
      await world.clock.sleep(200);
    });
    const toDeaf = appendsOf(trips).filter(({ to }) => to === deaf);
    const withEntries = toDeaf.filter(
      ({ message }) => message.kind === "append" && message.entries.length > 0,
    );
    expect(withEntries.length).toBeGreaterThanOrEqual(2);
    for (const [index, { sentNs }] of toDeaf.entries()) {
      const next = toDeaf[index + 1];
      if (next === undefined) continue;
      expect(next.sentNs - sentNs).toBeLessThanOrEqual(2 * HEARTBEAT_MS * 1e6);
    }
  });
});

test("while nobody leads, a client asks less and less often", async () => {
  let asked = 0;
  const onMessage = ({ message }: MessageTrip): void => {
    if (Array.isArray(message) && message[0] === "req") asked++;
  };
  await withSystem(
    { system: raft(), world: () => simulatedWorld({ seed: 1, onMessage }) },
    async ({ cluster, connect, world }) => {
      for (const node of cluster.nodes.slice(1)) await cluster.processes.kill(node);
      const client = await connect("n1");
      await world.clock.sleep(1_000);
      asked = 0;
      const put = client.invoke({ f: "put", key: "k", value: 1 });
      await expect(put).rejects.toThrow(/no leader|refused|answered/);
    },
  );
  // In two seconds: pauses of 20, 40, 80, 80 … ms, where pauses of 20 ms alone make some 90.
  expect(asked).toBeGreaterThan(5);
  expect(asked).toBeLessThanOrEqual(28);
});
