/** Levels that are decided by another level, with its evidence. */
import { expect, test } from "vitest";
import { decideIsolation, isConfirmed, together } from "../test/judge-isolation.js";

/** Two that add to sets, and two that see them in opposite orders: a long fork. */
const FORK = together(
  [["add", "x", 1]],
  [["add", "y", 1]],
  [
    ["r", "x", [1]],
    ["r", "y", null],
  ],
  [
    ["r", "x", null],
    ["r", "y", [1]],
  ],
);

test("what shows a level shows those that it implies", async () => {
  const { verdict, reason, certificate } = await decideIsolation(FORK, "monotonic-view");
  expect(verdict).toBe("valid");
  expect(reason).toMatch(
    /\(This shows a stronger level, [a-z-]+, and so decides monotonic-view\.\)$/,
  );
  if (certificate?.kind !== "transaction-order") expect.fail("no order");
  expect(certificate.level).toBe("monotonic-view");
  const { through, ...without } = certificate;
  expect(through).toBeDefined();
  expect(isConfirmed(without, FORK)).toBe(false);
  expect(isConfirmed({ ...certificate, through: "read-committed" }, FORK)).toBe(false);
  expect(isConfirmed({ ...certificate, through: "serializable" }, FORK)).toBe(false);
});

test("what contradicts a level contradicts those that imply it", async () => {
  const history = together(
    [
      ["inc", "x", 1],
      ["inc", "y", 2],
    ],
    [
      ["r", "x", 1],
      ["r", "y", 0],
    ],
  );
  const weaker = await decideIsolation(history, "consistent-view");
  const stronger = await decideIsolation(history, "parallel-snapshot-isolation");
  expect([weaker.verdict, stronger.verdict]).toEqual(["invalid", "invalid"]);
  const { certificate } = weaker;
  if (certificate?.kind !== "isolation-violation") expect.fail("no violation");
  const carried = {
    ...certificate,
    level: "snapshot-isolation",
    through: "consistent-view",
  } as const;
  expect(isConfirmed(carried, history)).toBe(true);
  const reversed = { ...certificate, level: "read-committed", through: "consistent-view" } as const;
  expect(isConfirmed(reversed, history)).toBe(false);
});
