/**
 * The process that uses a store until it is killed, and writes down each step before and after it,
 * line by line. Arguments: the store's name, its place, a seed.
 */
import { writeSync } from "node:fs";
import { createRandom } from "../../src/random.js";
import { useStore } from "./trial.js";
import { openInProcess } from "./stores.js";

const [name = "", place = "", seed = ""] = process.argv.slice(2);
// Less than a line of a pipe's buffer is written at once, or not at all.
const tell = (line: unknown): void => {
  writeSync(1, `${JSON.stringify(line)}\n`);
};
try {
  const store = await openInProcess(name, place);
  tell("open");
  const loading = { random: createRandom(Number(seed)), tell };
  let steps = 0;
  // Whoever is not killed would never end.
  await useStore(store, { ...loading, goesOn: () => steps++ < 1e7 });
} catch (error) {
  tell({ error: String(error) });
  process.exitCode = 1;
}
