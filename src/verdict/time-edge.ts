/** Edges that time alone makes, and the variants of levels that keep them. */
import { LEVELS } from "../consistency/lattice.js";
import type { BaseIsolation, TransactionalLevel } from "../consistency/level.js";
import type { Operation } from "../history/operation.js";
import { claim } from "./claims.js";
import { precedesInTime } from "./transactions.js";

/** The operations of an edge. */
export interface EdgeEnds {
  readonly from: Operation;
  readonly to: Operation;
}

/** Confirms that one of a process came before the other, or one of any before the other. */
export function confirmTimeEdge(by: "process" | "realtime", { from, to }: EdgeEnds): void {
  const about = `${from.invocation} → ${to.invocation}`;
  if (by === "realtime") {
    claim(precedesInTime(from, to), () => `${about}: they are concurrent.`);
    return;
  }
  claim(from.process === to.process, () => `${about}: they are of different processes.`);
  claim(precedesInTime(from, to), () => `${about}: not in this order.`);
}

/** The level that keeps the order of sessions, or real time, beside. */
export function variantOf(
  base: BaseIsolation,
  keeps: "session" | "realtime" | undefined,
): TransactionalLevel {
  if (keeps === undefined) return base;
  const found = LEVELS.find(({ variant }) => variant?.of === base && variant.keeps === keeps);
  claim(found !== undefined, () => `There is no variant of ${base}.`);
  return found.name as TransactionalLevel;
}
