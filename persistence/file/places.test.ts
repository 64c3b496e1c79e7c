/** What a directory holds that is not of this store, or cannot hold one; options that are none. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createRandom } from "../../src/index.js";
import { encodeFrame } from "../../backends/file/frame.js";
import { Machine } from "../../test/crashing-machine.js";
import { filePersistence, sqlitePersistence, type FileOptions } from "../index.js";

const folder = mkdtempSync(join(tmpdir(), "ordeal-places-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("files of others are left alone", async () => {
  const directory = join(folder, "theirs");
  mkdirSync(directory);
  for (const name of ["thesis.tmp", "notes", "segment-x"]) {
    writeFileSync(join(directory, name), "theirs");
  }
  const store = await filePersistence(directory);
  await store.saveState("a", 1);
  await store.close();
  expect(readdirSync(directory)).toEqual(
    expect.arrayContaining(["thesis.tmp", "notes", "segment-x"]),
  );
});

test("a segment of another format is corrupt, and is not removed", async () => {
  const machine = new Machine(createRandom(1));
  await machine.disk().append("segment-1", encodeFrame(["segment", 2, 1, "each"]));
  await expect(machine.open()).rejects.toMatchObject({ code: "corrupt" });
  await expect(machine.open()).rejects.toThrow("does not begin as a segment of this format does");
  expect(await machine.names("segment")).toEqual(["segment-1"]);
});

test("a segment of which nothing is left is told", async () => {
  const machine = new Machine(createRandom(1));
  const store = await machine.open();
  await store.saveState("a", 1);
  await machine.disk().write("segment-1", new Uint8Array(100));
  const { recovery } = await machine.open();
  expect(recovery.damage).toEqual(["nothing in segment-1 can be read: it was removed"]);
});

test("what can be no directory of a store is unavailable", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  const lockless = join(folder, "lockless");
  mkdirSync(join(lockless, "lock"), { recursive: true });
  for (const place of [file, join(file, "below"), lockless]) {
    await expect(filePersistence(place)).rejects.toMatchObject({
      name: "StateError",
      code: "unavailable",
    });
  }
  // Which directory a program means that has forgotten to say it, nobody knows.
  await expect(filePersistence("")).rejects.toMatchObject({ code: "bad-argument" });
});

test("options that would be taken for others are refused", async () => {
  const wrong = [
    { fsync: "Always" },
    { fsync: {} },
    { fsync: null },
    { fsync: { everyMs: 0 } },
    { fsync: { everyMs: Number.NaN } },
    { checkpointBytes: -1 },
    { checkpointBytes: Number.NaN },
  ] as unknown as readonly FileOptions[];
  for (const options of wrong) {
    const machine = new Machine(createRandom(1));
    await expect(machine.open(options)).rejects.toMatchObject({ code: "bad-argument" });
    const directory = join(folder, "refused");
    const opening = filePersistence(directory, options);
    await expect(opening).rejects.toMatchObject({ code: "bad-argument" });
  }
  expect(readdirSync(folder)).not.toContain("refused");
  const opening = sqlitePersistence(join(folder, "refused"), { busyMs: Number.NaN });
  await expect(opening).rejects.toMatchObject({ code: "bad-argument" });
});

test("closing leaves no timer behind, also while something is written", async () => {
  const machine = new Machine(createRandom(1));
  const store = await machine.open({ fsync: { everyMs: 100 } });
  const saved = store.saveState("a", 1);
  await store.close();
  await saved;
  const { syncs } = machine;
  machine.time.pass();
  await new Promise((resolve) => setImmediate(resolve));
  expect(machine.syncs).toBe(syncs);
});

test("closing says when what was answered may be lost", async () => {
  const machine = new Machine(createRandom(1));
  const store = await machine.open({ fsync: { everyMs: 100 } });
  await store.saveState("a", 1);
  machine.failNext("sync");
  await expect(store.close()).rejects.toMatchObject({ name: "StateError", code: "indeterminate" });
});
