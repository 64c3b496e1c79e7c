/** Cases of the contract of stores of states: what happens while a call is under way. */
import { messageOf } from "../errors.js";
import { canonical } from "../history/value.js";
import type { StatePersistence } from "../state/persistence.js";
import { mustHold } from "./contract.js";
import type { StoreCase } from "./persistence-listings.js";

/** The cases about calls that are under way. */
export const overlapCases: readonly StoreCase[] = [
  { name: "saves a state as it is when it is called", check: savesWhatItWasCalledWith },
  { name: "closes when what was called before has ended", check: closesAfterCalls },
];

async function savesWhatItWasCalledWith(store: StatePersistence): Promise<void> {
  const given = { steps: [1] };
  const first = store.saveState("a", given);
  const second = store.batch([{ kind: "save", key: "b", value: given }]);
  given.steps.push(2);
  await Promise.all([first, second]);
  for (const key of ["a", "b"]) {
    const found = canonical((await store.loadState(key)).value);
    mustHold(found === '{"steps":[1]}', `a change of an object while it is saved shows: ${found}`);
  }
}

async function closesAfterCalls(store: StatePersistence): Promise<void> {
  await store.saveState("a", 1);
  const outcomes = new Map<string, string>();
  const calls = {
    save: store.saveState("b", 1),
    load: store.loadState("a"),
    list: store.listStates(),
    batch: store.batch([
      { kind: "save", key: "c", value: 1 },
      { kind: "save", key: "d", value: 1 },
    ]),
  };
  for (const [name, call] of Object.entries(calls)) {
    call.then(
      () => outcomes.set(name, "ok"),
      (error: unknown) => outcomes.set(name, messageOf(error)),
    );
  }
  await store.close();
  // Who called before may hear of it a few turns after.
  for (let turn = 0; turn < 32; turn++) await Promise.resolve();
  for (const name of Object.keys(calls)) {
    const outcome = outcomes.get(name);
    mustHold(outcome !== undefined, `it closed while this was under way: ${name}`);
    // A load, or a listing, may be behind; a change has no such excuse.
    const isDone = outcome === "ok" || name === "load" || name === "list";
    mustHold(isDone, `closing it has ended what was called before: ${name}, ${outcome}`);
  }
}
