/**
 * `ordeal list levels`: the lattice of consistency levels, each with what it implies at once.
 */
import { IMPLICATIONS, LEVELS } from "../consistency/lattice.js";
import type { CatalogEntry } from "./catalog.js";

/** Levels as entries; a description ends with what the level implies. */
export const LEVEL_ENTRIES: readonly CatalogEntry[] = LEVELS.map(({ name, says }) => {
  const weaker = IMPLICATIONS.filter(({ from }) => from === name).map(({ to }) => to);
  const implies = weaker.length === 0 ? "" : ` → ${weaker.join(", ")}`;
  return { name, description: `${says}${implies}` };
});

/** Levels with all that is known of them, for `--json`. */
export function levelsAsJson(): readonly object[] {
  return LEVELS.map((level) => ({
    name: level.name,
    description: level.says,
    family: level.family,
    implies: IMPLICATIONS.filter(({ from }) => from === level.name).map(({ to, source }) => ({
      level: to,
      source,
    })),
    source: level.source,
    aliases: level.aliases,
  }));
}
