/**
 * The contract of checkers, for those that judge promises about registers, and for those that are
 * made of others; each of the rest runs it in its own test, and none is left out.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Checker } from "../src/checker/checker.js";
import { CHECKERS as PROMISES, PROPERTIES } from "../src/cli/catalog.js";
import type { NewEvent } from "../src/history/history.js";
import { register } from "../src/model/register.js";
import { checkerContract } from "../src/testing/index.js";
import { events, operations } from "../test/oracle/events.js";
import { causal } from "./causal.js";
import { compose } from "./compose.js";
import { deltaAtomicity } from "./delta-atomicity.js";
import { kAtomicity } from "./k-atomicity.js";
import { linearizable } from "./linearizable.js";
import { monotonic } from "./monotonic.js";
import { perKey } from "./per-key.js";
import { sequential } from "./sequential.js";
import { SESSION_GUARANTEES, sessions } from "./sessions.js";
import { strongest } from "./strongest.js";
import { uniqueIds } from "./unique-ids.js";

const model = register();

/** One process writes 1 and 2, another sees them in turn; what follows goes back to 1. */
const valid: readonly NewEvent[] = operations(
  0,
  [0, "write", 1],
  [1, "read", null, 1],
  [0, "write", 2],
  [1, "read", null, 2],
);
const back = operations(90, [1, "read", null, 1]);
const unwritten = operations(90, [1, "read", null, 9]);
const unobserved = events(0, ["invoke", 9, "write", 100], ["info", 9, "write", 100]);

const CHECKERS: readonly (readonly [Checker, { readonly [name: string]: readonly NewEvent[] }])[] =
  [
    [
      linearizable({ model }),
      { "a read that goes back": back, "a value out of nothing": unwritten },
    ],
    [sequential({ model }), { "a read that goes back": back, "a value out of nothing": unwritten }],
    ...(["causal", "causal-convergence", "causal-memory", "pram"] as const).map(
      (level) => [causal({ model, level }), { "a read that goes back": back }] as const,
    ),
    [sessions({ model }), { "a read that goes back": back }],
    ...SESSION_GUARANTEES.map(
      (guarantee) =>
        [
          sessions({ model, guarantees: [guarantee] }),
          { "a value out of nothing": unwritten },
        ] as const,
    ),
    [kAtomicity(), { "a read that goes back": back }],
    [deltaAtomicity(), { "a read that goes back": back }],
    [
      strongest({
        levels: [
          { level: "linearizable", checker: linearizable({ model }) },
          { level: "sequential", checker: sequential({ model }), dear: true },
          { level: "causal", checker: causal({ model }) },
          { level: "session-guarantees", checker: sessions({ model }) },
          ...SESSION_GUARANTEES.map((level) => ({
            level,
            checker: sessions({ model, guarantees: [level] }),
          })),
        ],
      }),
      { "a read that goes back": back, "a value out of nothing": unwritten },
    ],
    [
      compose({ monotonic: monotonic(), other: monotonic({ scope: "process" }) }),
      { "a read that goes back": back },
    ],
  ];

describe.each(
  CHECKERS.map(([checker, violations]) => ({ name: checker.name, checker, violations })),
)("$name", ({ checker, violations }) => {
  const laws = checkerContract({ checker, valid, violations, unobserved });
  for (const { name, run, skipped } of laws) {
    if (skipped === undefined) test(name, run);
    else test.skip(`${name} (${skipped})`, () => undefined);
  }
});

test("no checker of the catalog is left out", () => {
  const here = new Set(CHECKERS.map(([{ name }]) => name));
  for (const { name } of PROMISES) expect([...here]).toContain(name);
  for (const { name } of PROPERTIES) {
    if (here.has(name)) continue;
    const factory = name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    const path = fileURLToPath(new URL(`${name}.test.ts`, import.meta.url));
    const source = readFileSync(path, "utf8");
    expect(source, name).toMatch(new RegExp(`checkerContract\\(\\{\\s*checker: ${factory}\\(`));
    // What the suite returns is carried out.
    expect(source, name).toMatch(/for \(const \{ name, run/);
  }
});

describe("per-key", () => {
  const laws = checkerContract({
    checker: perKey(uniqueIds()),
    valid: operations(0, [0, "generate", null, 1, "ok", "a"], [1, "generate", null, 1, "ok", "b"]),
    violations: { "an id twice": operations(90, [0, "generate", null, 1, "ok", "a"]) },
    unobserved: events(0, ["invoke", 9, "generate", null, "a"], ["info", 9, "generate", null, "a"]),
  });
  for (const { name, run } of laws) test(name, run);
});
