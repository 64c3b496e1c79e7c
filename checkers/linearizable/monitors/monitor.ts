/**
 * The port of monitors: algorithms that decide linearizability of one abstract data type in
 * polynomial time, for histories that fulfil what they need. What they need is checked by the
 * monitor itself, never assumed: when it does not hold, the answer is `unsuitable`, and the general
 * search decides.
 *
 * A monitor sees operations as columns of integers. Equal values have equal positions in the pool,
 * so that it compares positions and looks at values only where their meaning counts.
 *
 * Indeterminate operations may take effect at any time after their invocation, or never; the papers
 * assume complete histories. Each monitor says in its file how it treats them and why that is
 * sound.
 */
import type { Value } from "../../../src/history/value.js";
import type { Model, ObjectType } from "../../../src/model/model.js";
import type { Meter } from "../meter.js";

/** The completion of an operation that has none: after every event. */
export const NEVER: number = 0x7fff_ffff;

/** The operations of one part, in the order of their invocations, without those that failed. */
export interface Calls {
  readonly count: number;
  /** Positions in the `roles` of the monitor. */
  readonly roles: Uint8Array;
  /** `OK`; `FAIL` for a failure that the model counts as an observation; `INFO`. */
  readonly outcomes: Uint8Array;
  /** Event index of each invocation, ascending; it names the operation. */
  readonly invocations: Int32Array;
  /** Event index of each completion; `NEVER` when the outcome is `INFO`. */
  readonly completions: Int32Array;
  /** Position in `pool` of the value of the invocation. */
  readonly inputs: Int32Array;
  /** Position in `pool` of the value of the completion; `NONE` when the outcome is `INFO`. */
  readonly outputs: Int32Array;
  readonly processes: Int32Array;
  readonly pool: readonly Value[];
}

/** What a monitor is asked. */
export interface MonitorQuestion {
  readonly calls: Calls;
  /** Fulfils `model.type.name`; its options say what the answers of clients mean. */
  readonly model: Model;
  /** Loops spend one unit for about one look at one operation. */
  readonly meter: Meter;
}

/** What a monitor answers. */
export type MonitorAnswer =
  | {
      readonly kind: "linearizable";
      /**
       * An order of effect, as positions in the calls: each `OK` and `FAIL` once, each `INFO` at
       * most once.
       */
      readonly order: Int32Array | readonly number[];
    }
  | {
      readonly kind: "not-linearizable";
      /**
       * Positions of completed calls that cannot be explained together, with the completions of all
       * others forgotten, ascending; few of them, when that is cheap: the general search confirms
       * the refutation on them, and makes it minimal.
       */
      readonly calls: readonly number[];
      /**
       * When given, the claim is about the history projected to these values (positions in the
       * pool): `calls` then holds those about these values, and of those about no value the ones
       * that matter. See `values` in the model port.
       */
      readonly values?: readonly number[];
      /** The same as values, where the pool holds some only inside of others (a cas of [a, b]). */
      readonly namedValues?: readonly Value[];
    }
  | {
      readonly kind: "unsuitable";
      /** In plain words, for the details of the verdict. */
      readonly reason: string;
    };

/** Decides histories of one abstract data type. */
export interface Monitor {
  /** As `details.searches` names it: `register-zones`, … */
  readonly name: string;
  readonly type: ObjectType["name"];
  /** The roles of `ObjectType.roles` that it knows; a history with another one is not for it. */
  readonly roles: readonly string[];
  /**
   * Given by monitors that decide all parts of a partitioned model at once (a set, whose elements
   * are independent), so that a history need not be taken apart: the position in the pool of the
   * value that names a call's part.
   */
  partOf?(calls: Calls, call: number): number;
  /** @throws LimitReached */
  decide(question: MonitorQuestion): MonitorAnswer;
}
