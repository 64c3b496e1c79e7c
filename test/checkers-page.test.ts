/**
 * docs/checkers.md against the checkers: every name, option and anomaly is there; every anomaly is
 * explained and drawn where its checker is made; and what the page says to run finds something.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { PROPERTIES } from "../src/cli/catalog.js";
import { ordeal, temporaryDirectory } from "./command-line.js";
import { declaredKinds, sourceOf } from "./declared-kinds.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const page = readFileSync(join(ROOT, "docs/checkers.md"), "utf8");

/** Explained on a page of their own. */
const ELSEWHERE = new Set(["transactional"]);
const CHECKERS = PROPERTIES.filter(({ name }) => !ELSEWHERE.has(name));

describe.each(CHECKERS.map((entry) => [entry.name, entry] as const))("%s", (name, { options }) => {
  const row = page.split("\n").find((line) => line.startsWith(`| \`${name}\` |`)) ?? "";

  test("has a row with its options and its anomalies, and no others", () => {
    const [, , , optionCell = "", kindCell = ""] = row.split("|");
    for (const option of options) expect(optionCell).toContain(`\`${option}\``);
    const named = [...kindCell.matchAll(/`([^`]+)`/g)].map((match) => match[1]);
    expect(named).toEqual(expect.arrayContaining([...declaredKinds(name)]));
    expect(named).toHaveLength(declaredKinds(name).length);
  });

  test("every anomaly is explained and drawn where the checker is made", () => {
    const source = sourceOf(name);
    expect(declaredKinds(name).length).toBeGreaterThan(0);
    for (const kind of declaredKinds(name)) {
      const explained = source.indexOf(` \`${kind}\``);
      expect(explained, kind).toBeGreaterThan(0);
      const after = source.slice(explained);
      // A drawing is an indented block of the comment.
      expect(after.slice(0, after.indexOf("*/")), kind).toMatch(/\n \* {5}\S.*(?:\||\/|\d)/);
    }
  });
});

test("what it says to run finds something", async () => {
  const lines = page.slice(page.indexOf("| Workload | Finds")).split("\n").slice(2);
  let runs = 0;
  for (const line of lines) {
    const [, workloads = "", finds = ""] = line.split("|");
    // What only the logs tell is found by a check of the run that follows.
    const then = /; then `ordeal check RUN ([^`]+)`/.exec(workloads)?.[1];
    const names = [...workloads.replace(/[(;].*/, "").matchAll(/`([^`]+)`/g)].map(
      (match) => match[1] as string,
    );
    for (const [, words = ""] of finds.matchAll(/`([^`]+)`/g)) {
      for (const name of names) {
        const flags = words.includes("--nemesis") ? [] : ["--nemesis", "none"];
        const out = join(temporaryDirectory(), "run");
        const argv = ["run", name, ...words.split(" "), ...flags, "--rate", "50", "--seed", "3"];
        const { exitCode } = await ordeal(...argv, "--time-limit", "20s", "--out", out, "--quiet");
        const expected = then === undefined ? 1 : 0;
        expect(`${name} ${words}: ${exitCode}`).toBe(`${name} ${words}: ${expected}`);
        if (then !== undefined) {
          expect((await ordeal("check", out, ...then.split(" "))).exitCode, then).toBe(1);
        }
        runs++;
      }
    }
  }
  expect(runs).toBeGreaterThan(20);
});
