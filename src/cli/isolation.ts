/**
 * `--consistency` with a level of isolation: transactions say themselves what they read and wrote,
 * so that there is no model to name.
 */
import type { Checker } from "../checker/checker.js";
import { aroundLevel } from "../../checkers/strongest/around.js";
import { strongest } from "../../checkers/strongest.js";
import { transactionalAt, type TransactionalOptions } from "../../checkers/transactional.js";
import { levelNamed, LEVELS, strongerThan } from "../consistency/lattice.js";
import type { TransactionalLevel } from "../consistency/level.js";
import { HarnessError } from "../errors.js";
import type { Value } from "../history/value.js";
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

/** A level, or `strongest`, and who answers. */
interface Isolation {
  readonly name: string;
  readonly checker: Checker;
}

/**
 * The checker of a level for transactions; undefined when another promise was asked for.
 * @throws HarnessError `bad-argument` for flags that say nothing about transactions
 */
export function isolationFor(flags: Flags): Isolation | undefined {
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

/** The same checker, which also says what its verdict means for all other levels. */
export function aroundIsolation(flags: Flags, { name, checker }: Isolation): Isolation {
  const { level: _, ...options } = promisedOptions(flags, ISOLATION);
  const level = name as TransactionalLevel;
  const levels = questions(options);
  const own = levels.find((each) => each.level === level)?.checker ?? checker;
  return { name, checker: aroundLevel({ level, checker: own, levels }) };
}

/** Every level of transactions, from strong to weak. */
const ALL: readonly TransactionalLevel[] = LEVELS.filter(({ family }) => family === "transactional")
  .map(({ name }) => name as TransactionalLevel)
  .toSorted((a, b) => strongerThan(a).size - strongerThan(b).size);

/**
 * Finds the strongest levels of isolation that hold, under the rules of versions that are given.
 * @throws HarnessError `bad-argument` for an option that is none, or that names a level
 */
export function strongestIsolation(flags: Flags): Isolation {
  const { level, ...options } = promisedOptions(flags, ISOLATION);
  if (level !== undefined && flags.checker?.includes(ISOLATION) !== true) {
    throw new HarnessError(
      "bad-argument",
      "--checker-option level: --consistency strongest asks all levels",
    );
  }
  const levels = questions(options);
  return { name: "strongest", checker: strongest({ levels, order: "halving" }) };
}

/**
 * The flags without the checker that decides levels of isolation where it is named beside
 * `strongest` and no level with it: then it is asked what it answers already.
 */
export function withoutIsolation<F extends Flags>(flags: F): F {
  if (Object.hasOwn(promisedOptions(flags, ISOLATION), "level")) return flags;
  return { ...flags, checker: flags.checker?.filter((name) => name !== ISOLATION) };
}

function questions(options: {
  readonly [name: string]: Value;
}): readonly { readonly level: TransactionalLevel; readonly checker: Checker }[] {
  // Which options there are, that says: the levels then share what they find out of a history.
  makeProperty(ISOLATION, options);
  return transactionalAt(ALL, options as Pick<TransactionalOptions, "versions">);
}
