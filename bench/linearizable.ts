/**
 * How fast the linearizability checker decides: generated histories of a register, a cas-register
 * and a store with keys, right and wrong, at growing sizes. Prints the median of three runs.
 */
import { linearizable } from "../checkers/linearizable.js";
import { createBudget } from "../src/checker/checker.js";
import { createHistoryBuilder, INVOKE, OK, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { casRegister } from "../src/model/cas-register.js";
import { kv } from "../src/model/kv.js";
import type { Model } from "../src/model/model.js";
import { register } from "../src/model/register.js";

const REPEATS = 3;
const BUDGET_MS = 20_000;

interface Family {
  readonly name: string;
  readonly model: Model;
  readonly processes: number;
  readonly keys: number;
  /** Writes choose among so many values; 0 for one of its own each. */
  readonly values: number;
  readonly sizes: readonly number[];
}

const FAMILIES: readonly Family[] = [
  {
    name: "register, unique values",
    model: register(),
    processes: 4,
    keys: 1,
    values: 0,
    sizes: [1e3, 1e4, 1e5],
  },
  {
    name: "cas-register, 5 values",
    model: casRegister(),
    processes: 10,
    keys: 1,
    values: 5,
    sizes: [1e3, 1e4, 1e5],
  },
  {
    name: "kv, 100 keys",
    model: kv(),
    processes: 20,
    keys: 100,
    values: 0,
    sizes: [1e3, 1e4, 1e5],
  },
];

/**
 * Prints a table: family, operations, whether a stale read was planted, verdict, milliseconds, MiB
 * of tables.
 */
export async function benchLinearizable(): Promise<void> {
  console.log("family                     operations  planted  verdict        ms   table MiB");
  for (const family of FAMILIES) {
    for (const size of family.sizes) {
      for (const wrong of [false, true]) console.log(await measure(family, size, wrong));
    }
  }
}

async function measure(family: Family, size: number, wrong: boolean): Promise<string> {
  const history = generate(family, size, wrong);
  const times: number[] = [];
  let row = "";
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const started = performance.now();
    const budget = createBudget({ timeMs: BUDGET_MS });
    const { verdict, details } = await linearizable({ model: family.model }).check(history, budget);
    times.push(performance.now() - started);
    const tables = Number(details?.["bytesMax"]) / 2 ** 20;
    const median = times.toSorted((a, b) => a - b)[times.length >> 1] as number;
    row =
      `${family.name.padEnd(26)} ${String(size).padStart(10)}  ${(wrong ? "stale" : "-").padEnd(7)}  ` +
      `${verdict.padEnd(7)} ${median.toFixed(1).padStart(9)} ${tables.toFixed(1).padStart(11)}`;
  }
  return row;
}

interface Call {
  readonly f: string;
  readonly key: number;
  readonly input: Value;
  output: Value | undefined;
}

/**
 * A history in which each operation takes effect at a random event between its own; a late read may
 * be stale.
 */
function generate(family: Family, size: number, wrong: boolean): History {
  const dice = createDice(size + family.processes);
  const builder = createHistoryBuilder();
  const open: (Call | undefined)[] = Array.from({ length: family.processes });
  const state: Value[] = Array.from({ length: family.keys }, () => null);
  let unique = 0;
  let completed = 0;
  while (completed < size) {
    const process = dice(family.processes);
    const call = open[process];
    if (call === undefined) {
      const f = dice(2) === 0 ? "read" : "write";
      const value = family.values === 0 ? ++unique : dice(family.values);
      const input = f === "read" ? null : value;
      const made: Call = { f, key: dice(family.keys), input, output: undefined };
      open[process] = made;
      builder.append(INVOKE, process, f, made.key, made.input, undefined, builder.length);
    } else if (call.output === undefined) {
      if (call.f === "write") state[call.key] = call.input;
      call.output = state[call.key] ?? null;
    } else {
      const planted = wrong && call.f === "read" && completed > 0.9 * size;
      const output = planted ? -1 : call.f === "read" ? call.output : call.input;
      builder.append(OK, process, call.f, call.key, output, undefined, builder.length);
      open[process] = undefined;
      completed++;
    }
  }
  return builder.build();
}

function createDice(seed: number): (sides: number) => number {
  let state = seed >>> 0;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}
