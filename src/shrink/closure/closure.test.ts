/**
 * What a closure is for: of a history that is right, no part that is closed may look wrong, for
 * then what shrinking finds would follow from what was left out.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linearizable } from "../../../checkers/linearizable.js";
import { sequential } from "../../../checkers/sequential.js";
import { createBudget } from "../../checker/checker.js";
import { MODELS } from "../../cli/catalog-models.js";
import type { History } from "../../history/history.js";
import type { Value } from "../../history/value.js";
import { casRegister } from "../../model/cas-register.js";
import { fifoQueue } from "../../model/fifo-queue.js";
import type { Model } from "../../model/model.js";
import { register } from "../../model/register.js";
import { set } from "../../model/set.js";
import type { Call } from "../../testing/property/calls.js";
import { historyArbitrary } from "../../testing/property/histories.js";
import { subHistory } from "../sub-history.js";
import { closureOf } from "./closure.js";

const RUNS = Number(process.env["ORDEAL_CLOSURE_RUNS"] ?? 300);

const few = fc.integer({ min: 0, max: 2 }).map((value): Value => value);
const none = fc.constant<Value>(null);
const calls = (inputs: { readonly [f: string]: fc.Arbitrary<Value> }): readonly Call[] =>
  Object.entries(inputs).map(([f, input]) => ({ f, input }));

interface Case {
  readonly name: string;
  readonly model: Model;
  readonly calls?: readonly Call[];
}

/** Values that come again are what makes it hard. */
const CASES: readonly Case[] = [
  ...MODELS.map((entry): Case => ({ name: entry.name, model: entry.make() })),
  {
    name: "register of few values",
    model: register({ initial: 0 }),
    calls: calls({ read: none, write: few }),
  },
  {
    name: "cas-register whose failures are observed",
    model: casRegister({ initial: 0, failedCas: "observe" }),
    calls: calls({ read: none, write: few, cas: fc.tuple(few, few).map((both): Value => both) }),
  },
  {
    name: "fifo-queue of few values",
    model: fifoQueue({ failedDequeue: "observe" }),
    calls: calls({ enqueue: few, dequeue: none, peek: none }),
  },
  {
    name: "set with members at first",
    model: set({ initial: [0, 1] }),
    calls: calls({ add: few, remove: few, contains: few, read: none }),
  },
];

const chosenOf = (history: History, bits: readonly boolean[]): readonly number[] =>
  [...history.invocations()].filter((_, place) => bits[place % bits.length] === true);

describe.each(CASES)("$name", ({ model, calls: ofFew }) => {
  test.each([true, false])("no closed part of a right history is wrong (%s)", async (realTime) => {
    const checker = (realTime ? linearizable : sequential)({ model, nothingCompleted: "valid" });
    await fc.assert(
      fc.asyncProperty(
        historyArbitrary({
          model,
          stepsMax: 45,
          processes: 3,
          indeterminate: 4,
          ...(ofFew === undefined ? {} : { calls: ofFew }),
        }),
        fc.array(fc.boolean(), { minLength: 5, maxLength: 20 }),
        async (history, bits) => {
          const closed = closureOf(history, { model, realTime })(chosenOf(history, bits));
          fc.pre(closed.length > 0);
          const part = subHistory(history, closed);
          const { verdict, reason } = await checker.check(part, createBudget());
          expect(`${verdict} ${reason}`).not.toMatch(/^invalid/);
        },
      ),
      { numRuns: RUNS },
    );
  });
});
