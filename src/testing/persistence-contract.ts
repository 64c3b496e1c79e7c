/**
 * What every store of states has to do, whether it ships with ordeal or is somebody's own three
 * methods: cases for any test runner. Every case opens a store of its own.
 */
import { HarnessError, messageOf } from "../errors.js";
import { canonical, type Value } from "../history/value.js";
import type { StateChange, StatePersistence } from "../state/persistence.js";
import { StateError, type StateErrorCode } from "../state/state-error.js";
import { ContractViolation, mustHold, type ContractCase } from "./contract.js";
import { batchCases } from "./persistence-batches.js";
import { listingCases } from "./persistence-listings.js";
import { overlapCases } from "./persistence-overlaps.js";
import { agreesWithPlainMap } from "./persistence-programs.js";
import { assertShapes } from "./property/given.js";

/** How to test a store of states. */
export interface PersistenceContractOptions {
  /** Opens an empty store that no case used before. */
  readonly open: () => Promise<StatePersistence>;
  /**
   * Opens again what a closed store has left. Needed unless its durability is `volatile`; the case
   * is skipped without it.
   */
  readonly reopen?: (closed: StatePersistence) => Promise<StatePersistence>;
  /** How many random programs are tried. Default 40. */
  readonly seedCount?: number;
}

/** All that a store of states has to do. */
export function persistenceContract(options: PersistenceContractOptions): readonly ContractCase[] {
  assertShapes(
    "persistenceContract",
    options,
    { open: "function" },
    "persistenceContract({ open: async () => memoryPersistence() })",
  );
  const withStore = (
    name: string,
    use: (store: StatePersistence) => Promise<void>,
  ): ContractCase => ({
    name,
    run: async () => {
      const store = await options.open();
      try {
        await use(store);
      } finally {
        await store.close();
      }
    },
  });
  return [
    withStore("loads what was saved, whatever JSON it is", keepsValues),
    withStore("keeps keys apart, whatever text they are", keepsKeysApart),
    withStore("has no state that was never saved", hasNothingElse),
    withStore("deletes", deletes),
    withStore("hands out copies", handsOutCopies),
    withStore("gives a key greater versions all the time, also after deletions", versionsRise),
    withStore("saves on a condition", savesOnCondition),
    withStore("deletes on a condition", deletesOnCondition),
    withStore("lets one of many that save at once win", oneOfManyWins),
    withStore("loses no update of many that retry", losesNoUpdate),
    withStore("refuses what is no key, value or condition", refusesBadArguments),
    ...listingCases.map(({ name, check }) => withStore(name, check)),
    ...batchCases.map(({ name, check }) => withStore(name, check)),
    ...overlapCases.map(({ name, check }) => withStore(name, check)),
    withStore("refuses everything once it is closed", refusesWhenClosed),
    {
      name: "keeps states, deletions and versions when it is closed and opened again",
      ...(options.reopen === undefined ? { skipped: "it has no reopen" } : {}),
      run: async () => keepsOverReopening(options),
    },
    {
      name: "agrees with a plain map on random programs",
      run: async () => agreesWithPlainMap(options.open, options.seedCount ?? 40),
    },
  ];
}

/** Asserts that a call ends in the error with this code. */
async function mustFail(
  code: StateErrorCode,
  call: Promise<unknown>,
  what: string,
): Promise<StateError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof StateError && error.code === code) return error;
    const got = error instanceof StateError ? error.code : String(error);
    throw new ContractViolation(`${what} must be ${code}, and is: ${got}`, { cause: error });
  }
  throw new ContractViolation(`${what} must be ${code}, and succeeds`);
}

const VALUES: readonly Value[] = [
  null,
  true,
  false,
  0,
  -1.5,
  2 ** 53 - 1,
  1e300,
  "",
  "text",
  "zero \u0000 and newline \n and quotes '\"\\",
  "grüße 🎉 \u2028",
  [],
  [1, [2, [3]], null],
  {},
  { status: "running", attempts: 2, history: [{ at: 1 }, { at: 2 }] },
  { "": 1, "a.b": 2, "0": 3 },
];

async function keepsValues(store: StatePersistence): Promise<void> {
  for (const [place, value] of VALUES.entries()) {
    await store.saveState(`value-${place}`, value);
    await store.saveState("same", value);
    const own = await store.loadState(`value-${place}`);
    const same = await store.loadState("same");
    for (const { value: found } of [own, same]) {
      const message = `saved ${canonical(value)}, loaded ${canonical(found)}`;
      mustHold(canonical(found) === canonical(value), message);
    }
  }
}

