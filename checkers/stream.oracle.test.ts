/**
 * Cycles of transactions on logs against the definition: is there an order of all that happened in
 * which each is where the isolation wants it? And each certificate against the verifier.
 */
import { expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { StreamIsolation } from "../src/verdict/stream-certificate.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { createDice, type Dice } from "../test/oracle/random-history.js";
import { stream } from "./stream.js";

const LOGS = ["a", "b"] as const;

/** A transaction, with what it sent and (when it succeeded) was told and shown. */
interface Transaction {
  readonly outcome: "ok" | "info" | "fail";
  readonly process: number;
  readonly steps: readonly (readonly ["send", string, number] | readonly ["poll"])[];
  begin: number;
  end: number;
  /** Largest index that each poll shows of each log, -1 for nothing; it begins at the beginning. */
  readonly ends: ReadonlyMap<string, number>;
}

interface Case {
  readonly transactions: readonly Transaction[];
  /** Log → its messages; the offset is the position. */
  readonly logs: ReadonlyMap<string, readonly number[]>;
  readonly history: History;
}

function randomCase(seed: number): Case {
  const dice = createDice(seed);
  let message = 0;
  const transactions = Array.from({ length: 2 + dice(4) }, (_, process): Transaction => {
    const steps = Array.from({ length: 1 + dice(3) }, () =>
      dice(5) < 3 ? (["send", pick(dice), ++message] as const) : (["poll"] as const),
    );
    const outcome = dice(8) > 0 ? "ok" : dice(3) > 0 ? "info" : "fail";
    return { outcome, process, steps, begin: 0, end: 0, ends: new Map() };
  });
  const logs = new Map<string, number[]>(LOGS.map((log) => [log, []]));
  for (const { steps, outcome } of transactions) {
    for (const step of steps) {
      if (step[0] !== "send" || outcome === "fail") continue;
      const list = logs.get(step[1]) as number[];
      // Mostly at the end.
      list.splice(dice(4) > 0 ? list.length : dice(list.length + 1), 0, step[2]);
    }
  }
  const shown = transactions.map(({ outcome, process, steps }): Transaction => {
    const ends = new Map(
      steps.some(([f]) => f === "poll")
        ? LOGS.filter(() => dice(4) > 0).map((log) => {
            return [log, dice((logs.get(log) as number[]).length + 1) - 1] as const;
          })
        : [],
    );
    return { outcome, process, steps, begin: 0, end: 0, ends };
  });
  return { transactions: shown, logs, history: historyOf(eventsOf(shown, logs, dice)) };
}

const pick = (dice: Dice): string => LOGS[dice(2)] as string;

function eventsOf(
  transactions: readonly Transaction[],
  logs: ReadonlyMap<string, readonly number[]>,
  dice: Dice,
): readonly NewEvent[] {
  const events: NewEvent[] = [];
  const waiting = [...transactions];
  const open: Transaction[] = [];
  while (waiting.length > 0 || open.length > 0) {
    const isBegin = waiting.length > 0 && (open.length === 0 || dice(2) === 0);
    const [each] = isBegin
      ? waiting.splice(dice(waiting.length), 1)
      : open.splice(dice(open.length), 1);
    if (each === undefined) continue;
    const about = { process: each.process, f: "txn", timeNs: events.length * 1e6 };
    if (isBegin) {
      each.begin = events.length;
      open.push(each);
      events.push({ ...about, type: "invoke", value: each.steps });
      continue;
    }
    each.end = each.outcome === "ok" ? events.length : Infinity;
    const value = each.outcome === "ok" ? answersOf(each, logs) : each.steps;
    events.push({ ...about, type: each.outcome, value });
  }
  return events;
}

function answersOf(
  { steps, ends }: Transaction,
  logs: ReadonlyMap<string, readonly number[]>,
): Value {
  let isShown = false;
  return steps.map((step): Value => {
    if (step[0] === "send") {
      const [, log, message] = step;
      return ["send", log, [(logs.get(log) as number[]).indexOf(message), message]];
    }
    // The first poll shows all of it.
    const first = !isShown;
    isShown = true;
    const all = [...ends].map(([log, end]) => {
      const list = (logs.get(log) as number[]).slice(0, end + 1);
      return [log, list.map((message, offset) => [offset, message] as const)] as const;
    });
    return ["poll", first ? Object.fromEntries(all) : {}];
  });
}

/** Whether an order of all that happened keeps what the isolation wants. */
function isExplained({ transactions, logs }: Case, isolation: StreamIsolation): boolean {
  const sent = new Map<number, Transaction>();
  for (const each of transactions) {
    for (const step of each.steps) if (step[0] === "send") sent.set(step[2], each);
  }
  const shownTo = (reader: Transaction, log: string): readonly number[] =>
    reader.outcome === "ok"
      ? (logs.get(log) as number[]).slice(0, (reader.ends.get(log) ?? -1) + 1)
      : [];
  const isShown = (message: number): boolean =>
    transactions.some((reader) => LOGS.some((log) => shownTo(reader, log).includes(message)));
  const happened = transactions.filter(
    ({ outcome, steps, begin }) =>
      outcome === "ok" ||
      (outcome === "info" &&
        steps.some(
          (step) =>
            step[0] === "send" &&
            Math.min(
              ...transactions
                .filter((reader) => LOGS.some((log) => shownTo(reader, log).includes(step[2])))
                .map(({ end }) => end),
            ) > begin &&
            isShown(step[2]),
        )),
  );
  const keeps = (
    place: ReadonlyMap<Transaction, number>,
    isTimed: boolean,
    isRw: boolean,
  ): boolean => {
    const placeOf = (each: Transaction): number => place.get(each) as number;
    for (const one of happened) {
      for (const other of happened) {
        if (isTimed && one.end < other.begin && placeOf(one) > placeOf(other)) return false;
      }
      for (const log of LOGS) {
        for (const message of shownTo(one, log)) {
          const sender = sent.get(message) as Transaction;
          const isFuture = sender.begin > one.end || !happened.includes(sender);
          if (sender !== one && !isFuture && placeOf(sender) > placeOf(one)) return false;
        }
      }
    }
    for (const log of LOGS) {
      const known = (logs.get(log) as number[]).filter((message) => {
        const sender = sent.get(message) as Transaction;
        return happened.includes(sender) && (sender.outcome === "ok" || isShown(message));
      });
      const places = known.map((message) => placeOf(sent.get(message) as Transaction));
      const isGrowing = places.every((each, i) => i === 0 || each >= (places[i - 1] as number));
      if (isolation !== "read-committed" && !isGrowing) return false;
      if (!isRw) continue;
      for (const reader of happened) {
        const seen = shownTo(reader, log);
        if (seen.length === 0) continue;
        for (const message of known) {
          const sender = sent.get(message) as Transaction;
          const isBehind = (logs.get(log) as number[]).indexOf(message) >= seen.length;
          if (isBehind && sender !== reader && placeOf(sender) < placeOf(reader)) return false;
        }
      }
    }
    return true;
  };
  const isPossible = (isTimed: boolean, isRw: boolean): boolean =>
    orders(happened).some((order) =>
      keeps(new Map(order.map((each, at) => [each, at] as const)), isTimed, isRw),
    );
  if (isolation === "strict-serializable") return isPossible(true, true);
  const isWithTime = isPossible(true, false);
  return isolation === "serializable" ? isWithTime && isPossible(false, true) : isWithTime;
}

function orders<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) =>
    orders(items.toSpliced(at, 1)).map((rest) => rest.toSpliced(0, 0, item)),
  );
}

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 4000);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 0);

