/**
 * Schedules that have to learn: clauses over orders of two writes, where saturation alone decides
 * nothing. Whether an assignment satisfies them, enumeration tells.
 *
 * A variable is a key with two writes, true when the first comes first. Each clause is a ring of
 * processes that read twice, which waits for itself when all its literals are false; so do links of
 * several rings that close one.
 */
import { expect, test } from "vitest";
import { createBudget } from "../../src/checker/checker.js";
import { createHistoryBuilder, INVOKE, OK, type History } from "../../src/history/history.js";
import { kv } from "../../src/model/kv.js";
import { verifyCertificate } from "../../src/verdict/verify.js";
import { createDice } from "../../test/oracle/random-history.js";
import { sequential } from "../sequential.js";

/** Variables from 1; negated below 0. */
type Clause = readonly number[];

function historyOf(variables: number, clauses: readonly Clause[]): History {
  const builder = createHistoryBuilder();
  let process = 0;
  const call = (f: string, key: number, value: number): void => {
    const at = builder.length * 1_000;
    builder.append(INVOKE, process, f, key, f === "read" ? null : value, undefined, at);
    builder.append(OK, process, f, key, value, undefined, at + 1);
  };
  for (let variable = 1; variable <= variables; variable++) {
    for (const value of [1, 2]) {
      call("write", variable, value);
      process++;
    }
  }
  for (const clause of clauses) {
    clause.forEach((literal, place) => {
      const next = clause[(place + 1) % clause.length] as number;
      call("read", Math.abs(literal), literal > 0 ? 1 : 2);
      call("read", Math.abs(next), next > 0 ? 2 : 1);
      process++;
    });
  }
  return builder.build();
}

/**
 * Whether some assignment leaves no ring: false literals, each followed by the next in some clause,
 * of one clause or of several.
 */
function hasAssignment(variables: number, clauses: readonly Clause[]): boolean {
  const links = clauses.flatMap((clause) =>
    clause.map((literal, place) => [literal, clause[(place + 1) % clause.length]] as const),
  );
  for (let bits = 0; bits < 1 << variables; bits++) {
    const isFalse = (literal: number | undefined): boolean =>
      literal !== undefined && ((bits >> (Math.abs(literal) - 1)) & 1) !== (literal > 0 ? 1 : 0);
    let left = links.filter(([from, to]) => isFalse(from) && isFalse(to));
    // What nothing leads to is on no ring.
    for (let before = Infinity; left.length < before;) {
      before = left.length;
      const reached = new Set(left.map(([, to]) => to));
      left = left.filter(([from]) => reached.has(from));
    }
    if (left.length === 0) return true;
  }
  return false;
}

test("agrees with enumeration on random clauses, and its orders are confirmed", async () => {
  const model = kv();
  const checker = sequential({ model });
  let [valid, invalid] = [0, 0];
  for (let seed = 0; seed < 300; seed++) {
    const dice = createDice(seed);
    const variables = 2 + dice(4);
    const clauses = Array.from({ length: 2 + dice(12) }, (): Clause => {
      const left = Array.from({ length: variables }, (_, i) => i + 1);
      const size = 2 + dice(Math.min(2, variables - 1));
      return Array.from({ length: size }, () => {
        const [variable] = left.splice(dice(left.length), 1) as [number];
        return dice(2) === 0 ? variable : -variable;
      });
    });
    const history = historyOf(variables, clauses);
    const verdict = await checker.check(history, createBudget());
    const expected = hasAssignment(variables, clauses) ? "valid" : "invalid";
    expect(verdict.verdict, `seed ${seed}`).toBe(expected);
    const { certificate } = verdict;
    if (expected === "invalid") invalid++;
    else {
      valid++;
      if (certificate === undefined) throw new Error("no certificate");
      expect(
        verifyCertificate({ certificate, history, model, budget: createBudget() }),
      ).toMatchObject({ confirmed: true });
    }
  }
  expect(valid).toBeGreaterThan(30);
  expect(invalid).toBeGreaterThan(30);
}, 60_000);

test("the refutation of two contradicting variables is confirmed", async () => {
  const model = kv();
  const history = historyOf(2, [
    [1, 2],
    [1, -2],
    [-1, 2],
    [-1, -2],
  ]);
  const { verdict, certificate, details } = await sequential({ model }).check(
    history,
    createBudget(),
  );
  expect({ verdict, searches: details?.["searches"] }).toEqual({
    verdict: "invalid",
    searches: { schedule: 1 },
  });
  if (certificate === undefined) throw new Error("no certificate");
  const budget = createBudget();
  expect(verifyCertificate({ certificate, history, model, budget })).toMatchObject({
    confirmed: true,
  });
});
