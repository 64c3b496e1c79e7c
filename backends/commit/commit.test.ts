/** What two phases cost and three do not: a coordinator that dies at the wrong moment. */
import { describe, expect, test } from "vitest";
import type { System } from "../../src/runner/system.js";
import type { Completion } from "../../src/runner/client.js";
import { simulatedWorld } from "../../src/simulation/simulated-world.js";
import { withSystem } from "../../src/testing/backend-fixture.js";
import { threePhaseCommit } from "../three-phase-commit.js";
import { twoPhaseCommit } from "../two-phase-commit.js";

/** Accounts b and c belong to n2 and n3; n1 only coordinates. */
const TRANSFER = { f: "bank", key: "k", value: ["transfer", { from: "b", to: "c", amount: 1 }] };

interface Aftermath {
  /** What the others could do while the coordinator was down. */
  readonly meanwhile: Completion["type"];
  /** And when it was back. */
  readonly afterwards: Completion["type"];
  readonly total: number;
}

/** The coordinator dies so many milliseconds after it was asked. */
async function afterDeath(system: System, delayMs: number): Promise<Aftermath> {
  let aftermath: Aftermath | undefined;
  await withSystem({ system, world: () => simulatedWorld({ seed: 1 }) }, async (fixture) => {
    const { cluster, world, connect, perform } = fixture;
    const transfer = perform(await connect("n1"), TRANSFER);
    await world.clock.sleep(delayMs);
    await cluster.processes.kill("n1");
    await world.clock.sleep(2_000);
    const meanwhile = await perform(await connect("n2"), TRANSFER);
    await cluster.processes.start("n1");
    await world.clock.sleep(2_000);
    const afterwards = await perform(await connect("n2"), TRANSFER);
    const read = await perform(await connect("n2"), { f: "bank", key: "k", value: ["read"] });
    const balances = read.type === "ok" ? (read.value as { readonly [name: string]: number }) : {};
    const total = Object.values(balances).reduce((sum, balance) => sum + balance, 0);
    aftermath = { meanwhile: meanwhile.type, afterwards: afterwards.type, total };
    await transfer;
  });
  return aftermath as Aftermath;
}

const DELAYS = Array.from({ length: 30 }, (_, i) => i);

describe("when the coordinator dies", () => {
  test("two phases: those who have prepared wait for it, with their locks", async () => {
    const all = await Promise.all(DELAYS.map(async (delay) => afterDeath(twoPhaseCommit(), delay)));
    const blocked = all.filter(({ meanwhile }) => meanwhile === "fail");
    expect(blocked.length).toBeGreaterThan(0);
    expect(blocked.length).toBeLessThan(all.length);
    for (const { afterwards, total } of all) {
      expect({ afterwards, total }).toEqual({ afterwards: "ok", total: 100 });
    }
  });

  test("two phases: a participant that is blocked says whom it waits for", async () => {
    const blocked: string[] = [];
    for (const delay of DELAYS) {
      const world = simulatedWorld({ seed: 1 });
      await withSystem({ system: twoPhaseCommit(), world: () => world }, async (fixture) => {
        const { cluster, connect, perform } = fixture;
        const transfer = perform(await connect("n1"), TRANSFER);
        await world.clock.sleep(delay);
        await cluster.processes.kill("n1");
        await world.clock.sleep(2_000);
        const [dead, ...others] = world.waiting?.() ?? [];
        expect(dead).toBe("n1 is down");
        for (const line of others) if (line.includes("has voted")) blocked.push(line);
        await transfer;
      });
    }
    expect(blocked.length).toBeGreaterThan(0);
    for (const line of blocked) {
      expect(line).toMatch(
        /^n[23] is up: has voted for n1\.\d+\.1 and waits for n1 to decide; 1 timer, the next in [\d.]+ ms; no disk call; /,
      );
    }
  });

  test("three phases: they decide without it", async () => {
    const all = await Promise.all(
      DELAYS.map(async (delay) => afterDeath(threePhaseCommit(), delay)),
    );
    for (const aftermath of all) {
      expect(aftermath).toEqual({ meanwhile: "ok", afterwards: "ok", total: 100 });
    }
  });

  test("three phases: who was down asks, and does not decide alone", async () => {
    const between = { f: "bank", key: "k", value: ["transfer", { from: "c", to: "a", amount: 1 }] };
    const totals = await Promise.all(
      DELAYS.map(async (delay) => {
        let total = Number.NaN;
        const world = simulatedWorld({ seed: 1 });
        await withSystem({ system: threePhaseCommit(), world: () => world }, async (fixture) => {
          const { connect, perform } = fixture;
          const { processes } = fixture.cluster;
          const transfer = perform(await connect("n1"), between);
          await world.clock.sleep(delay);
          await processes.kill("n3");
          await processes.kill("n1");
          await processes.start("n1");
          await world.clock.sleep(450);
          await processes.start("n3");
          await processes.kill("n1");
          await world.clock.sleep(1_000);
          await processes.start("n1");
          await world.clock.sleep(2_000);
          const read = await perform(await connect("n2"), { f: "bank", key: "k", value: ["read"] });
          expect(read.type).toBe("ok");
          const balances = (read as { readonly value: { readonly [name: string]: number } }).value;
          total = Object.values(balances).reduce((sum, balance) => sum + balance, 0);
          await transfer;
        });
        return total;
      }),
    );
    expect(new Set(totals)).toEqual(new Set([100]));
  });
});
