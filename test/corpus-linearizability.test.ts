/**
 * Real histories with known verdicts: the verdict agrees on every file, within a minute each, and
 * the verifier confirms every certificate.
 */
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { makeChecker, makeModel } from "../src/cli/catalog.js";
import { createBudget } from "../src/checker/checker.js";
import { decodeHistory } from "../src/history/codec.js";
import type { Value } from "../src/history/value.js";
import { verifyCertificate } from "../src/verdict/verify.js";

const corpus = resolve(process.env["ORDEAL_CORPUS"] ?? "../shared/corpus", "linearizability");
const present = existsSync(resolve(corpus, "verdicts.tsv"));
if (!present && process.env["CI"] === "true") {
  throw new Error(`no corpus at ${corpus}; set ORDEAL_CORPUS`);
}

/** The initial values as the table writes them; what is not here is in the file. */
const initials: { readonly [text: string]: Value } = {
  nil: null,
  "0": 0,
  free: null,
  "{:x 0 :y 0}": { x: 0, y: 0 },
};

const files = present
  ? readFileSync(resolve(corpus, "verdicts.tsv"), "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split("\t"))
  : [];

describe.skipIf(!present)(`the corpus at ${corpus} (skipped when it is absent)`, () => {
  test("has what this test is about", () => {
    expect(files.length).toBeGreaterThan(150);
    expect(new Set(files.map(([, model]) => model))).toEqual(
      new Set(["cas-register", "kv", "multi-register", "mutex"]),
    );
  });

  test.each(files)("%s (%s, initially %s)", async (file, model, initialText, ...rest) => {
    const expected = rest[2];
    const path = resolve(corpus, file);
    const { history, conventions } = await decodeHistory(createReadStream(path), { file: path });
    const initial = Object.hasOwn(initials, initialText)
      ? initials[initialText]
      : conventions.initial;
    const made = makeModel(model, {
      nilReads: conventions.nilReads,
      failedCas: conventions.failedCas,
      ...(initial === undefined ? {} : { initial }),
    });
    // The one that `ordeal check` asks.
    const checker = makeChecker("linearizable", made);
    const { verdict, certificate, reason } = await checker.check(history, createBudget());
    expect({ verdict, reason }).toMatchObject({ verdict: expected });
    if (certificate === undefined) throw new Error("no certificate");
    const budget = createBudget();
    expect(verifyCertificate({ certificate, history, model: made, budget })).toMatchObject({
      confirmed: true,
    });
  });
});
