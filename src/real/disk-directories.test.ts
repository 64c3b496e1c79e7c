/** A directory that is made for a disk is durable only when each entry on the way to it is. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import type * as promises from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { openRealDisk } from "./disk.js";

const synced = vi.hoisted(() => [] as string[]);
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof promises>();
  const open: typeof real.open = async (path, ...more) => {
    const handle = await real.open(path, ...more);
    const sync = handle.sync.bind(handle);
    handle.sync = async () => {
      await sync();
      synced.push(String(path));
    };
    return handle;
  };
  return { ...real, open };
});

const root = mkdtempSync(join(tmpdir(), "ordeal-made-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.skipIf(process.platform === "win32")(
  "every directory that is new is synced into its own",
  async () => {
    const directory = join(root, "a", "b", "c");
    await openRealDisk(directory);
    expect(synced).toEqual([join(root, "a", "b"), join(root, "a"), root]);
    synced.length = 0;
    await openRealDisk(directory);
    expect(synced).toEqual([dirname(directory)]);
  },
);
