/**
 * The models by name: a part of the catalog.
 */
import { casRegister } from "../model/cas-register.js";
import { fencedMutex } from "../model/fenced-mutex.js";
import { kv } from "../model/kv.js";
import { lease } from "../model/lease.js";
import { multiRegister } from "../model/multi-register.js";
import { mutex } from "../model/mutex.js";
import { reentrantMutex } from "../model/reentrant-mutex.js";
import { register } from "../model/register.js";
import { semaphore } from "../model/semaphore.js";
import { counter } from "../model/counter.js";
import { deque } from "../model/deque.js";
import { fifoQueue } from "../model/fifo-queue.js";
import { log } from "../model/log.js";
import { multiset } from "../model/multiset.js";
import { priorityQueue } from "../model/priority-queue.js";
import { set } from "../model/set.js";
import { stack } from "../model/stack.js";
import { uniqueIds } from "../model/unique-ids.js";
import { unorderedQueue } from "../model/unordered-queue.js";
import { workflowInstances } from "../model/workflow-instances.js";
import { workflow } from "../model/workflow.js";
import type { Model } from "../model/model.js";

/** What every entry has. */
export interface CatalogEntry {
  readonly name: string;
  /** One line for `ordeal list`. */
  readonly description: string;
}

/** A model by name, made with the options that its family takes; it knows which are its own. */
export interface ModelEntry extends CatalogEntry {
  make(options?: object): Model;
}

/** All models that ordeal ships. */
export const MODELS: readonly ModelEntry[] = [
  {
    name: "register",
    description: "one value that is read and written, per key where the history has keys",
    make: register,
  },
  {
    name: "cas-register",
    description: "a register with compare-and-set of [old, new]",
    make: casRegister,
  },
  {
    name: "kv",
    description: "a key-value store: get, put, append, delete, cas, range; keys are independent",
    make: kv,
  },
  {
    name: "mutex",
    description: "a lock: acquire needs it free, release needs it held (by anyone)",
    make: mutex,
  },
  {
    name: "reentrant-mutex",
    description: "a lock that the process that holds it may acquire again",
    make: reentrantMutex,
  },
  {
    name: "fenced-mutex",
    description: "a lock that gives a token with each acquire, larger than all before",
    make: fencedMutex,
  },
  {
    name: "semaphore",
    description: "a number of permits (here one) that are taken and given back",
    make: semaphore,
  },
  {
    name: "lease",
    description: "a lock that may end by itself: acquire gives a token, renew, release",
    make: lease,
  },
  {
    name: "workflow",
    description: "instances of a state machine: create, load, transition of [from, to], delete",
    make: workflow,
  },
  {
    name: "workflow-instances",
    description: "workflow instances with lives and the effects on record: requests repeat by id",
    make: workflowInstances,
  },
  {
    name: "multi-register",
    description: "registers that transactions read and write together, as Knossos has them",
    make: multiRegister,
  },
  {
    name: "set",
    description: "a set: add, remove, contains, read; elements are independent",
    make: set,
  },
  {
    name: "multiset",
    description: "a set with copies: add, remove, count, read; elements are independent",
    make: () => multiset(),
  },
  {
    name: "fifo-queue",
    description: "a queue, first in, first out: enqueue, dequeue, peek",
    make: fifoQueue,
  },
  {
    name: "unordered-queue",
    description: "a bag: enqueue, dequeue, peek; any element may be next",
    make: unorderedQueue,
  },
  {
    name: "stack",
    description: "last in, first out: push, pop, peek",
    make: stack,
  },
  {
    name: "deque",
    description: "a queue with two ends: push-, pop-, peek-, each with front and back",
    make: deque,
  },
  {
    name: "priority-queue",
    description: "the smallest first: insert, extract, peek; ties in any order",
    make: priorityQueue,
  },
  {
    name: "counter",
    description: "a number: add, increment, decrement, read",
    make: counter,
  },
  {
    name: "log",
    description: "append only: append, read (all, or a slice), size",
    make: () => log(),
  },
  {
    name: "unique-ids",
    description: "generate gives no id twice",
    make: () => uniqueIds(),
  },
];
