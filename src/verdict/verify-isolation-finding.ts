/**
 * Confirms what transactions show without a cycle; answers the weakest levels that exclude it
 * (Adya 1999, section 3.2; Kingsbury & Alvaro 2020, section 5).
 */
import type { TransactionalLevel } from "../consistency/level.js";
import type { History } from "../history/history.js";
import { canonical } from "../history/value.js";
import { claim } from "./claims.js";
import type { IsolationPhenomenon } from "./isolation-certificate.js";
import {
  elementsOf,
  transactionAt,
  transactionsOf,
  type Micro,
  type Transaction,
} from "./transactions.js";

type Finding = Exclude<
  IsolationPhenomenon,
  {
    readonly name:
      | "cycle"
      | "version-cycle"
      | "missed-write"
      | "no-version-order"
      | "row-cycle"
      | "row-finding"
      | "no-row-order"
      | "counter-cycle"
      | "counter-finding"
      | "no-counter-order"
      | "no-source"
      | "no-lists"
      | "no-balances";
  }
>;

interface Shown {
  readonly history: History;
  /** The key, as its text; and the element, likewise. */
  readonly key: string;
  readonly value: string | undefined;
  readonly transactions: readonly Transaction[];
  /** For a register the transactions as they are; above they are as if on lists of one element. */
  readonly registers: readonly Transaction[] | undefined;
}

/** @throws ClaimRefused */
export function confirmFinding(finding: Finding, history: History): readonly TransactionalLevel[] {
  const rule = Object.hasOwn(RULES, finding.name) ? RULES[finding.name] : undefined;
  claim(rule !== undefined, () => `There is no anomaly called ${finding.name}.`);
  const key = canonical(finding.key);
  const given = finding.transactions.map((at) => transactionAt(history, at));
  const isRegister = given.some(({ micro }) => micro.some((each) => isOfRegister(each, key)));
  const shown: Shown = {
    history,
    key,
    value: finding.value === undefined ? undefined : canonical(finding.value),
    transactions: isRegister ? given.map((each) => asList(each, key)) : given,
    registers: isRegister ? given : undefined,
  };
  claim(rule.isShown(shown), () => `The transactions do not show ${finding.name}.`);
  return rule.excludedAlso?.(shown) === true
    ? [...rule.excludedBy, "monotonic-atomic-view", "monotonic-snapshot-read"]
    : rule.excludedBy;
}

interface Rule {
  readonly excludedBy: readonly TransactionalLevel[];
  /** Whether a monotonic atomic view and monotonic snapshot reads exclude it beside. */
  excludedAlso?(shown: Shown): boolean;
  isShown(shown: Shown): boolean;
}

