/**
 * The calls of a lock as the monitors of locks see them: who asks for how many permits, whether it
 * was refused, and between which events it took effect. What inputs and outputs mean is told in
 * `src/model/lock-rules.ts`.
 */
import { FAIL, INFO, OK } from "../../../../src/history/history.js";
import { argumentOf, type LockOwner } from "../../../../src/model/lock-rules.js";
import { NEVER, type Calls } from "../monitor.js";
import { PositionNumbering, ValueNumbering } from "../numbering.js";

/** What a call is; a refused release is one more. Refusals change nothing. */
export const ACQUIRE = 0;
export const RELEASE = 1;
export const REFUSED_ACQUIRE = 2;

/** Roles of a lock whose owners are of these kinds, in this order: first the natural one. */
export function rolesOf(owners: readonly LockOwner[]): readonly string[] {
  return owners.flatMap((owner, place) => {
    const prefix = place === 0 ? "" : `${owner}-`;
    return [`${prefix}acquire`, `${prefix}release`];
  });
}

/** Calls, with all that matters in numbers. */
export interface Requests {
  readonly calls: Calls;
  /** By call. */
  readonly kinds: Uint8Array;
  readonly owners: Int32Array;
  readonly ownerCount: number;
  /** By call: how many permits it is about. */
  readonly amounts: Int32Array;
  /** Whether all that were not refused are about equally many. */
  readonly isEven: boolean;
  /** Whether no owner has two calls at once: an indeterminate one is its last. */
  readonly isSequential: boolean;
}

/** Bytes of the tables here, an operation. */
export const BYTES_OF_REQUESTS: number = 1 + 4 * 12;

/** More permits than this are for the general search. */
const AMOUNT_MAX = 2 ** 30;

/** Reads calls; a text with the reason when that cannot be done. O(n). */
export function readRequests(
  calls: Calls,
  { owners: kindsOfOwners, hasPermits }: { owners: readonly LockOwner[]; hasPermits: boolean },
): Requests | string {
  const { count, roles, outcomes, outputs, pool } = calls;
  const kinds = new Uint8Array(count);
  const kindOfOwner = count === 0 ? 0 : (roles[0] as number) >> 1;
  for (let call = 0; call < count; call++) {
    const role = roles[call] as number;
    if (outcomes[call] === FAIL) return "a failed operation counts as an observation";
    if (role >> 1 !== kindOfOwner) return "its functions disagree on what an owner is";
    const isRefused = outcomes[call] === OK && pool[outputs[call] as number] === false;
    kinds[call] = (role & 1) + (isRefused ? REFUSED_ACQUIRE : ACQUIRE);
  }
  const owner = kindsOfOwners[kindOfOwner] as LockOwner;
  const named = ownersOf(calls, owner);
  if (named === undefined) return "an input does not name the owner";
  const amounts = hasPermits ? amountsOf(calls, owner) : new Int32Array(count).fill(1);
  if (amounts === undefined) return "an input is no number of permits";
  return {
    calls,
    kinds,
    ...named,
    amounts,
    isEven: isEven(kinds, amounts),
    isSequential: isSequential(calls, named),
  };
}

type Owners = Pick<Requests, "owners" | "ownerCount">;

function ownersOf(calls: Calls, owner: LockOwner): Owners | undefined {
  const { count, processes, inputs } = calls;
  const owners = new Int32Array(count);
  if (owner === "none") return { owners, ownerCount: 1 };
  const names = new ValueNumbering(count);
  if (owner === "process") {
    for (let call = 0; call < count; call++) {
      owners[call] = names.numberOf(processes[call] as number);
    }
    return { owners, ownerCount: names.values.length };
  }
  const byInput = eachInput(calls, (input) => {
    const name = argument(input, "owner", "none");
    return name === null ? undefined : names.numberOf(name);
  });
  if (byInput === undefined) return undefined;
  for (let call = 0; call < count; call++) owners[call] = byInput(inputs[call] as number);
  return { owners, ownerCount: names.values.length };
}

function amountsOf(calls: Calls, owner: LockOwner): Int32Array | undefined {
  const { count, inputs } = calls;
  const byInput = eachInput(calls, (input) => {
    const wanted = argument(input, "permits", owner) ?? 1;
    const isCount = Number.isSafeInteger(wanted) && Number(wanted) > 0;
    return isCount && Number(wanted) <= AMOUNT_MAX ? Number(wanted) : undefined;
  });
  if (byInput === undefined) return undefined;
  const amounts = new Int32Array(count);
  for (let call = 0; call < count; call++) amounts[call] = byInput(inputs[call] as number);
  return amounts;
}

type Input = Calls["pool"][number];

function argument(input: Input, name: string, owner: LockOwner): Input {
  const asked = { f: "", key: undefined, input, output: undefined, outcome: "info" } as const;
  return argumentOf(asked, name, owner);
}

/** What an input means, by its position in the pool; each is read once. */
function eachInput(
  { count, inputs, pool }: Calls,
  read: (input: Input) => number | undefined,
): ((position: number) => number) | undefined {
  const numbers = new PositionNumbering(pool.length, count);
  const meanings: number[] = [];
  for (let call = 0; call < count; call++) {
    const position = inputs[call] as number;
    if (numbers.numberOf(position) < meanings.length) continue;
    const meaning = read(pool[position] as Input);
    if (meaning === undefined) return undefined;
    meanings.push(meaning);
  }
  return (position) => meanings[numbers.numberOf(position)] as number;
}

function isEven(kinds: Uint8Array, amounts: Int32Array): boolean {
  let common = 0;
  for (let call = 0; call < kinds.length; call++) {
    if ((kinds[call] as number) > RELEASE) continue;
    if (common === 0) common = amounts[call] as number;
    else if (amounts[call] !== common) return false;
  }
  return true;
}

function isSequential({ count, invocations, completions, outcomes }: Calls, named: Owners) {
  const lastEnds = new Int32Array(named.ownerCount);
  for (let call = 0; call < count; call++) {
    const owner = named.owners[call] as number;
    if ((invocations[call] as number) < (lastEnds[owner] as number)) return false;
    lastEnds[owner] = outcomes[call] === INFO ? NEVER : (completions[call] as number);
  }
  return true;
}
