/**
 * Keys on several threads: the answers, and what they cost, are those of one thread. The threads
 * are those of the built package, since a thread loads its program from a file.
 */
import { expect, test } from "vitest";
import { Meter } from "../checkers/linearizable/meter.js";
import { splitIntoParts } from "../checkers/linearizable/parts.js";
import { Rounds } from "../checkers/linearizable/rounds.js";
import { runOnThreads } from "../checkers/linearizable/threads.js";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import { casRegister } from "../src/model/cas-register.js";
import type { Model } from "../src/model/model.js";
import { createDice, randomHistory } from "./oracle/random-history.js";

const dist = (path: string): string => new URL(`../dist/${path}.js`, import.meta.url).href;
const built = (await import(dist("checkers/linearizable/threads"))) as {
  readonly runOnThreads: typeof runOnThreads;
};

/** Eight keys, or two, each with a history of its own. */
function history(seed: number): History {
  const dice = createDice(seed);
  const byKey = Array.from({ length: seed % 2 === 0 ? 2 : 8 }, (_, key): NewEvent[] =>
    randomHistory(dice, {
      model: casRegister(),
      operationsMax: 30,
      calls: [
        { f: "write", input: () => dice(4), outputs: (__, input) => [input] },
        { f: "read", input: () => null, outputs: () => [null, 0, 1, 2, 3] },
        { f: "cas", input: () => [dice(4), dice(4)], outputs: (__, input) => [input, false] },
      ],
    }).map((event) =>
      Object.assign(event, {
        key,
        process: key * 1e3 + (event.process as number),
      }),
    ),
  );
  return historyOf(byKey.flat());
}

function roundsOver(of: History, model: Model): Rounds {
  const { parts } = splitIntoParts(of, model);
  const meter = new Meter(createBudget({ memoryBytes: 2 ** 27 }));
  const progress = { levelMax: 0, configurationsMax: 0 };
  return new Rounds({ history: of, model, parts, meter, progress });
}

const outcome = ({ answers, invalid, open, question }: Rounds): unknown => ({
  answers: answers.map((answer) => answer ?? null),
  invalid: invalid ?? null,
  open,
  work: question.meter.work,
  bytesMax: question.meter.bytesMax,
  configurationsMax: question.progress.configurationsMax,
});

const origin = { module: dist("src/model/cas-register"), factory: "casRegister" };

test("threads answer what one thread answers", async () => {
  let invalid = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const of = history(seed);
    const alone = roundsOver(of, casRegister());
    alone.run(Infinity);
    const together = roundsOver(of, casRegister());
    await built.runOnThreads(together, { origin, threads: 2 });
    expect(outcome(together)).toEqual(outcome(alone));
    if (alone.invalid !== undefined) invalid++;
  }
  expect(invalid).toBeGreaterThan(2);
  expect(invalid).toBeLessThan(12);
});

test("what a thread cannot load is decided without threads", async () => {
  const of = history(3);
  const alone = roundsOver(of, casRegister());
  alone.run(Infinity);
  const missing = roundsOver(of, casRegister());
  await built.runOnThreads(missing, { origin: { ...origin, factory: "nobody" }, threads: 2 });
  expect(outcome(missing)).toEqual(outcome(alone));
  // The sources have no compiled program for a thread.
  const uncompiled = roundsOver(of, casRegister());
  await runOnThreads(uncompiled, { origin, threads: 2 });
  expect(outcome(uncompiled)).toEqual(outcome(alone));
});
