/** What runs on the node of a store of states: it opens the store on its disk, and serves it. */
import { join } from "node:path";
import { logReplay } from "../../src/state/recovery.js";
import type { StatePersistence } from "../../src/state/persistence.js";
import type { Disk } from "../../src/world/disk.js";
import type { NodeContext, NodeProgram } from "../../src/world/world.js";
import { startPostgres } from "../../backends/postgres/server.js";
import { filePersistenceOn, type FsyncPolicy } from "../file.js";
import { memoryPersistence } from "../memory.js";
import { postgresPersistence } from "../postgres.js";
import { sqlitePersistence } from "../sqlite.js";
import { eventSourced } from "./event-sourced.js";
import { serveStates } from "./serve-states.js";

/** Which store, and how it is opened. */
export interface HostedOptions {
  readonly store: "memory" | "file" | "sqlite" | "postgres";
  /** Of the file store. */
  readonly recovery: "checkpoint" | "log-replay" | "reconstruction";
  /** Of files: `always`, `never`, or milliseconds. Of PostgreSQL: whether commits wait for it. */
  readonly fsync: "always" | "never" | number;
}

/** Of the file store, so that runs of a few seconds see checkpoints. */
const CHECKPOINT_BYTES = 32 * 1024;

/** The program. */
export function hostedProgram(options: HostedOptions): NodeProgram {
  return {
    start: async (node) => {
      const { store, stop } = await open(node, options);
      serveStates(node, store);
      return {
        stop: async () => {
          await store.close();
          await stop?.();
        },
      };
    },
  };
}

/** A store, and what ends what it stands on. */
interface Opened {
  readonly store: StatePersistence;
  readonly stop?: () => Promise<void>;
}

async function open(node: NodeContext, { store, recovery, fsync }: HostedOptions): Promise<Opened> {
  const { disk, clock } = node;
  if (store === "memory") return { store: memoryPersistence() };
  if (store === "sqlite") return { store: await sqlitePersistence(placeOn(disk, "states.db")) };
  if (store === "postgres") return openPostgres(node, fsync === "always");
  const policy: FsyncPolicy = typeof fsync === "number" ? { everyMs: fsync } : fsync;
  const files = { fsync: policy, checkpointBytes: CHECKPOINT_BYTES };
  if (recovery === "reconstruction") return { store: await eventSourced({ disk, clock }, files) };
  const more = recovery === "log-replay" ? { recovery: logReplay() } : {};
  const opened = await filePersistenceOn({ disk, clock }, { ...files, ...more });
  const { checkpoint, replayed, damage } = opened.recovery;
  node.log(
    `${recovery}: from change ${checkpoint}, ${replayed} replayed${damage.map((each) => `, ${each}`).join("")}`,
  );
  return { store: opened };
}

async function openPostgres(
  { disk, clock, ...node }: NodeContext,
  synchronousCommit: boolean,
): Promise<Opened> {
  const server = await startPostgres({
    clock,
    directory: placeOn(disk, "postgres"),
    onLine: (line) => node.log(line),
  });
  try {
    const store = await postgresPersistence(server.url(), { synchronousCommit });
    return { store, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** A place of a database in the node's directory. */
function placeOn({ directory }: Disk, name: string): string {
  if (directory === undefined) throw new Error("a database needs a real directory");
  return join(directory, name);
}
