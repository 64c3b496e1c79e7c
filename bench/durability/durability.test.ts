/**
 * Stores of states on trial, a little: the benchmark strikes a thousand times. What they promise is
 * kept, and what they do not promise is found to be lost.
 */
import { describe, expect, test } from "vitest";
import { describeWithPostgres } from "../../test/real/postgres.js";
import { killPostgres, killProcesses } from "./kills.js";
import { losePowers } from "./power-losses.js";
import { Trial } from "./trial.js";

const KILLS = { kills: 4, seed: 1 };
const LOSSES = { losses: 60, seed: 1 };

describe("kills of the process", () => {
  test.each(["file", "file, fsync never", "sqlite"])("%s keeps everything", async (name) => {
    const { crashes, acknowledged, loads, verdict } = await killProcesses(name, KILLS);
    expect(verdict).toMatchObject({ verdict: "valid", anomalies: [] });
    expect(crashes).toBe(KILLS.kills);
    expect(acknowledged).toBeGreaterThan(50);
    expect(loads).toBeGreaterThan(10);
  });
});

describe("losses of power", () => {
  test("the file store keeps everything", async () => {
    const { crashes, acknowledged, refused, verdict } = await losePowers(LOSSES);
    expect(verdict).toMatchObject({ verdict: "valid", anomalies: [] });
    expect(refused).toBe(0);
    expect(crashes).toBe(LOSSES.losses);
    expect(acknowledged).toBeGreaterThan(5000);
  });

  test.each([{ fsync: "never" }, { fsync: { everyMs: 100 } }] as const)(
    "with %o it loses what it acknowledged, and that is found",
    async (options) => {
      const { verdict } = await losePowers(LOSSES, options);
      expect(verdict.verdict).toBe("invalid");
      expect(verdict.anomalies.map(({ kind }) => kind)).toContain("lost-write");
    },
  );
});

describeWithPostgres("kills of the server", () => {
  test("PostgreSQL keeps everything", async () => {
    const { crashes, acknowledged, verdict } = await killPostgres(KILLS);
    expect(verdict).toMatchObject({ verdict: "valid", anomalies: [] });
    expect(crashes).toBe(KILLS.kills);
    expect(acknowledged).toBeGreaterThan(20);
  });

  test("with synchronous_commit off it loses what it acknowledged, and that is found", async () => {
    const { verdict } = await killPostgres(KILLS, { synchronousCommit: false });
    expect(verdict.verdict).toBe("invalid");
  });
});

test("a deletion that is undone by a crash is found", async () => {
  const trial = new Trial();
  for (const [f, value] of [
    ["put", 1],
    ["delete", null],
  ] as const) {
    trial.note(["invoke", 0, f, "a", value]);
    trial.note(["ok", 0, value]);
  }
  trial.crashed("kill");
  trial.note(["invoke", 0, "get", "a", null]);
  trial.note(["ok", 0, 1]);
  const { verdict } = await trial.judge();
  expect(verdict.anomalies.map(({ kind }) => kind)).toEqual(["resurrected-value"]);
});
