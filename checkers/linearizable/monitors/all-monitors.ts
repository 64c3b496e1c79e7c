/**
 * Every monitor, by the abstract data type that it decides.
 */
import type { ObjectType } from "../../../src/model/model.js";
import { counterSteps } from "./counter.js";
import { fencedMutexHolds } from "./fenced-mutex.js";
import { fifoQueue } from "./fifo-queue.js";
import { logPlaces } from "./log.js";
import { priorityQueue } from "./priority-queue.js";
import type { Monitor } from "./monitor.js";
import { multisetLives, multisetReads } from "./multiset.js";
import { mutexHolds } from "./mutex.js";
import { reentrantMutexHolds } from "./reentrant-mutex.js";
import { registerZones } from "./register.js";
import { semaphoreHolds } from "./semaphore.js";
import { setLives, setReads } from "./set.js";
import { stackNesting } from "./stack.js";
import { uniqueIds } from "./unique-ids.js";

const MONITORS: readonly Monitor[] = [
  fifoQueue,
  priorityQueue,
  stackNesting,
  registerZones,
  setLives,
  setReads,
  multisetLives,
  multisetReads,
  uniqueIds,
  counterSteps,
  logPlaces,
  mutexHolds,
  reentrantMutexHolds,
  fencedMutexHolds,
  semaphoreHolds,
];

/** The monitors of a type, in the order in which they are asked: the first suited one answers. */
export function monitorsOf(type: ObjectType["name"]): readonly Monitor[] {
  return MONITORS.filter((monitor) => monitor.type === type);
}
