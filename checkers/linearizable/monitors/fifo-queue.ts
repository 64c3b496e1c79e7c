/**
 * FIFO queues whose values are inserted at most once: linearizable or not, in O(n).
 *
 * After Gibbons & Korach, "Testing shared memories" (1997), Lee & Mathur, "Efficient decrease-and-
 * conquer linearizability monitoring" (2025), and Abdulla et al., "Efficient linearizability
 * monitoring" (PLDI 2025), whose conditions are about pairs of elements. Here the elements are
 * brought into the order of the queue instead, so that peeks need no conditions of their own and an
 * answer comes with an order of effect. O(n) and not O(n log n), since events are sorted already.
 *
 * 1. Elements, and those that contradict themselves: `elements.ts`.
 * 2. Each operation that found the queue empty gets a gap at which it can have been empty, or is
 *    refuted: `fifo/emptiness.ts`.
 * 3. A total order of the elements, and of the moments of emptiness between them, that extends
 *    everything that must be, or a cycle of at most three: `fifo/queue-order.ts`.
 * 4. That order as an order of effect: `fifo/schedule.ts`.
 *
 * Indeterminate dequeues (*wildcards*) can get elements that nobody else removed (*left* ones). A
 * left element blocks everything behind it for good, unless a wildcard gets it. Whether there is an
 * assignment is decided twice: with every left element taken by the wildcard that began first, as
 * though it could get all of them, so that what is refuted then is refuted in truth; and with each
 * wildcard used at most once, in the order of the queue and only when an element is in the way, so
 * that what is explained then is explained. Between the two (wildcards that are too few, most of
 * all) the monitor is not suited. Without wildcards the two are one.
 */
import type { Meter } from "../meter.js";
import { elementsOf, isEmptyContainer, refutation, type Elements } from "./elements.js";
import { chooseGaps } from "./fifo/emptiness.js";
import { orderQueue } from "./fifo/queue-order.js";
import { schedule } from "./fifo/schedule.js";
import type { Calls, Monitor, MonitorAnswer, MonitorQuestion } from "./monitor.js";
import { timelineOf, type Timeline } from "./timeline.js";

/** Decides queues without capacity that are empty at first. */
export const fifoQueue: Monitor = {
  name: "fifo-queue-order",
  type: "fifo-queue",
  roles: ["enqueue", "dequeue", "peek"],
  decide,
};

/** Bytes for each call of the tables of the steps after the first. */
const BYTES_PER_CALL = 16 * 4;

function decide({ calls, model, meter }: MonitorQuestion): MonitorAnswer {
  if (!isEmptyContainer(model.initial())) {
    return { kind: "unsuitable", reason: "the queue is not empty at first" };
  }
  const timeline = timelineOf(calls, meter);
  const found = elementsOf(calls, timeline, meter);
  if (found.kind !== "elements") return found;
  return decideElements({ calls, timeline, elements: found.elements }, meter);
}

function decideElements(
  given: { readonly calls: Calls; readonly timeline: Timeline; readonly elements: Elements },
  meter: Meter,
): MonitorAnswer {
  const { calls, timeline, elements } = given;
  meter.reserve(BYTES_PER_CALL * calls.count);
  meter.spend(3 * calls.count);
  const gaps = chooseGaps(elements, timeline);
  if (gaps.kind === "covered") return refutation(calls, elements, gaps);
  if (gaps.areEnough) {
    const found = orderQueue(elements, timeline, { gaps, sharesWildcards: false });
    meter.spend(3 * calls.count);
    if (found.kind === "order") {
      return { kind: "linearizable", order: schedule(found, elements, { calls, timeline }) };
    }
    if (elements.wildcards.length === 0) return refutation(calls, elements, found);
  }
  meter.spend(3 * calls.count);
  const relaxed = orderQueue(elements, timeline, { gaps, sharesWildcards: true });
  return relaxed.kind === "cycle" ? refutation(calls, elements, relaxed) : TOO_FEW;
}

const TOO_FEW: MonitorAnswer = {
  kind: "unsuitable",
  reason: "which elements the indeterminate dequeues got is not clear",
};
