/**
 * Sessions of transactions on registers, of real databases and small ones, at the strong levels:
 * each is decided, as its label says where it has one, and the verifier confirms the evidence.
 *
 * The files are not part of this repository; `ORDEAL_CORPUS` is the folder that holds them.
 */
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { transactional } from "../checkers/transactional.js";
import { createBudget } from "../src/checker/checker.js";
import { decodeHistory } from "../src/history/codec.js";
import type { History } from "../src/history/history.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { sessionHistory, type SessionCase } from "./corpus/session-history.js";

const corpus = resolve(process.env["ORDEAL_CORPUS"] ?? "../shared/corpus", "transactional");
const present = existsSync(resolve(corpus, "oracle-small.jsonl"));
if (!present && process.env["CI"] === "true") {
  throw new Error(`no corpus at ${corpus}; set ORDEAL_CORPUS`);
}

const SI = "strong-session-snapshot-isolation";
const SER = "strong-session-serializable";
const LEVELS: { readonly [label: string]: string } = {
  si: SI,
  ser: SER,
  siNoSession: "snapshot-isolation",
  serNoSession: "serializable",
};

/** How often each answer is given; what C4 gives no label was confirmed by the verifier alone. */
const FILES: readonly (readonly [
  file: string,
  counts: { readonly [label: string]: readonly [valid: number, invalid: number] },
])[] = [
  [
    "oracle-small.jsonl",
    { si: [152, 239], ser: [134, 257], siNoSession: [185, 206], serNoSession: [168, 223] },
  ],
  ["c4-real-databases.jsonl.gz", { si: [160, 274], ser: [154, 280] }],
];

/** Files of tools that decide snapshot isolation, and what they say of it. */
const TOOLS: readonly (readonly [file: string, si: string, ser: string])[] = [
  ["isovista/dgraph_si.txt", "invalid", "invalid"],
  ["isovista/pg_ser_bug.txt", "valid", "invalid"],
  ["isovista/yugabyte_tcc.txt", "invalid", "invalid"],
  ["polysi/galera.txt", "invalid", "invalid"],
  ["polysi/yugabyte.txt", "invalid", "invalid"],
];

function casesOf(file: string): readonly SessionCase[] {
  const bytes = readFileSync(resolve(corpus, file));
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as SessionCase);
}

/** Asks the checker, and the verifier about its evidence. */
async function judge(history: History, level: string, name: string): Promise<string> {
  const { verdict, certificate } = await transactional({ level }).check(history, createBudget());
  if (certificate === undefined) return verdict;
  const verified = verifyCertificate({ certificate, history, budget: createBudget() });
  expect(verified, `${name} at ${level}`).toMatchObject({ confirmed: true });
  return verdict;
}

describe.skipIf(!present)(`the corpus at ${corpus} (skipped when it is absent)`, () => {
  test.each(FILES)("%s", { timeout: 600_000 }, async (file, expected) => {
    const counts: { [label: string]: [valid: number, invalid: number] } = {};
    for (const given of casesOf(file)) {
      const history = sessionHistory(given);
      for (const label of Object.keys(expected)) {
        const level = LEVELS[label] as string;
        const verdict = await judge(history, level, given.id);
        const said = given.verdict[label];
        const known = typeof said === "boolean" ? (said ? "valid" : "invalid") : verdict;
        expect(`${given.id} at ${level}: ${verdict}`).toBe(`${given.id} at ${level}: ${known}`);
        const [valid, invalid] = counts[label] ?? [0, 0];
        const isValid = verdict === "valid";
        counts[label] = isValid ? [valid + 1, invalid] : [valid, invalid + 1];
        expect(verdict, `${given.id} at ${level}`).not.toBe("unknown");
      }
    }
    expect(counts).toEqual(expected);
  });

  test.each(TOOLS)("%s: snapshot isolation %s, serializable %s", async (path, si, ser) => {
    const file = resolve(corpus, path);
    const { history } = await decodeHistory(createReadStream(file), { file });
    expect(await judge(history, SI, path)).toBe(si);
    expect(await judge(history, SER, path)).toBe(ser);
  });
});
