/**
 * The port of workloads: what is asked of a system, and what must hold of the answers.
 */
import type { Checker } from "../checker/checker.js";
import type { Generator } from "../generator/generator.js";
import type { History } from "../history/history.js";
import type { Client } from "./client.js";

/** A generator with the checker that judges its histories. */
export interface Workload {
  readonly name: string;
  readonly description: string;
  /** Functions that the system must understand; a run on one that does not is refused. */
  readonly requires: readonly string[];
  /** Functions that are used when the system has them. */
  readonly optional: readonly string[];
  /**
   * What its clients say, where `client` turns that into the system's functions; absent where it is
   * these functions themselves.
   */
  readonly functions?: readonly string[];
  /**
   * Functions whose results show the state; a run in which none of them succeeded proves nothing.
   */
  readonly observes?: readonly string[];
  /** The main phase. It may be endless: the run's time limit ends it. */
  generator(context: WorkloadContext): Generator;
  /**
   * What follows after all faults are healed (final reads), given the history of the main phase;
   * absent when nothing does.
   */
  finalGenerator?(context: WorkloadContext, history: History): Generator;
  checker(context: WorkloadContext): Checker;
  /**
   * Wraps the system's client where the operations of the workload are not the system's own
   * functions.
   */
  client?(client: Client): Client;
}

/** What a workload is made for. */
export interface WorkloadContext {
  /** Those of `requires` and `optional` that the system has. */
  readonly functions: ReadonlySet<string>;
  readonly concurrency: number;
}
