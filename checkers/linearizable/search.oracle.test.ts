/**
 * The general search against brute force over small histories of models that no monitor knows: each
 * way of pruning where it has the most to do. Equal indeterminate operations (counters, free
 * groups, domination), operations of one kind that are open together, quiescent points, appended
 * texts with overwrites (look-ahead and lumps). The oracle tries every order and asks the model's
 * steps, nothing else of it; every certificate goes through the verifier.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../../src/checker/checker.js";
import { historyOf, type NewEvent } from "../../src/history/history.js";
import type { Operation } from "../../src/history/operation.js";
import { canonical, type Value } from "../../src/history/value.js";
import { casRegister } from "../../src/model/cas-register.js";
import { kv } from "../../src/model/kv.js";
import type { Model } from "../../src/model/model.js";
import { verifyCertificate } from "../../src/verdict/verify.js";
import { linearizable } from "../linearizable.js";

const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_125);
const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 3000);

type Dice = (sides: number) => number;

function createDice(seed: number): Dice {
  let state = seed >>> 0;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

interface Shape {
  readonly name: string;
  readonly model: Model;
  readonly input: (dice: Dice) => readonly [f: string, input: Value];
  /** One operation in so many has an unknown outcome. */
  readonly infoEvery: number;
  /** One event in so many waits until nothing is open. */
  readonly restEvery: number;
}

function general(model: Model, less: readonly (keyof Model)[] = []): Model {
  const plain: { -readonly [Name in keyof Model]: Model[Name] } = { ...model };
  delete plain.type;
  for (const name of less) delete (plain as { [key: string]: unknown })[name];
  return plain;
}

const registerInput = (dice: Dice): readonly [string, Value] =>
  (
    [
      ["read", null],
      ["write", dice(2)],
      ["cas", [dice(2), dice(3)]],
    ] as const
  )[dice(3)] as readonly [string, Value];

const textInput = (dice: Dice): readonly [string, Value] =>
  (
    [
      ["get", null],
      ["get", null],
      ["append", "ab"[dice(2)] as string],
      ["append", "ab"[dice(2)] as string],
      ["put", ["a", "b", "", 1][dice(4)] as Value],
      dice(3) === 0 ? ["delete", null] : ["cas", ["a", ["b", "ab", 1][dice(3)] as Value]],
    ] as const
  )[dice(6)] as readonly [string, Value];

const shapes: readonly Shape[] = [
  {
    name: "equal indeterminate operations",
    model: general(casRegister({ initial: 0, failedCas: "observe" })),
    input: registerInput,
    infoEvery: 2,
    restEvery: 50,
  },
  {
    name: "the same, of a model that declares nothing",
    model: general(casRegister({ initial: 0 }), ["readOnly"]),
    input: registerInput,
    infoEvery: 3,
    restEvery: 50,
  },
  {
    name: "quiescent points",
    model: general(casRegister({ initial: 0 })),
    input: registerInput,
    infoEvery: 9,
    restEvery: 3,
  },
  {
    name: "texts that grow",
    model: general(kv({ initial: "" })),
    input: textInput,
    infoEvery: 6,
    restEvery: 8,
  },
  {
    name: "texts that grow, without a look-ahead",
    model: general(kv({ initial: "" }), ["lookAhead"]),
    input: textInput,
    infoEvery: 6,
    restEvery: 8,
  },
];

function generate(dice: Dice, { model, input, infoEvery, restEvery }: Shape): NewEvent[] {
  const events: NewEvent[] = [];
  const open = new Map<number, { f: string; input: Value; output?: Value; no?: boolean }>();
  let state: Value = model.initial();
  let invoked = 0;
  let resting = false;
  let next = 0;
  const free: number[] = [0, 1, 2, 3].map(() => next++);
  while (invoked < 8 || open.size > 0) {
    if (open.size === 0) resting = false;
    else if (dice(restEvery) === 0) resting = true;
    const begin = invoked < 8 && !resting && free.length > 0 && dice(2) === 0;
    if (begin || open.size === 0) {
      const process = free.pop() as number;
      const [f, given] = input(dice);
      open.set(process, { f, input: given });
      events.push({ type: "invoke", process, f, value: given, timeNs: events.length });
      invoked++;
      continue;
    }
    const [process, call] = [...open][dice(open.size)] as [number, { f: string; input: Value }];
    const { f, input: given } = call;
    const common = { process, f, timeNs: events.length };
    open.delete(process);
    const known = { f, key: undefined, input: given };
    const happens = dice(infoEvery) === 0;
    if (happens) {
      const [to] = model.step(state, { ...known, output: undefined, outcome: "info" });
      if (dice(2) === 0) state = to as Value;
      events.push({ ...common, type: "info", value: null });
      free.push(next++);
      continue;
    }
    free.push(process);
    const isRead = f === "read" || f === "get";
    let output: Value = isRead ? state : given;
    if (f === "cas" && canonical(state) !== canonical((given as Value[])[0] as Value))
      output = false;
    if (dice(7) === 0 && isRead) output = ["a", "ab", "b", 0, 1, null][dice(6)] as Value;
    const [to] = model.step(state, { ...known, output, outcome: "ok" });
    if (to !== undefined) state = to;
    events.push({ ...common, type: "ok", value: output });
  }
  return events;
}

function hasOrder(left: readonly Operation[], state: Value, model: Model): boolean {
  if (left.every(({ outcome }) => outcome === "info")) return true;
  return left.some((first) => {
    const others = left.filter((other) => other !== first);
    const tooEarly = others.some(
      ({ outcome, completion }) => outcome !== "info" && (completion as number) < first.invocation,
    );
    if (tooEarly) return false;
    return model.step(state, first).some((next) => hasOrder(others, next, model));
  });
}

describe.each(shapes)("$name", (shape) => {
  test(`agrees with brute force on ${HISTORIES} histories (seed ${SEED})`, async () => {
    const dice = createDice(SEED);
    const counts = { valid: 0, invalid: 0 };
    const { model } = shape;
    for (let number = 0; number < HISTORIES; number++) {
      const history = historyOf(generate(dice, shape));
      const operations = [...history.invocations()].map((one) => history.operation(one));
      const expected = hasOrder(operations, model.initial(), model) ? "valid" : "invalid";
      const budget = createBudget();
      const checker = linearizable({ model, nothingCompleted: "valid" });
      const { verdict, certificate } = await checker.check(history, budget);
      const context = (): string =>
        `${number}\n${Array.from({ length: history.length }, (_, i) => JSON.stringify(history.event(i))).join("\n")}`;
      if (verdict !== expected) expect.fail(`${verdict}, not ${expected}: ${context()}`);
      if (certificate === undefined) throw new Error(`no certificate: ${context()}`);
      const { confirmed, reason } = verifyCertificate({ certificate, history, model, budget });
      if (!confirmed) expect.fail(`${reason}\n${JSON.stringify(certificate)}\n${context()}`);
      if (certificate.kind === "non-linearizable") {
        expect(certificate.minimal, context()).toBe(true);
      }
      counts[expected]++;
    }
    expect(Math.min(counts.valid, counts.invalid)).toBeGreaterThan(HISTORIES / 20);
  });
});
