/**
 * After the faults are healed, every key that was touched is read once more: whatever was
 * acknowledged must be there. Without this, a write that is lost at the very end would go unseen.
 */
import { delay, perKey, repeat, untilOk } from "../src/generator/index.js";
import type { Generator } from "../src/generator/generator.js";
import { INVOKE, NEMESIS, NONE, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";

/** A system that was just healed may still refuse; each key is tried so often, this far apart. */
const ATTEMPTS = 10;
const ATTEMPT_DISTANCE_MS = 200;

/**
 * Reads every touched key with this function until it was read; the clients share the keys among
 * them.
 */
export function finalReads(f: string, history: History): Generator {
  return perKey({
    keys: touchedKeys(history),
    groupSize: 1,
    limitPerKey: ATTEMPTS,
    generator: () => untilOk(delay(ATTEMPT_DISTANCE_MS, repeat({ f, value: null }))),
  });
}

/** The keys of all client operations, in the order in which they were first used. */
export function touchedKeys(history: History): readonly Value[] {
  const positions = new Set<number>();
  for (let i = 0; i < history.length; i++) {
    const key = history.keys[i] as number;
    const touched = history.types[i] === INVOKE && history.processes[i] !== NEMESIS && key !== NONE;
    if (touched) positions.add(key);
  }
  return [...positions].map((position) => history.pool[position] as Value);
}
