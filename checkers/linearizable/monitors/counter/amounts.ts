/**
 * Reads the calls of a counter: what each one adds, and the number that it says there was before.
 */
import { FAIL, INFO } from "../../../../src/history/history.js";
import type { Value } from "../../../../src/history/value.js";
import type { Model } from "../../../../src/model/model.js";
import type { Meter } from "../../meter.js";
import type { Calls } from "../monitor.js";

/** The number before a call that does not say it. */
export const UNTOLD: number = Infinity;

/** Calls as sums. */
export interface Amounts {
  /** By call: what it adds; 0 for a read. */
  readonly amounts: Float64Array;
  /**
   * By call: the number before it, less the initial one; `UNTOLD`; `NaN` when no whole number is
   * what it says.
   */
  readonly before: Float64Array;
  /** The amount of all that add something, 1 when nothing does; undefined when they differ. */
  readonly step: number | undefined;
}

const BYTES_PER_CALL = 2 * 8;

/** The meaning of a role by its position: adds come in threes, of which the last one subtracts. */
const READ = 0;
const ROLES_OF_ADDS = 3;
const DECREMENT = 2;
const RETURNS_NEW = 1;
const RETURNS_OLD = 2;

/** The amounts, or why they are not for this monitor. @throws LimitReached */
export function amountsOf(calls: Calls, model: Model, meter: Meter): Amounts | string {
  const { count, outcomes, roles, inputs, pool } = calls;
  meter.reserve(BYTES_PER_CALL * count);
  meter.spend(count);
  const initial = model.initial();
  if (!isWhole(initial)) return "the initial number is not whole";
  const amounts = new Float64Array(count);
  const before = new Float64Array(count).fill(UNTOLD);
  const steps = new Set<number>();
  let reach = Math.abs(initial);
  for (let call = 0; call < count; call++) {
    if (outcomes[call] === FAIL) return "a failed operation counts as an observation";
    const role = roles[call] as number;
    if (role !== READ) {
      const amount = pool[inputs[call] as number] ?? 1;
      if (!isWhole(amount)) return "an amount is not whole";
      amounts[call] = (role - 1) % ROLES_OF_ADDS === DECREMENT ? -amount : amount;
      if (amount !== 0 && steps.size < 2) steps.add(amounts[call] as number);
      reach += Math.abs(amount);
    }
    if (outcomes[call] !== INFO) before[call] = toldBy(calls, call, amounts) - initial;
  }
  if (reach > Number.MAX_SAFE_INTEGER / 4) return "the numbers may be too large to be exact";
  const [step = 1] = steps;
  return { amounts, before, step: steps.size < 2 ? step : undefined };
}

function toldBy({ roles, outputs, pool }: Calls, call: number, amounts: Float64Array): number {
  const told = pool[outputs[call] as number];
  const role = roles[call] as number;
  if (role === READ) return isWhole(told) ? told : NaN;
  const returns = Math.floor((role - 1) / ROLES_OF_ADDS);
  const tells = returns === RETURNS_NEW || returns === RETURNS_OLD;
  if (!tells || typeof told !== "number") return UNTOLD;
  if (!isWhole(told)) return NaN;
  return returns === RETURNS_NEW ? told - (amounts[call] as number) : told;
}

function isWhole(value: Value | undefined): value is number {
  return Number.isSafeInteger(value);
}
