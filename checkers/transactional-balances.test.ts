/**
 * Banks at levels at which transfers may lose each other's money: whose balances were read, by
 * every choice; and evidence that is not right is refused.
 */
import { expect, test } from "vitest";
import { historyOf, type History, type NewEvent } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import type { Certificate } from "../src/verdict/certificate.js";
import type { BalanceRead, NoBalances } from "../src/verdict/counter-certificate.js";
import { isolationShapeError } from "../src/cli/isolation-shapes.js";
import { decideIsolation, isConfirmed, judgeIsolation } from "../test/judge-isolation.js";

type Told = readonly [f: "transfer" | "read" | "init", value: Value, type?: "ok" | "info"];

/** Operations at the same time, but for `init`. */
function bank(...operations: readonly Told[]): History {
  const at = (type: NewEvent["type"], process: number, [f, value]: Told): NewEvent => {
    return { type, process, f, value: type === "invoke" && f === "read" ? null : value, timeNs: 0 };
  };
  const rest = operations.filter(([f]) => f !== "init");
  const first = operations.filter(([f]) => f === "init");
  return historyOf([
    ...first.flatMap((told) => [at("invoke", 99, told), at("ok", 99, told)]),
    ...rest.map((told, process) => at("invoke", process, told)),
    ...rest.map((told, process) => at(told[2] ?? "ok", process, told)),
  ]);
}

const INIT: Told = ["init", { a: 10, b: 10 }];

function move(from: string, to: string, amount: number, type: "ok" | "info" = "ok"): Told {
  return ["transfer", { from, to, amount }, type];
}

/** Each of two transfers is read as if the other had not been. */
const LOST = bank(
  INIT,
  move("a", "b", 3),
  move("b", "a", 5),
  ["read", { a: 7, b: 13 }],
  ["read", { a: 15, b: 5 }],
);

test("two transfers lose each other's money: below cursor stability that is allowed", async () => {
  for (const level of ["read-committed", "monotonic-atomic-view", "read-atomic", "prefix"]) {
    const { verdict, reason, details } = await decideIsolation(LOST, level);
    expect([verdict, details?.["level"]]).toEqual(["valid", level]);
    if (level === "read-committed") continue;
    expect(reason).toMatch(/Each total is taken to be what one transfer left/u);
  }
  const { verdict } = await decideIsolation(LOST, "cursor-stability");
  expect(verdict).toBe("invalid");
});

const TORN: Told = ["read", { a: 7, b: 10 }];
/** Nobody read it, but a and b do not exchange with each other alone. */
const ASIDE = move("a", "c", 100);

test("half of a transfer is seen", async () => {
  const history = bank(INIT, move("a", "b", 3), TORN, ASIDE);
  // Nobody knows which account was read first.
  for (const level of ["read-committed", "monotonic-atomic-view", "monotonic-snapshot-read"]) {
    expect((await decideIsolation(history, level)).verdict).toBe("valid");
  }
  for (const level of ["read-atomic", "update-atomic", "causal-cerone", "prefix"]) {
    const { verdict, anomalies, reason } = await decideIsolation(history, level);
    expect([verdict, anomalies.map(({ kind }) => kind)]).toEqual(["invalid", ["fractured-read"]]);
    expect(reason).toMatch(/in no other way: .*transaction 3 read of "a" what transaction 2 left/u);
  }
  // What was there at first is not known.
  const { verdict } = await decideIsolation(bank(move("a", "b", 3), TORN), "read-atomic");
  expect(verdict).toBe("valid");
});

test("evidence that is not right is refused", async () => {
  const { certificate } = await decideIsolation(LOST, "read-atomic");
  if (certificate?.kind !== "transaction-order") expect.fail("no order");
  const { balances = [] } = certificate;
  expect(balances.filter(({ reader }) => reader > 3)).toEqual([
    { reader: 4, key: "a", of: 2 },
    { reader: 4, key: "b", of: 2 },
    { reader: 5, key: "a", of: 3 },
    { reader: 5, key: "b", of: 3 },
  ]);
  expect(isolationShapeError({ ...certificate })).toBe("");
  const withReads = (reads: readonly BalanceRead[]): Certificate => {
    return { ...certificate, balances: reads };
  };
  expect(isConfirmed(withReads(balances.toReversed()), LOST)).toBe(true);
  for (const [place, read] of balances.entries()) {
    expect(isConfirmed(withReads(balances.toSpliced(place, 1)), LOST)).toBe(false);
    for (const of of [null, 0, 2, 3, 4]) {
      if (of === read.of) continue;
      expect(isConfirmed(withReads(balances.with(place, { ...read, of })), LOST)).toBe(false);
    }
    expect(isConfirmed(withReads([...balances, read]), LOST)).toBe(false);
  }
  expect(isConfirmed({ ...certificate, level: "cursor-stability" }, LOST)).toBe(false);
  expect(isConfirmed({ ...certificate, level: "read-uncommitted" }, LOST)).toBe(false);
  const malformed = [{ reader: 4, key: "a", of: "2" }];
  expect(isolationShapeError({ ...certificate, balances: malformed })).not.toBe("");
});

