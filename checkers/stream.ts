/**
 * Streams: logs of messages at growing offsets, as Kafka keeps them, with consumers that read on
 * from where they stand. The anomalies are those of Jepsen's Kafka workload.
 *
 * Reads `send` (of a message, to the log that is the key), whose result is its offset or [offset,
 * message], null for an unknown offset; `poll`, whose result is an object from log to the list of
 * [offset, message] that comes next, or with a key that list alone; `assign` and `subscribe` (to a
 * list of logs, which replaces the one before). `send`, `poll` and `txn` may also be lists of steps
 * (`[["send", "a", 7], ["poll"]]`), answered step by step.
 *
 * A consumer is a process: it begins at the beginning of a log and goes on from its last message,
 * until it is assigned without that log. An assign or a poll of an object from log to offset begins
 * there; such a poll moves nobody. Who subscribes, or polls with `{group: NAME}`, takes part in a
 * group: all of its members together get every message at least once, in any order.
 *
 * Operations of several steps are transactions: all that one sends is there, or nothing is. One
 * that is indeterminate has happened when somebody was shown what only it sent. Steps may be
 * answered although the operation did not succeed: what it was shown counts, but its consumer goes
 * on from where it was.
 *
 * What a poll took that never answered nobody knows; it excuses what its consumer, or its group,
 * was not shown. Offsets may have gaps: nothing is missing where nobody knows of a message.
 */
import type { Checker } from "../src/checker/checker.js";
import type { History } from "../src/history/history.js";
import type { StreamIsolation } from "../src/verdict/stream-certificate.js";
import { nothingOf } from "./everyday/functions.js";
import { assertNumber, assertWord } from "./everyday/options.js";
import { latencyFacts } from "./everyday/quantiles.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { addCommitted } from "./everyday/stream-committed.js";
import { tellCycles } from "./everyday/stream-cycles.js";
import { collectStream, STREAM_FUNCTIONS, type StreamEvents } from "./everyday/stream-events.js";
import { placesOf } from "./everyday/stream-places.js";
import { followPolls } from "./everyday/stream-polls.js";
import { followSends, type SendFacts } from "./everyday/stream-sends.js";
import { StreamTeller } from "./everyday/stream-teller.js";
import { callText, counted, valueText } from "./everyday/words.js";

/** Options of `stream`. */
export interface StreamOptions {
  /**
   * What a consumer group promises: `"at-least-once"` (default), or `"exactly-once"`, where no two
   * polls of a group may be given the same message.
   */
  readonly delivery?: "at-least-once" | "exactly-once";
  /**
   * Milliseconds after which a poll has to show what was acknowledged and nobody has seen; default
   * none: messages that nobody has polled yet make the answer unknown.
   */
  readonly settleMs?: number;
  /**
   * What operations of several steps promise. `"none"`: they are no transactions. Default
   * `"read-committed"`, as Kafka has it: all that one sends is there or nothing is, and polls show
   * only what was committed before. `"isolated-sends"`: also, what several send does not
   * interleave. `"serializable"`: also, a poll shows all that is there, so that it is as if one
   * came after the other; `"strict-serializable"`: and in real time.
   */
  readonly isolation?: StreamIsolation;
}

const KINDS = [
  "lost-write",
  "aborted-read",
  "unexpected-message",
  "inconsistent-offsets",
  "duplicate",
  "int-poll-skip",
  "poll-skip",
  "int-nonmonotonic-poll",
  "nonmonotonic-poll",
  "int-nonmonotonic-send",
  "nonmonotonic-send",
  "precommitted-read",
  "G0",
  "G0-process",
  "G0-realtime",
  "G1c",
  "G1c-process",
  "G1c-realtime",
  "G-single",
  "G-single-process",
  "G-single-realtime",
  "G-nonadjacent",
  "G-nonadjacent-process",
  "G-nonadjacent-realtime",
  "G2",
  "G2-process",
  "G2-realtime",
  "redelivered-message",
  "unseen",
] as const;

const ISOLATIONS: readonly StreamIsolation[] = [
  "none",
  "read-committed",
  "isolated-sends",
  "serializable",
  "strict-serializable",
];

