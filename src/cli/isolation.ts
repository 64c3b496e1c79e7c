/**
 * `--consistency` with a level of isolation: transactions say themselves what they read and wrote,
 * so that there is no model to name.
 */
import type { Checker } from "../checker/checker.js";
import { strongest } from "../../checkers/strongest.js";
import { levelNamed } from "../consistency/lattice.js";
import type { TransactionalLevel } from "../consistency/level.js";
import { HarnessError } from "../errors.js";
import { makeProperty } from "./catalog.js";
import { promisedOptions, type PropertyFlags } from "./check-properties.js";

/** The checker that decides levels of isolation. */
export const ISOLATION = "transactional";

/** The flags that have something to do with it. */
interface Flags extends PropertyFlags {
  readonly consistency: string;
  readonly model?: string;
  readonly initial?: unknown;
  readonly failedCas?: unknown;
  readonly nilReads?: unknown;
}

/**
 * The checker of a level for transactions; undefined when another promise was asked for.
 * @throws HarnessError `bad-argument` for flags that say nothing about transactions
 */
export function isolationFor(flags: Flags): { name: string; checker: Checker } | undefined {
  const level = levelNamed(flags.consistency);
  if (level?.family !== "transactional") return undefined;
  const given = {
    "--model": flags.model,
    "--initial": flags.initial,
    "--nil-reads": flags.nilReads,
    "--failed-cas": flags.failedCas,
  };
  for (const [flag, value] of Object.entries(given)) {
    if (value === undefined) continue;
    throw new HarnessError(
      "bad-argument",
      `${flag} says nothing about ${level.name}: transactions need no model; leave it out`,
    );
  }
  const options = promisedOptions(flags, ISOLATION);
  if (Object.hasOwn(options, "level") && flags.checker?.includes(ISOLATION) !== true) {
    throw new HarnessError(
      "bad-argument",
      `--checker-option level: --consistency ${flags.consistency} says it already`,
    );
  }
  const about = { ...options, level: level.name };
  return { name: level.name, checker: makeProperty(ISOLATION, about) };
}

/** What `strongest` asks about transactions, from strong to weak. */
const ASKED: readonly TransactionalLevel[] = [
  "strict-serializable",
  "strong-session-serializable",
  "serializable",
  "strong-snapshot-isolation",
  "strong-session-snapshot-isolation",
  "snapshot-isolation",
  "update-serializable",
  "repeatable-read",
  "parallel-snapshot-isolation",
  "prefix",
  "strong-session-causal-cerone",
  "causal-cerone",
  "consistent-view",
  "cursor-stability",
  "strong-session-read-atomic",
  "read-atomic",
  "strong-session-monotonic-atomic-view",
  "monotonic-atomic-view",
  "read-committed",
  "read-uncommitted",
];

/** Finds the strongest levels of isolation that hold. */
export function strongestIsolation(): { name: string; checker: Checker } {
  const levels = ASKED.map((level) => ({
    level,
    checker: makeProperty(ISOLATION, { level }),
  }));
  return { name: "strongest", checker: strongest({ levels }) };
}
