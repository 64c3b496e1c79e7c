/** The workloads that the command line knows. */
import { CONSISTENCY_LEVELS } from "../../checkers/consistency.js";
import * as workloads from "../../workloads/index.js";
import type { Workload } from "../runner/workload.js";
import type { CatalogEntry } from "./catalog-models.js";

/** Workloads, each followed by those of other levels. */
export const WORKLOADS: readonly (CatalogEntry & { make(): Workload })[] = [
  workloads.register,
  workloads.kv,
  workloads.availability,
  workloads.bank,
  workloads.broadcast,
  workloads.causalReverse,
  workloads.counter,
  workloads.durability,
  workloads.eventual,
  workloads.exactlyOnce,
  workloads.increments,
  workloads.leader,
  workloads.listAppend,
  workloads.lock,
  workloads.longFork,
  workloads.monotonic,
  workloads.predicate,
  workloads.queue,
  workloads.rwRegister,
  workloads.sessions,
  workloads.set,
  workloads.setAppend,
  workloads.settledCounter,
  workloads.settledSet,
  workloads.states,
  workloads.stream,
  workloads.transfers,
  workloads.uniqueIds,
  workloads.workflow,
  workloads.writeSkew,
  ...(["sequential", "causal", "eventual"] as const).map(
    (level) => () => workloads.workflow({ level }),
  ),
  ...[
    workloads.listAppend,
    workloads.rwRegister,
    workloads.setAppend,
    workloads.writeSkew,
    workloads.predicate,
    workloads.increments,
  ].flatMap((make) => workloads.ISOLATION_LEVELS.map((level) => () => make({ level }))),
  // Below these, programs that transfer may lose money.
  ...workloads.ISOLATION_LEVELS.slice(0, 3).map((level) => () => workloads.transfers({ level })),
  ...CONSISTENCY_LEVELS.slice(1).map((level) => () => workloads.states({ level })),
].map((make) => named(make));

/** An entry that takes name and description from what its factory makes. */
export function named<Plugin extends CatalogEntry>(
  make: () => Plugin,
): CatalogEntry & { make(): Plugin } {
  const { name, description } = make();
  return { name, description, make };
}