/**
 * Follows every message from its send to the polls that show it.
 *
 * `lost-write`: it was acknowledged, consumers went past it, and none was ever shown it.
 *
 *     process 0  |-- send 7 → 3 --|
 *     process 1                      |-- poll → [[2, 6], [4, 8]] --|
 *
 * `aborted-read`, `unexpected-message`: a poll shows what certainly was not sent (the send failed),
 * or what nobody had tried to send.
 *
 *     process 0  |-- send 7 → fail --|  |-- poll → [[0, 7]] --|
 *
 * `inconsistent-offsets`: two messages at one offset.
 *
 *     process 0  |-- send 7 → 3 --|  |-- send 8 → 3 --|
 *
 * `duplicate`: one message at more offsets than it was sent.
 *
 *     process 0  |-- send 7 → 3 --|  |-- poll → [[3, 7], [4, 7]] --|
 *
 * `int-poll-skip`, `poll-skip`: an answer, or the next poll of a consumer or group, leaves out what
 * is there.
 *
 *     process 0  |-- poll → [[0, 5]] --|  |-- poll → [[2, 7]] --|
 *     process 1  |-- poll → [[0, 5], [1, 6], [2, 7]] --|
 *
 * `int-nonmonotonic-poll`, `nonmonotonic-poll`: an answer, or the next poll of a consumer, goes
 * back.
 *
 *     process 0  |-- poll → [[0, 5], [1, 6]] --|  |-- poll → [[1, 6]] --|
 *
 * `int-nonmonotonic-send`, `nonmonotonic-send`: what was sent later, in one operation or after an
 * acknowledgement, has a smaller offset.
 *
 *     process 0  |-- send 7 → 3 --|
 *     process 1                      |-- send 8 → 2 --|
 *
 * `precommitted-read`: a transaction polls what it is sending itself.
 *
 *     process 0  |-- txn [send a 7, poll → {a: [[0, 7]]}] --|
 *
 * Cycles of transactions, each of which would have to come before itself; with `-process` and
 * `-realtime`, because of the order of a process, or of time. `G1c`, `G1c-process`, `G1c-realtime`:
 * each was shown what another sent before that was committed.
 *
 *     process 0  |-- txn [send a 1, poll → {b: [[0, 2]]}] --|
 *     process 1  |-- txn [send b 2, poll → {a: [[0, 1]]}] --|
 *
 * `G0`, `G0-process`, `G0-realtime` (from isolated sends on): what they sent is interleaved.
 *
 *     process 0  |-- txn [send a 1 → 0, send b 1 → 1] --|
 *     process 1  |-- txn [send a 2 → 1, send b 2 → 0] --|
 *
 * `G-single`, `G-single-process`, `G-single-realtime` (where polls show all that is there): what
 * one sent was shown in part.
 *
 *     process 0  |-- txn [send a 1 → 1, send b 1 → 1] --|
 *     process 1  |-- poll → {a: [[0, 0], [1, 1]], b: [[0, 0]]} --|
 *
 * `G-nonadjacent`, `G-nonadjacent-process`, `G-nonadjacent-realtime` (the same): two sends are
 * shown in different orders.
 *
 *     process 0  |-- send 1 → a at 1 --|  |-- poll → {a: [[0, 0], [1, 1]], b: [[0, 0]]} --|
 *     process 1  |-- send 2 → b at 1 --|  |-- poll → {a: [[0, 0]], b: [[0, 0], [1, 2]]} --|
 *
 * `G2`, `G2-process`, `G2-realtime` (the same): each sends without having been shown the other's.
 *
 *     process 0  |-- txn [poll → {b: [[0, 0]]}, send a 1 → 1] --|
 *     process 1  |-- txn [poll → {a: [[0, 0]]}, send b 2 → 1] --|
 *
 * `redelivered-message` (only with exactly-once): a group is given a message twice.
 *
 *     process 0  |-- poll g → [[0, 5]] --|
 *     process 1          |-- poll g → [[0, 5]] --|
 *
 * `unseen` (only with a settle time): a consumer waits for messages and is not shown one that was
 * acknowledged long ago; nor is anybody else, to the end.
 *
 *     process 0  |-- send 7 → 3 --|
 *     process 1                      ··· 5 s ···  |-- poll → [] --|
 *
 * @throws HarnessError `bad-argument` for an option that is none, or a value in another shape
 */
