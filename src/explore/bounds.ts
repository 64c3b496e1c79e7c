/** What is explored: how much may go wrong, and how far an execution goes. */

/** The bounds of an exploration. */
export interface ExploreBounds {
  /** At most so many messages are lost, each message being one that may. Default 0. */
  readonly lost: number;
  /**
   * At most so many messages are late: they arrive only after time has passed, which it else does
   * when nothing is under way any more. Default 0.
   */
  readonly late: number;
  /**
   * At most so many times a client waits with its next operation, which begins only after time has
   * passed, once or more often, until an operation would have timed out. Default 0.
   */
  readonly waits: number;
  /** At most so often a node is killed, any node at any moment, and starts again. Default 0. */
  readonly kills: number;
  /** The same for losses of power, after which what was not synced may be gone. Default 0. */
  readonly powerLosses: number;
  /**
   * At most so often a node stands still, from any moment to any later one; what reaches it
   * meanwhile it takes up then, in order. Default 0.
   */
  readonly pauses: number;
  /**
   * At most so many links between two nodes are cut, each from where time has passed to any later
   * such moment, or for good; what is sent over it meanwhile is lost. Default 0.
   */
  readonly cuts: number;
  /**
   * Whether calls of disks take place among other events; else they are done as soon as they are
   * called. Default false.
   */
  readonly disks: boolean;
  /** So long the system is left alone before the first operation, in ms. Default 1,000. */
  readonly warmUpMs: number;
  /**
   * At most so many times an event is put off that could have come before others; see `Search`.
   * Infinity for all orders. Default Infinity.
   */
  readonly delays: number;
  /**
   * Whether each execution goes on with what follows in a run: dead nodes are started, and what the
   * workload reads in the end is read, in one order. Default false.
   */
  readonly final: boolean;
  /** An execution is cut short after so many steps, at least 1. Default 500. */
  readonly steps: number;
}

/** The bounds that hold where nothing is said. */
export const DEFAULT_BOUNDS: ExploreBounds = {
  lost: 0,
  late: 0,
  waits: 0,
  kills: 0,
  powerLosses: 0,
  pauses: 0,
  cuts: 0,
  disks: false,
  warmUpMs: 1_000,
  delays: Infinity,
  final: false,
  steps: 500,
};
