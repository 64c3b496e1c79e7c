/**
 * Bank: money moves between accounts and is neither made nor lost. Every read of all accounts must
 * show the same total, which tells isolation from its absence without following a single transfer.
 *
 * Reads `read`, whose result is an object from account to balance, or a list of [account, balance]
 * pairs (null says nothing). Transfers may have any function and shape; they are not looked at.
 */
import type { Checker } from "../src/checker/checker.js";
import { NEMESIS, OK, type History } from "../src/history/history.js";
import { canonical, type Value } from "../src/history/value.js";
import { countOf, maskOf, nothingOf } from "./everyday/functions.js";
import { assertBoolean, assertNumber, assertTexts, misshapen } from "./everyday/options.js";
import { inOrder } from "./everyday/presence.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { callText, counted, valueText } from "./everyday/words.js";

/** Options of `bank`. */
export interface BankOptions {
  /** What all accounts hold together; default: what the first read shows. */
  readonly total?: number;
  /** Whether an account may be overdrawn; default false. */
  readonly negative?: boolean;
  /** The names of the accounts, which every read has to show; default: those of the first read. */
  readonly accounts?: readonly string[];
}

const FUNCTIONS = ["read"];

/**
 * Judges each read of the accounts.
 *
 * `wrong-total`: the balances do not add up to what they should.
 *
 *     process 0  |-- read → {a: 5, b: 5} --|
 *     process 1        |-- transfer 3 from a to b --|
 *     process 2          |-- read → {a: 2, b: 5} --|
 *
 * `negative-balance`: an account is overdrawn.
 *
 *     process 0  |-- read → {a: -1, b: 11} --|
 *
 * `missing-account`: an account is not shown, or without a balance.
 *
 *     process 0  |-- read → {a: 10} --|
 *
 * `unexpected-account`: an account is shown that there is none, or one is shown twice.
 *
 *     process 0  |-- read → {a: 5, b: 5, z: 0} --|
 *
 * @throws HarnessError `bad-argument` for an option that is none, or a read that shows no accounts
 */
export function bank(options: BankOptions = {}): Checker {
  const { total, negative = false, accounts } = options;
  if (total !== undefined) assertNumber("bank", { total }, -Infinity);
  assertBoolean("bank", { negative });
  if (accounts !== undefined) assertTexts("bank", { accounts });
  return checkerOf({
    name: "bank",
    description: "all reads of the accounts show the same total, and no overdraft: read",
    keyed: true,
    kinds: ["wrong-total", "negative-balance", "missing-account", "unexpected-account"],
    judge: (history, work) => judge(history, work, options),
  });
}

/** What one read shows. */
interface Balances {
  readonly total: number;
  readonly accounts: readonly string[];
  readonly overdrawn: readonly string[];
  /** Accounts whose balance is null. */
  readonly unknown: readonly string[];
  /** Accounts that a list of pairs has once more. */
  readonly twice: readonly string[];
}

/** What a read has to show; taken from the first one where no option says it. */
interface Expected {
  readonly total: number;
  readonly accounts: ReadonlySet<string>;
  /** The invocation of the first read, when the total is its. */
  readonly first: readonly number[];
}

