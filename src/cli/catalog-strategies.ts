/**
 * How the copies of a system are kept in step, by names: a part of the catalog. A system with
 * another strategy than its usual one has a name of its own, so that a run needs no more than it.
 */
import {
  ALGORITHMS,
  synchronized,
  type Algorithm,
  type Strategy,
} from "../../backends/synchronized.js";
import { HarnessError } from "../errors.js";

export { STRATEGIES, strategiesOf, type Strategy } from "../../backends/synchronized.js";

/** Where no system is named: the first of these that can and has what the workload needs. */
export const SYNCHRONIZED_BY_DEFAULT: readonly Algorithm[] = [
  "quorum",
  "raft",
  "gossip",
  "crdt",
  "two-phase-commit",
];

/**
 * The name of a system whose copies are kept in step by a strategy: `quorum`, `eventual` gives
 * `quorum:eventual`. A name that says so already stays.
 * @throws HarnessError `bad-argument` when the system cannot have it, with what it can
 */
export function synchronizedName(name: string, strategy: Strategy): string {
  const algorithm = ALGORITHMS.find((each) => each === name.replace(/:.*/, ""));
  if (algorithm === undefined) {
    const message = `${name} has no copies that a strategy keeps in step; those that have are ${ALGORITHMS.join(", ")}`;
    throw new HarnessError("bad-argument", message);
  }
  const found = synchronized({ strategy, algorithm }).name;
  if (name === algorithm || name === found) return found;
  throw new HarnessError(
    "bad-argument",
    `${name} says by itself what it is; --synchronization ${strategy} goes with --system ${algorithm}`,
  );
}
