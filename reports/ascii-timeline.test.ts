import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { historyOf, type NewEvent } from "../src/history/history.js";
import { asciiTimeline } from "./ascii-timeline.js";

const nemesis = (timeNs: number, f: string): NewEvent => {
  return { timeNs, type: "info", process: "nemesis", f, value: null };
};
const event = (
  type: NewEvent["type"],
  process: number,
  f: string,
  value: NewEvent["value"] = null,
): NewEvent => ({ timeNs: 0, type, process, f, value });

const stale = historyOf([
  event("invoke", 0, "write", 1),
  event("ok", 0, "write", 1),
  nemesis(1, "start-partition"),
  nemesis(2, "start-partition"),
  event("invoke", 1, "write", 2),
  event("invoke", 3, "write", 9),
  event("ok", 1, "write", 2),
  event("invoke", 2, "read"),
  event("ok", 2, "read", 1),
  nemesis(3, "stop-partition"),
]);

describe("asciiTimeline", () => {
  test("draws a stale read under a partition", () => {
    expect(`\n${asciiTimeline(stale, [0, 4, 7], { forgotten: [5] })}\n`).toBe(`
faults                  ░░░░░░░░░ partition ░░░░░░░░░
process 0  ├─ write 1 ─┤
process 1                ├─ write 2 ─┤
process 2                              ├─ read → 1 ─┤
process 3                  ├┄ write 9 ? ┄┄┄┄┄┄┄┄┄┄┄┄▷
`);
  });

  test("marks what failed and what nobody knows", () => {
    const history = historyOf([
      event("invoke", 0, "cas", [1, 2]),
      event("fail", 0, "cas", [1, 2]),
      event("invoke", 1, "read"),
      event("info", 1, "read"),
    ]);
    expect(`\n${asciiTimeline(history, [0, 2])}\n`).toBe(`
process 0  ├─ cas [1, 2] ✗ ─┤
process 1                     ├┄ read → ? ┄▷
`);
  });

  test("where labels do not fit it numbers the operations", () => {
    const drawing = asciiTimeline(stale, [0, 4, 7], { width: 50 });
    for (const line of drawing.split("\n")) expect(line.length).toBeLessThanOrEqual(50);
    expect(drawing).toContain("  1  write 1  (process 0");
    expect(drawing).toContain("  3  read → 1  (process 2");
  });

  test("says how many it leaves out, and draws nothing for nothing", () => {
    const drawing = asciiTimeline(stale, [0, 4, 7], { limit: 2 });
    expect(drawing).toContain("(1 earlier ones not drawn)");
    // The last ones are drawn: the operation that cannot be explained is among them.
    expect(asciiTimeline(stale, [0, 4, 7])).toContain(drawing.split("\n")[1]?.trim().split("├")[1]);
    expect(asciiTimeline(stale, [])).toBe("");
    expect(asciiTimeline(stale, [1, 2])).toBe("");
  });

  test("many that may have happened are counted, not drawn", () => {
    const events = Array.from({ length: 9 }, (_, at) => event("invoke", at, "write", at));
    const drawing = asciiTimeline(historyOf(events), [0], { forgotten: [1, 2, 3, 4, 5, 6, 7] });
    expect(drawing).not.toContain("process 1");
    expect(drawing).toContain("(7 operations that may have happened not drawn)");
  });

  test("a value cannot break the lines", () => {
    const history = historyOf([event("invoke", 0, "write", "a\n\u001b[31mb")]);
    expect(asciiTimeline(history, [0]).split("\n")).toHaveLength(1);
    expect(asciiTimeline(history, [0])).not.toContain("\u001b");
  });

  test("keeps the order of events of any history", () => {
    // A program of one process each: whether it acts, in turn, until all have begun and ended.
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 2, maxLength: 24 }), (turns) => {
        const open = new Set<number>();
        const events = turns.map((process) => {
          const begins = !open.delete(process);
          if (begins) open.add(process);
          return event(begins ? "invoke" : "ok", process, "w", 1);
        });
        const history = historyOf(events);
        const drawing = asciiTimeline(history, [...history.invocations()], { width: 400 });
        const lines = new Map(
          drawing.split("\n").map((line) => [Number(/\d+/.exec(line)?.[0]), Array.from(line)]),
        );
        const next = new Map<number, number>();
        const columns = turns.map((process, at) => {
          const mark = events[at]?.type === "invoke" ? "├" : "┤";
          const column = lines.get(process)?.indexOf(mark, (next.get(process) ?? -1) + 1) ?? -1;
          next.set(process, column);
          return column;
        });
        expect(columns).not.toContain(-1);
        expect(columns).toEqual([...new Set(columns)].sort((a, b) => a - b));
      }),
      { numRuns: 200 },
    );
  });
});
