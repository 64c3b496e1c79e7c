/**
 * Small random histories of registers for the differential tests of causal and session promises:
 * what is read is any value that is written anywhere, or one that a replica would give, so that
 * about half of them are wrong.
 */
import type { NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Dice } from "./random-history.js";

/** What they look like. */
export interface SessionsShape {
  readonly keys: readonly string[];
  readonly operationsMax: number;
  readonly processesMax?: number;
  /** One write in so many is indeterminate; default none. */
  readonly indeterminate?: number;
  /** Whether there are compare-and-sets. */
  readonly swaps?: boolean;
  /** Writes write one of so many values; by default each value is written once. */
  readonly valuesMax?: number;
}

/** One operation; operations follow one another, since only sessions matter. */
interface Planned {
  readonly process: number;
  readonly key: string;
  readonly f: "read" | "write" | "cas";
  readonly writes: number;
  readonly outcome: "ok" | "info" | "fail" | "open";
}

/** The events of one history. */
export function randomSessions(dice: Dice, shape: SessionsShape): NewEvent[] {
  const { keys, operationsMax, processesMax = 3, indeterminate = 0, valuesMax } = shape;
  const processes = Math.min(processesMax, 2 + dice(processesMax));
  const count = operationsMax - dice(dice(3) === 0 ? operationsMax - 1 : 2);
  const ended = new Set<number>();
  const plan: Planned[] = [];
  for (let number = 0; number < count; number++) {
    const process = dice(processes);
    if (ended.has(process)) continue;
    // Writes first, so that there is something to disagree about.
    const reads = dice(5) < (2 * number < count ? 1 : 4);
    const f = reads ? "read" : shape.swaps === true && dice(3) === 0 ? "cas" : "write";
    const isLost = f !== "read" && indeterminate > 0 && dice(indeterminate) === 0;
    const outcome = isLost
      ? (["info", "info", "open"] as const)[dice(3)]
      : f === "write" && dice(40) === 0
        ? "fail"
        : "ok";
    if (outcome === "open") ended.add(process);
    const writes = valuesMax === undefined ? number + 1 : 1 + dice(valuesMax);
    const key = keys[dice(keys.length)] as string;
    plan.push({ process, key, f, writes, outcome: outcome ?? "ok" });
  }
  return eventsOf(dice, plan, KINDS[dice(KINDS.length)] as ReplicaKind);
}

/**
 * How reads come about: any value of the key; what had reached the process in the order of each
 * other process, the last to come being seen; the same, the last to be written being seen.
 */
type ReplicaKind = "anything" | "last-arrived" | "last-written";
const KINDS: readonly ReplicaKind[] = ["anything", "last-arrived", "last-written"];

function eventsOf(dice: Dice, plan: readonly Planned[], kind: ReplicaKind): NewEvent[] {
  const events: NewEvent[] = [];
  const replicas = new Map<number, Replica>();
  const lies = 4 + dice(30);
  for (const [timeNs, planned] of plan.entries()) {
    const { process, key, f, writes, outcome } = planned;
    const replica = replicas.get(process) ?? new Replica(kind);
    replicas.set(process, replica);
    for (const from of plan.slice(0, timeNs)) {
      if (from.process !== process && dice(2) === 0) replica.follow(plan, from.process, timeNs);
    }
    const written = plan.filter((one) => one.key === key && one.f !== "read");
    const anything: Value =
      dice(60) === 0 ? 9 : (written[dice(written.length + 1)]?.writes ?? null);
    const isLie = kind === "anything" || dice(lies) === 0;
    const seen = isLie ? anything : (replica.values.get(key)?.value ?? null);
    const about = { timeNs, process, f, key };
    const input: Value = f === "read" ? null : f === "cas" ? [seen, writes] : writes;
    events.push({ ...about, type: "invoke", value: input });
    if (outcome !== "open") {
      events.push({ ...about, type: outcome, value: f === "read" ? seen : input });
    }
    replica.apply(planned, timeNs);
  }
  return events;
}

/** What has reached a process. */
class Replica {
  readonly values = new Map<string, { readonly value: Value; readonly at: number }>();
  readonly #followed = new Map<number, number>();
  readonly #kind: ReplicaKind;

  constructor(kind: ReplicaKind) {
    this.#kind = kind;
  }

  /** Takes the next operation of another process, if it has begun. */
  follow(plan: readonly Planned[], process: number, until: number): void {
    const from = this.#followed.get(process) ?? 0;
    const next = plan.findIndex((one, at) => at >= from && one.process === process);
    if (next === -1 || next >= until) return;
    this.#followed.set(process, next + 1);
    this.apply(plan[next] as Planned, next);
  }

  apply({ key, f, writes, outcome }: Planned, at: number): void {
    if (f === "read" || outcome === "fail") return;
    const known = this.values.get(key);
    if (this.#kind === "last-written" && known !== undefined && known.at > at) return;
    this.values.set(key, { value: writes, at });
  }
}
