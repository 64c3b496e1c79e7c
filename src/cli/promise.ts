/** The name of `--consistency`: of a checker that takes a model, or of a level of the lattice. */
import { levelNamed, LEVELS } from "../consistency/lattice.js";
import { HarnessError } from "../errors.js";
import { CHECKERS, PROPERTIES } from "./catalog.js";
import { nearest } from "./nearest.js";

/** @throws HarnessError `bad-argument` for a name that is none, with the nearest that is one */
export function assertPromise(name: string): void {
  if (PROPERTIES.some((entry) => entry.name === name)) {
    throw new HarnessError(
      "bad-argument",
      `${name} takes no model and goes with --checker: --checker ${name} in place of --consistency ${name}`,
    );
  }
  if (levelNamed(name) !== undefined || CHECKERS.some((entry) => entry.name === name)) return;
  const names = [...CHECKERS, ...LEVELS].map((entry) => entry.name);
  const near = nearest(name, names);
  throw new HarnessError(
    "bad-argument",
    `no consistency is called "${name}"${near === undefined ? "" : `; did you mean ${near}?`} ` +
      `(there are ${CHECKERS.map((entry) => entry.name).join(", ")}; of transactions see: ordeal list levels)`,
  );
}
