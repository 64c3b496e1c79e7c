/**
 * Confirms session guarantees of collections, given one order of additions (Viotti & Vukolić 2016,
 * section 3.3). An operation sees what it shows and what the guarantees say that it must; of other
 * keys, and where it shows nothing, more would only demand more.
 */
import type { Account } from "./account.js";
import type { SessionGuarantee } from "./certificate.js";
import { shownElements, type CollectionHistory, type Spoken } from "./collection-history.js";
import { claim } from "./claims.js";

/** What a process did and saw until now. */
interface Past {
  /** Places of its additions, and those that what it did before the last operation has. */
  last: number;
  lastBefore: number;
  /** The last place that any of its operations showed. */
  seen: number;
  /** By part. */
  readonly own: Map<string, string[]>;
  readonly shown: Map<string, Set<string>>;
}

/** @throws ClaimRefused @throws VerificationUndecided */
export function confirmGuaranteedOrder(
  found: CollectionHistory,
  about: {
    readonly order: readonly number[];
    readonly promise: readonly SessionGuarantee[];
    readonly account: Account;
  },
): void {
  const { order, promise, account } = about;
  const places = new Map<Spoken, number>();
  for (const each of order) {
    const spoken = found.at(each);
    claim(spoken.said.kind === "adds", () => `Operation ${each} adds nothing.`);
    claim(!places.has(spoken), () => `Operation ${each} is in the order twice.`);
    places.set(spoken, places.size);
  }
  const has = (guarantee: SessionGuarantee): boolean => promise.includes(guarantee);
  const pasts = new Map<unknown, Past>();
  for (const spoken of found.all) {
    account.tick();
    const { operation, said, part } = spoken;
    const past = pasts.get(operation.process) ?? {
      last: -1,
      lastBefore: -1,
      seen: -1,
      own: new Map<string, string[]>(),
      shown: new Map<string, Set<string>>(),
    };
    pasts.set(operation.process, past);
    if (said.kind === "adds") confirmPlace(spoken, past);
    else confirmShown(spoken, past);
    if (operation.outcome !== "ok") continue;
    past.lastBefore = past.last;
    if (said.kind !== "adds") continue;
    past.last = Math.max(past.last, places.get(spoken) as number);
    const own = past.own.get(part) ?? [];
    past.own.set(part, own);
    own.push(said.element);
  }

  function confirmPlace(spoken: Spoken, past: Past): void {
    const { invocation, outcome } = spoken.operation;
    const place = places.get(spoken);
    claim(
      place !== undefined || outcome !== "ok",
      () => `Operation ${invocation} has no place in the order.`,
    );
    // It may have happened; when it has no place it is seen by nobody.
    if (place === undefined) return;
    claim(
      !has("monotonic-writes") || past.last < place,
      () => `Operation ${invocation} comes before what its process added first.`,
    );
    if (!has("writes-follow-reads")) return;
    // What completed has seen all that its process added before, and follows it.
    const own = outcome === "ok" ? past.last : past.lastBefore;
    const before = Math.max(past.seen, has("read-your-writes") ? own : -1);
    claim(before < place, () => `Operation ${invocation} comes before what its process had seen.`);
  }

  function confirmShown(spoken: Spoken, past: Past): void {
    const { operation, part, said } = spoken;
    const { invocation } = operation;
    const elements = shownElements(spoken);
    const shown = new Set(elements);
    claim(shown.size === elements.length, () => `Operation ${invocation} shows something twice.`);
    const isLacking = (element: string): boolean =>
      said.kind === "finds" ? said.element === element && !said.isThere : !shown.has(element);
    const seen = past.shown.get(part) ?? new Set();
    past.shown.set(part, seen);
    claim(
      !has("read-your-writes") || !past.own.get(part)?.some((each) => isLacking(each)),
      () => `Operation ${invocation} lacks what its process added before.`,
    );
    claim(
      !has("monotonic-reads") || ![...seen].some((each) => isLacking(each)),
      () => `Operation ${invocation} lacks what its process has seen.`,
    );
    let last = -1;
    for (const element of elements) {
      account.tick();
      const [adder] = found.adders(part, element);
      const place = adder === undefined ? undefined : places.get(adder);
      claim(
        place !== undefined,
        () => `Operation ${invocation} shows ${element}, which has no place in the order.`,
      );
      claim(
        !found.isOrdered || last < place,
        () => `Operation ${invocation} does not list things in the one order.`,
      );
      last = place;
      past.seen = Math.max(past.seen, place);
      seen.add(element);
    }
  }
}
