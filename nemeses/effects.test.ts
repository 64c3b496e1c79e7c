/**
 * The nemeses of networks, clocks and disks on whole systems: their faults take effect, are over
 * when they are healed, leave right systems right, and find wrong ones.
 * `npm run bench:built -- nemeses --seeds 200` tries so many seeds of each right one.
 */
import { describe, expect, test } from "vitest";
import { chain } from "../backends/chain.js";
import { crdt } from "../backends/crdt.js";
import { file } from "../backends/file.js";
import { raft } from "../backends/raft.js";
import { HEALTHY } from "../bench/nemeses/healthy.js";
import { runUnder, type Circumstances } from "../bench/mutants/scenario.js";
import type { History } from "../src/history/history.js";
import type { HistoryEvent } from "../src/history/operation.js";
import type { Nemesis } from "../src/runner/nemesis.js";
import type { System } from "../src/runner/system.js";
import type { MessageTrip } from "../src/simulation/simulated-world.js";
import { register } from "../workloads/register.js";
import { sessions } from "../workloads/sessions.js";
import { settledCounter } from "../workloads/settled.js";
import {
  bitRot,
  clock,
  compose,
  fullDisk,
  network,
  partition,
  powerLoss,
  syncError,
} from "./index.js";

const SEEDS = 2;
const MINUTES = 60_000;

type Make<T> = () => T;

function under(nemesis: Make<Nemesis>, more: Partial<Circumstances> = {}): Circumstances {
  return { nemeses: () => [nemesis()], intervalMs: 300, lengthMs: 4_000, ...more };
}

function nemesisEvents(history: History): readonly HistoryEvent[] {
  return Array.from({ length: history.length }, (_, index) => history.event(index)).filter(
    ({ process }) => process === "nemesis",
  );
}

describe("faults take effect and end", () => {
  async function tripsUnder(nemesis: Make<Nemesis>): Promise<{
    readonly during: readonly MessageTrip[];
    readonly after: readonly MessageTrip[];
  }> {
    const trips: MessageTrip[] = [];
    const { history } = await runUnder(
      under(nemesis, { world: { onMessage: (trip) => trips.push(trip) }, failFast: false }),
      raft(),
      1,
    );
    const healedNs = nemesisEvents(history).findLast(({ f }) => f === "heal")?.timeNs ?? 0;
    const between = trips.filter(({ from, to }) => /^n\d>n\d$/.test(`${from}>${to}`));
    return {
      during: between.filter(({ sentNs }) => sentNs < healedNs),
      after: between.filter(({ sentNs }) => sentNs > healedNs),
    };
  }
  const slowest = (trips: readonly MessageTrip[]): number =>
    Math.max(...trips.map(({ sentNs, endNs }) => (endNs - sentNs) / 1e6));
  const lost = (trips: readonly MessageTrip[]): number =>
    trips.filter(({ fate }) => fate === "lost").length;

  test("messages are lost", async () => {
    const { during, after } = await tripsUnder(() => network({ troubles: ["loss"] }));
    expect(lost(during)).toBeGreaterThan(20);
    expect(after.length).toBeGreaterThan(20);
    expect(lost(after)).toBe(0);
  });

  test("messages are late", async () => {
    const { during, after } = await tripsUnder(() => network({ troubles: ["delay"] }));
    expect(slowest(during)).toBeGreaterThan(60);
    expect(slowest(after)).toBeLessThan(60);
  });

  test.each([fullDisk, syncError])(
    "disks fail, nodes do not acknowledge what they could not keep, and all serve in the end",
    async (nemesis) => {
      // With a majority struck nothing can be written, but is when the disks are whole again.
      const { history, result } = await runUnder(
        under(() => nemesis({ majority: false }), { failFast: false }),
        raft(),
        1,
      );
      expect(result.verdict.verdict).toBe("valid");
      const events = nemesisEvents(history);
      const struck = events.filter(({ f, value }) => f.startsWith("start-") && value !== null);
      expect(struck.length).toBeGreaterThan(2);
      expect(events.filter(({ error }) => error !== undefined)).toEqual([]);
      const last = history.operation(history.invocations().at(-1) as number);
      expect(last.outcome).toBe("ok");
    },
  );

  test("bits rot, nodes that notice refuse to come up, and come up when they are mended", async () => {
    const refused: unknown[] = [];
    for (let seed = 1; seed <= 5; seed++) {
      const { history } = await runUnder(
        under(() => bitRot(), { failFast: false }),
        raft(),
        seed,
      );
      const events = nemesisEvents(history);
      for (const { f, value } of events) {
        if (f !== "start-bit-rot" || value === null) continue;
        const { files, refused: nodes } = value as { files: string[]; refused: string[] };
        expect(files.length).toBeGreaterThan(0);
        refused.push(...nodes);
      }
      expect(events.filter(({ f, error }) => f === "heal" && error !== undefined)).toEqual([]);
    }
    expect(refused.length).toBeGreaterThan(0);
  });
});

