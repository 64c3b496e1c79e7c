/**
 * Locks of every kind against brute force: without owners, owned by processes, and by whom the
 * client names, so that an owner has several calls at once.
 */
import { describe, expect, test } from "vitest";
import type { Value } from "../../../src/history/value.js";
import { fencedMutex } from "../../../src/model/fenced-mutex.js";
import type { LockOwner } from "../../../src/model/lock-rules.js";
import type { Model } from "../../../src/model/model.js";
import { mutex } from "../../../src/model/mutex.js";
import { reentrantMutex } from "../../../src/model/reentrant-mutex.js";
import { semaphore } from "../../../src/model/semaphore.js";
import { expectAgreement, type Counts } from "../../../test/oracle/differential.js";
import type { CallShape, Dice, Moment } from "../../../test/oracle/random-history.js";

/** Both verdicts are common, and the monitor decided at least this share of them. */
function expectDecided(counts: Counts, search: string, share: number): void {
  const all = counts.valid + counts.invalid;
  expect(counts.valid / all).toBeGreaterThan(0.1);
  expect(counts.invalid / all).toBeGreaterThan(0.1);
  const decided = counts.searches[search] ?? 0;
  const others = Object.values(counts.searches).reduce((sum, count) => sum + count, -decided);
  expect(decided / (decided + others)).toBeGreaterThanOrEqual(share);
}

interface Told {
  /** Kinds of owners, one drawn for each history. */
  readonly owners: readonly LockOwner[];
  /** One history in so many has refusals; 0 for none. */
  readonly refusals: number;
  readonly model: (owner: LockOwner, dice: Dice) => Model;
  readonly permits?: (dice: Dice) => Value;
  readonly tokens?: (moment: Moment) => readonly Value[];
}

function histories(told: Told): Promise<Counts> {
  const { owners, refusals, permits, tokens = () => [null, true] } = told;
  return expectAgreement((dice) => {
    const owner = owners[dice(owners.length)] as LockOwner;
    const names = 1 + dice(3);
    const refused = refusals > 0 && dice(refusals) === 0 ? [false] : [];
    const input: CallShape["input"] = ({ dice: draw }) => {
      const amount = permits?.(draw);
      if (owner !== "input") return amount ?? null;
      const name = `owner ${draw(names)}`;
      return amount === undefined ? name : { owner: name, permits: amount };
    };
    const acquire: CallShape = {
      f: "acquire",
      weight: 3,
      input,
      outputs: (moment) => [...tokens(moment), ...refused],
    };
    const release: CallShape = {
      f: "release",
      weight: 2 + dice(2),
      input,
      outputs: () => [null, true, ...refused],
    };
    return {
      model: told.model(owner, dice),
      operationsMax: 9,
      processesMax: 5,
      indeterminate: [0, 0, 6, 3][dice(4)] as number,
      calls: [acquire, release],
    };
  });
}

describe("mutexes", { timeout: 3_600_000 }, () => {
  const model = (owner: LockOwner): Model => mutex({ owner });

  test("without owners, and owned by processes", async () => {
    const counts = await histories({ owners: ["none", "process"], refusals: 0, model });
    expectDecided(counts, "mutex-holds", 1);
  });

  test("owned by whom the client names", async () => {
    const counts = await histories({ owners: ["input"], refusals: 0, model });
    expectDecided(counts, "mutex-holds", 0.7);
  });

  test("that may refuse", async () => {
    const owners = ["none", "process", "input"] as const;
    const counts = await histories({ owners, refusals: 1, model });
    expectDecided(counts, "mutex-holds", 0.5);
  });
});

describe("reentrant mutexes", { timeout: 3_600_000 }, () => {
  const model = (owner: LockOwner, dice: Dice): Model =>
    reentrantMutex({
      owner: owner === "input" ? "input" : "process",
      max: dice(2) === 0 ? null : 1 + dice(3),
    });

  test("owned by processes", async () => {
    const counts = await histories({ owners: ["process"], refusals: 0, model });
    expectDecided(counts, "reentrant-mutex-holds", 1);
  });

  test("owned by whom the client names, and with refusals", async () => {
    const counts = await histories({ owners: ["process", "input"], refusals: 2, model });
    expectDecided(counts, "reentrant-mutex-holds", 0.6);
  });
});

describe("fenced mutexes", { timeout: 3_600_000 }, () => {
  const model = (owner: LockOwner): Model => fencedMutex({ owner });
  const tokens: Told["tokens"] = ({ fresh, known, dice }) => [
    fresh(),
    known(),
    known() + dice(3),
    fresh() + 0.5,
    ...(dice(4) === 0 ? [null, true] : []),
  ];

  test("without owners, and owned by processes", async () => {
    const counts = await histories({ owners: ["none", "process"], refusals: 0, model, tokens });
    expectDecided(counts, "fenced-mutex-holds", 1);
  });

  test("owned by whom the client names, and with refusals", async () => {
    const owners = ["none", "process", "input", "input"] as const;
    const counts = await histories({ owners, refusals: 2, model, tokens });
    expectDecided(counts, "fenced-mutex-holds", 0.6);
  });

  test("that are reentrant, or look at tokens of releases, are for the general search", async () => {
    const counts = await histories({
      owners: ["process", "input"],
      refusals: 3,
      model: (owner, dice) => fencedMutex({ owner, reentrant: dice(2) === 0, checkToken: true }),
      tokens,
    });
    expect(counts.searches["fenced-mutex-holds"]).toBeUndefined();
    expect(counts.valid).toBeGreaterThan(0);
    expect(counts.invalid).toBeGreaterThan(0);
  });
});

describe("semaphores", { timeout: 3_600_000 }, () => {
  const model = (owner: LockOwner, dice: Dice): Model => semaphore({ owner, permits: 1 + dice(4) });

  test("of one permit a call, without owners or owned by processes", async () => {
    const counts = await histories({ owners: ["none", "process"], refusals: 0, model });
    expectDecided(counts, "semaphore-holds", 1);
  });

  test("of two permits a call", async () => {
    const counts = await histories({
      owners: ["none", "process"],
      refusals: 0,
      model,
      permits: () => 2,
    });
    expectDecided(counts, "semaphore-holds", 1);
  });

  test("of some permits a call, owned by processes", async () => {
    const permits: Told["permits"] = (dice) => 1 + dice(3);
    const counts = await histories({ owners: ["process"], refusals: 0, model, permits });
    expectDecided(counts, "semaphore-holds", 1);
  });

  test("of some permits a call, with any owners and with refusals", async () => {
    const owners = ["none", "process", "input"] as const;
    const permits: Told["permits"] = (dice) => (dice(3) === 0 ? 2 : 1);
    const counts = await histories({ owners, refusals: 2, model, permits });
    expectDecided(counts, "semaphore-holds", 0.5);
  });
});
