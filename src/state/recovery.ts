/**
 * How a store of states comes back: a strategy decides from what is left, checkpoints and a log of
 * numbered changes, which states there are. It only reads, so that a recovery that is interrupted
 * is simply done again; and as changes are numbered, what a checkpoint has already is not applied
 * twice.
 */
import type { Value } from "../history/value.js";
import { reconstruct, type ReconstructionRules } from "./reconstruct.js";
import { isStateError, StateError } from "./state-error.js";
import { StateTable, type NumberedChange } from "./state-table.js";

/** A checkpoint that is left: all states as of one change. */
export interface CheckpointSource {
  /** The number of the last change that is in it. */
  readonly sequence: number;
  /** @throws StateError `corrupt` */
  read(): Promise<readonly NumberedChange[]>;
}

/** What is left to recover from. */
export interface RecoverySource {
  /** The newest first. */
  readonly checkpoints: readonly CheckpointSource[];
  /**
   * The changes after this number, without a gap; perhaps also some before it.
   * @throws StateError `corrupt` when a change is missing or cannot be read
   */
  changesAfter(sequence: number): Promise<readonly NumberedChange[]>;
}

/** What a recovery did. */
export interface RecoveryReport {
  readonly strategy: string;
  /** The number of the last change in the checkpoint that was used; 0 when there was none. */
  readonly checkpoint: number;
  /** How many changes of the log were carried out again. */
  readonly replayed: number;
  /** What could not be used, in words. */
  readonly damage: readonly string[];
  /** What `reconstruction` has built, by key; empty with other strategies. */
  readonly rebuilt: ReadonlyMap<string, Value>;
}

/** What came back. */
export interface Recovered {
  readonly table: StateTable;
  readonly report: RecoveryReport;
}

/** A way to come back. */
export interface RecoveryStrategy {
  readonly name: string;
  /** Whether the log must be kept from the very first change on. */
  readonly needsWholeLog: boolean;
  /** @throws StateError `corrupt` when what is left does not tell all that was durable */
  recover(source: RecoverySource): Promise<Recovered>;
}

/**
 * The newest checkpoint that can be read, and what the log has after it. The usual way: its time is
 * bounded by the distance of checkpoints. A damaged checkpoint costs a longer replay from the one
 * before, or from the beginning of the log.
 */
export function checkpointRecovery(): RecoveryStrategy {
  const name = "checkpoint";
  return {
    name,
    needsWholeLog: false,
    recover: async (source) => {
      const damage: string[] = [];
      for (const checkpoint of source.checkpoints) {
        try {
          const states = await checkpoint.read();
          const { sequence } = checkpoint;
          return await replay(source, { name, sequence, states, damage });
        } catch (error) {
          if (!isStateError(error, "corrupt")) throw error;
          damage.push(error.message);
        }
      }
      try {
        return await replay(source, { name, sequence: 0, states: [], damage });
      } catch (error) {
        if (!isStateError(error, "corrupt") || damage.length === 0) throw error;
        throw new StateError("corrupt", [...damage, error.message].join("; "), { cause: error });
      }
    },
  };
}

/**
 * The whole log from its beginning, without regard to checkpoints: slow, and the one to audit the
 * others with. The store then keeps all of its log.
 */
export function logReplay(): RecoveryStrategy {
  const name = "log-replay";
  return {
    name,
    needsWholeLog: true,
    recover: async (source) => replay(source, { name, sequence: 0, states: [], damage: [] }),
  };
}

/**
 * Recovers as another strategy does, and then builds anew what is derived from the states, in the
 * order of its dependencies. What it built is in the report: the store keeps what it was built
 * from.
 */
export function reconstruction(
  rules: ReconstructionRules,
  from: RecoveryStrategy = checkpointRecovery(),
): RecoveryStrategy {
  return {
    name: "reconstruction",
    needsWholeLog: from.needsWholeLog,
    recover: async (source) => {
      const { table, report } = await from.recover(source);
      const states = table.list().map(({ key }) => [key, table.load(key).value] as const);
      const rebuilt = reconstruct(new Map(states), rules);
      return { table, report: { ...report, strategy: "reconstruction", rebuilt } };
    },
  };
}

/** Where a replay begins. */
interface Start {
  readonly name: string;
  readonly sequence: number;
  readonly states: readonly NumberedChange[];
  readonly damage: readonly string[];
}

async function replay(
  source: RecoverySource,
  { name, sequence, states, damage }: Start,
): Promise<Recovered> {
  const table = new StateTable();
  table.restore(sequence, states);
  const changes = (await source.changesAfter(sequence)).filter(({ version }) => version > sequence);
  table.apply(changes);
  const counts = { checkpoint: sequence, replayed: changes.length };
  return { table, report: { strategy: name, ...counts, damage, rebuilt: new Map() } };
}
