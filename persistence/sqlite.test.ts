/** What SQLite does beside the contract: other processes' locks, files that are no database. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { sqlitePersistence } from "./index.js";

const folder = mkdtempSync(join(tmpdir(), "ordeal-sqlite-states-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a file that is no database is corrupt", async () => {
  const file = join(folder, "text.db");
  writeFileSync(file, "this is no database, and long enough to be seen as none\n".repeat(100));
  await expect(sqlitePersistence(file)).rejects.toMatchObject({ code: "corrupt" });
});

test("a folder that is not there makes it unavailable", async () => {
  const opening = sqlitePersistence(join(folder, "none", "states.db"));
  await expect(opening).rejects.toMatchObject({ code: "unavailable" });
});

test("a lock of somebody else makes a save unavailable, for certain, and a load not", async () => {
  const file = join(folder, "locked.db");
  const store = await sqlitePersistence(file, { busyMs: 10 });
  const version = await store.saveState("a", 1);
  const { default: Libsql } = await import("libsql");
  const other = new Libsql(file);
  other.exec("BEGIN IMMEDIATE");
  await expect(store.saveState("a", 2)).rejects.toMatchObject({ code: "unavailable" });
  expect(await store.loadState("a")).toEqual({ value: 1, version });
  other.exec("ROLLBACK");
  other.close();
  expect(await store.saveState("a", 2)).toBeGreaterThan(version);
  await store.close();
});

test("two that have it open at once see each other's states, and conflict", async () => {
  const file = join(folder, "shared.db");
  const [one, two] = [await sqlitePersistence(file), await sqlitePersistence(file)];
  const version = await one.saveState("a", 1);
  expect(await two.loadState("a")).toEqual({ value: 1, version });
  await two.saveState("a", 2, { expected: version });
  await expect(one.saveState("a", 3, { expected: version })).rejects.toMatchObject({
    code: "conflict",
  });
  await Promise.all([one.close(), two.close()]);
});
