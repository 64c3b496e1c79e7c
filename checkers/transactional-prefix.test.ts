/** Prefix consistency: what it accepts below snapshot isolation, and refuses above causality. */
import { describe, expect, test } from "vitest";
import { createBudget } from "../src/checker/checker.js";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { Verdict } from "../src/verdict/verdict.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { transactional } from "./transactional.js";

/** Transactions of processes of their own, all at the same time. */
function concurrent(...transactions: readonly Value[]): History {
  const events: NewEvent[] = [];
  for (const type of ["invoke", "ok"] as const) {
    for (const [process, value] of transactions.entries()) {
      events.push({ process, f: "txn", timeNs: events.length, type, value });
    }
  }
  return historyOf(events);
}

async function ask(history: History, level: string): Promise<Verdict> {
  const verdict = await transactional({ level }).check(history, createBudget());
  const { certificate } = verdict;
  if (certificate === undefined) throw new Error(verdict.reason);
  const verified = verifyCertificate({ certificate, history, budget: createBudget() });
  expect(verified).toMatchObject({ confirmed: true });
  return verdict;
}

const LOST_UPDATE = concurrent(
  [
    ["r", "x", []],
    ["append", "x", 1],
  ],
  [
    ["r", "x", []],
    ["append", "x", 2],
  ],
  [["r", "x", [1, 2]]],
);

const LONG_FORK = concurrent(
  [["append", "x", 1]],
  [["append", "y", 1]],
  [
    ["r", "x", [1]],
    ["r", "y", []],
  ],
  [
    ["r", "x", []],
    ["r", "y", [1]],
  ],
);

describe("lists", () => {
  test("a lost update is no matter of prefixes, but of snapshot isolation", async () => {
    expect(await ask(LOST_UPDATE, "prefix")).toMatchObject({
      verdict: "valid",
      certificate: { manner: "snapshot" },
    });
    expect((await ask(LOST_UPDATE, "snapshot-isolation")).verdict).toBe("invalid");
    // What shows prefixes does not show snapshot isolation.
    const { certificate } = await ask(LOST_UPDATE, "prefix");
    if (certificate?.kind !== "transaction-order") throw new Error("no order");
    const claimed = { ...certificate, level: "snapshot-isolation" } as const;
    const verified = verifyCertificate({
      certificate: claimed,
      history: LOST_UPDATE,
      budget: createBudget(),
    });
    expect(verified.confirmed).toBe(false);
  });

  test("a long fork is, also where parallel snapshot isolation allows it", async () => {
    const verdict = await ask(LONG_FORK, "prefix");
    expect(verdict.verdict).toBe("invalid");
    expect(verdict.anomalies[0]?.kind).toBe("G-nonadjacent-item");
    expect(verdict.anomalies[0]?.operations).toEqual([0, 1, 2, 3]);
    expect((await ask(LONG_FORK, "parallel-snapshot-isolation")).verdict).toBe("valid");
  });

  test("an overwriter is not seen: a cycle of ww and rw contradicts snapshot isolation alone", async () => {
    // 0 ww 1 by x, 1 rw 0 by y: 1 took its snapshot before 0 committed.
    const history = concurrent(
      [
        ["append", "x", 1],
        ["append", "y", 1],
      ],
      [
        ["r", "y", []],
        ["append", "x", 2],
      ],
      [
        ["r", "x", [1, 2]],
        ["r", "y", [1]],
      ],
    );
    expect((await ask(history, "prefix")).verdict).toBe("valid");
    const skewed = await ask(history, "snapshot-isolation");
    expect(skewed.verdict).toBe("invalid");
    const { certificate } = skewed;
    if (certificate?.kind !== "isolation-violation") throw new Error("no violation");
    const claimed = { ...certificate, level: "prefix" } as const;
    const verified = verifyCertificate({ certificate: claimed, history, budget: createBudget() });
    expect(verified.confirmed).toBe(false);
  });
});

test("registers: a long fork of first writes", async () => {
  const history = concurrent(
    [["w", "x", 1]],
    [["w", "y", 1]],
    [
      ["r", "x", 1],
      ["r", "y", null],
    ],
    [
      ["r", "x", null],
      ["r", "y", 1],
    ],
  );
  expect((await ask(history, "prefix")).verdict).toBe("invalid");
});

test("a list that shows an element of an indeterminate one tells that its registers were written", async () => {
  const about = { f: "txn", timeNs: 0 } as const;
  const wrote: Value = [
    ["append", "l", 2],
    ["w", "x", 3],
  ];
  const read = (value: Value): Value => [
    ["r", "x", null],
    ["r", "l", value],
  ];
  const history = historyOf([
    { ...about, process: 0, type: "invoke", value: read(null) },
    { ...about, process: 1, type: "invoke", value: wrote },
    { ...about, process: 0, type: "ok", value: read([2]) },
    { ...about, process: 1, type: "info", value: wrote },
  ]);
  for (const level of ["prefix", "update-atomic", "snapshot-isolation", "serializable"]) {
    expect(await ask(history, level)).toMatchObject({ verdict: "invalid" });
  }
  expect(await ask(history, "read-committed")).toMatchObject({ verdict: "valid" });
});

test("what stands before its own append in a list was in the snapshot of who reads it", async () => {
  const history = concurrent(
    [
      ["append", "l", 2],
      ["w", "x", 4],
    ],
    [
      ["append", "l", 5],
      ["r", "l", [2, 5]],
    ],
  );
  expect(await ask(history, "prefix")).toMatchObject({ verdict: "valid" });
  const torn = concurrent(
    [
      ["append", "l", 2],
      ["w", "x", 4],
    ],
    [
      ["append", "l", 5],
      ["r", "l", [2, 5]],
      ["r", "x", null],
    ],
  );
  expect(await ask(torn, "prefix")).toMatchObject({ verdict: "invalid" });
});
