/**
 * Objects whose state is a number or a record: counters, ids, banks, registers, locks, elections.
 */
import { sameValue, type Value } from "../../src/history/value.js";
import { listIn, recordIn, type StoredObject } from "./object.js";

/** A number: `add` (of an amount), and `read`. */
export const counterObject: StoredObject = (state, { f, argument }) => {
  const number = Number(state ?? 0);
  if (f === "read") return { value: number };
  return f === "add" ? { value: null, next: number + Number(argument) } : undefined;
};

/** Ids: `generate` → a number that was not given before. */
export const idsObject: StoredObject = (state, { f }) => {
  const next = Number(state ?? 0) + 1;
  return f === "generate" ? { value: next, next } : undefined;
};

const ACCOUNTS = ["a", "b", "c", "d", "e"];
const BALANCE = 20;

interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
}

/** A bank of five accounts with 20 each: `transfer` of `{from, to, amount}`, and `read` → all. */
export const bankObject: StoredObject = (state, { f, argument }) => {
  const balances =
    state === null
      ? Object.fromEntries(ACCOUNTS.map((account) => [account, BALANCE]))
      : recordIn(state);
  if (f === "read") return { value: balances };
  if (f !== "transfer") return undefined;
  const { from, to, amount } = argument as unknown as Transfer;
  const left = Number(balances[from] ?? 0) - amount;
  if (left < 0) return { refusal: "overdrawn", message: `${from} has too little` };
  const next: { readonly [account: string]: Value } = { ...balances, [from]: left };
  return { value: null, next: { ...next, [to]: Number(next[to] ?? 0) + amount } };
};

/**
 * Registers that are written and read together: `txn` of a list of `["w", key, value]` and `["r",
 * key, null]`.
 */
export const registersObject: StoredObject = (state, { f, argument }) => {
  if (f !== "txn") return undefined;
  const values: { [key: string]: Value } = { ...recordIn(state) };
  let isChanged = false;
  const done = listIn(argument).map((step): Value => {
    const [kind, key, value] = step as unknown as readonly [string, string, Value];
    if (kind !== "w") return [kind, key, values[key] ?? null];
    values[key] = value;
    isChanged = true;
    return step;
  });
  return isChanged ? { value: done, next: values } : { value: done };
};

/**
 * A lock with fencing tokens: `acquire` of `{owner}` → a token larger than all before, refused
 * while somebody else holds it; `release` of `{owner}`, refused to who does not.
 */
export const lockObject: StoredObject = (state, { f, argument }) => {
  const { holder = null, token = 0 } = recordIn(state);
  const { owner = null } = recordIn(argument);
  if (f === "acquire") {
    if (holder !== null) return { refusal: "held", message: "somebody else holds it" };
    const fence = Number(token) + 1;
    return { value: fence, next: { holder: owner, token: fence } };
  }
  if (f !== "release") return undefined;
  if (!sameValue(holder, owner)) return { refusal: "not-held", message: "its owner lacks it" };
  return { value: null, next: { holder: null, token } };
};

/** Elections: `elect` of a candidate → the next term, which it leads; `leader` → who leads. */
export const electionObject: StoredObject = (state, { f, argument }) => {
  if (f === "leader") return { value: state };
  if (f !== "elect") return undefined;
  const next = { term: Number(recordIn(state)["term"] ?? 0) + 1, leader: argument };
  return { value: next, next };
};
