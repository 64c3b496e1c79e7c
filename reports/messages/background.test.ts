import * as fc from "fast-check";
import { expect, test } from "vitest";
import { historyOf } from "../../src/history/history.js";
import type { RecordedMessage } from "../../src/runner/recorded-message.js";
import { backgroundOf, type Candidate } from "./background.js";

const HISTORY = historyOf([
  { process: 0, f: "read", type: "invoke", value: null, timeNs: 0 },
  { process: 0, f: "read", type: "ok", value: null, timeNs: 90 },
]);

const LANES = 4;
const trip = fc.record({
  from: fc.nat({ max: LANES - 1 }),
  to: fc.nat({ max: LANES - 1 }),
  sentNs: fc.integer({ min: 0, max: 99 }),
  took: fc.integer({ min: 0, max: 20 }),
  lost: fc.boolean(),
});

function candidateOf(
  given: typeof trip extends fc.Arbitrary<infer T> ? T : never,
  index: number,
): Candidate {
  const { from, to, sentNs, took, lost } = given;
  const message: RecordedMessage = {
    from: `n${from}`,
    to: `n${to}`,
    sentNs,
    endNs: sentNs + took,
    fate: lost ? "cut" : "delivered",
    // No two of a kind, so that none repeats another.
    label: `kind${index}`,
    content: "",
  };
  return { message, from, to, ofAnomaly: false };
}

/** What happens before the end of lane 0 at 90, by definition: what reaches it, or reaches that. */
function pastOf(messages: readonly Candidate[]): ReadonlySet<number> {
  const reached = new Set<number>();
  const isPast = (lane: number, timeNs: number): boolean =>
    (lane === 0 && timeNs <= 90) ||
    [...reached].some((index) => {
      const { from, message } = messages[index] as Candidate;
      return from === lane && message.sentNs >= timeNs;
    });
  for (let size = -1; size !== reached.size;) {
    size = reached.size;
    messages.forEach(({ to, message }, index) => {
      if (message.fate === "delivered" && isPast(to, message.endNs)) reached.add(index);
    });
  }
  const lost = messages.flatMap(({ from, message }, index) =>
    message.fate !== "delivered" && isPast(from, message.sentNs) ? [index] : [],
  );
  return new Set([...reached, ...lost]);
}

test("what is told is the causal past of the anomaly", () => {
  fc.assert(
    fc.property(fc.array(trip, { maxLength: 25 }), (trips) => {
      const messages = trips
        .toSorted((a, b) => a.sentNs - b.sentNs)
        .map((given, index) => candidateOf(given, index));
      const background = backgroundOf(messages, {
        history: HISTORY,
        nodeCount: LANES,
        required: [{ lane: 0, endNs: 90 }],
      });
      const told = [...messages.keys()].filter((index) => !background.has(index));
      expect(new Set(told)).toEqual(pastOf(messages));
    }),
    { numRuns: 500 },
  );
});

test("what took no time passes on what arrived at the same moment", () => {
  const at = { sentNs: 50, took: 0, lost: false };
  const messages = [
    { ...at, from: 2, to: 1 },
    { ...at, from: 1, to: 0 },
  ].map((given, index) => candidateOf(given, index));
  const story = { history: HISTORY, nodeCount: LANES, required: [{ lane: 0, endNs: 90 }] };
  expect(backgroundOf(messages, story).size).toBe(0);
});
