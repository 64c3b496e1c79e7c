/**
 * Random histories of a few transactions on counters, and of a few transfers of a bank, most of
 * them sensible.
 */
import { historyOf, type History, type NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Random } from "../../src/random.js";
import type { SmallCounting } from "./counter-isolation.js";
import type { SmallTransaction } from "./isolation.js";
import { randomLists } from "./random-lists.js";

/** How much increments add. */
const AMOUNTS: readonly ((random: Random, element: number) => number)[] = [
  () => 1,
  (random) => 1 + random.below(3),
  (_, element) => 2 ** (element % 12),
  (random) => random.below(5) - 2,
];

/** Transactions on lists, of which only is seen what their elements add up to. */
export function randomCounters(random: Random): readonly SmallCounting[] {
  return countersOf(randomLists(random), random);
}

/** These transactions on lists, of which only is seen what their elements add up to. */
export function countersOf(
  lists: readonly SmallTransaction[],
  random: Random,
): readonly SmallCounting[] {
  const amountOf = random.pick(AMOUNTS);
  const amounts = new Map<number, number>();
  const lying = random.chance(0.2) ? 0.2 : 0;
  for (const { micro } of lists) {
    for (const { f, value } of micro) {
      if (f === "append") amounts.set(value, amountOf(random, value));
    }
  }
  return lists.map(({ process, outcome, begin, end, micro: steps }) => ({
    process,
    outcome,
    begin,
    end,
    micro: steps.map((micro) => {
      const { key } = micro;
      if (micro.f === "append") return { f: "inc", key, amount: amounts.get(micro.value) };
      if (micro.value === undefined) return { f: "r", key, amount: undefined };
      const lie = random.chance(lying) ? random.below(3) - 1 : 0;
      const sum = micro.value.reduce((total, element) => total + (amounts.get(element) ?? 0), lie);
      return { f: "r", key, amount: sum };
    }),
  }));
}

const ACCOUNTS = ["a", "b", "c"];

/** Transfers, and reads of all accounts that now and then see only a part of one. */
export function randomBank(random: Random): {
  readonly transactions: readonly SmallCounting[];
  readonly initial: ReadonlyMap<string, number> | undefined;
} {
  const first = new Map(ACCOUNTS.map((account) => [account, random.below(6)]));
  const state = new Map(first);
  const states = [new Map(state)];
  const strange = random.float() * 0.5;
  const busy = new Map<number, number>();
  const transactions: SmallCounting[] = [];
  let event = 0;
  const count = 2 + random.below(4);
  for (let each = 0; each < count; each++) {
    const process = random.below(3);
    const outcome = random.chance(0.8) ? "ok" : random.chance(0.5) ? "info" : "fail";
    const earliest = random.chance(0.5) ? event - random.below(5) : event;
    const begin = Math.max(busy.get(process) ?? 0, earliest) + 0.001 * random.float();
    event += 2;
    const returned = Math.max(begin + 0.1, event + 3 * random.float());
    const end = outcome === "ok" ? returned : Infinity;
    busy.set(process, outcome === "ok" ? end + 0.1 : begin + 0.2);
    const about = { process, outcome, begin, end } as const;
    if (random.chance(0.5)) {
      const seen = random.chance(strange) ? random.pick(states) : state;
      const other = random.chance(strange) ? random.pick(states) : seen;
      const micro = ACCOUNTS.map((key, at) => ({
        f: "r" as const,
        key,
        amount: outcome === "ok" ? ((at === 0 ? other : seen).get(key) ?? 0) : undefined,
      }));
      transactions.push({ ...about, micro });
      continue;
    }
    const [from = "", to = ""] = random.shuffle(ACCOUNTS);
    const amount = 1 + random.below(3);
    const moved = [
      { f: "inc" as const, key: from, amount: -amount },
      { f: "inc" as const, key: to, amount },
    ];
    transactions.push({ ...about, micro: moved });
    const isApplied = outcome === "ok" || (outcome === "info" && random.chance(0.6));
    if (!isApplied && !random.chance(strange / 2)) continue;
    for (const step of moved) {
      if (random.chance(strange / 6)) continue;
      state.set(step.key, (state.get(step.key) ?? 0) + step.amount);
    }
    states.push(new Map(state));
  }
  return { transactions, initial: random.chance(0.5) ? first : undefined };
}

/** The history of transactions. */
export function counterHistory(transactions: readonly SmallCounting[]): History {
  return historyFrom(transactions, ({ micro, outcome }) => {
    const asked = micro.map(({ f, key, amount }): Value => [
      f,
      key,
      f === "r" ? null : (amount ?? null),
    ]);
    const got = micro.map(({ f, key, amount }): Value => [f, key, amount ?? null]);
    return { f: "txn", asked, got: outcome === "ok" ? got : asked };
  });
}

/** The history of a bank. */
export function bankHistory(
  transactions: readonly SmallCounting[],
  initial: ReadonlyMap<string, number> | undefined,
): History {
  const first = initial === undefined ? undefined : Object.fromEntries<number>(initial);
  return historyFrom(
    transactions,
    ({ micro, outcome }) => {
      const [one, other] = micro;
      if (one?.f === "inc" && other?.f === "inc") {
        const asked = { from: one.key, to: other.key, amount: other.amount ?? 0 };
        return { f: "transfer", asked, got: asked };
      }
      const read = Object.fromEntries(micro.map(({ key, amount }) => [key, amount ?? null]));
      return { f: "read", asked: null, got: outcome === "ok" ? read : null };
    },
    first,
  );
}

function historyFrom(
  transactions: readonly SmallCounting[],
  tell: (of: SmallCounting) => { readonly f: string; readonly asked: Value; readonly got: Value },
  initial?: { readonly [key: string]: number },
): History {
  const events: { readonly at: number; readonly event: NewEvent }[] = [];
  if (initial !== undefined) {
    const about = { process: 9, f: "init", timeNs: 0, value: initial } as const;
    events.push({ at: -20, event: { ...about, type: "invoke" } });
    events.push({ at: -19, event: { ...about, type: "ok" } });
  }
  for (const each of transactions) {
    const { process, outcome, begin, end } = each;
    const { f, asked, got } = tell(each);
    const about = { process, f, timeNs: 0 } as const;
    events.push({ at: begin, event: { ...about, type: "invoke", value: asked } });
    const at = outcome === "ok" ? end : begin + 0.1;
    events.push({ at, event: { ...about, type: outcome, value: got } });
  }
  return historyOf(events.toSorted((a, b) => a.at - b.at).map(({ event }) => event));
}

/** What accounts may have held at first: what was read, but for some of what was moved. */
export function firstsOf(
  transactions: readonly SmallCounting[],
): readonly ReadonlyMap<string, number>[] {
  const all = transactions.flatMap(({ micro }) => micro);
  const keys = [...new Set(all.map(({ key }) => key))];
  let firsts: readonly ReadonlyMap<string, number>[] = [new Map()];
  for (const of of keys) {
    const read = all.find(({ f, key, amount }) => f === "r" && key === of && amount !== undefined);
    if (read === undefined) continue;
    let sums = new Set([0]);
    for (const { f, key, amount = 0 } of all) {
      if (f === "inc" && key === of)
        sums = new Set([...sums].flatMap((sum) => [sum, sum + amount]));
    }
    firsts = firsts.flatMap((first) =>
      [...sums].map((sum) => new Map([...first, [of, (read.amount ?? 0) - sum]])),
    );
  }
  return firsts;
}
