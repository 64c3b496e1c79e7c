/**
 * Every cell of the table of litmus histories: by the checkers, where that is small enough by the
 * definitions tried out, and by the table of docs/consistency.md, which must be the one here.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { kAtomicity } from "../checkers/k-atomicity.js";
import { createBudget } from "../src/checker/checker.js";
import { makeChecker } from "../src/cli/catalog.js";
import { implies } from "../src/consistency/lattice.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import { register } from "../src/model/register.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { COLUMNS, LITMUS, type Litmus } from "./litmus/registers.js";
import { hasLinearizationByPart } from "./oracle/brute-force.js";
import { holdsGuarantees, holdsLevel, type Guarantee, type Level } from "./oracle/visibility.js";

const model = register({ initial: 0 });
const GUARANTEES: readonly Guarantee[] = [
  "read-your-writes",
  "monotonic-reads",
  "monotonic-writes",
  "writes-follow-reads",
];
const LEVELS: readonly Level[] = ["causal", "causal-convergence", "causal-memory", "pram"];

function historyFrom({ steps }: Litmus): History {
  const open = new Map<number, NewEvent>();
  const events: NewEvent[] = [];
  for (const step of steps.split(", ")) {
    const timeNs = events.length;
    const parts = /^(\d)([+-]?)(?: ([rw]) (\w) (\d))?$/.exec(step);
    if (parts === null) throw new Error(`no step: ${step}`);
    const [, name, mark, letter, key = "", digit] = parts;
    const process = Number(name);
    if (mark === "-") {
      events.push({ ...(open.get(process) as NewEvent), timeNs });
      continue;
    }
    const value = Number(digit);
    const f = letter === "w" ? "write" : "read";
    const input = f === "write" ? value : null;
    events.push({ timeNs, process, f, key, type: "invoke", value: input });
    const end: NewEvent = { timeNs: timeNs + 1, process, f, key, type: "ok", value };
    if (mark === "+") open.set(process, end);
    else events.push(end);
  }
  return historyOf(events);
}

/** By the definition; undefined where there are too many ways to try. */
function byDefinition(history: History, column: (typeof COLUMNS)[number]): boolean | undefined {
  if (column === "linearizable") return hasLinearizationByPart(history, model);
  const level = LEVELS.find((name) => name === column);
  if (level !== undefined) return holdsLevel(history, level, 0);
  const guarantees =
    column === "session-guarantees" ? GUARANTEES : GUARANTEES.filter((name) => name === column);
  return guarantees.length === 0 ? undefined : holdsGuarantees(history, guarantees, 0);
}

describe.each(LITMUS)("$name", (litmus) => {
  const history = historyFrom(litmus);

  test.each(COLUMNS.map((column, place) => [column, litmus.holds[place] === "+"] as const))(
    "%s: %s",
    async (column, holds) => {
      const { verdict, certificate } = await makeChecker(column, model).check(
        history,
        createBudget(),
      );
      expect(verdict).toBe(holds ? "valid" : "invalid");
      expect(byDefinition(history, column) ?? holds).toBe(holds);
      if (certificate === undefined) expect.fail("no certificate");
      const about = { certificate, history, model, budget: createBudget() };
      expect(verifyCertificate(about)).toMatchObject({ confirmed: true });
    },
  );

  test(`k = ${litmus.k}`, async () => {
    const { details, verdict } = await kAtomicity({ max: 99, initial: 0 }).check(
      history,
      createBudget(),
    );
    expect(details?.["k"] ?? "-").toBe(litmus.k);
    expect(verdict).toBe(litmus.k === "-" ? "invalid" : "valid");
  });

  test("the row agrees with the lattice", () => {
    for (const [place, stronger] of COLUMNS.entries()) {
      for (const [other, weaker] of COLUMNS.entries()) {
        if (!implies(stronger, weaker) || litmus.holds[place] === "-") continue;
        expect(`${stronger} → ${weaker}: ${litmus.holds[other]}`).toBe(
          `${stronger} → ${weaker}: +`,
        );
      }
    }
  });
});

test("every two levels are told apart by some history, unless one implies the other", () => {
  const missing: string[] = [];
  for (const [place, one] of COLUMNS.entries()) {
    for (const [other, another] of COLUMNS.entries()) {
      if (implies(one, another)) continue;
      const isShown = LITMUS.some(({ holds }) => holds[place] === "+" && holds[other] === "-");
      if (!isShown) missing.push(`${one} without ${another}`);
    }
  }
  expect(missing.toSorted()).toEqual(NEVER_SHOWN.toSorted());
});

/** What no history of registers can show: see docs/consistency.md. */
const NEVER_SHOWN = [
  "causal without writes-follow-reads",
  "causal-memory without writes-follow-reads",
  ...COLUMNS.filter((one) => !implies(one, "monotonic-writes")).map(
    (one) => `${one} without monotonic-writes`,
  ),
];

test("the documentation has the table", () => {
  const text = readFileSync(
    fileURLToPath(new URL("../docs/consistency.md", import.meta.url)),
    "utf8",
  );
  const between = /<!-- litmus:begin -->\n([\s\S]*?)<!-- litmus:end -->/.exec(text)?.[1];
  expect(between?.trim()).toBe(table());
});

function table(): string {
  const short = ["Lin", "SC", "CCv", "CM", "CC", "PRAM", "all four", "RYW", "MR", "MW", "WFR"];
  return [
    `| history | ${short.join(" | ")} | k | what it shows |`,
    `|---${"|:-:".repeat(short.length + 1)}|---|`,
    ...LITMUS.map(({ name, steps, holds, k, shows }) => {
      const cells = holds.split("").map((sign) => (sign === "+" ? "✓" : "✗"));
      return `| **${name}**<br>\`${steps}\` | ${cells.join(" | ")} | ${k} | ${shows} |`;
    }),
  ].join("\n");
}