test("where every choice is wrong, so is the history", async () => {
  const history = bank(INIT, move("a", "b", 3), move("a", "b", 3), TORN, ASIDE);
  const { verdict, anomalies, reason, certificate } = await decideIsolation(history, "read-atomic");
  expect(verdict).toBe("invalid");
  expect(anomalies.map(({ kind }) => kind)).toEqual(["no-order", "fractured-read"]);
  expect(reason).toMatch(/whoever left what was read \(2 choices\)/u);
  const violation = certificate?.kind === "isolation-violation" ? certificate : undefined;
  if (violation?.phenomenon.name !== "no-balances") expect.fail("no cases");
  expect(isolationShapeError({ ...violation })).toBe("");
  const { cases } = violation.phenomenon;
  const withCases = (those: NoBalances["cases"]): Certificate => {
    return { ...violation, phenomenon: { name: "no-balances", cases: those } };
  };
  expect(isConfirmed(withCases(cases.toReversed()), history)).toBe(true);
  expect(isConfirmed(withCases(cases.slice(1)), history)).toBe(false);
  expect(isConfirmed(withCases([]), history)).toBe(false);
  const swapped = cases.map(({ balances }, place) => {
    const { phenomenon } = cases[1 - place] as (typeof cases)[number];
    return { balances, phenomenon };
  });
  expect(isConfirmed(withCases(swapped), history)).toBe(false);
  // There nobody knows which account was read first.
  expect(isConfirmed({ ...violation, level: "monotonic-atomic-view" }, history)).toBe(false);
  const misshapen = {
    ...violation,
    phenomenon: { name: "no-balances", cases: [{ balances: [] }] },
  };
  expect(isolationShapeError(misshapen)).not.toBe("");
});

test("who was read happened, and had read as well", async () => {
  // Who read what nobody had left but with the other's help; each read the other then.
  const history = bank(
    INIT,
    move("a", "b", 1, "info"),
    move("b", "a", 2),
    ["read", { a: 11, b: 9 }],
    ["read", { a: 9, b: 10 }],
  );
  // One read of a has both transfers, and 9 of b too; the other has only the first one's half.
  expect((await decideIsolation(history, "read-committed")).verdict).toBe("valid");
  const { verdict } = await decideIsolation(history, "read-atomic");
  expect(verdict).toBe("invalid");
});

test("no transfers make what was read of an account, whatever it held at first", async () => {
  const history = bank(
    move("a", "b", 2),
    ["read", { a: 8 }],
    ["read", { a: 6 }],
    ["read", { a: 10 }],
  );
  for (const level of ["read-committed", "monotonic-view", "strong-session-prefix"]) {
    const { verdict, anomalies, certificate } = await decideIsolation(history, level);
    expect(verdict).toBe("invalid");
    expect(anomalies.map(({ kind, operations }) => [kind, operations])).toEqual([
      ["no-order", [1, 2, 3]],
    ]);
    expect(anomalies[0]?.message).toMatch(
      /of "a" no transfers make .*1 read 8; .*2 read 6; .*3 read 10$/u,
    );
    const possible = bank(move("a", "b", 2), ["read", { a: 8 }], ["read", { a: 6 }]);
    expect(isConfirmed(certificate as Certificate, possible)).toBe(false);
  }
});

/** Transfers and reads one after the other, each of a process; `info` ends when it says so. */
function inTurn(...rows: readonly (readonly [process: number, ...told: Told])[]): History {
  return historyOf(
    rows.flatMap(([process, f, value, type = "ok"]) => {
      const about = { process, f, timeNs: 0 };
      const asked = f === "read" ? null : value;
      return [
        { ...about, type: "invoke" as const, value: asked },
        { ...about, type, value },
      ];
    }),
  );
}

test("a transfer whose end is not known comes after what its session did, and before nobody", async () => {
  const transfer = move("a", "b", 3, "info");
  const inOne = inTurn(
    [9, ...INIT],
    [0, ...move("b", "a", 1)],
    [0, ...transfer],
    [0, "read", { a: 11, b: 9 }],
    // Who sees the last transfer of process 0 sees the one before it.
    [1, "read", { a: 7, b: 13 }],
  );
  const { verdict } = await decideIsolation(inOne, "strong-session-read-atomic");
  expect(verdict).toBe("invalid");
  // Without sessions each of the two may have lost what the other moved.
  expect((await decideIsolation(inOne, "read-atomic")).verdict).toBe("valid");
  for (const level of ["strong-session-monotonic-atomic-view", "strong-read-committed"]) {
    expect((await decideIsolation(inOne, level)).verdict).toBe("valid");
  }
  for (const level of ["strong-session-monotonic-view", "strong-session-causal-cerone"]) {
    await decideIsolation(inOne, level);
  }
});

test("a read of three accounts is taken in the orders that demand least", async () => {
  // Nobody knows in which order the accounts were read: of b first, then a, then c will do.
  const history = bank(
    ["init", { a: 10, b: 10, c: 10 }],
    move("a", "b", 1),
    move("a", "c", 2),
    ["read", { a: 7, b: 10, c: 12 }],
    ["read", { a: 9, b: 11, c: 10 }],
    ["read", { a: 7, b: 11, c: 10 }],
  );
  for (const level of ["monotonic-view", "monotonic-snapshot-read", "monotonic-atomic-view"]) {
    expect((await decideIsolation(history, level)).verdict).toBe("valid");
  }
});

test("where there are more choices than are tried it is left open", async () => {
  const ones = Array.from({ length: 9 }, () => move("a", "b", 1));
  const reads = [["read", { a: 1, b: 15 }] as const, ["read", { a: 5, b: 10 }] as const];
  const history = bank(INIT, ...ones, ...reads, ASIDE);
  const { verdict, reason } = await judgeIsolation("read-atomic", history);
  expect([verdict, reason]).toEqual(["unknown", expect.stringMatching(/^Undecided:/u)]);
});
