/**
 * What the keys of a history say of the order of its transactions, each as a list or as a register:
 * a key that anybody wrote, or read as anything but a list, is a register, any other a list.
 */
import { HarnessError } from "../../src/errors.js";
import { INFO, OK } from "../../src/history/history.js";
import { canonical } from "../../src/history/value.js";
import type { ByKey, Dependencies } from "./dependencies.js";
import { Findings, type VersionRule } from "./findings.js";
import { APPEND, READ, WRITE } from "./layout.js";
import { ListEdges } from "./list-edges.js";
import { ListOrder } from "./list-order.js";
import { RegisterEdges } from "./register-edges.js";
import { RegisterOrder } from "./register-order.js";

/** Adds the edges of all keys, and what they show to be wrong. */
export function addKeyEdges(
  dependencies: Dependencies,
  byKey: ByKey,
  rules: ReadonlySet<VersionRule>,
): void {
  findHappened(dependencies, byKey);
  const lists = new ListEdges(dependencies);
  const registers = new RegisterEdges(dependencies, rules);
  for (const micro of keysOf(byKey)) {
    if (isRegister(dependencies, micro)) {
      dependencies.registers.add(dependencies.transactions.keys[micro[0] as number] as number);
      registers.addKey(micro);
    } else {
      lists.addKey(micro);
    }
  }
}

/** Whether anybody wrote this key, rather than appended to it, or read of it what is no list. */
function isRegister({ transactions }: Dependencies, micro: Int32Array): boolean {
  const { kinds, values, lists, nullAt, keyAt, keys } = transactions;
  const isOne = micro.some((at) => {
    const value = values[at] as number;
    if (kinds[at] === WRITE) return true;
    return (
      kinds[at] === READ &&
      value >= 0 &&
      value !== nullAt &&
      !((lists.starts[value] as number) >= 0)
    );
  });
  if (isOne && micro.some((at) => kinds[at] === APPEND)) {
    const key = canonical(keyAt(keys[micro[0] as number] as number));
    // The first who takes it for something else than the one that was there first.
    const begun = micro.reduce((first, at) => Math.min(first, at));
    const other = micro.find((at) => (kinds[at] === APPEND) !== (kinds[begun] === APPEND)) ?? begun;
    const by = transactions.owners[other] as number;
    const { outcomes, completions, invocations } = transactions;
    throw new HarnessError(
      "bad-argument",
      `the key ${key} is written or read as a register, and appended to as a list; expected one of both`,
      { event: (outcomes[by] === OK ? completions : invocations)[by] as number },
    );
  }
  return isOne;
}

/** An indeterminate transaction happened when anything that it wrote was read. */
function findHappened(dependencies: Dependencies, byKey: ByKey): void {
  const { kinds, owners, outcomes } = dependencies.transactions;
  const lists = new ListOrder(dependencies, new Findings());
  const registers = new RegisterOrder(dependencies, new Set(), new Findings());
  for (const micro of keysOf(byKey)) {
    const isOpen = micro.some(
      (at) => kinds[at] !== READ && outcomes[owners[at] as number] === INFO,
    );
    if (!isOpen) continue;
    if (isRegister(dependencies, micro)) registers.find(micro);
    else lists.find(micro);
  }
}

function* keysOf({ starts, micro }: ByKey): Iterable<Int32Array> {
  for (let key = 0; key + 1 < starts.length; key++) {
    yield micro.subarray(starts[key], starts[key + 1]);
  }
}
