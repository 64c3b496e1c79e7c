/** Why an edge between transactions is one, when a register says so: the step of its versions. */
import { NONE } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Step } from "./cycle-search.js";
import { UPDATE, WW, type ByKey, type Dependencies } from "./dependencies.js";
import { Findings, type VersionRule, type VersionStep } from "./findings.js";
import { WRITE, type Transactions } from "./layout.js";
import { RegisterOrder } from "./register-order.js";

/** Finds the reasons of edges between registers, by looking at the keys of both once more. */
export class RegisterReasons {
  readonly #dependencies: Dependencies;
  readonly #transactions: Transactions;
  readonly #byKey: ByKey;
  readonly #order: RegisterOrder;

  constructor(dependencies: Dependencies, byKey: ByKey, rules: ReadonlySet<VersionRule>) {
    this.#dependencies = dependencies;
    this.#transactions = dependencies.transactions;
    this.#byKey = byKey;
    this.#order = new RegisterOrder(dependencies, rules, new Findings());
  }

  /** Undefined when no register says so. */
  find({ from, to, kind }: Step): { readonly key: Value; readonly step: VersionStep } | undefined {
    const order = this.#order;
    for (const key of this.#sharedKeys(from, to)) {
      const { starts, micro } = this.#byKey;
      order.find(micro.subarray(starts[key], starts[key + 1]));
      const { read, wrote } = order.touches.of(from);
      if (kind === UPDATE && wrote === NONE) continue;
      const before = kind === WW ? this.#versionsBy(from, key) : [read];
      for (const one of before) {
        for (const other of this.#versionsBy(to, key)) {
          const step = one === NONE ? undefined : order.stepBetween(one, other);
          if (step !== undefined) return { key: this.#transactions.keyAt(key), step };
        }
      }
    }
    return undefined;
  }

  /** Registers that both transactions have to do with. */
  #sharedKeys(from: number, to: number): readonly number[] {
    const { registers } = this.#dependencies;
    const theirs = new Set(this.#keysOf(to));
    return [...new Set(this.#keysOf(from))].filter((key) => registers.has(key) && theirs.has(key));
  }

  #keysOf(transaction: number): Int32Array {
    const { starts, keys } = this.#transactions;
    return keys.subarray(starts[transaction], starts[transaction + 1]);
  }

  /** The versions that a transaction wrote of the key that was looked at last. */
  #versionsBy(transaction: number, key: number): readonly number[] {
    const { starts, keys, kinds, values } = this.#transactions;
    const versions: number[] = [];
    const end = starts[transaction + 1] as number;
    for (let at = starts[transaction] as number; at < end; at++) {
      if (keys[at] !== key || kinds[at] !== WRITE) continue;
      const version = this.#order.versionOf(values[at] as number);
      if (!this.#order.isAmbiguous(version)) versions.push(version);
    }
    return versions;
  }
}
