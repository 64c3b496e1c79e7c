/**
 * The journal in the simulated world, with crashes at any time: what it said to be durable is found
 * again, in its order, and nothing is found that was not written.
 */
import { describe, expect, test } from "vitest";
import type { Value } from "../../src/history/value.js";
import { createRandom } from "../../src/random.js";
import { simulatedWorld } from "../../src/simulation/simulated-world.js";
import type { NodeProgram } from "../../src/world/world.js";
import { openJournal, type JournalOptions } from "./journal.js";

interface Seen {
  /** The highest number that was durable. */
  durable: number;
  /** The highest number that was written. */
  written: number;
  /** Whether something durable was not found again, or something else than what was written. */
  wrong: string | undefined;
  starts: number;
}

/** Writes 1, 2, 3 …, now and then puts a checkpoint in their place, and looks after each start. */
function writer(seen: Seen, options: JournalOptions): NodeProgram {
  return {
    start: async ({ disk, clock, random }) => {
      const journal = await openJournal(disk, options);
      const found = [...((journal.checkpoint ?? []) as readonly Value[]), ...journal.records];
      seen.starts++;
      const isInOrder = found.every((record, i) => record === i + 1);
      const count = found.length;
      if (!isInOrder) seen.wrong ??= `found ${JSON.stringify(found)}`;
      if (count < seen.durable) seen.wrong ??= `${seen.durable} were durable, ${count} are found`;
      if (count > seen.written) seen.wrong ??= `${count} are found, ${seen.written} were written`;
      await journal.replace(found);
      let next = count;
      const write = (): void => {
        const number = ++next;
        found.push(number);
        seen.written = Math.max(seen.written, number);
        void journal.append(number).then(() => {
          seen.durable = Math.max(seen.durable, number);
          return undefined;
        });
        if (random.chance(0.05)) void journal.replace([...found]);
        clock.timer(random.exponential(1), write);
      };
      write();
    },
  };
}

async function crashed(
  seed: number,
  crash: "kill" | "powerOff",
  options: JournalOptions = {},
): Promise<Seen> {
  const seen: Seen = { durable: 0, written: 0, wrong: undefined, starts: 0 };
  const world = simulatedWorld({
    seed,
    load: async () => ({ program: () => writer(seen, options) }),
  });
  const random = createRandom(seed);
  try {
    await world.run(async () => {
      const cluster = await world.deploy(
        { program: { module: "test:journal", export: "program", options: {} }, nodeCount: 1 },
        { onLog: () => undefined },
      );
      for (let round = 0; round < 10; round++) {
        await world.clock.sleep(random.exponential(30));
        await cluster.processes[crash]("n1");
        // What is found counts from here on, as a client would have seen it.
        seen.written = Math.max(seen.written, seen.durable);
        await cluster.processes.start("n1");
      }
    });
  } finally {
    await world.close();
  }
  return seen;
}

describe("what was durable is found again", () => {
  for (const crash of ["kill", "powerOff"] as const) {
    test(`after ${crash}`, async () => {
      let [starts, durable] = [0, 0];
      for (let seed = 1; seed <= 60; seed++) {
        const seen = await crashed(seed, crash);
        expect(seen.wrong, `seed ${seed}`).toBeUndefined();
        starts += seen.starts;
        durable += seen.durable;
      }
      expect(starts).toBe(60 * 11);
      expect(durable).toBeGreaterThan(1_000);
    });
  }

  test("and not without syncs, when the power goes; a kill does no harm", async () => {
    let lost = 0;
    for (let seed = 1; seed <= 10; seed++) {
      if ((await crashed(seed, "powerOff", { syncs: false })).wrong !== undefined) lost++;
      expect((await crashed(seed, "kill", { syncs: false })).wrong).toBeUndefined();
    }
    expect(lost).toBeGreaterThan(0);
  });
});