export function stream(options: StreamOptions = {}): Checker {
  const { delivery = "at-least-once", settleMs = Infinity, isolation = "read-committed" } = options;
  const words = ["at-least-once", "exactly-once"];
  assertWord("stream", { name: "delivery", value: delivery, words });
  assertWord("stream", { name: "isolation", value: isolation, words: ISOLATIONS });
  assertNumber("stream", { settleMs });
  return checkerOf({
    name: "stream",
    description: "no log loses, doubles, reorders or skips messages: send, poll, assign, subscribe",
    keyed: false,
    kinds: KINDS,
    judge: (history, work) => judge(history, work, { delivery, settleMs, isolation }),
  });
}

function judge(
  history: History,
  work: Work,
  { delivery, settleMs, isolation }: Required<StreamOptions>,
): Judgement {
  const { limits, found } = work;
  const events = collectStream(history, limits);
  addCommitted(events, isolation !== "none");
  const { sends, acknowledged, batches, shown } = events;
  const places = placesOf(events, limits);
  const told = new StreamTeller(history, work, { events, places });
  told.unsent(isolation !== "none");
  for (const conflict of places.conflicts) told.conflict(conflict);
  for (const copy of places.copies) told.duplicate(copy);
  let redelivered = 0;
  followPolls({
    events,
    places,
    limits,
    faults: {
      skips: (kind, fault) => told.skip(kind, fault),
      goesBack: (kind, fault) => told.goesBack(kind, fault),
      redelivered: (first, again, place) => {
        redelivered++;
        if (delivery !== "exactly-once") return;
        found.add("redelivered-message", () => ({
          ...told.about(
            told.messageAt(place),
            batches.invocationOf(first),
            batches.invocationOf(again),
          ),
          message: `${callText(history, batches.invocationOf(again))} got ${told.placeText(place)}, which ${callText(history, batches.invocationOf(first))} had got for the group ${valueText(batches.groupOf(first) ?? "")}.`,
        }));
      },
    },
  });
  const fates = followSends(history, {
    events,
    places,
    limits,
    settleNs: settleMs * 1e6,
    faults: {
      goesBack: (kind, fault) => told.sendGoesBack(kind, fault),
      lost: (send, where) => told.lost(send, where),
      unseen: (send, batch, waitedNs) => told.unseen(send, batch, waitedNs),
    },
  });
  const certificate = tellCycles(history, { events, places, isolation, limits }, found);
  const { operations, logs, messages, polls } = events;
  return {
    operations,
    certificate,
    details: {
      logs: logs.length,
      messages: messages.count,
      acknowledged,
      committed: sends.count - acknowledged,
      polls,
      polled: shown.length,
      lost: fates.lost,
      unseen: fates.unseen,
      redelivered,
      deliveryMs: latencyFacts(fates.deliveriesMs),
    },
    holds: `Of ${counted(acknowledged, "acknowledged message")} in ${counted(logs.length, "log")} each was polled, in the order of the offsets.`,
    gap: gapIn(events, fates),
  };
}

function gapIn(
  { polls, shown, unknownPolls }: StreamEvents,
  { unseen }: SendFacts,
): string | undefined {
  if (polls === 0) return nothingOf("poll", STREAM_FUNCTIONS);
  if (unseen > 0) {
    const taken = unknownPolls.size > 0 ? " (or only with polls that never answered)" : "";
    return `Nothing contradicts, but nobody polled ${counted(unseen, "message")} that ${unseen === 1 ? "was" : "were"} sent for certain${taken}, so that ${unseen === 1 ? "it" : "they"} may be lost. Poll every log to its end before the run ends.`;
  }
  if (shown.length > 0) return undefined;
  return "Nothing was proved: no poll shows a message. Send some, and poll the logs.";
}
