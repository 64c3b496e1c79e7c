/**
 * The port of nemeses: what injects faults and heals them. Timing belongs to the nemesis's
 * generator, time-outs and clean-up to the runner, so that a nemesis is a page long.
 */
import type { Generator, Invocation } from "../generator/generator.js";
import type { Value } from "../history/value.js";
import type { Random } from "../random.js";
import type { Availability, Cluster, FaultKind } from "../world/world.js";
import type { MemberControl } from "./members.js";

/** Injects one family of faults. */
export interface Nemesis {
  readonly name: string;
  readonly description: string;
  /** What the world must be able to do. The runner refuses the run when it cannot. */
  readonly needs: readonly FaultKind[];
  /** Whether a cluster of this size can suffer it (a partition needs two nodes). */
  available(nodeCount: number): Availability;
  /**
   * The functions that `invoke` understands. By convention `start-X` begins a fault and `stop-X`
   * ends it; reports shade the time between.
   */
  readonly functions: readonly string[];
  /** A schedule of faults: begin, wait, heal, wait … */
  schedule(options: ScheduleOptions): Generator;
  /** Carries out one function; resolves with what was done, for the history. */
  invoke(invocation: Invocation, context: NemesisContext): Promise<Value>;
  /** Undoes everything that this nemesis may have left; idempotent. */
  heal(context: NemesisContext): Promise<void>;
}

/** How often faults come. */
export interface ScheduleOptions {
  /** Mean time between the beginnings and ends of faults, in milliseconds. */
  readonly intervalMs: number;
}

/** What a nemesis works on. */
export interface NemesisContext {
  readonly cluster: Cluster;
  readonly random: Random;
  /** Absent when the system cannot change its members. */
  readonly members?: MemberControl;
}
