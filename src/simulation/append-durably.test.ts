/**
 * `appendDurably` is `append` and then `sync`: in the simulated world to the nanosecond, with the
 * same random numbers, whatever happens in between.
 */
import { expect, test } from "vitest";
import { createRandom, type Random } from "../random.js";
import type { Disk } from "../world/disk.js";
import { createPerfectClock } from "./clock.js";
import { createMachineDisk, type MachineDisk } from "./disk-port.js";
import { resolveOptions } from "./options.js";
import { createScheduler, type Scheduler } from "./scheduler.js";
import { createScope, type Scope } from "./scope.js";

type AppendDurably = (disk: Disk, file: string, bytes: Uint8Array) => Promise<void>;

const asOne: AppendDurably = (disk, file, bytes) =>
  (disk.appendDurably as NonNullable<Disk["appendDurably"]>)(file, bytes);
const inTurn: AppendDurably = async (disk, file, bytes) => {
  await disk.append(file, bytes);
  await disk.sync(file);
};

/** A machine whose process may stand still, or die and be started anew. */
interface Stage {
  readonly machine: MachineDisk;
  readonly scheduler: Scheduler;
  readonly random: Random;
  scope: Scope;
}

/** Something that comes between. */
const DISTURBANCES: { readonly [name: string]: (stage: Stage) => void } = {
  kill: (stage) => {
    stage.scheduler.kill(stage.scope);
    stage.machine.interrupt();
    stage.scope = createScope("n1", () => {});
  },
  powerOff: (stage) => {
    DISTURBANCES["kill"]?.(stage);
    stage.machine.losePower();
  },
  pause: ({ scheduler, scope }) => scheduler.pause(scope),
  resume: ({ scheduler, scope }) => scheduler.resume(scope),
  slow: ({ machine }) => machine.strike("slow-disk"),
  quick: ({ machine }) => machine.restore("slow-disk"),
  full: ({ machine }) => machine.strike("full-disk"),
  empty: ({ machine }) => machine.restore("full-disk"),
  failing: ({ machine }) => machine.strike("sync-error"),
  working: ({ machine }) => machine.restore("sync-error"),
  rot: ({ machine, random }) => {
    machine.rot(random.float());
  },
  mend: ({ machine }) => machine.restore("bit-rot"),
};

/** What can be seen of a drawn script. */
async function seen(seed: number, append: AppendDurably): Promise<readonly string[]> {
  const lines: string[] = [];
  const random = createRandom(seed);
  const capacityBytes = random.chance(0.2) ? 40 : Infinity;
  const options = { ...resolveOptions({ seed }).disk, capacityBytes };
  const scheduler = createScheduler({ maxVirtualMs: 1e6, describe: () => "a test" });
  const machine = createMachineDisk({
    node: "n1",
    scheduler,
    random: random.fork("disk"),
    options,
  });
  const stage: Stage = { machine, scheduler, random, scope: createScope("n1", () => {}) };
  const clock = createPerfectClock(scheduler, scheduler.harness);
  const tell = (what: string, call: Promise<unknown>): void => {
    const ended = (how: unknown): void => {
      lines.push(`${scheduler.nowNs()} ${what}: ${String(how)}`);
    };
    call.then(ended, (error: { readonly code: string }) => ended(error.code));
  };
  const content = async (): Promise<string> => {
    const disk = machine.open(scheduler.harness);
    return [await disk.read("a"), await disk.read("b"), machine.content()].join(" ");
  };
  await scheduler.run(async () => {
    for (let step = 0; step < 12; step++) {
      const kind = random.below(10);
      const file = random.pick(["a", "a", "a", "b"]);
      const disk = machine.open(stage.scope);
      if (kind < 5) {
        const bytes = Uint8Array.from({ length: 1 + random.below(9) }, () => random.below(256));
        tell(`append ${step}`, append(disk, file, bytes));
      } else if (kind === 5) tell(`read ${step}`, disk.read(file));
      else {
        const name = random.pick(Object.keys(DISTURBANCES));
        lines.push(`${scheduler.nowNs()} ${name}`);
        DISTURBANCES[name]?.(stage);
      }
      // Often within the addition, or within its sync.
      if (random.chance(0.9)) await clock.sleep(random.pick([0.01, 0.05, 0.5, 2, 20]));
    }
    scheduler.resume(stage.scope);
    await clock.sleep(2_000);
    lines.push(await content());
    machine.interrupt();
    machine.losePower();
    lines.push(await content());
  });
  scheduler.close();
  return lines;
}

test("a durable addition is an addition and a sync in turn, whatever comes between", async () => {
  const ends = new Set<string>();
  for (let seed = 0; seed < 3_000; seed++) {
    const lines = await seen(seed, asOne);
    expect(lines, `seed ${seed}`).toEqual(await seen(seed, inTurn));
    for (const line of lines) ends.add(/append \d+: (.*)/.exec(line)?.[1] ?? "");
  }
  // Each way to end was met.
  expect([...ends].toSorted()).toEqual(["", "io", "no-space", "undefined"]);
});
