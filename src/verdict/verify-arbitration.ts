/**
 * Confirms session guarantees (Terry et al. 1994; Viotti & Vukolić 2016, section 3.3), given one
 * order of all writes: each read reads the last write in it of those that are visible. Visible to a
 * read is what it reads; with read-your-writes, what its process wrote before; with
 * monotonic-reads, what its process read before. Linear.
 */
import type { ArbitrationCertificate } from "./certificate.js";
import { claim } from "./claims.js";
import { registerHistory, type Access, type RegisterHistory } from "./register-history.js";
import type { VerificationRequest } from "./verify.js";

/** What a process has seen, as places in the order; -1 for nothing. */
interface Session {
  /** By key: the last write that later reads see. */
  readonly visible: Map<string, number>;
  /** What later writes come after. */
  floor: number;
}

/**
 * Confirms an order; answers what was confirmed.
 * @throws ClaimRefused
 */
export function verifyArbitration(
  certificate: ArbitrationCertificate,
  { history, model }: VerificationRequest,
): string {
  const { promise, order } = certificate;
  const registers = registerHistory(history, model, certificate.sources);
  registers.claimWhole();
  const places = placesOf(registers, order);
  const has = (guarantee: (typeof promise)[number]): boolean => promise.includes(guarantee);
  const sessions = new Map<unknown, Session>();
  for (const access of registers.accesses) {
    const { invocation, process, outcome } = access.operation;
    const place = places.get(access);
    // What is indeterminate and not in the order did not happen.
    if (outcome !== "ok" && place === undefined) continue;
    const known = sessions.get(process) ?? { visible: new Map<string, number>(), floor: -1 };
    sessions.set(process, known);
    // What never completed precedes nothing that its process did.
    const session =
      outcome === "ok" ? known : { visible: new Map(known.visible), floor: known.floor };
    const see = (seen: number): void => {
      session.visible.set(access.key, Math.max(seen, session.visible.get(access.key) ?? -1));
    };
    if (access.reads !== undefined) {
      const source = registers.sourceOf(access);
      claim(source !== undefined, () => `Operation ${invocation} reads what nobody wrote.`);
      const seen = source === null ? -1 : places.get(source);
      claim(seen !== undefined, () => `What operation ${invocation} reads is not in the order.`);
      claim(
        (session.visible.get(access.key) ?? -1) <= seen,
        () => `Operation ${invocation} reads what was overwritten by what is visible to it.`,
      );
      if (has("monotonic-reads")) see(seen);
      if (has("writes-follow-reads")) session.floor = Math.max(session.floor, seen);
    }
    if (place === undefined) continue;
    claim(
      session.floor < place,
      () => `Operation ${invocation} stands before what it must come after.`,
    );
    if (has("read-your-writes")) see(place);
    if (has("monotonic-writes")) session.floor = place;
  }
  return `An order of ${order.length} writes explains every read with ${promise.join(", ")}.`;
}

function placesOf(
  registers: RegisterHistory,
  order: readonly number[],
): ReadonlyMap<Access, number> {
  const places = new Map<Access, number>();
  for (const [place, invocation] of order.entries()) {
    const access = registers.at(invocation);
    claim(access.writes !== undefined, () => `Operation ${invocation} does not write.`);
    claim(!places.has(access), () => `Operation ${invocation} is in the order twice.`);
    places.set(access, place);
  }
  for (const access of registers.accesses) {
    const { invocation, outcome } = access.operation;
    claim(
      access.writes === undefined || outcome !== "ok" || places.has(access),
      () => `Operation ${invocation} is not in the order.`,
    );
  }
  return places;
}
