import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HistoryEvent } from "../history/operation.js";
import { Weathered } from "./weathered.js";

function event(process: number | "nemesis", type: HistoryEvent["type"]): HistoryEvent {
  return { index: 0, timeNs: 0, process, type, f: "read", value: null };
}

function countOf(events: readonly HistoryEvent[]): number {
  const weathered = new Weathered();
  for (const each of events) weathered.event(each);
  return weathered.count;
}

/** Well-formed events of three clients and a nemesis. */
const histories = fc
  .array(fc.tuple(fc.nat({ max: 3 }), fc.constantFrom("ok", "ok", "fail", "info")), {
    maxLength: 60,
  })
  .map((moves) => {
    const open = new Set<number>();
    return moves.map(([who, outcome]): HistoryEvent => {
      if (who === 3) return event("nemesis", "info");
      if (open.delete(who)) return event(who, outcome);
      open.add(who);
      return event(who, "invoke");
    });
  });

describe("what a run has weathered", () => {
  test("are the operations that succeeded across a fault", () => {
    const across = [event(1, "invoke"), event("nemesis", "info"), event(1, "ok")];
    expect(countOf(across)).toBe(1);
    expect(countOf([event("nemesis", "info"), event(1, "invoke"), event(1, "ok")])).toBe(0);
    expect(countOf([event(1, "invoke"), event("nemesis", "info"), event(1, "fail")])).toBe(0);
    expect(countOf([event(1, "invoke"), event(1, "ok"), event("nemesis", "info")])).toBe(0);
  });

  test("is what one sees who looks at each operation for itself", () => {
    let most = 0;
    fc.assert(
      fc.property(histories, (events) => {
        let expected = 0;
        for (const [start, { process, type }] of events.entries()) {
          if (type !== "invoke") continue;
          const end = events.findIndex((each, at) => at > start && each.process === process);
          if (end < 0 || events[end]?.type !== "ok") continue;
          if (events.slice(start, end).some((each) => each.process === "nemesis")) expected++;
        }
        expect(countOf(events)).toBe(expected);
        most = Math.max(most, expected);
      }),
      { numRuns: 1_000, seed: 8 },
    );
    expect(most).toBeGreaterThan(2);
  });
});
