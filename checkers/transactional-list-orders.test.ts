/** Refutations that rest on the order of two appends, where reads show another than was assumed. */
import { expect, test } from "vitest";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import { decideIsolation, type ToldMicro } from "../test/judge-isolation.js";

type Event = readonly [type: NewEvent["type"], process: number, ...micro: readonly ToldMicro[]];

function eventsOf(...events: readonly Event[]): History {
  return historyOf(
    events.map(([type, process, ...value], timeNs) => ({ type, process, f: "txn", value, timeNs })),
  );
}

test("an order of two appends that a read contradicts is told as a cycle of these two", async () => {
  const history = eventsOf(
    ["invoke", 0, ["r", "x", null], ["append", "l", 1], ["w", "x", 2]],
    ["invoke", 1, ["w", "x", 3], ["append", "l", 4]],
    ["invoke", 2, ["append", "l", 5], ["r", "l", null], ["w", "x", 6]],
    ["ok", 1, ["w", "x", 3], ["append", "l", 4]],
    ["invoke", 1, ["r", "l", null], ["append", "l", 7], ["w", "x", 8]],
    ["ok", 0, ["r", "x", 6], ["append", "l", 1], ["w", "x", 2]],
    ["ok", 1, ["r", "l", [5, 4]], ["append", "l", 7], ["w", "x", 8]],
    ["info", 2, ["append", "l", 5], ["r", "l", null], ["w", "x", 6]],
  );
  const verdict = await decideIsolation(history, "cursor-stability");
  expect(verdict).toMatchObject({ verdict: "invalid" });
  expect(verdict.reason).toContain(
    "If transaction 1 comes before transaction 2: " +
      'transaction 1 wrote "l" before transaction 2 did; ' +
      'transaction 2 wrote 5 to "l" before transaction 1 wrote 4, as transaction 4 saw: a cycle.',
  );
});

test("where reads contradict one another, one is named that shows the order", async () => {
  const history = eventsOf(
    ["invoke", 0, ["append", "x", 1]],
    ["invoke", 1, ["append", "y", 2], ["append", "x", 3]],
    ["ok", 0, ["append", "x", 1]],
    ["ok", 1, ["append", "y", 2], ["append", "x", 3]],
    ["invoke", 0, ["append", "y", 4], ["r", "y", null]],
    ["ok", 0, ["append", "y", 4], ["r", "y", [4]]],
    ["invoke", 1, ["append", "x", 5], ["r", "x", null]],
    ["invoke", 0, ["r", "x", null]],
    ["ok", 1, ["append", "x", 5], ["r", "x", [5, 1, 3]]],
    ["ok", 0, ["r", "x", [3, 1, 5]]],
  );
  const verdict = await decideIsolation(history, "strong-read-uncommitted");
  expect(verdict).toMatchObject({ verdict: "invalid" });
  expect(verdict.reason).toContain(
    'transaction 1 wrote 3 to "x" before transaction 0 wrote 1, as transaction 7 saw',
  );
});

test("a cycle of those that surely happened is told beside one of a session that need not", async () => {
  const history = eventsOf(
    ["invoke", 1, ["r", "x", null], ["append", "x", 1]],
    ["ok", 1, ["r", "x", [8, 3]], ["append", "x", 1]],
    ["invoke", 0, ["append", "x", 8]],
    ["invoke", 1, ["append", "x", 3]],
    ["ok", 0, ["append", "x", 8]],
    ["info", 1, ["append", "x", 3]],
  );
  const { verdict, anomalies } = await decideIsolation(history, "strong-read-uncommitted");
  expect([verdict, anomalies[0]?.kind]).toEqual(["invalid", "G0-realtime"]);
  const committed = await decideIsolation(history, "strong-session-read-committed");
  expect(committed.anomalies[0]?.kind).toBe("G0-process");
});

test("a list that shows an element twice shows the order of others before that", async () => {
  const history = eventsOf(
    ["invoke", 0, ["append", "x", 7]],
    ["ok", 0, ["append", "x", 7]],
    ["invoke", 0, ["r", "x", null]],
    ["ok", 0, ["r", "x", [7, 4, 7, 3]]],
    ["invoke", 0, ["append", "x", 3]],
    ["ok", 0, ["append", "x", 3]],
    ["invoke", 0, ["append", "x", 4], ["append", "x", 7]],
    ["ok", 0, ["append", "x", 4], ["append", "x", 7]],
  );
  const { verdict, anomalies } = await decideIsolation(history, "strong-session-read-uncommitted");
  expect([verdict, anomalies[0]?.kind]).toEqual(["invalid", "G0-process"]);
});
