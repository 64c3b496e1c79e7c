/**
 * Histories that are linearizable but for a few operations: they are decided although they are
 * long, with an order that the verifier accepts.
 */
import { expect, test } from "vitest";
import { createBudget } from "../../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { fifoQueue } from "../../src/model/fifo-queue.js";
import type { Certificate } from "../../src/verdict/certificate.js";
import { verifyCertificate } from "../../src/verdict/verify.js";
import { sequential } from "../sequential.js";
import { slacken } from "./slack.js";

const PROCESSES = 7;

/**
 * A queue of two elements at most, but now and then the second one leaves it first: to another
 * process, or to the one that takes both.
 */
function swapped(pairs: number, swappedEvery: number, takers: 1 | 2 = 2): History {
  const events: NewEvent[] = [];
  let time = 0;
  const call = (process: number, f: string, input: Value, output: Value): void => {
    events.push({ type: "invoke", process, f, value: input, timeNs: time++ });
    events.push({ type: "ok", process, f, value: output, timeNs: time++ });
  };
  for (let pair = 0; pair < pairs; pair++) {
    const [first, second] = [2 * pair, 2 * pair + 1];
    call(0, "enqueue", first, first);
    call(1, "enqueue", second, second);
    const one = 2 + (pair % (PROCESSES - 2));
    const other = takers === 1 ? one : 2 + ((pair + 1) % (PROCESSES - 2));
    const isSwapped = pair % swappedEvery === 0;
    call(one, "dequeue", null, isSwapped ? second : first);
    call(other, "dequeue", null, isSwapped ? first : second);
  }
  return historyOf(events);
}

test.each([
  ["dequeues", 2],
  ["enqueues", 1],
] as const)("a long queue whose %s are late now and then has an order", async (_, takers) => {
  const history = swapped(500, 50, takers);
  const model = fifoQueue();
  const verdict = await sequential({ model }).check(history, createBudget());
  expect(verdict).toMatchObject({ verdict: "valid", details: { searches: { slack: 1 } } });
  const certificate = verdict.certificate as Certificate;
  const budget = createBudget();
  expect(verifyCertificate({ certificate, history, model, budget })).toMatchObject({
    confirmed: true,
  });
});

test("slack operations reach to their neighbours, or share what is between, and no further", () => {
  const history = swapped(3, 1);
  const invocations = history.invocations();
  for (const slack of [[], [2], [2, 6], [2, 6, 10], [...invocations.keys()]]) {
    const chosen = new Set(slack.map((place) => invocations[place] as number));
    const { history: loose, origins } = slacken(history, chosen);
    expect([...origins].toSorted((a, b) => a - b)).toEqual([...history.types.keys()]);
    const placeOf = (event: number): number => origins.indexOf(event);
    const last = new Map<number, number>();
    for (const invocation of invocations) {
      const process = history.processes[invocation] as number;
      const completion = history.pairs[invocation] as number;
      expect(loose.pairs[placeOf(invocation)]).toBe(placeOf(completion));
      expect(placeOf(invocation)).toBeGreaterThan(last.get(process) ?? -1);
      expect(placeOf(completion)).toBeGreaterThan(placeOf(invocation));
      expect(loose.event(placeOf(completion))).toEqual({
        ...history.event(completion),
        index: placeOf(completion),
      });
      last.set(process, placeOf(completion));
    }
    for (const one of chosen) {
      expect(placeOf(one)).toBeLessThanOrEqual(one);
      expect(placeOf(history.pairs[one] as number)).toBeGreaterThanOrEqual(
        history.pairs[one] as number,
      );
    }
  }
});
