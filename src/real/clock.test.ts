import { expect, test, vi } from "vitest";
import { createRealClock, readEpoch } from "./clock.js";

test("timers are never early, for whole and for part milliseconds", async () => {
  const clock = createRealClock(readEpoch());
  expect(clock.nowNs()).toBeGreaterThanOrEqual(0);
  await Promise.all(
    [0, 0.2, 1, 1.5, 7.3, 20].map(async (delayMs) => {
      const before = clock.nowNs();
      await clock.sleep(delayMs);
      expect(clock.nowNs() - before).toBeGreaterThanOrEqual(delayMs * 1e6);
    }),
  );
});

test("a cancelled timer does not call back, nor does one beyond what setTimeout can keep", async () => {
  const clock = createRealClock(readEpoch());
  const callback = vi.fn();
  const timers = [0, 1, 2 ** 31, 1e12].map((delayMs) => clock.timer(delayMs, callback));
  timers[0]?.cancel();
  timers[1]?.cancel();
  await clock.sleep(30);
  expect(callback).not.toHaveBeenCalled();
  for (const timer of timers) {
    timer.cancel();
    timer.cancel();
  }
});
