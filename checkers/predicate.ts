/**
 * Predicates: who inserts a row only where it has found none. In a serial order the second such
 * transaction finds the row of the first, so that at most one succeeds; without predicate locks, or
 * under snapshot isolation, two concurrent ones do (G2 of Adya, "Weak Consistency", 1999, section
 * 3.3; phantoms).
 *
 * Reads `insert`, which is ok when the key had no rows and now has this one, and `read`, whose
 * result is a list of the key's rows.
 */
import type { Checker } from "../src/checker/checker.js";
import { NEMESIS, OK, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { countOf, nothingOf, rolesOf } from "./everyday/functions.js";
import { misshapen } from "./everyday/options.js";
import { inOrder } from "./everyday/presence.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { callText, counted, valueText } from "./everyday/words.js";

const INSERT = 1;
const READ = 2;

/**
 * Looks for two rows where there can be one.
 *
 * `G2`: two inserts each found none, or a read shows two rows.
 *
 *     process 0  |-- insert 1 --|
 *     process 1    |-- insert 2 --|
 *
 * @throws HarnessError `bad-argument` for a read of no list
 */
export function predicate(): Checker {
  return checkerOf({
    name: "predicate",
    description: "of those who insert a row where there is none one succeeds: insert, read",
    keyed: true,
    kinds: ["G2"],
    judge,
  });
}

function judge(history: History, { found, limits }: Work): Judgement {
  const { length, types, processes, functions, values, pairs, pool } = history;
  const roles = rolesOf(history, { insert: INSERT, read: READ });
  let first: number | undefined;
  let [inserts, reads] = [0, 0];
  for (let i = 0; i < length; i++) {
    const role = roles[functions[i] as number];
    if (types[i] !== OK || processes[i] === NEMESIS || role === 0) continue;
    if ((i & 0xffff) === 0) limits.check();
    const invocation = pairs[i] as number;
    if (role === READ) {
      reads++;
      const rows = rowsOf(pool[values[i] as number] as Value);
      if (rows.length < 2) continue;
      found.add("G2", () => ({
        message: `${callText(history, invocation)} shows ${valueText(rows)}: each of these was inserted only if there was none.`,
        operations: [invocation],
        details: { rows },
      }));
      continue;
    }
    inserts++;
    if (first === undefined) {
      first = invocation;
      continue;
    }
    const earlier = first;
    found.add("G2", () => ({
      message: `${callText(history, earlier)} and ${callText(history, invocation)} both found no row: neither saw the other's.`,
      operations: inOrder(earlier, invocation),
      details: { rows: [earlier, invocation].map((each) => pool[values[each] as number] as Value) },
    }));
  }
  return {
    operations: countOf(history, roles),
    details: { inserts, reads },
    holds: `${counted(inserts, "insert")} found no row, and none of them missed another.`,
    gap: inserts === 0 ? nothingOf("insert", ["insert", "read"]) : undefined,
    isEmpty: inserts === 0,
  };
}

function rowsOf(value: Value): readonly Value[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value as readonly Value[];
  throw misshapen("predicate", "lists of rows", value);
}
