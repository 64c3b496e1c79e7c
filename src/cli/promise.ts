/** The name of `--consistency`: of a checker that takes a model, or of a level of the lattice. */
import { levelNamed, LEVELS } from "../consistency/lattice.js";
import { HarnessError } from "../errors.js";
import { CHECKERS, PROPERTIES } from "./catalog.js";
import { meaning } from "./catalog-find.js";
import { nearestFew } from "../nearest.js";

/** @throws HarnessError `bad-argument` for a name that is none, with the nearest that is one */
export function assertPromise(name: string): void {
  if (PROPERTIES.some((entry) => entry.name === name)) {
    throw new HarnessError(
      "bad-argument",
      `${name} takes no model and goes with --checker: --checker ${name} in place of --consistency ${name}`,
    );
  }
  if (levelNamed(name) !== undefined || CHECKERS.some((entry) => entry.name === name)) return;
  const near = meaning(
    nearestFew(
      name,
      [...CHECKERS, ...LEVELS].map((entry) => entry.name),
    ),
  );
  throw new HarnessError(
    "bad-argument",
    `no consistency is called "${name}"${near} (ordeal list checkers has those of models, ordeal list levels those of transactions)`,
  );
}
