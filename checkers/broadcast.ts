/**
 * Broadcasts: every message that was accepted comes to every place, once, and nothing else does.
 *
 * Reads `broadcast` (of a message), and `read`, whose result is the list of the messages that have
 * come to one place (null for none). Which place that is, a read says by its key, else by its input
 * where that is not null, else it is its process. A message is *known* from the end of its
 * broadcast, or of the first read anywhere that lists it. Processes come and go: one that does not
 * read after the last broadcast has ended has lost nothing.
 */
import type { Checker } from "../src/checker/checker.js";
import { NONE, type History } from "../src/history/history.js";
import { elementsOf, elementValue, type ElementWords } from "./everyday/element-faults.js";
import type { ElementRead } from "./everyday/elements.js";
import { nothingOf } from "./everyday/functions.js";
import { assertNumber } from "./everyday/options.js";
import { noneFor } from "./everyday/none-columns.js";
import { isProcessName, placeNameOf } from "./everyday/place-names.js";
import { inOrder, judgePresence, lostAnomaly } from "./everyday/presence.js";
import { latencyFacts } from "./everyday/quantiles.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { callText, counted, timeText, valueText } from "./everyday/words.js";

/** Options of `broadcast`. */
export interface BroadcastOptions {
  /** How many milliseconds a known message may take to come to a place; default no bound. */
  readonly maxLatencyMs?: number;
  /**
   * How many milliseconds a message must have been known before the last read of a place that
   * misses it proves that it is lost there; default 0.
   */
  readonly settleMs?: number;
}

const WORDS: ElementWords = {
  checker: "broadcast",
  add: ["broadcast"],
  remove: [],
  read: ["read"],
  unexpected: "unexpected-message",
  duplicated: "duplicated-message",
};

/**
 * Follows every message to every place.
 *
 * `lost-message`: it was known, and no read of a place shows it from some moment on.
 *
 *     process 0  |-- broadcast 1 --|
 *     process 1                       |-- read → [1] --|
 *     process 2                             |-- read → [] --|
 *
 * `unexpected-message`: a read shows what nobody had tried to broadcast, or only in vain.
 *
 *     process 0  |-- read → [7] --|   |-- broadcast 7 --|
 *
 * `duplicated-message`: a read lists a message twice.
 *
 *     process 0  |-- broadcast 1 --|  |-- read → [1, 1] --|
 *
 * `late-message` (only with a bound): a read misses a message that was known for longer, and a
 * later read of the place shows it.
 *
 *     process 0  |-- broadcast 1 --|
 *     process 1                       ··· 5 s ···  |-- read → [] --|  |-- read → [1] --|
 *
 * @throws HarnessError `bad-argument` for an option that is none, or a read that returns no list
 */
export function broadcast(options: BroadcastOptions = {}): Checker {
  const { maxLatencyMs = Infinity, settleMs = 0 } = options;
  assertNumber("broadcast", { maxLatencyMs, settleMs });
  return checkerOf({
    name: "broadcast",
    description: "every message comes to every place, once, and nothing else: broadcast, read",
    keyed: false,
    kinds: ["lost-message", "unexpected-message", "duplicated-message", "late-message"],
    judge: (history, work) => judge(history, work, { maxLatencyMs, settleMs }),
  });
}

function judge(
  history: History,
  work: Work,
  { maxLatencyMs, settleMs }: Required<BroadcastOptions>,
): Judgement {
  const { found, limits } = work;
  const elements = elementsOf(history, work, WORDS);
  const places = placesOf(history, elements.reads);
  limits.hold(elements.count * 24);
  const columns = noneFor(elements.count);
  /** How long each message was missing at the place that it came to last, in milliseconds. */
  const latencies = new Float64Array(elements.count);
  let lastBroadcast: number = NONE;
  for (let element = 0; element < elements.count; element++) {
    lastBroadcast = Math.max(lastBroadcast, elements.acknowledgedAt[element] as number);
  }
  const totals = { stable: 0, stale: 0, lost: 0, neverRead: 0, unsettled: 0 };
  for (const [place, reads] of places) {
    const at = `At ${place}: `;
    const hasLeft = isProcessName(place) && (reads.at(-1)?.invocation ?? NONE) < lastBroadcast;
    const presence = judgePresence(history, elements, {
      limits,
      settleNs: hasLeft ? Infinity : settleMs * 1e6,
      reads,
      columns,
      lost: (missed) =>
        found.add("lost-message", () => {
          const { message, details, ...rest } = lostAnomaly(history, elements, missed);
          return { ...rest, message: at + message, details: { ...details, place } };
        }),
      stale: ({ element, read, seenBy, latencyNs }) => {
        const latencyMs = latencyNs / 1e6;
        latencies[element] = Math.max(latencies[element] as number, latencyMs);
        if (latencyMs <= maxLatencyMs) return;
        const value = elementValue(history, elements, element);
        const known = elements.knownBy[element] as number;
        found.add("late-message", () => ({
          message: `${at}${callText(history, read.invocation)} misses ${valueText(value)}, which was known for ${timeText(latencyNs)} since ${callText(history, known)}, longer than ${maxLatencyMs} ms.`,
          operations: inOrder(known, read.invocation, seenBy?.invocation ?? read.invocation),
          details: { element: value, place, latencyMs },
        }));
      },
    });
    for (const name of Object.keys(totals) as (keyof typeof totals)[]) {
      totals[name] += presence[name];
    }
  }
  let known = 0;
  for (let element = 0; element < elements.count; element++) {
    if (elements.knownAt[element] !== NONE) latencies[known++] = latencies[element] as number;
  }
  const { stable, stale, lost, neverRead, unsettled } = totals;
  return {
    operations: elements.operations,
    details: {
      messages: elements.count,
      places: places.size,
      reads: elements.reads.length,
      arrivals: stable + stale,
      lost,
      notRead: neverRead,
      unsettled,
      latencyMs: latencyFacts(latencies.subarray(0, known)),
    },
    holds: `${counted(elements.count, "message")} came to all of ${counted(places.size, "place")}, as far as these were read.`,
    gap: stable + stale > 0 ? undefined : gapIn(elements.reads.length),
  };
}

function gapIn(reads: number): string {
  if (reads === 0) return nothingOf("read", ["broadcast", "read"]);
  return "Nothing was proved: no read of any place began after a message was known. Read every place at the end of the run.";
}

/** The reads of each place, in the order of their invocations. */
function placesOf(
  history: History,
  reads: readonly ElementRead[],
): ReadonlyMap<string, readonly ElementRead[]> {
  const places = new Map<string, ElementRead[]>();
  for (const read of reads) {
    const place = placeNameOf(history, read.invocation, "auto");
    const known = places.get(place);
    if (known === undefined) places.set(place, [read]);
    else known.push(read);
  }
  return places;
}