describe("right systems stay right", () => {
  test.each(HEALTHY)(
    "$name",
    async ({ run }) => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { result } = await run(seed);
        const { verdict, reason } = result.verdict;
        expect(`seed ${seed}: ${verdict} ${reason}`).toMatch(/: valid /);
      }
    },
    30 * MINUTES,
  );
});

describe("wrong systems are found", () => {
  /** Nothing but the nemesis makes clocks wrong. */
  const world = { clock: { skewMsMax: 0, driftPpmMax: 0 } };
  const long = { lengthMs: 8_000 };
  const cases: readonly (readonly [string, Make<System>, Circumstances])[] = [
    [
      "a lease by wall clocks that jump",
      () => raft({ variant: "lease-wall-clock" }),
      under(() => compose([clock({ driftMax: 0 }), partition()]), {
        workload: () => register(),
        world,
        ...long,
      }),
    ],
    [
      "last writers by wall clocks that jump",
      () => crdt({ variant: "wall-clock" }),
      under(() => clock({ driftMax: 0 }), { workload: () => sessions(), world, ...long }),
    ],
    [
      "requests that come twice",
      () => raft({ variant: "duplicates-applied" }),
      under(() => network(), long),
    ],
    [
      "messages that overtake one another",
      () => chain({ variant: "numbers-ignored" }),
      under(() => network({ troubles: ["reorder", "duplication"] }), long),
    ],
    [
      "sums of what comes twice",
      () => crdt({ variant: "counter-merged-by-sum" }),
      under(() => network({ troubles: ["duplication"] }), { workload: settledCounter, ...long }),
    ],
    [
      "acknowledgements of what did not fit on the disk",
      () => raft({ variant: "ack-before-fsync" }),
      under(() => fullDisk({ majority: false }), long),
    ],
    [
      "an fsync that is called again, and believed",
      () => file({ variant: "fsync-retried" }),
      under(() => compose([syncError(), powerLoss()]), { ...long, rate: 200 }),
    ],
    [
      "damage that is taken for an entry",
      () => raft({ variant: "torn-accepted" }),
      under(() => bitRot(), long),
    ],
  ];
  test.each(cases)(
    "%s",
    async (_, system, circumstances) => {
      let found = 0;
      for (let seed = 1; seed <= 40 && found === 0; seed++) {
        const { result } = await runUnder(circumstances, system(), seed);
        if (result.verdict.verdict === "invalid") found = seed;
      }
      expect(found).toBeGreaterThan(0);
    },
    5 * MINUTES,
  );
});

test("an fsync that is called again does no harm on a disk that remembers what it failed to write", async () => {
  const circumstances = under(() => compose([syncError(), powerLoss()]), {
    world: { disk: { failedSyncForgets: false } },
  });
  for (let seed = 1; seed <= 10; seed++) {
    const { result } = await runUnder(circumstances, file({ variant: "fsync-retried" }), seed);
    expect(`seed ${seed}: ${result.verdict.verdict}`).toBe(`seed ${seed}: valid`);
  }
});
