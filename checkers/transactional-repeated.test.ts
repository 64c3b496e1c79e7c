/**
 * Keys to which the same was written or appended more than once: a choice of whose it was shows a
 * level, none contradicts it; and evidence that is not right is refused.
 */
import { expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import type { Certificate } from "../src/verdict/certificate.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { DependencyEdge } from "../src/verdict/isolation-certificate.js";
import { decideIsolation, isConfirmed, together, type ToldMicro } from "../test/judge-isolation.js";
import { transactional } from "./transactional.js";

/** Two write the same to x; one that read it missed what the first wrote beside, one the second. */
const TORN: readonly (readonly ToldMicro[])[] = [
  [
    ["w", "x", 1],
    ["w", "y", 1],
  ],
  [
    ["w", "x", 1],
    ["w", "z", 1],
  ],
  [
    ["r", "x", 1],
    ["r", "y", null],
    ["r", "z", 1],
  ],
  [
    ["r", "x", 1],
    ["r", "z", null],
    ["r", "y", 1],
  ],
];

test("one choice of whose it was is enough", async () => {
  const history = together(...TORN);
  const { verdict, certificate } = await decideIsolation(history, "read-atomic");
  expect(verdict).toBe("valid");
  if (certificate?.kind !== "transaction-order") expect.fail("no order");
  const { sources = [] } = certificate;
  expect(sources.map(({ reader, of }) => [reader, of])).toEqual([
    [2, 1],
    [3, 0],
  ]);
  const { sources: _, ...without } = certificate;
  expect(isConfirmed(without, history)).toBe(false);
  expect(isConfirmed({ ...certificate, sources: sources.slice(1) }, history)).toBe(false);
  const swapped = sources.map(({ of, ...rest }) => Object.assign({}, rest, { of: 1 - (of ?? 0) }));
  expect(isConfirmed({ ...certificate, sources: swapped }, history)).toBe(false);
  const other = sources.map(({ reader, at, of }) => ({ reader, at, of, by: 1 }));
  expect(isConfirmed({ ...certificate, sources: other }, history)).toBe(false);
});

test("where every choice is wrong, so is the history", async () => {
  const history = together(...TORN.slice(0, 2), [
    ["r", "x", 1],
    ["r", "y", null],
    ["r", "z", null],
  ]);
  const { verdict, anomalies, certificate, reason } = await decideIsolation(history, "read-atomic");
  expect(verdict).toBe("invalid");
  expect(anomalies.map(({ kind }) => kind)).toEqual(["no-source", "non-monotonic-read"]);
  expect(reason).toContain("2 choices");
  expect((await decideIsolation(history, "read-committed")).verdict).toBe("valid");
  const violation = certificate?.kind === "isolation-violation" ? certificate : undefined;
  if (violation?.phenomenon.name !== "no-source") expect.fail("no cases");
  const { cases } = violation.phenomenon;
  const withCases = (those: typeof cases): Certificate => {
    return { ...violation, phenomenon: { name: "no-source", cases: those } };
  };
  expect(isConfirmed(withCases(cases.slice(1)), history)).toBe(false);
  expect(isConfirmed(withCases(cases.toReversed()), history)).toBe(false);
  expect(isConfirmed(withCases([...cases, ...cases]), history)).toBe(false);
});

test("of more choices than can be tried the likeliest may do", async () => {
  const rows: (readonly ToldMicro[])[] = [[["w", "x", 1]], [["w", "x", 1]]];
  for (let each = 0; each < 12; each++) rows.push([["r", "x", 1]]);
  const skew: readonly (readonly ToldMicro[])[] = [
    [
      ["r", "y", null],
      ["w", "z", 1],
    ],
    [
      ["r", "z", null],
      ["w", "y", 1],
    ],
  ];
  expect((await decideIsolation(together(...rows, ...skew), "snapshot-isolation")).verdict).toBe(
    "valid",
  );
  const refused = await transactional({ level: "serializable" }).check(
    together(...rows, ...skew),
    createBudget(),
  );
  expect(refused.verdict).toBe("invalid");
});

test("a read of null, where somebody wrote it, is of that or of the initial value", async () => {
  const first = together([["w", "x", null]], [["r", "x", null]]);
  expect((await decideIsolation(first, "strict-serializable")).verdict).toBe("valid");
  const rows: readonly (readonly ToldMicro[])[] = [
    [
      ["w", "x", null],
      ["w", "y", 1],
    ],
    [
      ["r", "x", null],
      ["r", "y", 1],
      ["w", "x", 2],
      ["w", "z", 1],
    ],
    [
      ["r", "x", null],
      ["r", "y", null],
      ["r", "z", null],
    ],
    [
      ["r", "z", 1],
      ["r", "x", null],
    ],
  ];
  const history = together(...rows.slice(0, 3));
  const { verdict, reason, certificate } = await decideIsolation(history, "read-atomic");
  expect([verdict, reason]).toMatchObject([
    "valid",
    expect.stringMatching(/initial value as well/),
  ]);
  if (certificate?.kind !== "transaction-order") expect.fail("no order");
  const { sources = [] } = certificate;
  expect(sources.map(({ reader, of }) => [reader, of])).toEqual([
    [1, 0],
    [2, null],
  ]);
  const swapped = sources.map(({ reader, at }) => ({ reader, at, of: null, by: null }));
  expect(isConfirmed({ ...certificate, sources: swapped }, history)).toBe(false);
  const half = sources.map(({ reader, at, of }) => ({ reader, at, of, by: null }));
  expect(isConfirmed({ ...certificate, sources: half }, history)).toBe(false);
  const wrong = await decideIsolation(together(...rows), "read-atomic");
  expect([wrong.verdict, wrong.anomalies[0]?.kind]).toEqual(["invalid", "no-source"]);
  expect(wrong.reason).toContain("or null, which is the initial value as well");
});

/** Two append the same to x; who read it last, or twice, tells whose it was. */
const APPENDED: readonly (readonly ToldMicro[])[] = [
  [
    ["append", "x", 1],
    ["append", "y", 1],
  ],
  [
    ["append", "x", 1],
    ["append", "z", 1],
  ],
  [
    ["r", "x", [1]],
    ["r", "y", null],
    ["r", "z", [1]],
  ],
  [
    ["r", "x", [1, 1]],
    ["r", "z", [1]],
    ["r", "y", [1]],
  ],
];

test("one choice of whose the elements of a list are is enough", async () => {
  const history = together(...APPENDED);
  const { verdict, reason, certificate } = await decideIsolation(history, "serializable");
  expect([verdict, reason]).toEqual([
    "valid",
    expect.stringContaining("an element was appended more than once"),
  ]);
  if (certificate?.kind !== "transaction-order") expect.fail("no order");
  const { sources = [] } = certificate;
  // Both reads begin alike, so that the first place is of the same append for both.
  expect(sources.map(({ reader, place, of }) => [reader, place, of])).toEqual([
    [2, 0, 1],
    [3, 1, 0],
  ]);
  // An order that explains the history as it was needs no sources, but there are no wrong ones.
  expect(isConfirmed({ ...certificate, sources: sources.slice(1) }, history)).toBe(false);
  const swapped = sources.map(({ of, ...rest }) => Object.assign({}, rest, { of: 1 - (of ?? 0) }));
  expect(isConfirmed({ ...certificate, sources: swapped }, history)).toBe(false);
  const twice = sources.map((each) => Object.assign({}, each, { of: 1 }));
  expect(isConfirmed({ ...certificate, sources: twice }, history)).toBe(false);
  const beyond = sources.map((each) => Object.assign({}, each, { place: 2 }));
  expect(isConfirmed({ ...certificate, sources: beyond }, history)).toBe(false);
  const other = sources.map((each) => Object.assign({}, each, { by: 1 }));
  expect(isConfirmed({ ...certificate, sources: other }, history)).toBe(false);
});

test("where every choice of whose the elements are is wrong, so is the history", async () => {
  const history = together(...APPENDED.slice(0, 2), [
    ["r", "x", [1]],
    ["r", "y", null],
    ["r", "z", null],
  ]);
  const { verdict, anomalies, certificate } = await decideIsolation(history, "read-atomic");
  expect(verdict).toBe("invalid");
  expect(anomalies[0]?.kind).toBe("no-source");
  expect((await decideIsolation(history, "read-committed")).verdict).toBe("valid");
  const violation = certificate?.kind === "isolation-violation" ? certificate : undefined;
  if (violation?.phenomenon.name !== "no-source") expect.fail("no cases");
  const { cases } = violation.phenomenon;
  const withCases = (those: typeof cases): Certificate => {
    return { ...violation, phenomenon: { name: "no-source", cases: those } };
  };
  expect(isConfirmed(withCases(cases.slice(1)), history)).toBe(false);
  expect(isConfirmed(withCases([]), history)).toBe(false);
  expect(isConfirmed(withCases(cases.toReversed()), history)).toBe(false);
  // Reads may contradict each other where nothing need be committed: there are other choices.
  expect(isConfirmed({ ...violation, level: "read-uncommitted" }, history)).toBe(false);
});

/** Transactions one after the other. */
function inTurn(...rows: readonly (readonly ToldMicro[])[]): History {
  return historyOf(
    rows.flatMap((value, process): readonly NewEvent[] => {
      const about = { process, f: "txn", timeNs: 0 } as const;
      const asked = value.map(([f, key, each]) => [f, key, f === "r" ? null : each]);
      return [
        { ...about, type: "invoke", value: asked },
        { ...about, type: "ok", value },
      ];
    }),
  );
}

/** The cycle of a reader and of a writer that begins after it, as somebody may claim it. */
function readFromLater(edge: { readonly key: string; readonly value: ToldMicro[2] }): Certificate {
  const edges: readonly DependencyEdge[] = [
    { from: 4, to: 2, by: "wr", ...edge },
    { from: 2, to: 4, by: "realtime" },
  ];
  const phenomenon = { name: "cycle", edges } as const;
  return { kind: "isolation-violation", level: "strict-serializable", phenomenon };
}

test("who is read is told by what one alone wrote, not by what others wrote as well", async () => {
  for (const [f, same, alone] of [
    ["append", [99, 99], [7]],
    ["w", 99, 7],
  ] as const) {
    const history = inTurn(
      [[f, "x", 99]],
      [
        ["r", "x", same],
        ["r", "y", alone],
      ],
      [
        [f, "x", 99],
        [f, "y", 7],
      ],
    );
    const { verdict, certificate } = await decideIsolation(history, "strict-serializable");
    expect(verdict).toBe("invalid");
    expect(certificate).toEqual(readFromLater({ key: "y", value: 7 }));
    expect(isConfirmed(readFromLater({ key: "x", value: 99 }), history)).toBe(false);
  }
});

test("of a register what was aborted is not read, and null is not only what somebody wrote", () => {
  const of = (
    first: ToldMicro,
    read: ToldMicro,
    later: ToldMicro,
    outcome: "ok" | "fail",
  ): History =>
    historyOf(
      Array.from({ length: inTurn([first], [read], [later]).length }, (_, at): NewEvent => {
        const event = inTurn([first], [read], [later]).event(at);
        return at === 1 ? { ...event, type: outcome } : event;
      }),
    );
  const write: ToldMicro = ["w", "x", 99];
  const claimed = readFromLater({ key: "x", value: 99 });
  expect(isConfirmed(claimed, of(write, ["r", "x", 99], write, "fail"))).toBe(true);
  expect(isConfirmed(claimed, of(write, ["r", "x", 99], write, "ok"))).toBe(false);
  const nothing = of(write, ["r", "y", null], ["w", "y", null], "ok");
  expect(isConfirmed(readFromLater({ key: "y", value: null }), nothing)).toBe(false);
});

test("that one happened is shown by what it alone wrote, or others only without effect", () => {
  for (const [f, seen] of [
    ["append", [1]],
    ["w", 1],
  ] as const) {
    const rows: readonly (readonly ToldMicro[])[] = [
      [
        [f, "x", 1],
        ["append", "y", 5],
        ["append", "z", 7],
      ],
      [[f, "x", 1]],
      [
        ["r", "z", [7]],
        ["r", "y", null],
      ],
      [["r", "x", seen]],
    ];
    const whole = together(...rows);
    const historyOfOutcomes = (...outcomes: readonly NewEvent["type"][]): History =>
      historyOf(
        Array.from({ length: whole.length }, (_, at): NewEvent => {
          const event = whole.event(at);
          return at < rows.length ? event : { ...event, type: outcomes[at - rows.length] ?? "ok" };
        }),
      );
    const missed = (toSeenBy?: number): Certificate => {
      const by = toSeenBy === undefined ? {} : { toSeenBy };
      const edges: readonly DependencyEdge[] = [
        { from: 0, to: 2, by: "wr", key: "z", value: 7 },
        { from: 2, to: 0, by: "rw", key: "y", next: 5, ...by },
      ];
      const phenomenon = { name: "cycle", edges } as const;
      return { kind: "isolation-violation", level: "consistent-view", phenomenon };
    };
    const open = historyOfOutcomes("info");
    expect(isConfirmed(missed(), historyOfOutcomes("ok"))).toBe(true);
    expect(isConfirmed(missed(), open)).toBe(false);
    // Who read x may have read what the other wrote, who read z may not.
    expect(isConfirmed(missed(3), open)).toBe(false);
    expect(isConfirmed(missed(2), open)).toBe(true);
    expect(isConfirmed(missed(3), historyOfOutcomes("info", "info"))).toBe(false);
    expect(isConfirmed(missed(3), historyOfOutcomes("info", "fail"))).toBe(true);
    // What a reader did not complete, it did not read.
    expect(isConfirmed(missed(3), historyOfOutcomes("info", "fail", "ok", "info"))).toBe(false);
  }
});
