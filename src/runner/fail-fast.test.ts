import { describe, expect, test } from "vitest";
import { createBudget, type Checker } from "../checker/checker.js";
import type { OnlineCheck, OnlineFinding } from "../checker/online-checker.js";
import type { HistoryEvent } from "../history/operation.js";
import type { Verdict, VerdictKind } from "../verdict/verdict.js";
import type { Clock } from "../world/clock.js";
import { FailFast } from "./fail-fast.js";

/** A clock that is moved by hand. */
function handClock(): {
  readonly clock: Clock;
  readonly pass: (ms: number) => void;
  readonly pending: () => number;
} {
  let nowNs = 0;
  let timers: { readonly atNs: number; readonly callback: () => void }[] = [];
  const clock: Clock = {
    nowNs: () => nowNs,
    wallMs: () => nowNs / 1e6,
    timer: (delayMs, callback) => {
      const timer = { atNs: nowNs + delayMs * 1e6, callback };
      timers.push(timer);
      return { cancel: () => void (timers = timers.filter((other) => other !== timer)) };
    },
    sleep: () => Promise.reject(new Error("nobody sleeps here")),
  };
  return {
    clock,
    pass: (ms) => {
      nowNs += ms * 1e6;
      const due = timers.filter(({ atNs }) => atNs <= nowNs);
      timers = timers.filter(({ atNs }) => atNs > nowNs);
      for (const { callback } of due) callback();
    },
    pending: () => timers.length,
  };
}

const finding: OnlineFinding = { event: 1, part: "x", reason: "no order" };

interface Watch extends ReturnType<typeof handClock> {
  readonly failFast: FailFast;
  /** Event indices that the check was given, and the number of looks. */
  readonly taken: number[];
  readonly looks: number[];
  readonly told: unknown[];
}

/** A watch with a check that finds something at its `findsAt`th look. */
function watch(change: Partial<OnlineCheck> = {}, findsAt = Infinity): Watch {
  const hand = handClock();
  const taken: number[] = [];
  const looks: number[] = [];
  const told: unknown[] = [];
  const check: OnlineCheck = {
    take: ({ index }) => void taken.push(index),
    look: () => {
      looks.push(hand.clock.nowNs() / 1e6);
      return looks.length >= findsAt ? finding : undefined;
    },
    gaps: [],
    bytes: 0,
    work: 0,
    ...change,
  };
  const failFast = new FailFast({
    checker: { name: "toy", description: "", check: () => verdict("valid"), follow: () => check },
    budget: createBudget(),
    clock: hand.clock,
    timeNsOf: () => 100e6,
    onViolation: (violation) => told.push(violation),
  });
  return { ...hand, failFast, taken, looks, told };
}

const verdict = (kind: VerdictKind): Verdict => ({
  verdict: kind,
  checker: "toy",
  reason: "",
  operations: 0,
  elapsedMs: 0,
  anomalies: [],
});

function event(index: number, change: Partial<HistoryEvent> = {}): HistoryEvent {
  return { index, timeNs: 0, type: "ok", process: 0, f: "read", value: null, ...change };
}

describe("the watch for the first violation", () => {
  test("looks a quarter of a second after a completion, once for all that came by then", () => {
    const { failFast, pass, looks, taken } = watch();
    failFast.take(event(0, { type: "invoke" }));
    failFast.take(event(1, { process: "nemesis", type: "info" }));
    pass(1_000);
    expect(looks).toEqual([]);
    failFast.take(event(2));
    pass(100);
    failFast.take(event(3));
    pass(149);
    expect(looks).toEqual([]);
    pass(1);
    expect(looks).toEqual([1_250]);
    pass(5_000);
    expect(looks).toEqual([1_250]);
    expect(taken).toEqual([0, 1, 2, 3]);
  });

  test("stops the run once, and says when it was", () => {
    const { failFast, pass, told, taken } = watch({}, 2);
    failFast.take(event(0));
    pass(250);
    expect(failFast.signal.aborted).toBe(false);
    failFast.take(event(1));
    pass(250);
    expect(failFast.signal.aborted).toBe(true);
    expect(failFast.violation).toEqual({ ...finding, timeNs: 100e6, delayMs: 400 });
    expect(told).toEqual([failFast.violation]);
    expect(failFast.ending).toBe(
      "stopped at the first violation, event 1 at 0.100 s, found 400 ms later",
    );
    failFast.take(event(2));
    pass(1_000);
    expect(taken).toEqual([0, 1]);
    expect(told).toHaveLength(1);
  });

  test("gives a real run its time: looks that are dear are rare", () => {
    const dear: Watch = watch({
      look: () => {
        dear.looks.push(dear.clock.nowNs() / 1e6);
        dear.pass(100);
        return undefined;
      },
    });
    const { failFast, pass, looks, clock } = dear;
    failFast.take(event(0));
    pass(250);
    failFast.take(event(1, { timeNs: clock.nowNs() }));
    pass(250);
    expect(looks).toEqual([250]);
    pass(550);
    expect(looks).toEqual([250, 1_150]);
  });

  test("leaves no timer behind", () => {
    const { failFast, pending, pass, looks } = watch();
    failFast.take(event(0));
    expect(pending()).toBe(1);
    failFast.stop();
    failFast.take(event(1));
    expect(pending()).toBe(0);
    pass(1_000);
    expect(looks).toEqual([]);
  });

  test("says what could not be watched", () => {
    const { failFast } = watch({ gaps: ["key 1 is not watched"] });
    expect(failFast.notesOn(verdict("valid"))).toEqual(["--fail-fast: key 1 is not watched"]);
    const checker: Checker = { name: "toy", description: "", check: () => verdict("valid") };
    const without = new FailFast({
      checker,
      budget: createBudget(),
      clock: handClock().clock,
      timeNsOf: () => 0,
      onViolation: () => expect.fail("nobody looked"),
    });
    without.take(event(0));
    expect(without.notesOn(verdict("valid"))).toEqual([
      "--fail-fast: the toy checker cannot follow a run, it judges it at its end",
    ]);
  });

  test.each(["take", "look"] as const)("survives a check whose %s throws", (method) => {
    const failing = (): never => {
      throw new Error("oh dear");
    };
    const { failFast, pass } = watch({ [method]: failing });
    failFast.take(event(0));
    pass(250);
    failFast.take(event(1));
    pass(250);
    expect(failFast.signal.aborted).toBe(false);
    expect(failFast.notesOn(verdict("valid"))).toEqual([
      "--fail-fast: the online check failed: oh dear",
    ]);
  });

  test("says when the whole check does not confirm what was seen", () => {
    const { failFast, pass } = watch({}, 1);
    failFast.take(event(1));
    pass(250);
    expect(failFast.notesOn(verdict("invalid"))).toEqual([]);
    expect(failFast.notesOn(verdict("unknown"))[0]).toMatch(/did not confirm$/);
    expect(failFast.notesOn(verdict("valid"))[0]).toMatch(/did not confirm; please report/);
  });
});
