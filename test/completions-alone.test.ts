/**
 * Histories of transactions of which some or all invocations were left out, against the same with
 * them: what they lose is real time, and no more.
 */
import { describe, expect, test } from "vitest";
import { transactional } from "../checkers/transactional.js";
import { createBudget } from "../src/checker/checker.js";
import { decodeHistory, encodeEvent } from "../src/history/codec.js";
import { INVOKE, type History } from "../src/history/history.js";
import { createRandom, type Random } from "../src/random.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { fileIn, ordeal, temporaryDirectory } from "./command-line.js";
import { listHistory, randomLists } from "./oracle/random-lists.js";
import { randomRows } from "./oracle/random-rows.js";
import { historyOfRegisters, randomRegisters } from "./oracle/small-registers.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 250);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_128);

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** The lines of a history, of whose transactions some begin without a word. */
function withoutSome(history: History, random: Random): string {
  const share = random.chance(0.5) ? 1 : random.float();
  const lines: string[] = [];
  for (let at = 0; at < history.length; at++) {
    const event = history.event(at);
    const isWhole = event.f !== "txn" || history.pairs[at] === -1;
    if (history.types[at] === INVOKE && !isWhole && random.chance(share)) continue;
    lines.push(encodeEvent({ ...event, index: lines.length }));
  }
  return lines.join("\n");
}

/** Who certainly comes before whom, by real time and in a session: by the order of completions. */
function precedences(history: History, isOfSession: boolean): ReadonlySet<string> {
  const operations = Array.from(history.invocations(), (at) => history.operation(at))
    .filter(({ f, completion }) => f === "txn" && completion !== undefined)
    .toSorted((a, b) => (a.completion as number) - (b.completion as number));
  const found = new Set<string>();
  for (const [one, a] of operations.entries()) {
    for (const [other, b] of operations.entries()) {
      const isBefore = a.outcome === "ok" && (a.completion as number) < b.invocation;
      if (isBefore && (!isOfSession || a.process === b.process)) found.add(`${one} ${other}`);
    }
  }
  return found;
}

async function verdictOf(history: History, level: string): Promise<string> {
  const budget = createBudget();
  const { verdict, certificate } = await transactional({ level }).check(history, budget);
  if (certificate !== undefined) {
    expect(verifyCertificate({ certificate, history, budget })).toMatchObject({ confirmed: true });
  }
  return verdict;
}

const SIZE = { transactionsMin: 2, transactionsMax: 5, writesPerKeyMax: 3 };

const KINDS: readonly (readonly [string, (random: Random, seed: number) => History])[] = [
  ["lists", (random) => listHistory(randomLists(random))],
  ["registers", (random) => historyOfRegisters(randomRegisters(random, SIZE))],
  ["rows", (_, seed) => randomRows(seed, "predicates")],
];

describe.each(KINDS)("%s", (_, make) => {
  test("keep all but real time", { timeout: 3_600_000 }, async () => {
    let invalid = 0;
    for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
      const random = createRandom(seed);
      const whole = make(random, seed);
      const text = withoutSome(whole, random);
      const { history } = await decodeHistory(once(text), { file: "h", format: "jsonl" });
      expect(precedences(history, true), text).toEqual(precedences(whole, true));
      const [known, all] = [precedences(history, false), precedences(whole, false)];
      for (const each of known) expect(all.has(each), text).toBe(true);
      for (const level of ["read-committed", "strong-session-snapshot-isolation", "serializable"]) {
        expect(await verdictOf(history, level), text).toBe(await verdictOf(whole, level));
      }
      const level = "strict-serializable";
      const verdict = await verdictOf(history, level);
      const strict = await verdictOf(whole, level);
      if (verdict !== "invalid") continue;
      invalid++;
      expect(strict, text).toBe("invalid");
    }
    expect(invalid).toBeGreaterThan(HISTORIES / 20);
  });
});

test("real time orders what is known to have begun later, and no more", async () => {
  const reads = '{"type":"ok","process":1,"f":"txn","value":[["r","x",[]]]}';
  const appends = '{"type":"ok","process":0,"f":"txn","value":[["append","x",1]]}';
  const begins = '{"type":"invoke","process":1,"f":"txn","value":[["r","x",null]]}';
  const ended = '{"type":"ok","process":1,"f":"txn","value":[["r","y",[]]]}';
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["valid", [appends, reads]],
    ["invalid", [appends, begins, reads]],
    // Its process had done something else after that.
    ["invalid", [appends, ended, reads]],
    ["valid", [ended, appends, reads]],
  ];
  for (const [verdict, lines] of cases) {
    const { history } = await decodeHistory(once(lines.join("\n")), { file: "h" });
    expect(await verdictOf(history, "strict-serializable"), lines.join()).toBe(verdict);
    expect(await verdictOf(history, "strong-session-serializable")).toBe("valid");
  }
});

const SKEW = `{:type :ok, :process 0, :value [[:r :x []] [:append :y 1]]}
{:type :ok, :process 1, :value [[:r :y []] [:append :x 2]]}
`;

test("completions alone are checked, reported and verified", async () => {
  const directory = temporaryDirectory();
  const file = fileIn(directory, "alone.edn", SKEW);
  const out = `${directory}/result.json`;
  const argv = ["check", file, "--consistency", "serializable", "--json", "--out", out];
  const { exitCode, stdout, stderr } = await ordeal(...argv);
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    anomalies: [{ kind: "G2-item", operations: [0, 1] }],
    warnings: [expect.stringMatching(/^2 completions have no invocation/)],
  });
  expect(stderr).toContain("2 completions have no invocation");
  expect((await ordeal("verify", out, file)).stdout).toContain("✓ confirmed");
  const held = await ordeal("check", file, "--consistency", "snapshot-isolation");
  expect(held.exitCode).toBe(0);
});

test("what is wrong is told by its line in the file", async () => {
  const directory = temporaryDirectory();
  const text = `${SKEW}\n{:type :ok, :process 0, :value [[:frob :x 1]]}\n`;
  const file = fileIn(directory, "wrong.edn", text);
  const { exitCode, stderr } = await ordeal("check", file, "--consistency", "serializable");
  expect(exitCode).toBe(254);
  expect(stderr).toContain("wrong.edn:4:1: ");
});

test("a model asks when operations began", async () => {
  const directory = temporaryDirectory();
  const file = fileIn(
    directory,
    "model.jsonl",
    '{"type":"invoke","process":0,"f":"txn","value":[["w","x",1]]}\n' +
      '{"type":"ok","process":0,"f":"txn","value":[["w","x",1]]}\n' +
      '{"type":"ok","process":1,"f":"txn","value":[["r","x",1]]}\n',
  );
  const { exitCode, stderr } = await ordeal("check", file, "--model", "multi-register");
  expect(exitCode).not.toBe(0);
  expect(stderr).toMatch(
    /model\.jsonl:3:1: a completion without an invocation, and --model multi-register asks when/,
  );
});
