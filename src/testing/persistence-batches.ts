/** What batches of a store of states have to do, for the contract suite of stores of states. */
import type { StateChange, StatePersistence } from "../state/persistence.js";
import { isStateError, type StateErrorCode } from "../state/state-error.js";
import { ContractViolation, mustHold } from "./contract.js";
import type { StoreCase } from "./persistence-listings.js";

/** The cases about batches. */
export const batchCases: readonly StoreCase[] = [
  {
    name: "does every change of a batch, and tells the versions",
    check: async (store) => {
      mustHold((await store.batch([])).length === 0, "an empty batch has versions");
      await store.saveState("gone", 1);
      const changed = await store.saveState("changed", 1);
      const versions = await store.batch([
        { kind: "save", key: "changed", value: 2, expected: changed },
        { kind: "delete", key: "gone" },
        { kind: "save", key: "new", value: [3], expected: 0 },
      ]);
      const states = (await store.listStates()).map(({ key, version }) => `${key} ${version}`);
      const expected = [`changed ${versions[0]}`, `new ${versions[2]}`];
      mustHold(
        states.join() === expected.join() && versions[1] === 0,
        `batch told ${versions.join()}, and then there is ${states.join()}`,
      );
      mustHold((await store.loadState("changed")).value === 2, "a batch saved another value");
      mustHold((versions[0] as number) > changed, "a batch gave no greater version");
    },
  },
  {
    name: "does nothing of a batch when a condition fails, whichever",
    check: async (store) => {
      const version = await store.saveState("a", "before");
      const good: StateChange = { kind: "save", key: "b", value: 1 };
      const bad: readonly (readonly [StateErrorCode, StateChange])[] = [
        ["conflict", { kind: "save", key: "a", value: 1, expected: version + 1000 }],
        ["conflict", { kind: "save", key: "a", value: 1, expected: 0 }],
        ["conflict", { kind: "delete", key: "a", expected: version + 1000 }],
        ["not-found", { kind: "delete", key: "none" }],
      ];
      for (const [code, change] of bad) {
        for (const batch of [
          [good, change],
          [change, good],
        ])
          await mustRefuse(store, batch, code);
        const keys = (await store.listStates()).map((state) => `${state.key} ${state.version}`);
        mustHold(keys.join() === `a ${version}`, `a refused batch left ${keys.join()}`);
      }
      mustHold((await store.loadState("a")).value === "before", "a refused batch changed a value");
    },
  },
  {
    name: "moves between states by batches without losing any",
    check: async (store) => {
      const names = ["a", "b", "c"];
      for (const key of names) await store.saveState(key, 100);
      if (!store.atomicBatch) return;
      await Promise.all(names.map((_, mover) => moveSome(store, { names, mover })));
      let sum = 0;
      for (const key of names) sum += (await store.loadState(key)).value as number;
      mustHold(sum === 300, `300 were there, and after the moves there are ${sum}`);
    },
  },
];

const MAX_TRIES = 200;

async function moveSome(
  store: StatePersistence,
  { names, mover }: { readonly names: readonly string[]; readonly mover: number },
): Promise<void> {
  const from = names[mover % names.length] as string;
  const to = names[(mover + 1) % names.length] as string;
  let tries = 0;
  for (let done = 0; done < 5;) {
    // One of those that meet wins, so that nobody has to try for long.
    mustHold(tries++ < MAX_TRIES, `a move did not get through in ${MAX_TRIES} tries`);
    const source = await store.loadState(from);
    const target = await store.loadState(to);
    try {
      await store.batch([
        {
          kind: "save",
          key: from,
          value: (source.value as number) - 1,
          expected: source.version,
        },
        { kind: "save", key: to, value: (target.value as number) + 1, expected: target.version },
      ]);
      done++;
    } catch (error) {
      if (!isStateError(error, "conflict")) throw error;
    }
  }
}

async function mustRefuse(
  store: StatePersistence,
  batch: readonly StateChange[],
  code: StateErrorCode,
): Promise<void> {
  try {
    await store.batch(batch);
  } catch (error) {
    if (isStateError(error, code)) return;
    throw new ContractViolation(`a batch must be ${code}, and is: ${String(error)}`, {
      cause: error,
    });
  }
  throw new ContractViolation(`a batch must be ${code}, and succeeds`);
}
