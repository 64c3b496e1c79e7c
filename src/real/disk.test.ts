import {
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { createFileStore, type FileStore } from "../simulation/disk.js";
import type { Disk } from "../world/disk.js";
import { openRealDisk, type RealDisk } from "./disk.js";

const root = mkdtempSync(join(tmpdir(), "ordeal-test-"));
afterAll(async () => {
  for (const disk of opened) await disk.close();
  rmSync(root, { recursive: true, force: true });
});

const opened: RealDisk[] = [];
async function fresh(): Promise<RealDisk> {
  const disk = await openRealDisk(join(root, `d${opened.length}`));
  opened.push(disk);
  return disk;
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe("a real disk", () => {
  it("takes calls in order, with the bytes of the moment of the call", async () => {
    const disk = await fresh();
    const given = bytes(1);
    const calls = [disk.write("a", given), disk.append("a", bytes(2)), disk.rename("a", "b")];
    given[0] = 9;
    expect(await disk.list()).toEqual(["b"]);
    await Promise.all(calls);
    expect(await disk.read("b")).toEqual(bytes(1, 2));
  });

  it("says what failed, as a DiskError", async () => {
    const disk = await fresh();
    for (const call of [disk.sync("a"), disk.rename("a", "b"), disk.truncate("a", 0)]) {
      await expect(call).rejects.toMatchObject({ name: "DiskError", code: "not-found" });
    }
    expect(await disk.read("a")).toBeUndefined();
    await disk.remove("a");
    // One failure does not hold up what follows.
    await disk.write("a", bytes(1));
    await disk.sync("a");
    await disk.syncDirectory();
  });

  it("keeps to its directory", async () => {
    const disk = await fresh();
    writeFileSync(join(root, "outside"), "secret");
    for (const name of ["", ".", "..", "../outside", "a/b", "a\\b", "nul\0", "ä"]) {
      await expect(disk.read(name)).rejects.toMatchObject({ name: "DiskError", code: "io" });
      await expect(disk.remove(name)).rejects.toMatchObject({ code: "io" });
      await expect(disk.rename("a", name)).rejects.toMatchObject({ code: "io" });
    }
  });

  it.skipIf(process.platform !== "linux")("tells when there is no space", async () => {
    const disk = await fresh();
    symlinkSync("/dev/full", join(disk.directory as string, "full"));
    for (const call of [disk.append("full", bytes(1)), disk.appendDurably?.("full", bytes(1))]) {
      await expect(call).rejects.toMatchObject({ name: "DiskError", code: "no-space" });
    }
  });

  it.skipIf(process.platform !== "linux")("keeps one file open, until it is closed", async () => {
    const disk = await fresh();
    const open = (): string[] =>
      readdirSync("/proc/self/fd").flatMap((fd) => {
        try {
          const target = readlinkSync(`/proc/self/fd/${fd}`);
          return target.startsWith(`${disk.directory}/`) ? [target.slice(-1)] : [];
        } catch {
          return []; // it was open for the listing alone
        }
      });
    for (const file of ["a", "b", "a"]) await disk.append(file, bytes(1));
    await disk.sync("a");
    await disk.sync("b");
    expect(open()).toEqual(["a"]);
    await disk.rename("a", "c");
    expect(open()).toEqual([]);
    await disk.append("b", bytes(2));
    await disk.close();
    await disk.close();
    expect(open()).toEqual([]);
    await disk.append("b", bytes(3));
    expect(await disk.read("b")).toEqual(bytes(1, 2, 3));
    await disk.appendDurably?.("d", bytes(4));
    await disk.appendDurably?.("d", bytes(5));
    expect(open()).toEqual(["d"]);
    expect(await disk.read("d")).toEqual(bytes(4, 5));
  });

  it("does what the simulated one does", async () => {
    const name = fc.constantFrom("a", "b", "c");
    const call = fc.oneof(
      fc.record({
        kind: fc.constantFrom("write" as const, "append" as const),
        file: name,
        bytes: fc.uint8Array({ maxLength: 8 }),
      }),
      fc.record({ kind: fc.constant("truncate" as const), file: name, size: fc.nat(12) }),
      fc.record({ kind: fc.constant("rename" as const), file: name, to: name }),
      fc.record({
        kind: fc.constantFrom("read" as const, "remove" as const, "sync" as const, "list" as const),
        file: name,
      }),
    );
    type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;
    const perform = async (disk: Disk | FileStore, next: Call): Promise<unknown> => {
      try {
        if (next.kind === "write") return await disk.write(next.file, next.bytes);
        if (next.kind === "append") return await disk.append(next.file, next.bytes);
        if (next.kind === "truncate") return await disk.truncate(next.file, next.size);
        if (next.kind === "rename") return await disk.rename(next.file, next.to);
        if (next.kind === "list") return await disk.list();
        return (await disk[next.kind](next.file)) ?? "nothing";
      } catch (error) {
        return (error as { readonly code: string }).code;
      }
    };
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 12 }), async (calls) => {
        const real = await fresh();
        const simulated = createFileStore({ capacityBytes: 1000 });
        for (const next of calls) {
          expect(await perform(real, next)).toEqual(await perform(simulated, next));
        }
      }),
      { numRuns: 60 },
    );
  });
});
