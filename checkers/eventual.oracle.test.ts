/**
 * The eventual levels against their definition written out, on small random histories that come to
 * rest or do not: the checker of replicas, and the two levels as the lattice asks them of sets,
 * logs, registers and counters. Whoever keeps the strong one keeps the other.
 */
import { describe, expect, test } from "vitest";
import { createBudget, type Checker } from "../src/checker/checker.js";
import { historyOf, type History } from "../src/history/history.js";
import { canonical, type Value } from "../src/history/value.js";
import { counter } from "../src/model/counter.js";
import { log } from "../src/model/log.js";
import type { Model } from "../src/model/model.js";
import { register } from "../src/model/register.js";
import { set } from "../src/model/set.js";
import type { VerdictKind } from "../src/verdict/verdict.js";
import { createDice, type Dice } from "../test/oracle/random-history.js";
import { randomRest, type RestShape } from "../test/oracle/random-rest.js";
import { atRest, type Shown } from "../test/oracle/rest.js";
import { eventual } from "./eventual.js";
import { eventualQuestions } from "./strongest/eventually.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 2_000);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_127);
const SETTLE_MS = 1_000;

const subset = (dice: Dice, written: readonly Value[]): readonly Value[] =>
  written.filter(() => dice(4) > 0);
const shuffled = (dice: Dice, list: readonly Value[]): readonly Value[] =>
  dice(3) > 0 ? list : list.toReversed();

/** By the object: how it is changed, and what reads of it may show, right or wrong. */
const OBJECTS: readonly (readonly [string, Model, RestShape])[] = [
  [
    "a set",
    set(),
    {
      update: (dice, fresh) =>
        dice(40) === 0
          ? { f: "remove", input: 1, output: 1 }
          : { f: "add", input: dice(25) === 0 ? 1 : fresh(), output: null },
      shows: (dice, written, isFinal) =>
        shuffled(dice, isFinal && dice(5) > 0 ? written : subset(dice, written)),
    },
  ],
  [
    "a log",
    log(),
    {
      update: (dice, fresh) => ({
        f: "append",
        input: dice(25) === 0 ? 1 : fresh(),
        output: null,
      }),
      shows: (dice, written, isFinal) => {
        const list = isFinal && dice(5) > 0 ? written : written.slice(0, dice(written.length + 1));
        return dice(8) > 0 ? list : list.toReversed();
      },
    },
  ],
  [
    "a register",
    register(),
    {
      update: (_, fresh) => ({ f: "write", input: fresh(), output: null }),
      shows: (dice, written, isFinal) =>
        (isFinal && dice(5) > 0 ? written.at(-1) : written[dice(written.length + 1)]) ?? null,
    },
  ],
  [
    "a counter",
    counter(),
    {
      update: (dice) => ({ f: "add", input: 1 + dice(2), output: null }),
      shows: (dice, written, isFinal) =>
        isFinal && dice(5) > 0 ? written.length : dice(written.length + 1),
    },
  ],
];

/** What a read of the object shows: two states that are the same have the same name. */
function stateOf(model: Model): (output: Value) => string {
  if (model.name !== "set") return canonical;
  return (output) => canonical((output as readonly Value[]).map((each) => canonical(each)).sort());
}

/** Whether each element is added once, and none is removed, so that reads tell what they saw. */
function tellsUpdates(history: History): boolean {
  const added = new Set<string>();
  for (const invocation of history.invocations()) {
    const { f, key = null, input, outcome } = history.operation(invocation);
    if (f === "read" || outcome === "fail") continue;
    const name = canonical([key, input]);
    if (f === "remove" || added.has(name)) return false;
    added.add(name);
  }
  return true;
}

/** Two reads of one log that show the same entries in different orders. */
function isTornApart(history: History): boolean {
  const reads = [...history.invocations()]
    .map((invocation) => history.operation(invocation))
    .filter(({ f, outcome }) => f === "read" && outcome === "ok");
  const entries = (list: Value): string =>
    canonical((list as readonly Value[]).map((each) => canonical(each)).sort());
  return reads.some((one) =>
    reads.some(
      (other) =>
        canonical(one.key ?? null) === canonical(other.key ?? null) &&
        entries(one.output ?? []) === entries(other.output ?? []) &&
        canonical(one.output ?? []) !== canonical(other.output ?? []),
    ),
  );
}

