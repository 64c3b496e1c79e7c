/** The stores that are put on trial in a process that is killed. */
import { filePersistence } from "../../persistence/file.js";
import { sqlitePersistence } from "../../persistence/sqlite.js";
import type { StatePersistence } from "../../src/state/persistence.js";

/** Small, so that checkpoints and compaction are struck as often as saves. */
export const CHECKPOINT_BYTES: number = 8 * 1024;

/** By name. */
const PROCESS_STORES: {
  readonly [name: string]: (place: string) => Promise<StatePersistence>;
} = {
  file: (place) => filePersistence(place, { checkpointBytes: CHECKPOINT_BYTES }),
  "file, fsync never": (place) =>
    filePersistence(place, { checkpointBytes: CHECKPOINT_BYTES, fsync: "never" }),
  sqlite: (place) => sqlitePersistence(place),
};

/** Opens one of them. */
export async function openInProcess(name: string, place: string): Promise<StatePersistence> {
  const open = PROCESS_STORES[name];
  if (open === undefined) throw new Error(`there is no store ${name}`);
  return open(place);
}
