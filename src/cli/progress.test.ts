import { stripVTControlCharacters } from "node:util";
import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import type { HistoryEvent } from "../history/operation.js";
import { faultInWords } from "./fault-words.js";
import { createProgress } from "./progress.js";

const CLEAR = "\r\u001B[2K";

function display(columns: number | undefined) {
  const written: string[] = [];
  const stream = {
    write: (text: string) => written.push(text),
    ...(columns === undefined ? {} : { isTTY: true, columns }),
  };
  const progress = createProgress({
    stream,
    paint: new Chalk({ level: columns === undefined ? 0 : 1 }),
    timeLimitMs: 1_000,
  });
  return { progress, written };
}

const event = (given: Partial<HistoryEvent>): HistoryEvent => ({
  index: 0,
  timeNs: 500_000_000,
  type: "info",
  process: "nemesis",
  f: "start-partition",
  value: null,
  ...given,
});

/** Without colours. */
const plain = (text: string): string => stripVTControlCharacters(text);

describe("progress on a terminal", () => {
  test.each([20, 40, 60, 80, 120])(
    "is never as wide as %i columns, whatever is active",
    (columns) => {
      const { progress, written } = display(columns);
      progress.phase?.("running", 0);
      for (const name of ["partition", "crash", "pause", "power-loss", "clock", "membership"]) {
        progress.event?.(event({ f: `start-${name}` }));
      }
      progress.phase?.("running", 999_999_000_000_000);
      expect(written.length).toBeGreaterThan(1);
      for (const text of written) {
        expect(text.startsWith(CLEAR)).toBe(true);
        expect(plain(text).replace("\r", "").length).toBeLessThan(columns);
      }
    },
  );

  test("shows phase, counts and faults, and is gone at the end", () => {
    const { progress, written } = display(120);
    progress.phase?.("running", 0);
    progress.event?.(event({}));
    progress.event?.(event({ process: 1, f: "read", type: "ok" }));
    progress.phase?.("healing", 1_000_000_000);
    expect(plain(written.at(-1) ?? "")).toMatch(
      /━{20} healing +1\.0 s +1 ok 0 fail 0 info +↯ partition$/,
    );
    progress.stop();
    expect(written.at(-1)).toBe(CLEAR);
  });

  test("shows answers a second and latency while the run goes on", () => {
    const { progress, written } = display(120);
    progress.phase?.("running", 0);
    for (let i = 0; i < 40; i++) {
      const timeNs = i * 1e8;
      progress.event?.(event({ process: i, f: "read", type: "invoke", timeNs }));
      const type = i === 39 ? "info" : "ok";
      progress.event?.(event({ process: i, f: "read", type, timeNs: timeNs + 2e6 }));
    }
    progress.phase?.("running", 39e8 + 2e6);
    expect(plain(written.at(-1) ?? "")).toMatch(/39 ok 0 fail 1 info {2}9\/s {2}2\.\d ms median/);
    progress.phase?.("healing", 5e9);
    expect(plain(written.at(-1) ?? "")).not.toContain("median");
  });

  test("what is said stands on a line of its own, and the progress goes on below", () => {
    const { progress, written } = display(80);
    progress.say("interrupted");
    expect(written[0]).toBe(`${CLEAR}interrupted\n`);
    expect(written[1]).toContain("starting");
  });
});

describe("progress elsewhere", () => {
  test("is a line for each phase and fault, without control characters", () => {
    const { progress, written } = display(undefined);
    progress.phase?.("running", 0);
    progress.event?.(event({}));
    progress.event?.(event({ value: { nodes: ["n1", "n2"] } }));
    progress.event?.(event({ f: "stop-partition" }));
    progress.stop();
    expect(written).toEqual([
      "   0.000 s  running\n",
      "   0.500 s  start-partition  n1 n2\n",
      "   0.500 s  stop-partition\n",
    ]);
  });
});

test.each([
  ["2 of 5 are down", "2 of 5 are down"],
  [{ nodes: ["n1", "n3"] }, "n1 n3"],
  [{ shape: "halves", groups: [["n1"], ["n2", "n3"]], cuts: ["n1>n2"] }, "halves: n1 | n2 n3"],
  [{ shape: "one-way", from: ["n1", "n2"], to: ["n3"], cuts: [] }, "one-way: from n1 n2 to n3"],
  [{ cuts: ["n1>n2"] }, "cuts n1>n2"],
  [{ nodes: ["\u001B[2J"] }, "\u{FFFD}[2J"],
  [7, "7"],
])("%j in words", (value, words) => {
  expect(faultInWords(value)).toBe(words);
});