const RULES: { readonly [name in Finding["name"]]: Rule } = {
  internal: {
    excludedBy: ["read-atomic", "repeatable-read", "update-serializable"],
    isShown: ({ transactions: [by], registers, key }) => {
      const register = registers?.[0];
      if (register !== undefined) return registerContradictsItself(register, key);
      return by !== undefined && contradictsItself(by, key);
    },
    excludedAlso: ({ transactions: [by], registers, key }) => {
      const register = registers?.[0];
      return register === undefined ? missesOwnAppend(by, key) : missesOwnWrite(register, key);
    },
  },
  "future-read": {
    excludedBy: ["read-committed"],
    isShown: ({ transactions: [by], key }) =>
      isOk(by) &&
      by.micro.some(
        (read, at) =>
          isRead(read, key) &&
          by.micro
            .slice(at + 1)
            .some((later) => isAppend(later, key) && elementsOf(read).includes(textOf(later))),
      ),
  },
  G1a: {
    excludedBy: ["read-committed"],
    isShown: ({ transactions: [by, writer], key, value }) =>
      writer?.operation.outcome === "fail" &&
      writer.micro.some((each) => isAppend(each, key) && textOf(each) === value) &&
      listsOf(by, key).some((list) => value !== undefined && list.includes(value)),
  },
  G1b: {
    excludedBy: ["read-committed"],
    isShown: ({ transactions: [by, writer], key }) => {
      if (writer === undefined || by?.operation.invocation === writer.operation.invocation) {
        return false;
      }
      const appended = writer.micro.filter((each) => isAppend(each, key)).map(textOf);
      const last = appended.pop();
      return listsOf(by, key).some((list) => {
        const seen = list.at(-1);
        return seen !== undefined && seen !== last && appended.includes(seen);
      });
    },
  },
  "dirty-update": {
    excludedBy: ["read-committed"],
    isShown: ({ transactions: [writer, aborted, by], key, value }) => {
      if (!isOk(writer) || aborted?.operation.outcome !== "fail") return false;
      const lost = new Set(aborted.micro.filter((each) => isAppend(each, key)).map(textOf));
      const own = writer.micro.some((each) => isAppend(each, key) && textOf(each) === value);
      return (
        own &&
        listsOf(by, key).some((list) => {
          const place = value === undefined ? -1 : list.indexOf(value);
          return list.slice(0, Math.max(0, place)).some((element) => lost.has(element));
        })
      );
    },
  },
  "lost-update": {
    excludedBy: ["cursor-stability", "update-atomic"],
    isShown: ({ transactions: [one, other], registers, key, history }) => {
      if (one === undefined) return false;
      if (other === undefined) return hasReadTwo(one, key);
      if (registers !== undefined) return haveSameBase(one, other, key);
      return isLost(one, other, { key, history });
    },
  },
  "garbage-read": {
    excludedBy: ["read-uncommitted"],
    isShown: ({ transactions: [by], key, value, history }) =>
      listsOf(by, key).some((list) => value !== undefined && list.includes(value)) &&
      !transactionsOf(history).some(({ micro }) =>
        micro.some((each) => each.f !== "r" && each.key === key && textOf(each) === value),
      ),
  },
  "duplicate-elements": {
    excludedBy: ["read-uncommitted"],
    isShown: ({ transactions: [by], key, history }) => {
      const appended = transactionsOf(history).flatMap(({ micro }) =>
        micro.filter((each) => isAppend(each, key)).map(textOf),
      );
      return listsOf(by, key).some((list) =>
        list.some((element) => timesIn(list, element) > Math.max(1, timesIn(appended, element))),
      );
    },
  },
  "cyclic-versions": {
    excludedBy: ["read-uncommitted"],
    isShown: (shown) => isOk(shown.transactions[0]) && isReordered(shown),
  },
  "reordered-writes": { excludedBy: ["read-committed"], isShown: isReordered },
  "incompatible-order": {
    excludedBy: ["read-committed"],
    isShown: ({ transactions: [one, other], key }) =>
      listsOf(one, key).some((a) =>
        listsOf(other, key).some((b) => !isBeginning(a, b) && !isBeginning(b, a)),
      ),
  },
};

/** Writes as appends, and reads as lists of what was read, or empty ones. */
function asList({ operation, micro }: Transaction, key: string): Transaction {
  return {
    operation,
    micro: micro.map((each): Micro => {
      if (each.key !== key || each.value === undefined) return each;
      if (each.f !== "r") return { f: "append", key, value: each.value };
      return { f: "r", key, value: each.value === null ? [] : [each.value] };
    }),
  };
}

/** Whether two read the same version and then each wrote another. */
function haveSameBase(one: Transaction, other: Transaction, key: string): boolean {
  const mine = updateOf(one, key);
  const yours = updateOf(other, key);
  return (
    mine !== undefined &&
    yours !== undefined &&
    one.operation.invocation !== other.operation.invocation &&
    mine.reads.some((a) => yours.reads.some((b) => canonical(a) === canonical(b)))
  );
}

/**
 * Whether one read two versions and then wrote a third. Of committed versions the earlier one was
 * overwritten before the later one was there to be read, and so before it wrote itself.
 */
function hasReadTwo(by: Transaction, key: string): boolean {
  const lists = updateOf(by, key)?.reads ?? [];
  return new Set(lists.map((list) => canonical(list))).size > 1;
}

function registerContradictsItself({ micro, operation }: Transaction, key: string): boolean {
  if (operation.outcome !== "ok") return false;
  let known: string | undefined;
  for (const each of micro) {
    if (each.key !== key || each.value === undefined) continue;
    const text = canonical(each.value);
    if (each.f === "r" && known !== undefined && known !== text) return true;
    known = text;
  }
  return false;
}

/** Whether it read a register otherwise than it had written it. */
function missesOwnWrite({ micro, operation }: Transaction, key: string): boolean {
  if (operation.outcome !== "ok") return false;
  let written: string | undefined;
  for (const each of micro) {
    if (each.key !== key || each.value === undefined) continue;
    const text = canonical(each.value);
    if (each.f === "r" && written !== undefined && written !== text) return true;
    if (each.f !== "r") written = text;
  }
  return false;
}