const KEYS: readonly string[] = [
  "a",
  "A",
  "a ",
  " a",
  "ä",
  "a\u0308",
  "__proto__",
  "constructor",
  "a/b",
  "a/../a",
  "%",
  "_",
  "*",
  "'; DROP TABLE states; --",
  '"',
  "\\",
  "a\nb",
  "🎉",
  "~",
  "null",
  "0",
  "k".repeat(512),
  "🎉".repeat(256),
];

async function keepsKeysApart(store: StatePersistence): Promise<void> {
  for (const [place, key] of KEYS.entries()) await store.saveState(key, place);
  for (const [place, key] of KEYS.entries()) {
    const { value } = await store.loadState(key);
    mustHold(value === place, `${JSON.stringify(key)} has ${canonical(value)}, not ${place}`);
  }
  const listed = await store.listStates();
  mustHold(listed.length === KEYS.length, `${KEYS.length} keys, ${listed.length} listed`);
}

async function hasNothingElse(store: StatePersistence): Promise<void> {
  await mustFail("not-found", store.loadState("a"), "loading what is not there");
  await store.saveState("ab", 1);
  await mustFail("not-found", store.loadState("a"), "loading what is not there");
  await mustFail("not-found", store.deleteState("a"), "deleting what is not there");
}

async function deletes(store: StatePersistence): Promise<void> {
  await store.saveState("a", 1);
  await store.saveState("b", 2);
  await store.deleteState("a");
  await mustFail("not-found", store.loadState("a"), "loading what was deleted");
  await mustFail("not-found", store.deleteState("a"), "deleting what was deleted");
  mustHold((await store.loadState("b")).value === 2, "deleting a state changed another one");
  await store.saveState("a", 3);
  mustHold((await store.loadState("a")).value === 3, "a state cannot be saved after its deletion");
}

async function handsOutCopies(store: StatePersistence): Promise<void> {
  const saved = { steps: [1] };
  await store.saveState("a", saved);
  saved.steps.push(2);
  const { value } = await store.loadState("a");
  mustHold(canonical(value) === '{"steps":[1]}', "a change of the saved object changed the state");
  (value as { steps: number[] }).steps.push(3);
  const again = canonical((await store.loadState("a")).value);
  mustHold(again === '{"steps":[1]}', "a change of the loaded object changed the state");
}

async function versionsRise(store: StatePersistence): Promise<void> {
  let last = 0;
  for (let round = 0; round < 6; round++) {
    const version = await store.saveState("a", round);
    const rises = Number.isSafeInteger(version) && version > last;
    mustHold(rises, `version ${version} follows version ${last} of the same key`);
    last = version;
    const { version: loaded } = await store.loadState("a");
    mustHold(loaded === version, `saved as version ${version}, loaded as ${loaded}`);
    if (round % 2 === 1) await store.deleteState("a");
  }
}

async function savesOnCondition(store: StatePersistence): Promise<void> {
  const first = await store.saveState("a", 1, { expected: 0 });
  const none = await mustFail(
    "conflict",
    store.saveState("a", 2, { expected: 0 }),
    "saving a state that must not be there, and is",
  );
  mustHold(none.version === first, "the error of a conflict must tell the version that it found");
  const second = await store.saveState("a", 2, { expected: first });
  await mustFail("conflict", store.saveState("a", 3, { expected: first }), "saving over another");
  const { value, version } = await store.loadState("a");
  mustHold(value === 2 && version === second, "a save that conflicts changed the state");
  await store.deleteState("a");
  await mustFail(
    "conflict",
    store.saveState("a", 4, { expected: second }),
    "saving over a version that was deleted",
  );
  await mustFail("not-found", store.loadState("a"), "what a save that conflicts left");
  await store.saveState("a", 5);
  await mustFail(
    "conflict",
    store.saveState("a", 6, { expected: second }),
    "saving over a version that was deleted and saved anew",
  );
}

async function deletesOnCondition(store: StatePersistence): Promise<void> {
  const first = await store.saveState("a", 1);
  const second = await store.saveState("a", 2);
  await mustFail("conflict", store.deleteState("a", { expected: first }), "deleting another");
  mustHold((await store.loadState("a")).value === 2, "a deletion that conflicts deleted");
  await store.deleteState("a", { expected: second });
  await mustFail("not-found", store.loadState("a"), "loading what was deleted");
  await mustFail(
    "conflict",
    store.deleteState("a", { expected: second }),
    "deleting a version that was deleted",
  );
}

async function oneOfManyWins(store: StatePersistence): Promise<void> {
  const expected = await store.saveState("a", "before");
  const tries = await Promise.allSettled(
    Array.from({ length: 16 }, async (_, i) => store.saveState("a", i, { expected })),
  );
  const winners = tries.flatMap((each, i) => (each.status === "fulfilled" ? [i] : []));
  mustHold(winners.length === 1, `${winners.length} saves won over the same version`);
  for (const each of tries) {
    if (each.status === "rejected")
      await mustFail("conflict", Promise.reject(each.reason as Error), "losing");
  }
  const { value } = await store.loadState("a");
  mustHold(value === winners[0], `${winners[0]} won, and ${canonical(value)} is there`);
}

