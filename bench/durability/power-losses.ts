/**
 * Losses of power in simulation: a disk that keeps an arbitrary part of what was not synced, with
 * torn writes and garbage, and loses power at any call, also in the middle of a recovery.
 */
import type { FileOptions } from "../../persistence/file.js";
import { createRandom } from "../../src/random.js";
import { isStateError } from "../../src/state/state-error.js";
import { Machine } from "../../test/crashing-machine.js";
import { CHECKPOINT_BYTES } from "./stores.js";
import { Trial, useStore, type TrialResult } from "./trial.js";

/** How often to strike, and from which seed. */
export interface PowerLossOptions {
  readonly losses: number;
  readonly seed: number;
}

/** Calls of the disk between two losses, at the most. */
const CALLS_MAX = 400;

/** Takes the power from the file store. */
export async function losePowers(
  { losses, seed }: PowerLossOptions,
  store: FileOptions = {},
): Promise<TrialResult> {
  const random = createRandom(seed).fork("power");
  const trial = new Trial();
  let machine = new Machine(random.fork("machine"));
  const options = { checkpointBytes: CHECKPOINT_BYTES, ...store };
  for (let loss = 0; loss <= losses; loss++) {
    const isLast = loss === losses;
    if (!isLast) machine.crashAfter(1 + random.below(CALLS_MAX));
    let steps = 0;
    let isOver = false;
    const life = async (): Promise<void> => {
      const states = await machine.open(options);
      await useStore(states, {
        random: random.fork(`life ${loss}`),
        tell: (step) => {
          if (isOver) return;
          steps++;
          trial.note(step);
          // Time goes on, for what is synced once in a while.
          if (steps % 100 === 0) machine.time.pass();
        },
        // What never syncs, and has nothing to write, calls the disk seldom.
        goesOn: () => !machine.isDown && steps < 40 * CALLS_MAX && !isLast,
      });
    };
    try {
      await machine.unlessCrashed(life());
    } catch (error) {
      if (!isStateError(error, "corrupt")) throw error;
      // It says so, rather than going on with less; somebody begins anew.
      trial.refused();
      machine = new Machine(random.fork(`machine ${loss}`));
    }
    isOver = true;
    if (!isLast) {
      trial.crashed("power-loss");
      machine.crash("power");
    }
  }
  return trial.judge();
}
