/** What a store of states has to list, for the contract suite of stores of states. */
import type { StatePersistence } from "../state/persistence.js";
import { mustHold } from "./contract.js";

/** A case of the suite, given a store that is empty. */
export interface StoreCase {
  readonly name: string;
  readonly check: (store: StatePersistence) => Promise<void>;
}

/** The cases about listings. */
export const listingCases: readonly StoreCase[] = [
  {
    name: "lists what is there, in the order of code points",
    check: async (store) => {
      await expectKeys(store, {}, []);
      // Units of UTF-16 would put 🎉 before U+FF5E, and a language's order ä before z.
      for (const key of ["z", "b", "\uff5e", "🎉", "B", "a", "ä", "aa"])
        await store.saveState(key, 1);
      await store.deleteState("b");
      await expectKeys(store, {}, ["B", "a", "aa", "z", "ä", "\uff5e", "🎉"]);
      const version = await store.saveState("a", 2);
      const listed = (await store.listStates()).find(({ key }) => key === "a");
      mustHold(listed?.version === version, "a listing tells another version than the save");
    },
  },
  {
    name: "lists by prefix, which is a text and no pattern",
    check: async (store) => {
      for (const key of ["a", "a%", "a%b", "a_", "ab", "A%b", "a\\", "a*"])
        await store.saveState(key, 1);
      await expectKeys(store, { prefix: "a%" }, ["a%", "a%b"]);
      await expectKeys(store, { prefix: "a_" }, ["a_"]);
      await expectKeys(store, { prefix: "a\\" }, ["a\\"]);
      await expectKeys(store, { prefix: "a*" }, ["a*"]);
      await expectKeys(store, { prefix: "c" }, []);
    },
  },
  {
    name: "lists page by page, each state once",
    check: async (store) => {
      const keys = Array.from({ length: 23 }, (_, i) => `k${String(i).padStart(2, "0")}`);
      for (const key of keys) await store.saveState(key, 1);
      await store.saveState("other", 1);
      const found: string[] = [];
      for (let after: string | undefined; ;) {
        const page = await store.listStates({
          prefix: "k",
          limit: 5,
          ...(after === undefined ? {} : { after }),
        });
        if (page.length === 0) break;
        mustHold(page.length <= 5, `a page of ${page.length} states, with a limit of 5`);
        found.push(...page.map(({ key }) => key));
        after = found.at(-1);
        mustHold(found.length <= keys.length, "pages go on for ever");
      }
      mustHold(found.join() === keys.join(), `page by page: ${found.join()}`);
      await expectKeys(store, { prefix: "k", after: "k19x" }, ["k20", "k21", "k22"]);
    },
  },
];

async function expectKeys(
  store: StatePersistence,
  options: Parameters<StatePersistence["listStates"]>[0],
  expected: readonly string[],
): Promise<void> {
  const found = (await store.listStates(options)).map(({ key }) => key);
  const same = JSON.stringify(found) === JSON.stringify(expected);
  mustHold(
    same,
    `listing ${JSON.stringify(options)} must be ${JSON.stringify(expected)}, and is ${JSON.stringify(found)}`,
  );
}
