/**
 * The checker against brute force: every order of every subset of small histories is tried by code
 * that shares nothing with the checker, not even the models. Every certificate goes through the
 * verifier.
 */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Operation } from "../src/history/operation.js";
import { sameValue, type Value } from "../src/history/value.js";
import { casRegister } from "../src/model/cas-register.js";
import { kv } from "../src/model/kv.js";
import type { Model } from "../src/model/model.js";
import { register } from "../src/model/register.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { linearizable } from "./linearizable.js";

const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_125);
const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 12_000);

interface Options {
  readonly initial: Value;
  readonly nilReads: "value" | "unknown";
  readonly failedCas: "observe" | "ignore";
}

/** What an operation that takes effect leads to; undefined when its result is impossible. */
type Rule = (state: Value, operation: Operation, options: Options) => Value | undefined;

const text = (value: Value): string => (value === null ? "" : `${value as number | string}`);

const rule: Rule = (state, { f, input, output, outcome }, options) => {
  if (f === "read" || f === "get") {
    if (outcome === "info" || (output === null && options.nilReads === "unknown")) return state;
    return output === state ? state : undefined;
  }
  if (f === "write" || f === "put") return input;
  if (f === "delete") return null;
  if (f === "append") return text(state) + text(input);
  const [old, next] = input as [Value, Value];
  const saysNo = outcome === "fail" || (outcome === "ok" && output === false);
  if (saysNo) return state === old ? undefined : state;
  if (state === old) return next;
  return outcome === "info" ? state : undefined;
};

function bruteForce(history: History, options: Options): boolean {
  const byKey = new Map<Value | undefined, Operation[]>();
  for (const invocation of history.invocations()) {
    const operation = history.operation(invocation);
    const observed = operation.f === "cas" && options.failedCas === "observe";
    if (operation.outcome === "fail" && !observed) continue;
    byKey.set(operation.key, [...(byKey.get(operation.key) ?? []), operation]);
  }
  return [...byKey.values()].every((operations) => hasOrder(operations, options.initial, options));
}

function hasOrder(left: readonly Operation[], state: Value, options: Options): boolean {
  if (left.every(({ outcome }) => outcome === "info")) return true;
  return left.some((first) => {
    const others = left.filter((other) => other !== first);
    const tooEarly = others.some(
      ({ outcome, completion }) => outcome !== "info" && (completion as number) < first.invocation,
    );
    if (tooEarly) return false;
    const next = rule(state, first, options);
    return next !== undefined && hasOrder(others, next, options);
  });
}

