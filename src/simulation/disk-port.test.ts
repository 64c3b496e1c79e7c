import { expect, test } from "vitest";
import { createRandom } from "../random.js";
import { resolveOptions } from "./options.js";
import { createMachineDisk } from "./disk-port.js";
import type { CrashChoices } from "./event-queue.js";
import { createScheduler, type Scheduler } from "./scheduler.js";
import { createScope } from "./scope.js";

async function onDisk(
  seed: number,
  main: (disk: ReturnType<typeof createMachineDisk>, scheduler: Scheduler) => Promise<void>,
  crashes?: CrashChoices,
): Promise<void> {
  const scheduler = createScheduler({ maxVirtualMs: 1e6, describe: () => "a test" });
  const options = resolveOptions({ seed }).disk;
  const disk = createMachineDisk({
    node: "n1",
    crashes,
    scheduler,
    random: createRandom(seed),
    options,
  });
  await scheduler.run(() => main(disk, scheduler));
  scheduler.close();
}

test("calls take effect in order and take their time", async () => {
  await onDisk(1, async (machine, scheduler) => {
    const disk = machine.open(scheduler.harness);
    const given = Uint8Array.of(1);
    const done = [
      disk.write("a", given),
      disk.append("a", Uint8Array.of(2)),
      disk.rename("a", "b"),
    ];
    given[0] = 9;
    expect(await disk.list()).toEqual(["b"]);
    await Promise.all(done);
    expect(await disk.read("b")).toEqual(Uint8Array.of(1, 2));
    expect(await disk.read("a")).toBeUndefined();
    const begunNs = scheduler.nowNs();
    await disk.sync("b");
    expect(scheduler.nowNs() - begunNs).toBeGreaterThan(500_000);
    await disk.remove("a");
    await expect(disk.sync("a")).rejects.toMatchObject({ name: "DiskError", code: "not-found" });
    for (const name of ["", "..", "x/y", "../etc"]) {
      await expect(disk.read(name)).rejects.toMatchObject({ code: "io" });
    }
    await expect(disk.truncate("b", -1)).rejects.toMatchObject({ code: "io" });
  });
});

test("a call that a crash interrupts happened wholly, partly or not; a resolved one stays", async () => {
  const outcomes = new Set<string>();
  for (let seed = 0; seed < 100; seed++) {
    await onDisk(seed, async (machine, scheduler) => {
      const scope = createScope("n1", () => {});
      const disk = machine.open(scope);
      await disk.append("log", Uint8Array.of(1));
      let resolved = false;
      void disk.append("log", Uint8Array.of(2, 3)).then(() => (resolved = true));
      void disk.append("log", Uint8Array.of(4)).then(() => (resolved = true));
      scheduler.kill(scope);
      machine.interrupt();
      const next = machine.open(createScope("n1", () => {}));
      outcomes.add([...((await next.read("log")) as Uint8Array)].join(""));
      expect(resolved).toBe(false);
    });
  }
  expect([...outcomes].toSorted()).toEqual(["1", "12", "123", "1234"]);
});

test("what a crash leaves is chosen where somebody chooses: calls that are done, writes that are lost", async () => {
  for (const [done, left] of ["1", "123", "1234"].entries()) {
    for (const loses of [true, false]) {
      const asked: unknown[] = [];
      const crashes: CrashChoices = {
        callsDone: (...of) => asked.push(of) && done,
        losesUnsynced: (node) => asked.push(node) > 0 && loses,
      };
      const found = new Set<string>();
      for (let seed = 0; seed < 40; seed++) {
        await onDisk(
          seed,
          async (machine, scheduler) => {
            const scope = createScope("n1", () => {});
            const disk = machine.open(scope);
            await disk.append("log", Uint8Array.of(1));
            await disk.sync("log");
            await disk.syncDirectory();
            void disk.append("log", Uint8Array.of(2, 3));
            void disk.append("log", Uint8Array.of(4));
            scheduler.kill(scope);
            machine.interrupt();
            const next = machine.open(createScope("n1", () => {}));
            expect([...((await next.read("log")) as Uint8Array)].join("")).toBe(left);
            machine.losePower();
            found.add([...((await next.read("log")) as Uint8Array)].join(""));
          },
          crashes,
        );
      }
      expect(asked.slice(0, 2)).toEqual([["n1", 2], "n1"]);
      // With nothing chosen some of it is left, by chance.
      if (loses || done === 0) expect([...found]).toEqual(["1"]);
      else expect(found.size).toBeGreaterThan(1);
    }
  }
});
