/**
 * What "eventually" means in a history that ends, written out as docs/checkers.md says it: in a few
 * passes over all operations, without any of the checker's code.
 */
import { NEMESIS, type History } from "../../src/history/history.js";
import type { Operation } from "../../src/history/operation.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { VerdictKind } from "../../src/verdict/verdict.js";

/** How states and what was seen are compared. */
export interface Shown {
  readonly stateOf: (output: Value) => string;
  /** The updates that a read has seen, where it tells them. */
  readonly seenOf?: (output: Value) => string;
  readonly settleMs: number;
}

/** What the definition says; reads are those of the function `read`, all else are updates. */
export function atRest(
  history: History,
  { stateOf, seenOf, settleMs }: Shown,
): { readonly verdict: VerdictKind; readonly conflicting: boolean } {
  const operations = [...history.invocations()].map((each) => history.operation(each));
  const reads = operations.filter(({ f, outcome }) => f === "read" && outcome === "ok");
  const updates = operations.filter(({ f, outcome }) => f !== "read" && outcome !== "fail");
  const objectOf = ({ key = null }: Operation): string => canonical(key);
  const stateIn = ({ output = null }: Operation): string => stateOf(output);
  const conflicting =
    seenOf !== undefined &&
    reads.some((one) =>
      reads.some(
        (other) =>
          objectOf(one) === objectOf(other) &&
          seenOf(one.output ?? null) === seenOf(other.output ?? null) &&
          stateIn(one) !== stateIn(other),
      ),
    );
  const faults = Array.from({ length: history.length }, (_, at) => at).filter(
    (at) => history.processes[at] === NEMESIS,
  );
  const quiet = Math.max(
    -1,
    ...faults,
    ...updates.map(({ completion, invocation }) => completion ?? invocation),
  );
  const isUnhealed = faults.length > 0 && history.event(faults.at(-1) as number).f === "start-x";
  const isOpen = updates.some(({ completion }) => completion === undefined);
  const quietNs = history.timesNs[Math.max(0, quiet)] ?? 0;
  const placeOf = ({ input, process }: Operation): string =>
    input === null ? `process ${process}` : canonical(input);
  let [differs, agrees, isUnread] = [false, false, false];
  for (const object of new Set(reads.map(objectOf))) {
    const ofObject = reads.filter((read) => objectOf(read) === object);
    const late = ofObject.filter(({ invocation }) => invocation > quiet);
    const lastAt = (place: string): Operation | undefined =>
      late.findLast((read) => placeOf(read) === place);
    const changing = late.filter(
      (read) => stateIn(read) !== stateIn(lastAt(placeOf(read)) ?? read),
    );
    const settled = Math.max(-1, ...changing.map(({ invocation }) => invocation));
    const finals: Operation[] = [];
    for (const place of new Set(ofObject.map(placeOf))) {
      const last = lastAt(place);
      const isFinal =
        last !== undefined &&
        last.invocation > settled &&
        last.invokedNs - quietNs >= settleMs * 1e6;
      if (isFinal) finals.push(last);
      // Processes come and go.
      else if (!place.startsWith("process ")) isUnread = true;
    }
    if (finals.length < 2) continue;
    if (new Set(finals.map(stateIn)).size > 1) differs = true;
    else agrees = true;
  }
  const isAtRest = !isOpen && !isUnhealed;
  // What nobody changed must not differ either.
  if (conflicting || (differs && isAtRest)) return { verdict: "invalid", conflicting };
  const isKept = updates.length > 0 && isAtRest && agrees && !isUnread;
  return { verdict: isKept ? "valid" : "unknown", conflicting };
}