/** A small generator of its own (mulberry32). */
function createDice(seed: number): (sides: number) => number {
  let state = seed >>> 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

interface Shape {
  readonly functions: readonly string[];
  readonly keys: readonly Value[];
}

/**
 * Processes call a store that is sometimes right: results come from one that takes effect at a
 * random moment, and every now and then from the dice.
 */
function generate(dice: (sides: number) => number, shape: Shape, options: Options): NewEvent[] {
  const events: NewEvent[] = [];
  const processes = 1 + dice(4);
  const store = new Map<Value, Value>();
  const open = new Map<
    number,
    { f: string; key: Value; input: Value; result?: Value; no: boolean }
  >();
  const count = 2 + dice(7);
  const wrong = dice(2) === 0 ? 2 : 8;
  let invoked = 0;
  const value = (): Value => (dice(8) === 0 ? options.initial : 1 + dice(3));
  const takeEffect = (process: number): void => {
    const call = open.get(process);
    if (call === undefined || call.result !== undefined || call.no) return;
    const state = store.get(call.key) ?? options.initial;
    const { f, input } = call;
    if (f === "cas") {
      const [old, next] = input as [Value, Value];
      call.no = !sameValue(state, old);
      if (!call.no) store.set(call.key, next);
      call.result = input;
    } else if (f === "read" || f === "get") call.result = state;
    else {
      store.set(
        call.key,
        f === "append" ? text(state) + text(input) : f === "delete" ? null : input,
      );
      call.result = input;
    }
  };
  while (invoked < count || open.size > 0) {
    const process = dice(processes);
    const call = open.get(process);
    const key = shape.keys[dice(shape.keys.length)] as Value;
    const timeNs = Math.floor(events.length / (1 + dice(3)));
    if (call === undefined) {
      if (invoked++ >= count) {
        if (open.size === 0) break;
        continue;
      }
      const f = shape.functions[dice(shape.functions.length)] as string;
      const input: Value =
        f === "read" || f === "get" || f === "delete"
          ? null
          : f === "cas"
            ? [value(), value()]
            : value();
      open.set(process, { f, key, input, no: false });
      events.push({ timeNs, type: "invoke", process, f, key, value: input });
    } else if (dice(2) === 0) takeEffect(process);
    else {
      const { f } = call;
      const common = { timeNs, process, f, key: call.key };
      open.delete(process);
      const fate = dice(10);
      if (fate === 0) events.push({ ...common, type: "info", value: null });
      // Never completed; the process does no more.
      else if (fate === 1) {
        if (dice(2) === 0) break;
        events.push({ ...common, type: "fail", value: call.input });
      } else {
        open.set(process, call);
        takeEffect(process);
        open.delete(process);
        const lie = dice(wrong) === 0;
        const no = lie ? !call.no : call.no;
        if (f === "cas" && no) {
          const soft = dice(2) === 0;
          events.push({ ...common, type: soft ? "ok" : "fail", value: soft ? false : call.input });
        } else {
          const seen = f === "read" || f === "get";
          const result = seen && lie ? value() : (call.result ?? null);
          events.push({ ...common, type: "ok", value: result });
        }
      }
    }
  }
  return events;
}

const cases: readonly {
  readonly name: string;
  readonly make: (options: Options) => Model;
  readonly shape: Shape;
}[] = [
  { name: "register", make: register, shape: { functions: ["read", "write"], keys: ["x"] } },
  {
    name: "cas-register",
    make: casRegister,
    shape: { functions: ["read", "write", "cas", "cas"], keys: ["x"] },
  },
  {
    name: "kv",
    make: kv,
    shape: { functions: ["get", "read", "put", "append", "delete", "cas"], keys: ["x", "x", "y"] },
  },
  // Without `readOnly` and partition the checker has to find out what changes nothing.
  {
    name: "cas-register that declares nothing",
    make: (options) => {
      const model: { -readonly [Name in keyof Model]?: Model[Name] } = { ...casRegister(options) };
      delete model.readOnly;
      return model as Model;
    },
    shape: { functions: ["read", "write", "cas", "cas"], keys: ["x"] },
  },
];

describe.each(cases)("$name agrees with brute force", ({ name, make, shape }) => {
  test(`on ${HISTORIES} histories (seed ${SEED})`, async () => {
    const dice = createDice(SEED);
    const counts = { valid: 0, invalid: 0 };
    for (let number = 0; number < HISTORIES; number++) {
      const options: Options = {
        initial: dice(2) === 0 ? null : 0,
        nilReads: dice(4) === 0 ? "unknown" : "value",
        failedCas: dice(2) === 0 ? "observe" : "ignore",
      };
      const history = historyOf(generate(dice, shape, options));
      const model = make(options);
      const budget = createBudget();
      const verdict: Verdict = await linearizable({ model, nothingCompleted: "valid" }).check(
        history,
        budget,
      );
      if (history.length === 0) continue;
      const expected = bruteForce(history, options) ? "valid" : "invalid";
      const context = (): string =>
        `${name}, history ${number}: ${JSON.stringify(options)}\n` +
        Array.from({ length: history.length }, (_, i) => JSON.stringify(history.event(i))).join(
          "\n",
        );
      if (verdict.verdict !== expected)
        expect.fail(`${verdict.verdict}, not ${expected}: ${context()}`);
      const { certificate } = verdict;
      if (certificate === undefined) throw new Error(`no certificate: ${context()}`);
      const { confirmed, reason } = verifyCertificate({ certificate, history, model, budget });
      if (!confirmed) expect.fail(`${reason}\n${JSON.stringify(certificate)}\n${context()}`);
      if (certificate.kind === "non-linearizable" && !certificate.minimal) {
        expect.fail(`not minimal: ${context()}`);
      }
      counts[expected]++;
    }
    expect(counts.valid).toBeGreaterThan(HISTORIES / 5);
    expect(counts.invalid).toBeGreaterThan(HISTORIES / 5);
  });
});
