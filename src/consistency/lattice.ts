/**
 * The one lattice of consistency levels: which there are, and what follows from what. Pure data and
 * its transitive closure; who decides a level is the business of the checkers.
 */
import type { Implication, Level, LevelName } from "./level.js";
import { OBJECT_IMPLICATIONS, OBJECT_LEVELS } from "./object-levels.js";
import {
  ACROSS_FAMILIES,
  TRANSACTIONAL_IMPLICATIONS,
  TRANSACTIONAL_LEVELS,
} from "./transactional-levels.js";

/** Every level; within a family the strong ones first. */
export const LEVELS: readonly Level[] = [...OBJECT_LEVELS, ...TRANSACTIONAL_LEVELS];

/** Every implication that is not a consequence of others. */
export const IMPLICATIONS: readonly Implication[] = [
  ...OBJECT_IMPLICATIONS,
  ...TRANSACTIONAL_IMPLICATIONS,
  ...ACROSS_FAMILIES,
];

const BY_NAME: ReadonlyMap<string, Level> = new Map([
  ...LEVELS.flatMap((level) =>
    level.aliases.map((alias): [string, Level] => [alias.toLowerCase(), level]),
  ),
  ...LEVELS.map((level): [string, Level] => [level.name, level]),
]);

/** The level of a name or an alias, in any case of letters; undefined when there is none. */
export function levelNamed(name: string): Level | undefined {
  return BY_NAME.get(name) ?? BY_NAME.get(name.toLowerCase());
}

/** The level of a name that is one. */
export function levelOf(name: LevelName): Level {
  return BY_NAME.get(name) as Level;
}

const PLACES: ReadonlyMap<LevelName, number> = new Map(
  LEVELS.map(({ name }, place) => [name, place]),
);

const WEAKER = closure("from", "to");
const STRONGER = closure("to", "from");

/** Whether whatever satisfies one level satisfies the other; every level implies itself. */
export function implies(stronger: LevelName, weaker: LevelName): boolean {
  return stronger === weaker || weakerThan(stronger).has(weaker);
}

/** All levels that a level implies, without itself. */
export function weakerThan(level: LevelName): ReadonlySet<LevelName> {
  return WEAKER.get(level) ?? new Set();
}

/** All levels that imply a level, without itself. */
export function strongerThan(level: LevelName): ReadonlySet<LevelName> {
  return STRONGER.get(level) ?? new Set();
}

/** Of levels that are satisfied those that none of the others implies, in the order of `LEVELS`. */
export function strongest(satisfied: Iterable<LevelName>): readonly LevelName[] {
  const all = [...new Set(satisfied)];
  return sorted(all.filter((one) => !all.some((other) => isAbove(other, one))));
}

/**
 * Of levels that are not satisfied those that imply none of the others, in the order of `LEVELS`:
 * whatever is above them is violated with them.
 */
export function weakestViolated(violated: Iterable<LevelName>): readonly LevelName[] {
  const all = [...new Set(violated)];
  return sorted(all.filter((one) => !all.some((other) => isAbove(one, other))));
}

function isAbove(stronger: LevelName, weaker: LevelName): boolean {
  return stronger !== weaker && implies(stronger, weaker);
}

function sorted(names: readonly LevelName[]): readonly LevelName[] {
  return names.toSorted((a, b) => (PLACES.get(a) as number) - (PLACES.get(b) as number));
}

function closure(
  side: "from" | "to",
  other: "from" | "to",
): ReadonlyMap<LevelName, ReadonlySet<LevelName>> {
  const next = new Map<LevelName, LevelName[]>();
  for (const edge of IMPLICATIONS) {
    next.set(edge[side], [...(next.get(edge[side]) ?? []), edge[other]]);
  }
  return new Map(
    LEVELS.map(({ name }) => {
      const reached = new Set<LevelName>();
      const open: LevelName[] = [name];
      for (let at = open.pop(); at !== undefined; at = open.pop()) {
        for (const level of next.get(at) ?? []) {
          if (reached.has(level)) continue;
          reached.add(level);
          open.push(level);
        }
      }
      return [name, reached];
    }),
  );
}
