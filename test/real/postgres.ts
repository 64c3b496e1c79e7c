/**
 * Tests that need a PostgreSQL server: they start one themselves, and say so where none is
 * installed. In CI that is a failure, for there it has to be.
 */
import { describe, test } from "vitest";
import { findPostgres } from "../../backends/postgres/programs.js";

/** A `describe` that is skipped, with the reason, where PostgreSQL is not installed. */
export function describeWithPostgres(name: string, tests: () => void): void {
  if (findPostgres() !== undefined) describe(name, tests);
  else if (process.env["CI"] === "true") {
    test(name, () => {
      throw new Error("CI needs a PostgreSQL server: install the package postgresql");
    });
  } else describe.skip(`${name} (PostgreSQL is not installed here)`, tests);
}