function judge(history: History, { found, limits }: Work, options: BankOptions): Judgement {
  const { length, types, processes, functions, values, pairs, pool } = history;
  const { negative = false } = options;
  const isRead = maskOf(history, FUNCTIONS);
  let expected: Expected | undefined;
  let [reads, distinct] = [0, 0];
  let [lowest, highest] = [Infinity, -Infinity];
  limits.hold(pool.length);
  /** 1 for results that were found right; equal ones are looked at once. */
  const right = new Uint8Array(pool.length);
  for (let i = 0; i < length; i++) {
    if (types[i] !== OK || processes[i] === NEMESIS || isRead[functions[i] as number] !== 1) {
      continue;
    }
    const id = values[i] as number;
    if (pool[id] === null) continue;
    reads++;
    if (right[id] === 1) continue;
    distinct++;
    if ((distinct & 0x3fff) === 0) limits.check();
    const invocation = pairs[i] as number;
    const balances = balancesOf(pool[id] as Value);
    expected ??= expectedFrom(options, balances, invocation);
    const { total, accounts, overdrawn, unknown, twice } = balances;
    const foreign = accounts.filter((account) => !expected?.accounts.has(account));
    const shownOnce = accounts.length - foreign.length - twice.length;
    const missing = [
      ...unknown,
      ...(shownOnce === expected.accounts.size
        ? []
        : [...expected.accounts].filter(
            (account) => !accounts.includes(account) && !unknown.includes(account),
          )),
    ];
    const report = (kind: string, why: string): void =>
      found.add(kind, () => ({
        message: `${callText(history, invocation)} shows ${valueText(pool[id] as Value)}: ${why}.`,
        operations: inOrder(...(kind === "wrong-total" ? (expected?.first ?? []) : []), invocation),
        details: { total },
      }));
    // Without all accounts the total cannot be right.
    if (missing.length > 0) report("missing-account", `no balance of ${missing.join(", ")}`);
    else {
      lowest = Math.min(lowest, total);
      highest = Math.max(highest, total);
    }
    if (missing.length === 0 && total !== expected.total) {
      report("wrong-total", `${total} in all, not ${expected.total}`);
    }
    if (foreign.length > 0) report("unexpected-account", `there is no ${foreign.join(", ")}`);
    if (twice.length > 0) report("unexpected-account", `${twice.join(", ")} is there twice`);
    if (!negative && overdrawn.length > 0) {
      report("negative-balance", `${overdrawn.join(", ")} is overdrawn`);
    }
    const isWhole = missing.length === 0 && foreign.length === 0 && twice.length === 0;
    const isRight = isWhole && total === expected.total;
    if (isRight && (negative || overdrawn.length === 0)) right[id] = 1;
  }
  return {
    operations: countOf(history, isRead),
    details: {
      reads,
      total: expected?.total ?? options.total ?? null,
      ...(highest < lowest ? {} : { lowest, highest }),
    },
    holds: `${counted(reads, "read")} show ${expected?.total ?? 0} in all.`,
    gap: reads === 0 ? nothingOf("read", FUNCTIONS) : undefined,
  };
}

function expectedFrom(options: BankOptions, shown: Balances, invocation: number): Expected {
  const { total, accounts } = options;
  return {
    total: total ?? shown.total,
    accounts: new Set(accounts ?? shown.accounts),
    first: total === undefined ? [invocation] : [],
  };
}

function balancesOf(value: Value): Balances {
  const accounts: string[] = [];
  const overdrawn: string[] = [];
  const unknown: string[] = [];
  let total = 0;
  const add = (account: string, balance: Value): void => {
    if (balance === null) {
      unknown.push(account);
      return;
    }
    if (typeof balance !== "number") throw strange(value);
    accounts.push(account);
    total += balance;
    if (balance < 0) overdrawn.push(account);
  };
  if (Array.isArray(value)) {
    for (const pair of value as readonly Value[]) {
      if (!Array.isArray(pair) || pair.length !== 2) throw strange(value);
      const [account, balance = null] = pair as readonly Value[];
      if (account === undefined) throw strange(value);
      add(typeof account === "string" ? account : canonical(account), balance);
    }
  } else if (typeof value === "object" && value !== null) {
    const balances = value as { readonly [account: string]: Value };
    for (const account of Object.keys(balances)) add(account, balances[account] as Value);
  } else throw strange(value);
  const isOnce = new Set(accounts).size === accounts.length;
  const twice = isOnce ? [] : accounts.filter((each, at) => accounts.indexOf(each) !== at);
  return { total, accounts, overdrawn, unknown, twice };
}

function strange(value: Value): Error {
  return misshapen("bank", "objects from account to balance", value);
}
