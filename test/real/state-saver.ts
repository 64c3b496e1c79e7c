/**
 * A process that saves states until it is killed: it writes a line for each save that was
 * acknowledged. Arguments: the store's name, and its place.
 */
import { filePersistence, sqlitePersistence } from "../../persistence/index.js";

const [name = "", place = ""] = process.argv.slice(2);
const store = name === "sqlite" ? await sqlitePersistence(place) : await filePersistence(place);
const start = (await store.listStates()).length;
for (let i = start; ; i++) {
  // States, changes of them, and deletions, each told once it is acknowledged.
  await store.saveState(`s${i}`, { step: 1 });
  await store.saveState(`s${i}`, { step: 2 });
  await store.saveState(`gone-${i}`, i);
  await store.deleteState(`gone-${i}`);
  process.stdout.write(`${i}\n`);
}
