/**
 * The models that the benchmark asks about, by the kind of object, and one that a user might have
 * written: no declared type, no parts, nothing that a faster way could be chosen by.
 */
import { casRegister } from "../../src/model/cas-register.js";
import { kv } from "../../src/model/kv.js";
import type { Model } from "../../src/model/model.js";
import { fifoQueue } from "../../src/model/fifo-queue.js";
import { priorityQueue } from "../../src/model/priority-queue.js";
import { register } from "../../src/model/register.js";
import { set } from "../../src/model/set.js";
import { stack } from "../../src/model/stack.js";

/** A bank account that refuses to be overdrawn. */
function account(): Model<number> {
  return {
    name: "account",
    options: {},
    initial: () => 0,
    step: (balance, { f, input, output, outcome }) => {
      const known = outcome === "ok";
      if (f === "balance") return !known || output === balance ? [balance] : [];
      const amount = Number(input);
      if (f === "deposit") return [balance + amount];
      if (amount > balance) return known && output !== false ? [] : [balance];
      return known && output !== true ? [] : [balance - amount];
    },
  };
}

/**
 * A model made to be exponential: the state tells apart every order in which operations may have
 * been applied, and says nothing of which.
 */
function scrambler(): Model<number> {
  return {
    name: "scrambler",
    options: {},
    initial: () => 1,
    step: (state, { f, input, output, outcome }) => {
      if (f === "look") return outcome !== "ok" || output === state ? [state] : [];
      return [Math.imul(state ^ Number(input), 0x9e3779b1) ^ (state >>> 7)];
    },
  };
}

/** Models by the kind of object that they are about. */
export const MODELS: { readonly [object: string]: () => Model } = {
  register,
  "cas-register": () => casRegister(),
  /** A failed compare-and-set saw another value, as in Porcupine's corpus. */
  "cas-register-observing": () => casRegister({ failedCas: "observe" }),
  kv: () => kv(),
  queue: () => fifoQueue(),
  stack: () => stack(),
  "priority-queue": () => priorityQueue({ order: "max" }),
  set: () => set(),
  account,
  scrambler,
};
