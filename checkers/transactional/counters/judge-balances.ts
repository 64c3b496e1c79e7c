/**
 * Banks at levels at which two transfers may lose each other's money: as the registers that their
 * accounts are. A history has the level when some choice of what each read is of has it.
 */
import { implies } from "../../../src/consistency/lattice.js";
import type { BaseIsolation, TransactionalLevel } from "../../../src/consistency/level.js";
import { OK, type History } from "../../../src/history/history.js";
import type { Anomaly } from "../../../src/verdict/verdict.js";
import type { Judgement } from "../judge.js";
import { takenApart } from "../levels.js";
import { BalanceChoices, type Balances } from "./balances.js";
import { judgeChoices, shownBy, type Choosing } from "./by-choices.js";
import type { CounterHistory, CounterTransaction } from "./layout.js";
import { movesInPlace, toldAsRegisters } from "./told-as-registers.js";

/** Levels that ask in which order a transaction reads, which nobody knows of a bank. */
const BY_MOMENTS: ReadonlySet<BaseIsolation> = new Set<BaseIsolation>([
  "monotonic-snapshot-read",
  "monotonic-view",
  "monotonic-atomic-view",
]);

/** Judges a level; undefined when it is left open, or is none of these. */
export function judgeBalances(
  counters: CounterHistory,
  level: TransactionalLevel,
  judge: (registers: History) => Judgement,
): Judgement | undefined {
  if (!isOfBalances(counters, level)) return undefined;
  const choices = choicesFor(counters, level);
  return judgeChoices(choices.all(), choosingOf(counters, level, { judge, choices }));
}

/** Judges a level by one likely choice; undefined when that does not show it. */
export function judgeLikelyBalances(
  counters: CounterHistory,
  level: TransactionalLevel,
  judge: (registers: History) => Judgement,
): Judgement | undefined {
  if (!isOfBalances(counters, level)) return undefined;
  const choices = choicesFor(counters, level);
  const likely = choices.likely();
  if (likely === undefined) return undefined;
  const choosing = choosingOf(counters, level, { judge, choices });
  return shownBy(likely, choosing.judge(likely), choosing);
}

function isOfBalances(counters: CounterHistory, level: TransactionalLevel): boolean {
  const isBelow = implies(level, "read-committed") && !implies(level, "cursor-stability");
  const { kind, history } = counters;
  return isBelow && kind === "bank" && history.types.includes(OK) && !movesInPlace(counters);
}

function choicesFor(counters: CounterHistory, level: TransactionalLevel): BalanceChoices {
  return new BalanceChoices(counters, BY_MOMENTS.has(takenApart(level).base));
}

function choosingOf(
  counters: CounterHistory,
  level: TransactionalLevel,
  about: { readonly judge: (registers: History) => Judgement; readonly choices: BalanceChoices },
): Choosing<Balances> {
  const { judge, choices } = about;
  const { base, time } = takenApart(level);
  const toldFor = { time, isOrderOnly: base === "monotonic-atomic-view" };
  return {
    level,
    events: counters.history.length,
    judge: (balances) => judge(toldAsRegisters(counters, balances, toldFor)),
    shown: (balances) => ({ balances }),
    phenomenon: (cases) => ({
      name: "no-balances",
      cases: cases.map(({ choice: balances, phenomenon }) => ({ balances, phenomenon })),
    }),
    how: "to be what one transfer left of what it had read",
    what: "whoever left what was read",
    tell: tellBalances,
    tellNone: () => tellUnmade(choices, counters),
    operations: (balances) =>
      balances.flatMap(({ reader, of }) => (of === null ? [reader] : [reader, of])),
  };
}

/** So many reads are told. */
const READS_MAX = 6;

/** Of an account what was read, where no transfers make that together. */
function tellUnmade(
  choices: BalanceChoices,
  { keys, transactions }: CounterHistory,
): Pick<Anomaly, "message" | "operations"> {
  const { key = 0, readers = [] } = choices.unmade() ?? {};
  const told = readers.slice(0, READS_MAX).map((reader) => {
    const { operation, deeds } = transactions[reader] as CounterTransaction;
    const read = deeds.find((deed) => deed.f === "read" && deed.key === key);
    return `transaction ${operation.invocation} read ${read?.amount}`;
  });
  const all = [...told, ...(readers.length > READS_MAX ? ["…"] : [])].join("; ");
  return {
    message: `of ${JSON.stringify(keys[key])} no transfers make what was read, whichever of them got lost: ${all}`,
    operations: readers.map((reader) => transactions[reader]?.operation.invocation as number),
  };
}

function tellBalances(balances: Balances): string {
  const told = balances.slice(0, READS_MAX).map(({ reader, key, of }) => {
    const what = of === null ? "what was there at first" : `what transaction ${of} left`;
    return `transaction ${reader} read of ${JSON.stringify(key)} ${what}`;
  });
  return [...told, ...(balances.length > READS_MAX ? ["…"] : [])].join("; ");
}
