/**
 * Stores of states in a process that is killed with SIGKILL again and again: what it acknowledged
 * is there, nothing deleted comes back, and at the most one thing more than was acknowledged.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";
import { filePersistence, sqlitePersistence } from "../persistence/index.js";
import { createRandom } from "../src/random.js";
import type { StatePersistence } from "../src/state/persistence.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "ordeal-killed-states-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** More by hand: ORDEAL_KILLS=1000. */
const KILLS = Number(process.env["ORDEAL_KILLS"] ?? 5);

const STORES: { readonly [name: string]: (place: string) => Promise<StatePersistence> } = {
  file: (place) => filePersistence(place),
  sqlite: (place) => sqlitePersistence(place),
};

/** Saves until it is killed after that many acknowledgements; answers the last one. */
async function saveUntilKilled(name: string, count: number): Promise<number> {
  const saver = execa(
    process.execPath,
    ["--import", "tsx", join(ROOT, "test/real/state-saver.ts"), name, join(folder, name)],
    { cwd: ROOT, buffer: { stdout: false, stderr: true }, reject: false },
  );
  let last = -1;
  let seen = 0;
  for await (const line of saver) {
    last = Number(line);
    seen++;
    if (seen === count) saver.kill("SIGKILL");
  }
  const { signal, stderr } = await saver;
  expect(signal, stderr).toBe("SIGKILL");
  return last;
}

describe.each(Object.entries(STORES))("%s", (name, open) => {
  test(`keeps what it acknowledged over ${KILLS} kills`, { timeout: KILLS * 20_000 }, async () => {
    const random = createRandom(1).fork(name);
    for (let kill = 0; kill < KILLS; kill++) {
      const last = await saveUntilKilled(name, 1 + random.below(60));
      const store = await open(join(folder, name));
      const keys = new Set((await store.listStates()).map(({ key }) => key));
      for (let i = 0; i <= last; i++) {
        expect(keys.delete(`s${i}`), `s${i} of ${last}`).toBe(true);
        if (i >= last - 60) expect((await store.loadState(`s${i}`)).value).toEqual({ step: 2 });
      }
      // What was under way, or acknowledged and not told any more.
      for (const key of keys) {
        expect(Number(/^(?:s|gone-)(\d+)$/.exec(key)?.[1])).toBeGreaterThan(last);
        await store.deleteState(key);
      }
      await store.close();
    }
  });
});