const MAX_TRIES = 200;

async function losesNoUpdate(store: StatePersistence): Promise<void> {
  await store.saveState("count", 0);
  const increment = async (): Promise<void> => {
    for (let tries = 0; ; tries++) {
      // One of those that meet wins, so that nobody has to try for long.
      mustHold(tries < MAX_TRIES, `an update did not get through in ${MAX_TRIES} tries`);
      const { value, version } = await store.loadState("count");
      try {
        await store.saveState("count", (value as number) + 1, { expected: version });
        return;
      } catch (error) {
        if (!(error instanceof StateError && error.code === "conflict")) throw error;
      }
    }
  };
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let i = 0; i < 4; i++) await increment();
    }),
  );
  const { value } = await store.loadState("count");
  mustHold(value === 32, `32 updates, and the count is ${canonical(value)}`);
}

async function refusesBadArguments(store: StatePersistence): Promise<void> {
  const dated = [{ date: new Date(0) }];
  const inItself: { self?: unknown } = {};
  inItself.self = inItself;
  const misspelt = { kind: "Save", key: "a", value: 1 } as unknown as StateChange;
  const calls: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["an empty key", () => store.saveState("", 1)],
    ["a key that is the store's own", () => store.saveState("~ordeal/keys/0", 1)],
    ["a key with a zero", () => store.loadState("a\u0000")],
    ["half a surrogate pair", () => store.deleteState("\ud800")],
    ["a key that is too long", () => store.saveState("k".repeat(513), 1)],
    ["NaN", () => store.saveState("a", Number.NaN)],
    ["undefined", () => store.saveState("a", undefined as unknown as Value)],
    ["a date inside", () => store.saveState("a", dated as unknown as Value)],
    ["what contains itself", () => store.saveState("a", inItself as unknown as Value)],
    ["a change of no kind", () => store.batch([misspelt])],
    ["a prefix with a zero", () => store.listStates({ prefix: "\u0000" })],
    ["a negative version", () => store.saveState("a", 1, { expected: -1 })],
    ["half a version", () => store.deleteState("a", { expected: 0.5 })],
    ["a page of nothing", () => store.listStates({ limit: 0 })],
    [
      "a key twice in a batch",
      () =>
        store.batch([
          { kind: "save", key: "a", value: 1 },
          { kind: "delete", key: "a" },
        ]),
    ],
  ];
  for (const [what, call] of calls) {
    const error = await call().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const refused = error instanceof HarnessError && error.code === "bad-argument";
    mustHold(
      refused,
      `${what} must be a bad argument, and is ${error === undefined ? "accepted" : messageOf(error)}`,
    );
  }
  mustHold((await store.listStates()).length === 0, "a refused call changed something");
}

async function refusesWhenClosed(store: StatePersistence): Promise<void> {
  await store.saveState("a", 1);
  await store.close();
  await store.close();
  const what = "a call after close";
  await mustFail("unavailable", store.loadState("a"), what);
  await mustFail("unavailable", store.saveState("a", 2), what);
  await mustFail("unavailable", store.deleteState("a"), what);
  await mustFail("unavailable", store.listStates(), what);
  await mustFail("unavailable", store.batch([{ kind: "delete", key: "a" }]), what);
}

async function keepsOverReopening({ open, reopen }: PersistenceContractOptions): Promise<void> {
  if (reopen === undefined) return;
  let store = await open();
  try {
    await store.saveState("kept", { step: 1 });
    const changed = await store.saveState("changed", 1);
    await store.saveState("changed", 2);
    const gone = await store.saveState("gone", 1);
    await store.deleteState("gone");
    await store.close();
    store = await reopen(store);
    const { value } = await store.loadState("kept");
    mustHold(canonical(value) === '{"step":1}', `"kept" came back as ${canonical(value)}`);
    mustHold((await store.loadState("changed")).value === 2, "an older state came back");
    await mustFail("not-found", store.loadState("gone"), "a deleted state after reopening");
    const again = await store.saveState("gone", 2);
    mustHold(again > gone, `version ${again} follows version ${gone} of a deleted state`);
    await mustFail(
      "conflict",
      store.saveState("changed", 3, { expected: changed }),
      "saving over an older version after reopening",
    );
    const keys = (await store.listStates()).map(({ key }) => key);
    mustHold(keys.join() === "changed,gone,kept", `listed after reopening: ${keys.join()}`);
  } finally {
    await store.close();
  }
}
