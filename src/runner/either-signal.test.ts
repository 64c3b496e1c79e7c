import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { eitherOf } from "./either-signal.js";

describe("a signal made of several", () => {
  test("is aborted when one of them is, or was", () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const { signal } = eitherOf([one.signal, other.signal]);
    expect(signal.aborted).toBe(false);
    other.abort();
    expect(signal.aborted).toBe(true);
    expect(eitherOf([other.signal]).signal.aborted).toBe(true);
    expect(eitherOf([]).signal.aborted).toBe(false);
  });

  test("listens to none of them when it is let go of, and is not kept by those who listen", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const long = new AbortController();
    const kept = ((): WeakRef<object> => {
      const { signal, release } = eitherOf([long.signal]);
      const whatListens = { call: (): void => undefined };
      signal.addEventListener("abort", () => whatListens.call(), { once: true });
      release();
      return new WeakRef(whatListens);
    })();
    expect(getEventListeners(long.signal, "abort")).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    collect();
    expect(kept.deref()).toBeUndefined();
  });
});
