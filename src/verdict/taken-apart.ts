/** A level of isolation as its verifier asks for it: the base, and which time is kept. */
import type { BaseIsolation, Level } from "../consistency/level.js";

/** What is confirmed of transactions. */
export interface TakenApart {
  readonly base: BaseIsolation;
  readonly keeps: "session" | "realtime" | undefined;
}

/** Takes a level apart. */
export function takenApart({ name, variant }: Pick<Level, "name" | "variant">): TakenApart {
  const of = variant?.of ?? (name as BaseIsolation);
  // A forward consistent view asks beside who started after whom; here starts are any that fit.
  const base = of === "forward-consistent-view" ? "consistent-view" : of;
  return { base, keeps: variant?.keeps };
}