test.each(["read-committed", "isolated-sends", "serializable", "strict-serializable"] as const)(
  "agrees with the definition: %s",
  async (isolation) => {
    const kinds = new Map<string, number>();
    let right = 0;
    for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
      const given = randomCase(seed);
      const { history } = given;
      const { anomalies, certificate } = await stream({ isolation }).check(history, createBudget());
      const cycles = anomalies.filter(({ kind }) => kind.startsWith("G"));
      const shown =
        history.pool.length > 0
          ? Array.from(history.invocations(), (at) => history.operation(at))
          : [];
      expect(
        cycles.length === 0,
        `seed ${seed}: ${cycles[0]?.message ?? "none"} in ${JSON.stringify(shown)}`,
      ).toBe(isExplained(given, isolation));
      if (cycles.length === 0) right++;
      expect(certificate === undefined).toBe(cycles.length === 0);
      for (const { kind } of cycles) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (certificate === undefined) continue;
      const answer = verifyCertificate({ certificate, history, budget: createBudget() });
      expect(`${seed}: ${answer.reason}`).toMatch(/: Confirmed: /);
      if (certificate.kind !== "stream-cycle") throw new Error("another certificate");
      const edges = certificate.edges.slice(1);
      const wrongs = [
        { ...certificate, edges },
        { ...certificate, isolation: "none" as const },
        { ...certificate, edges: [...edges, ...edges, ...edges] },
      ];
      for (const wrong of wrongs) {
        const { confirmed } = verifyCertificate({
          certificate: wrong,
          history,
          budget: createBudget(),
        });
        expect(confirmed, `seed ${seed}`).toBe(false);
      }
    }
    expect(right).toBeGreaterThan(HISTORIES / 20);
    for (const kind of LEAST[isolation] ?? []) {
      expect(kinds.get(kind) ?? 0, kind).toBeGreaterThan(HISTORIES / 400);
    }
  },
);

/** Kinds that must be among those that were found. */
const LEAST: { readonly [name: string]: readonly string[] } = {
  "read-committed": ["G1c", "G1c-realtime"],
  "isolated-sends": ["G0", "G1c", "G0-realtime"],
  serializable: ["G0", "G1c", "G-single", "G2"],
  "strict-serializable": ["G0", "G1c", "G-single", "G-single-realtime", "G2"],
};
