/**
 * The page of known bugs: every case that it names still fails as it says, through the catalog as
 * `ordeal replay` finds things, and does not without the bug; and the page is about all bugs.
 */
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SCENARIOS } from "../bench/mutants/all.js";
import { median } from "../bench/rows/median.js";
import { sequenceOf } from "../reports/messages/sequence.js";
import { subjectOf } from "../reports/report-input.js";
import { resolveCase } from "../src/cli/case-parts.js";
import { createMessageRecorder } from "../src/runner/recorded-message.js";
import { sizeOf } from "../src/shrink/failing-case.js";
import { runCase } from "../src/shrink/rerun.js";
import type { MessageTrip } from "../src/simulation/options.js";
import { readCase } from "../src/store/case-file.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const CASES = join(ROOT, "examples/mutants");
const PAGE = readFileSync(join(ROOT, "docs/mutants.md"), "utf8");
const FILES = readdirSync(CASES);

describe("each case fails as its file says", () => {
  for (const file of FILES) {
    test(file, async () => {
      const { failing, anomaly, about } = await readCase(join(CASES, file));
      const recorder = createMessageRecorder();
      const onMessage = (trip: MessageTrip): void => recorder.take(trip);
      const { parts } = await resolveCase(failing, { onMessage });
      const { result, history } = await runCase(failing, parts);
      const { verdict } = result;
      expect(verdict.verdict).toBe("invalid");
      expect(verdict.anomalies[0]).toMatchObject({ kind: anomaly, message: about });
      const messages = recorder.messages() ?? [];
      const sequence = sequenceOf(subjectOf({ result, history, messages }));
      expect(sequence?.arrows.every(({ from, to }) => from >= 0 && to >= 0)).not.toBe(false);
    });
  }
});

test("without their bugs, none of the cases fails", async () => {
  const wrong: string[] = [];
  for (const scenario of SCENARIOS) {
    const file = FILES.find((name) => name === fileOf(scenario.mutant().name));
    if (file === undefined) continue;
    const { failing } = await readCase(join(CASES, file));
    const { parts } = await resolveCase(failing);
    const { verdict } = (await runCase(failing, { ...parts, system: scenario.twin })).result;
    if (verdict.verdict === "invalid") wrong.push(`${file}: ${verdict.reason}`);
  }
  expect(wrong).toEqual([]);
});

test("the page has a row for each bug, and a case for each that random runs find", () => {
  for (const { mutant, elusive = false } of SCENARIOS) {
    const { name } = mutant();
    expect(PAGE).toContain(`| \`${name}\` |`);
    expect(FILES.includes(fileOf(name))).toBe(!elusive);
  }
  expect(FILES).toHaveLength(SCENARIOS.filter(({ elusive = false }) => !elusive).length);
});

test("cases are small: in the middle at most 12 operations and 2 faults", async () => {
  const sizes = await Promise.all(
    FILES.map(async (file) => sizeOf((await readCase(join(CASES, file))).failing)),
  );
  expect(median(sizes.map(({ operations }) => operations))).toBeLessThanOrEqual(12);
  expect(median(sizes.map(({ faults }) => faults))).toBeLessThanOrEqual(2);
});

function fileOf(name: string): string {
  return `${name.replace(":", "-")}.json`;
}
