/**
 * The machine's clock. All processes of a run share one zero: the monotonic clock is the same for
 * every process of a machine (CLOCK_MONOTONIC on Linux, the mach and performance counters
 * elsewhere), so the harness hands its reading at the start of the run to the hosts, and their
 * times can be compared.
 */
import type { Clock } from "../world/clock.js";

/** The longest delay that `setTimeout` keeps; it turns longer ones into 1 ms. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

const NS_PER_MS = 1e6;

/** Reads the monotonic clock, for `createRealClock` here or in another process of this machine. */
export function readEpoch(): bigint {
  return process.hrtime.bigint();
}

/** Makes the clock of a run that started at this reading of the monotonic clock. */
export function createRealClock(epoch: bigint): Clock {
  const nowNs = (): number => Number(process.hrtime.bigint() - epoch);

  const timer: Clock["timer"] = (delayMs, callback) => {
    const dueNs = nowNs() + delayMs * NS_PER_MS;
    let cancel: () => void;
    // Node's timers know whole milliseconds only, and may fire a little early: never call back
    // before the time.
    const arm = (): void => {
      const restMs = Math.ceil((dueNs - nowNs()) / NS_PER_MS);
      if (restMs <= 0) {
        const immediate = setImmediate(callback);
        cancel = () => clearImmediate(immediate);
        return;
      }
      const timeout = setTimeout(arm, Math.min(restMs, MAX_TIMEOUT_MS));
      cancel = () => clearTimeout(timeout);
    };
    arm();
    return { cancel: () => cancel() };
  };

  return {
    nowNs,
    wallMs: () => Date.now(),
    timer,
    sleep: (delayMs) => new Promise((resolve) => timer(delayMs, resolve)),
  };
}
