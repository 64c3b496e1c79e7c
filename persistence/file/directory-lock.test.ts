/** One process at a time has a directory of states, and one that was killed has none. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, expect, test } from "vitest";
import { filePersistence } from "../file.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "ordeal-lock-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a directory that another process has open is refused, and free once that is killed", async () => {
  const directory = join(folder, "shared");
  const saver = execa(
    process.execPath,
    ["--import", "tsx", "test/real/state-saver.ts", "file", directory],
    { cwd: ROOT, buffer: false, reject: false },
  );
  await once(saver.stdout, "data");
  const opening = filePersistence(directory);
  await expect(opening).rejects.toMatchObject({ code: "unavailable" });
  await expect(opening).rejects.toThrow(`the states in ${directory} are open already`);
  saver.kill("SIGKILL");
  await saver;
  const store = await filePersistence(directory);
  expect((await store.listStates()).length).toBeGreaterThan(0);
  await store.close();
});

test("so is one that this process has open; closing it twice frees nobody else's", async () => {
  const directory = join(folder, "own");
  const first = await filePersistence(directory);
  await expect(filePersistence(directory)).rejects.toMatchObject({ code: "unavailable" });
  await first.saveState("a", 1);
  await first.close();
  const second = await filePersistence(directory);
  await first.close();
  await expect(filePersistence(directory)).rejects.toMatchObject({ code: "unavailable" });
  expect((await second.loadState("a")).value).toBe(1);
  await second.close();
});

test("an opening that fails gives the directory back", async () => {
  const directory = join(folder, "failing");
  const recovery = { name: "none", needsWholeLog: false };
  const failing = filePersistence(directory, {
    recovery: {
      ...recovery,
      recover: async () => {
        throw new Error("not this time");
      },
    },
  });
  await expect(failing).rejects.toThrow("not this time");
  await (await filePersistence(directory)).close();
});
