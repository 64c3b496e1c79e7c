/**
 * Bounds on counters, against every order tried out: what they rule out has none, and what they are
 * there for they rule out.
 */
import { expect, test } from "vitest";
import { historyOf } from "../history/history.js";
import { counter } from "../model/counter.js";
import { hasLinearization } from "../../test/oracle/brute-force.js";
import { createDice, randomHistory, type CallShape } from "../../test/oracle/random-history.js";
import { isOutOfBounds } from "./counter-bounds.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 4_000);

const numbers = Array.from({ length: 12 }, (_, number) => number - 3);

test("what bounds rule out has no order", () => {
  let ruledOut = 0;
  let impossible = 0;
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const dice = createDice(seed);
    const addReturns = (["nothing", "new", "old"] as const)[dice(3)] ?? "nothing";
    const model = counter({ initial: dice(3), addReturns });
    const amounts = dice(2) === 0 ? [1, 2, 3] : [1, -1, 3];
    const calls: readonly CallShape[] = [
      {
        f: dice(3) === 0 ? "decrement" : "add",
        input: () => amounts[dice(3)] ?? null,
        outputs: () => (dice(3) === 0 ? [null] : numbers),
      },
      { f: "increment", input: () => null, outputs: () => numbers },
      { f: "read", weight: 3, input: () => null, outputs: () => numbers },
    ];
    const shape = { model, operationsMax: 6, processesMax: 3, indeterminate: 4, calls };
    const history = historyOf(randomHistory(dice, shape));
    const operations = [...history.invocations()].map((one) => history.operation(one));
    const required = operations.filter(({ outcome }) => outcome === "ok");
    const forgotten = operations.filter(({ outcome }) => outcome === "info");
    const hasNone = !hasLinearization(history, model);
    const isOut = isOutOfBounds({ model, required, forgotten, omitted: [] });
    if (isOut) expect(hasNone, `seed ${seed}`).toBe(true);
    impossible += Number(hasNone);
    ruledOut += Number(isOut);
  }
  expect(impossible).toBeGreaterThan(HISTORIES / 10);
  expect(ruledOut).toBeGreaterThan(impossible / 2);
});

test("what is left out has to leave the number as it is", () => {
  const events = [
    ["add", 5, 5],
    ["read", null, 0],
  ] as const;
  const history = historyOf(
    events.flatMap(([f, input, output], place) => [
      { type: "invoke", process: place, f, value: input, timeNs: 2 * place },
      { type: "ok", process: place, f, value: output, timeNs: 2 * place + 1 },
    ]),
  );
  const [add, read] = [history.operation(0), history.operation(2)];
  const asked = { model: counter(), forgotten: [], omitted: [] };
  expect(isOutOfBounds({ ...asked, required: [add, read] })).toBe(true);
  expect(isOutOfBounds({ ...asked, required: [read], forgotten: [add] })).toBe(false);
  expect(isOutOfBounds({ ...asked, required: [read], omitted: [add] })).toBe(false);
  expect(isOutOfBounds({ ...asked, required: [read] })).toBe(false);
});
