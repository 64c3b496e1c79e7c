/**
 * Locks with fencing tokens: every process acquires, and releases when it was given the lock; no
 * two may hold it at once, and tokens grow. Where nobody knows whether a process was given it,
 * another one releases in its place.
 */
import { lock as lockChecker } from "../checkers/lock.js";
import { recall } from "../src/generator/index.js";
import type { Generator } from "../src/generator/generator.js";
import type { HistoryEvent, Process } from "../src/history/operation.js";
import type { Workload } from "../src/runner/workload.js";
import { objectWorkload, type ObjectWorkloadOptions } from "./objects.js";

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function lock(options: ObjectWorkloadOptions = {}): Workload {
  return objectWorkload(
    {
      name: "lock",
      description: "locks with fencing tokens: never two holders, and tokens grow",
      object: "lock",
      functions: ["acquire", "release"],
      observes: ["acquire"],
      generator: acquireAndRelease,
      checker: () => lockChecker({ owner: "input" }),
    },
    options,
  );
}

/** Who was given the lock, and who may have been. */
interface Known {
  readonly holders: ReadonlySet<Process>;
  /** Owners whose process is gone: others release for them, lest the lock is held for ever. */
  readonly gone: readonly Process[];
  /** For whom a process is releasing. */
  readonly releasing: ReadonlyMap<Process, Process>;
}

function acquireAndRelease(): Generator {
  return recall<Known>({
    initial: { holders: new Set(), gone: [], releasing: new Map() },
    observe: (known, event) => (event.f === "acquire" ? acquired : released)(known, event),
    source: ({ holders, gone }, { process }) => {
      const [owner = process] = gone;
      const releases = gone.length > 0 || holders.has(process);
      return { f: releases ? "release" : "acquire", value: { owner } };
    },
  });
}

function acquired(known: Known, { type, process }: HistoryEvent): Known {
  const { holders, gone } = known;
  if (type === "ok") return { ...known, holders: new Set(holders).add(process) };
  return type === "info" ? { ...known, gone: [...gone, process] } : known;
}

function released(known: Known, { type, process, value }: HistoryEvent): Known {
  const { gone } = known;
  const releasing = new Map(known.releasing);
  if (type === "invoke") {
    const { owner } = value as { readonly owner: Process };
    releasing.set(process, owner);
    return { ...known, releasing, gone: gone.filter((other) => other !== owner) };
  }
  const owner = releasing.get(process) ?? process;
  releasing.delete(process);
  const holders = new Set(known.holders);
  holders.delete(owner);
  return { holders, releasing, gone: type === "info" ? [...gone, owner] : gone };
}
