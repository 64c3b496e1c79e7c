/**
 * A user's own test: a TypeScript or JavaScript file whose default export says what to run. `ordeal
 * run ./my.test.ts` loads it without a build step.
 */
import type { World, WorldKind } from "../world/world.js";
import type { Nemesis } from "./nemesis.js";
import type { System } from "./system.js";
import type { Workload } from "./workload.js";

/** What a test file exports by default. Options on the command line win over these. */
export interface UserTest {
  readonly system: System;
  /** A workload, or the name of one that ordeal ships. Default `register`. */
  readonly workload?: Workload | string;
  /** Nemeses, or names of ones that ordeal ships. Default none. */
  readonly nemeses?: readonly (Nemesis | string)[];
  /** Default: `simulated` when the system runs there, else `real`. */
  readonly world?: WorldKind;
  /**
   * Makes the world, for another network, disk or clock than the defaults:
   * `(seed) => simulatedWorld({ seed, network: { lossProbability: 0.01 } })`. It must be of the
   * kind `world`.
   */
  readonly makeWorld?: (seed: number) => World;
  /**
   * Length of the main phase in milliseconds, on the world's clock. Default 60,000 simulated,
   * 10,000 real.
   */
  readonly timeLimitMs?: number;
  /** Workers, 1 to 10,000. Default 10. */
  readonly concurrency?: number;
  /** Mean operations per second over all workers; 0 for as fast as possible. */
  readonly ratePerSecond?: number;
  readonly nodeCount?: number;
  /**
   * How long nothing may be answered, once faults are healed or at the end without faults, before
   * the run counts as stopped; in milliseconds on the world's clock, 0 for not to ask, at least
   * 5,000. Default 10,000 simulated, 30,000 real.
   */
  readonly progressMs?: number;
  /** 0 to 2^53 - 1. Default: drawn for each run. */
  readonly seed?: number;
}

/** Gives back what it is given: for the types, and so that a test file reads as what it is. */
export function defineTest(test: UserTest): UserTest {
  return test;
}
