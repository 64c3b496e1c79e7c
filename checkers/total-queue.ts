/**
 * Queues, whatever their order: what goes in comes out, once, and nothing else does.
 *
 * Reads `enqueue` (of an element that is not null), `dequeue`, whose result is an element or null
 * when the queue is empty, and `drain`, whose result is the list of all that was left. A dequeue
 * that fails with the error `empty` (or `exhausted`) says that the queue is empty, too.
 *
 * That an element is lost needs an answer that says that the queue is empty, for until then it may
 * still be in there. What is indeterminate may have happened: an enqueue may or may not have put
 * its element in, a dequeue may have taken one element, a drain all.
 */
import type { Checker } from "../src/checker/checker.js";
import { NONE, type History } from "../src/history/history.js";
import type { Value } from "../src/history/value.js";
import { nothingOf } from "./everyday/functions.js";
import { assertWord } from "./everyday/options.js";
import { inOrder } from "./everyday/presence.js";
import { followQueue, QUEUE_FUNCTIONS, type QueueFacts } from "./everyday/queue-facts.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { callText, counted, someValues, valueText } from "./everyday/words.js";

/** What the queue promises of each element. */
export type Delivery = "at-least-once" | "at-most-once" | "exactly-once";

/** Options of `totalQueue`. */
export interface TotalQueueOptions {
  /**
   * Default `"exactly-once"`. With `"at-least-once"` an element may come out again, with
   * `"at-most-once"` it may get lost.
   */
  readonly delivery?: Delivery;
}

/**
 * Weighs what came out of a queue against what went in.
 *
 * `lost-element`: it was acknowledged, the queue was empty afterwards, and nobody got it (not even,
 * for all that is known, one of the dequeues that never answered).
 *
 *     process 0  |-- enqueue 1 --|
 *     process 1                     |-- dequeue → null --|
 *
 * `unexpected-element`: something came out that nobody had tried to put in by then, or only in
 * vain.
 *
 *     process 0  |-- dequeue → 7 --|  |-- enqueue 7 --|
 *
 * `duplicated-element`: an element came out more often than it was put in.
 *
 *     process 0  |-- enqueue 1 --|
 *     process 1                     |-- dequeue → 1 --|  |-- dequeue → 1 --|
 *
 * @throws HarnessError `bad-argument` for an option that is none, an element of null, or a drain
 *   that returns no list
 */
export function totalQueue(options: TotalQueueOptions = {}): Checker {
  const { delivery = "exactly-once" } = options;
  assertWord("total-queue", {
    name: "delivery",
    value: delivery,
    words: ["exactly-once", "at-least-once", "at-most-once"],
  });
  return checkerOf({
    name: "total-queue",
    description:
      "what goes into a queue comes out, once, and nothing else: enqueue, dequeue, drain",
    keyed: true,
    kinds: ["lost-element", "unexpected-element", "duplicated-element"],
    judge: (history, work) => judge(history, work, delivery),
  });
}

function judge(history: History, { found, limits }: Work, delivery: Delivery): Judgement {
  const { pool } = history;
  const facts = followQueue(history, limits, {
    unexpected: (value, dequeue) =>
      found.add("unexpected-element", () => ({
        message: `${callText(history, dequeue)} returned ${valueText(value)}, which nobody had tried to enqueue by then, or only in vain.`,
        operations: [dequeue],
        details: { element: value },
      })),
    duplicated: ({ element, enqueue, before, dequeue }) => {
      if (delivery === "at-least-once") return;
      const value = pool[element] as Value;
      found.add("duplicated-element", () => ({
        message: `${callText(history, dequeue)} returned ${valueText(value)} once more than it was enqueued; ${callText(history, before)} had got it already.`,
        operations: inOrder(enqueue, before, dequeue),
        details: { element: value },
      }));
    },
  });
  const { empty, missing } = facts;
  if (empty !== undefined && delivery !== "at-most-once") reportLost(history, found, facts);
  const { enqueued, dequeued, duplicated, recovered, takers } = facts;
  return {
    operations: facts.operations,
    details: {
      enqueued,
      dequeued,
      duplicated,
      recovered,
      missing: missing.length,
      indeterminateDequeues: takers,
    },
    holds: `${dequeued} of ${counted(enqueued, "acknowledged element")} came out${missing.length === 0 ? "" : `, and ${missing.length} may have been taken by dequeues that never answered`}.`,
    gap: gapIn(facts, delivery),
    isEmpty: enqueued === 0 && facts.answers === 0,
  };
}

function reportLost(history: History, found: Work["found"], facts: QueueFacts): void {
  const { pool, values } = history;
  const { empty, gone, goneTakers } = facts;
  if (empty === undefined || gone.length <= goneTakers) return;
  const elementOf = (enqueue: number): Value => pool[values[enqueue] as number] as Value;
  if (goneTakers === 0) {
    for (const enqueue of gone) {
      found.add("lost-element", () => ({
        message: `${callText(history, enqueue)} was acknowledged, and nobody got ${valueText(elementOf(enqueue))}, but ${callText(history, empty)} found the queue empty.`,
        operations: inOrder(enqueue, empty),
        details: { element: elementOf(enqueue) },
      }));
    }
    return;
  }
  found.add("lost-element", () => ({
    message: `Nobody got ${counted(gone.length, "acknowledged element")} (${someValues(gone.map(elementOf))}), but ${callText(history, empty)} found the queue empty, and only ${counted(goneTakers, "dequeue")} without an answer can have taken one.`,
    operations: inOrder(...gone, empty),
    details: { elements: gone.map(elementOf), indeterminateDequeues: goneTakers },
  }));
}

function gapIn(facts: QueueFacts, delivery: Delivery): string | undefined {
  const { dequeued, answers, lastEmpty, missing } = facts;
  if (dequeued === 0 && answers === 0) return nothingOf("dequeue", QUEUE_FUNCTIONS);
  if (delivery === "at-most-once") return undefined;
  const left = missing.filter(({ acknowledged }) => acknowledged > (lastEmpty ?? NONE));
  if (left.length === 0) return undefined;
  return (
    `Nothing contradicts, but ${counted(left.length, "acknowledged element")} never came out, and the queue was not seen empty after that. ` +
    "Drain it at the end: dequeue until it is empty."
  );
}