/** Whether it read a list otherwise than it had appended to it. */
function missesOwnAppend(by: Transaction | undefined, key: string): boolean {
  const first = by?.micro.findIndex((each) => isAppend(each, key)) ?? -1;
  if (by === undefined || first < 0) return false;
  return contradictsItself({ operation: by.operation, micro: by.micro.slice(first) }, key);
}

/** Whether a list shows an element without what its transaction had appended before. */
function isReordered({ transactions: [writer, by], key, value }: Shown): boolean {
  const appended = (writer?.micro ?? []).filter((each) => isAppend(each, key)).map(textOf);
  const earlier = new Set(appended.slice(0, value === undefined ? 0 : appended.indexOf(value)));
  return listsOf(by, key).some((list) => {
    const place = value === undefined ? -1 : list.indexOf(value);
    const seen = new Set(list.slice(0, place));
    // Lists only grow: what is not there before comes after.
    return place >= 0 && [...earlier].some((element) => !seen.has(element));
  });
}

/** Whether a read does not follow from what the transaction did to the key before. */
export function contradictsItself({ micro, operation }: Transaction, key: string): boolean {
  if (operation.outcome !== "ok") return false;
  let known: readonly string[] | undefined;
  let own: string[] = [];
  for (const each of micro) {
    if (isAppend(each, key)) {
      own.push(textOf(each));
    } else if (isRead(each, key)) {
      const list = elementsOf(each);
      const expected = known === undefined ? list.slice(0, -own.length || undefined) : known;
      if (canonical([...expected, ...own]) !== canonical(list)) return true;
      known = list;
      own = [];
    }
  }
  return false;
}

/**
 * Whether one read the list and appended to it, while the other appended in between: the list has
 * not the other's element, which comes before its own; or both did so, and nobody knows whose came
 * first.
 */
function isLost(
  one: Transaction,
  other: Transaction,
  { key, history }: { readonly key: string; readonly history: History },
): boolean {
  const mine = updateOf(one, key);
  if (mine === undefined || one.operation.invocation === other.operation.invocation) return false;
  if (other.operation.outcome === "fail") return false;
  const theirs = other.micro.filter((each) => isAppend(each, key)).map(textOf);
  const missed = theirs.filter((element) => mine.reads.some((list) => !list.includes(element)));
  const yours = updateOf(other, key);
  const hasMissed = yours?.reads.some((list) => !list.includes(mine.appended)) === true;
  if (hasMissed && missed.length > 0) {
    // Whichever came first, the other did not see it.
    return true;
  }
  return transactionsOf(history).some((by) =>
    listsOf(by, key).some((list) =>
      missed.some((element) => {
        const place = list.indexOf(element);
        const after = list.indexOf(mine.appended);
        return place >= 0 && (after < 0 || place < after);
      }),
    ),
  );
}

/** All that a transaction read of a key before it appended, and the first that it appended. */
function updateOf(
  transaction: Transaction,
  key: string,
): { readonly reads: readonly (readonly string[])[]; readonly appended: string } | undefined {
  if (!isOk(transaction)) return undefined;
  const { micro } = transaction;
  const append = micro.findIndex((each) => isAppend(each, key));
  const reads = micro.slice(0, Math.max(0, append)).filter((each) => isRead(each, key));
  if (reads.length === 0) return undefined;
  return { reads: reads.map(elementsOf), appended: textOf(micro[append] as Micro) };
}

function timesIn(list: readonly string[], element: string): number {
  return list.filter((each) => each === element).length;
}

function isOk(transaction: Transaction | undefined): transaction is Transaction {
  return transaction?.operation.outcome === "ok";
}

/** The lists that a transaction read of a key. */
function listsOf(
  transaction: Transaction | undefined,
  key: string,
): readonly (readonly string[])[] {
  if (!isOk(transaction)) return [];
  return transaction.micro.filter((each) => isRead(each, key)).map(elementsOf);
}

/** A write, or a read of what is no list. */
function isOfRegister({ f, key, value }: Micro, of: string): boolean {
  if (key !== of) return false;
  return f === "w" || (f === "r" && (value ?? null) !== null && !Array.isArray(value));
}

function isAppend({ f, key }: Micro, of: string): boolean {
  return f === "append" && key === of;
}

function isRead({ f, key }: Micro, of: string): boolean {
  return f === "r" && key === of;
}

function textOf({ value }: Micro): string {
  return canonical(value ?? null);
}

function isBeginning(a: readonly string[], b: readonly string[]): boolean {
  return a.every((element, place) => b[place] === element);
}
