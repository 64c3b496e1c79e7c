/**
 * What clients can ask of a database with transactions: each call is one transaction, carried out
 * step by step, as a program does that holds a connection.
 *
 * - `txn` of `["r", key, null]`, `["w", key, value]`, `["append", key, element]`, `["add", key,
 *   element]`, which adds to a set, and `["inc", key, amount]`, which adds to a number;
 * - `registers`: the same, on registers that belong together;
 * - `bank`: `transfer` of `{from, to, amount}` between five accounts with 20 each, and `read`;
 * - `rows`: `txn` of these on the rows of a table, of `["insert", key, value]` and `["delete",
 *   key]`, and of `["rp", predicate, null]`, which reads the rows that a predicate means.
 */
import { canonical, type Value } from "../../src/history/value.js";
import type { Command } from "../store-commands.js";
import { conditionOf } from "./conditions.js";
import { Abort, type Statements } from "./transaction.js";

/** The functions of databases with transactions. */
export const TRANSACTION_FUNCTIONS: readonly string[] = ["txn", "registers", "bank", "rows"];

/** What a procedure works with. */
export interface Steps {
  readonly statements: Statements;
  /** Between two steps: the time that a program takes. */
  pause(): Promise<void>;
}

/** Carries out a call, without the commit. @throws Abort */
export async function carryOut({ f, key, value }: Command, steps: Steps): Promise<Value> {
  if (f === "txn") return microOperations("txn", value, steps);
  if (!TRANSACTION_FUNCTIONS.includes(f) || !Array.isArray(value)) {
    throw new Abort("unsupported", `this store has no function ${f} of ${canonical(value)}`);
  }
  const table = canonical([f, key]).replaceAll("/", "|");
  const [name = null, argument = null] = value as readonly Value[];
  switch (`${f} ${canonical(name)}`) {
    case 'registers "txn"':
    case 'rows "txn"':
      return microOperations(table, argument, steps);
    case 'bank "read"':
      return balances(table, steps);
    case 'bank "transfer"':
      return transfer(table, argument as unknown as Transfer, steps);
    default:
      throw new Abort("unsupported", `${f} has no function ${canonical(name)}`);
  }
}

async function microOperations(table: string, list: Value, steps: Steps): Promise<Value> {
  const { statements } = steps;
  const done: Value[] = [];
  for (const [place, micro] of asList(list).entries()) {
    if (place > 0) await steps.pause();
    const [f, name = null, value = null] = asList(micro);
    const key = `${table}/${canonical(name)}`;
    if (f === "r") done.push([f, name, await statements.read(key)]);
    else if (f === "rp") {
      const rows = await statements.scan(table, conditionOf(name));
      const shown = rows.map((row): [string, Value] => [textOf(row.name), row.value]);
      done.push([f, name, Object.fromEntries(shown)]);
    } else if (f === "w" || f === "insert") await statements.write(key, value);
    else if (f === "delete") await statements.remove(key);
    else if (f === "append" || f === "add") await statements.append(key, value);
    else if (f === "inc") await statements.increment(key, value);
    else throw new Abort("unsupported", `there is no micro-operation ${canonical(micro)}`);
    if (f !== "r" && f !== "rp") done.push(micro);
  }
  return done;
}

const ACCOUNTS = ["a", "b", "c", "d", "e"];
const BALANCE = 20;

interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
}

async function balances(table: string, steps: Steps): Promise<Value> {
  const found: { [account: string]: Value } = {};
  for (const account of ACCOUNTS) {
    found[account] = await balance(`${table}/${account}`, steps);
    await steps.pause();
  }
  return found;
}

async function balance(key: string, { statements }: Steps): Promise<number> {
  return Number((await statements.read(key)) ?? BALANCE);
}

/** Reads both accounts, and writes what they then have. */
async function transfer(table: string, asked: Transfer, steps: Steps): Promise<Value> {
  const { from, to, amount } = asked;
  const [source, target] = [`${table}/${from}`, `${table}/${to}`];
  const left = (await balance(source, steps)) - amount;
  if (left < 0) throw new Abort("overdrawn", `${from} has too little`);
  await steps.pause();
  const more = (await balance(target, steps)) + amount;
  await steps.pause();
  await steps.statements.write(source, left);
  await steps.pause();
  await steps.statements.write(target, more);
  return null;
}

/** A key as the name of a field. */
function textOf(key: Value): string {
  return typeof key === "string" ? key : canonical(key);
}

function asList(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value as readonly Value[];
  throw new Abort("bad-argument", `${canonical(value)} is no list of micro-operations`);
}
