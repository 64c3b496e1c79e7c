/**
 * A scope is whatever events happen to: one incarnation of a node, one client endpoint, or the
 * harness. It can stand still (its events wait, in order) and it can die (its events are dropped,
 * and nothing that it was waiting for ever resolves).
 */

import type { SimulatedEvent } from "./event-queue.js";

/** The life of a scope. */
export type ScopeState = "live" | "paused" | "dead";

/** Whom an event happens to. */
export interface Scope {
  readonly name: string;
  state: ScopeState;
  /** Events whose time came while the scope was paused, in order; they can still be cancelled. */
  held: SimulatedEvent[];
  /** Told of what an action threw, and of rejections that nobody handled. */
  readonly onError: (error: unknown) => void;
}

/** Makes a live scope. */
export function createScope(name: string, onError: (error: unknown) => void): Scope {
  return { name, state: "live", held: [], onError };
}
