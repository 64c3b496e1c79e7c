/**
 * What a node is waiting for, in words, for who wants to know why a run stands still: what its
 * program says of itself, its timers and disk calls, and the messages that are on their way to it.
 */
import { labelOf } from "../world/message-label.js";
import type { SimulatedEvent } from "./event-queue.js";
import type { Scope } from "./scope.js";

/** Kinds of messages that are named. */
const NAMED_MAX = 4;

/** What there is to tell of one node. */
export interface Standstill {
  readonly scope: Scope;
  readonly nowNs: number;
  /** Everything that is going to happen; undefined where nobody can look. */
  readonly events: Iterable<SimulatedEvent> | undefined;
  /** What its program says. */
  readonly words: readonly string[];
}

/** In words, after the name of the node. */
export function waitsOf({ scope, nowNs, events, words }: Standstill): string {
  if (events === undefined) return words.length === 0 ? "it does not say more" : words.join("; ");
  let [timers, calls, messages] = [0, 0, 0];
  let nextNs = Infinity;
  const kinds = new Set<string>();
  for (const { scope: whose, action, about, timeNs } of events) {
    if (action === undefined) continue;
    if (about !== undefined && about !== "disk") {
      if (about.to !== scope.name) continue;
      messages++;
      kinds.add(`${labelOf(about.message)} of ${about.from}`);
    } else if (whose !== scope) continue;
    else if (about === "disk") calls++;
    else {
      timers++;
      nextNs = Math.min(nextNs, timeNs);
    }
  }
  const inMs = Math.round((nextNs - nowNs) / 1e5) / 10;
  const named = [...kinds].toSorted().slice(0, NAMED_MAX);
  const parts = [
    ...words,
    timers === 0 ? "no timer" : `${counted(timers, "timer")}, the next in ${inMs} ms`,
    calls === 0 ? "no disk call" : counted(calls, "disk call"),
    messages === 0
      ? "no message on its way"
      : `${counted(messages, "message")} on the way (${named.join(", ")}${kinds.size > named.length ? ", …" : ""})`,
  ];
  return parts.join("; ");
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
