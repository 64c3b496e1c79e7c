/** A real server through its life: made, killed, started again, ended; and its starter killed. */
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { Client } from "pg";
import { afterAll, expect, test } from "vitest";
import { createRealClock, readEpoch } from "../../src/real/clock.js";
import { eventually } from "../../test/real/processes.js";
import { describeWithPostgres } from "../../test/real/postgres.js";
import { startPostgres } from "./server.js";

const clock = createRealClock(readEpoch());
const folder = mkdtempSync(join(tmpdir(), "ordeal-postgres-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function ask(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: "array" })).rows;
  } finally {
    await client.end();
  }
}

/** The processes that stand in a directory. */
function processesIn(place: string): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === place;
    } catch {
      return false;
    }
  });
}

describeWithPostgres("a server of one's own", () => {
  test("serves, is killed with all its processes, and comes back with what was committed", async () => {
    const lines: string[] = [];
    const directory = join(folder, "killed");
    const server = await startPostgres({
      clock,
      directory,
      settings: { application_name: "from the options" },
      onLine: (line) => lines.push(line),
    });
    try {
      const url = server.url();
      expect(await ask(url, "SHOW application_name")).toEqual([["from the options"]]);
      await ask(url, "CREATE TABLE t (x int)");
      await ask(url, "INSERT INTO t VALUES (1), (2)");
      expect(processesIn(join(directory, "data")).length).toBeGreaterThan(3);
      await server.kill();
      expect(processesIn(join(directory, "data"))).toEqual([]);
      await expect(ask(url, "SELECT 1")).rejects.toThrow("ECONNREFUSED");
      await server.start();
      expect(server.url()).toBe(url);
      expect(await ask(url, "SELECT x FROM t ORDER BY x")).toEqual([[1], [2]]);
      expect(lines.join("\n")).toContain("database system was not properly shut down");
    } finally {
      await server.stop();
    }
    await server.stop();
    expect(processesIn(join(directory, "data"))).toEqual([]);
    const again = await startPostgres({ clock, directory });
    try {
      expect(await ask(again.url(), "SELECT count(*)::int FROM t")).toEqual([[2]]);
    } finally {
      await again.stop();
    }
  });

  test("lets nobody in without its password", async () => {
    const server = await startPostgres({ clock });
    try {
      const url = new URL(server.url());
      url.password = "guess";
      await expect(ask(url.href, "SELECT 1")).rejects.toThrow("password authentication failed");
    } finally {
      await server.stop();
    }
  });

  test("that does not start says what the server said", async () => {
    const starting = startPostgres({ clock, settings: { shared_buffers: "much" } });
    await expect(starting).rejects.toMatchObject({ code: "harness-failure" });
    await expect(starting).rejects.toThrow(/did not start.*\n.*invalid value.*shared_buffers/);
  });

  test("ends when its starter is killed, and leaves nothing", async () => {
    const program = `
      import { startPostgres } from "./backends/postgres/server.ts";
      import { createRealClock, readEpoch } from "./src/real/clock.ts";
      const server = await startPostgres({ clock: createRealClock(readEpoch()) });
      console.log(new URL(server.url()).port);
      setInterval(() => undefined, 1000);
    `;
    const starter = execa(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "-e", program],
      {
        cwd: fileURLToPath(new URL("../../", import.meta.url)),
        env: { TMPDIR: folder },
        reject: false,
        stdin: "ignore",
        buffer: false,
      },
    );
    const [port] = (await once(starter.stdout, "data")) as [Buffer];
    expect(Number(port.toString())).toBeGreaterThan(0);
    const temporary = readdirSync(folder).find((name) => /postgres-.{6}$/.test(name)) ?? "";
    expect(processesIn(join(folder, temporary, "data")).length).toBeGreaterThan(3);
    starter.kill("SIGKILL");
    await starter;
    expect(await eventually(() => !existsSync(join(folder, temporary)))).toBe(true);
    expect(processesIn(join(folder, temporary, "data"))).toEqual([]);
  });
});