const told = (history: History, about: string): string =>
  `${about}, seed ${SEED}\n` +
  Array.from({ length: history.length }, (_, i) => JSON.stringify(history.event(i))).join("\n");

type Counts = { [kind in VerdictKind]: number };
const none = (): Counts => ({ valid: 0, invalid: 0, unknown: 0 });

function expectAll(counts: Counts): void {
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(HISTORIES / 50);
}

describe.each(OBJECTS)("%s", (_, model, shape) => {
  const asked = new Map<string, Checker>(
    eventualQuestions(model).map(({ level, checker }) => [level, checker]),
  );
  const isStrong = model.name === "set" || model.name === "log";

  test("levels agree with the definition", { timeout: 3_600_000 }, async () => {
    expect([...asked.keys()].toSorted()).toEqual(
      isStrong ? ["eventual", "strong-eventual"] : ["eventual"],
    );
    const dice = createDice(SEED);
    const [plain, strong] = [none(), none()];
    for (let number = 0; number < HISTORIES; number++) {
      const history = historyOf(randomRest(dice, shape));
      const shown: Shown = { stateOf: stateOf(model), settleMs: SETTLE_MS };
      const expected = atRest(history, shown).verdict;
      const verdict = await asked.get("eventual")?.check(history, createBudget());
      if (verdict?.verdict !== expected) {
        expect.fail(`${verdict?.verdict}, not ${expected}: ${told(history, `history ${number}`)}`);
      }
      plain[expected]++;
      if (!isStrong) continue;
      const isTorn = model.name === "log" && isTornApart(history);
      const expectedStrong = !tellsUpdates(history) ? "unknown" : isTorn ? "invalid" : expected;
      const answer = await asked.get("strong-eventual")?.check(history, createBudget());
      if (answer?.verdict !== expectedStrong) {
        expect.fail(
          `strong: ${answer?.verdict}, not ${expectedStrong}: ${told(history, `history ${number}`)}`,
        );
      }
      strong[expectedStrong]++;
      // strong-eventual → eventual.
      if (answer?.verdict === "valid") expect(verdict.verdict).toBe("valid");
    }
    expectAll(plain);
    if (isStrong) expectAll(strong);
  });
});

/** Reads that tell which updates they have seen, by any names. */
const SEEN: RestShape = {
  update: (_, fresh) => ({ f: "add", input: fresh(), output: null }),
  shows: (dice, written, isFinal) => ({
    seen: shuffled(dice, isFinal && dice(5) > 0 ? written : subset(dice, written)),
    state: isFinal ? Number(dice(6) === 0) : dice(2),
  }),
};

test("the checker of replicas, also where reads tell what they have seen", async () => {
  const dice = createDice(SEED);
  const counts = none();
  let conflicts = 0;
  for (let number = 0; number < HISTORIES; number++) {
    const history = historyOf(randomRest(dice, SEEN));
    const { verdict, conflicting } = atRest(history, {
      stateOf: (output) => canonical((output as { readonly state: Value }).state),
      seenOf: (output) => {
        const { seen } = output as { readonly seen: readonly Value[] };
        return canonical(seen.map((each) => canonical(each)).sort());
      },
      settleMs: SETTLE_MS,
    });
    const checker = eventual({ replica: "input" });
    const answer = await checker.check(history, createBudget());
    if (answer.verdict !== verdict) {
      expect.fail(`${answer.verdict}, not ${verdict}: ${told(history, `history ${number}`)}`);
    }
    const isNamed = answer.anomalies.some(({ kind }) => kind === "conflicting-states");
    expect(isNamed, told(history, `history ${number}`)).toBe(conflicting);
    counts[verdict]++;
    if (conflicting) conflicts++;
  }
  expectAll(counts);
  expect(conflicts).toBeGreaterThan(HISTORIES / 50);
}, 3_600_000);
