/**
 * Everybody reads everything, once nothing is changed any more and replicas have had time to come
 * together: what has been lost, and where replicas differ, shows then.
 */
import {
  delay,
  eachWorker,
  limit,
  repeat,
  sequence,
  sleep,
  untilOk,
} from "../src/generator/index.js";
import type { Generator } from "../src/generator/generator.js";
import type { History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { touchedKeys } from "./final-reads.js";

/** How long replicas are given to come together, once nobody writes any more. */
export const SETTLE_MS = 2_000;
const ATTEMPTS = 10;
const ATTEMPT_DISTANCE_MS = 200;

/** Every worker reads every touched key with this function until it was read. */
export function everyoneReads(f: string, history: History): Generator {
  const reads = touchedKeys(history).map((key) => readUntilOk(f, key));
  return eachWorker(sequence(sleep(SETTLE_MS), ...reads));
}

/** Only what did not succeed is tried again after a while. */
function readUntilOk(f: string, key: Value): Generator {
  const read = repeat({ f, key, value: null });
  return untilOk(sequence(limit(1, read), limit(ATTEMPTS - 1, delay(ATTEMPT_DISTANCE_MS, read))));
}
