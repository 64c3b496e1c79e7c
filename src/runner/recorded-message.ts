/**
 * The messages of a small run, as data: what a diagram of them is drawn from. Long runs have far
 * too many to be looked at: beyond a number the recorder has none.
 */
import { labelOf } from "../world/message-label.js";
import type { Address, Message } from "../world/network.js";

/** What can become of a message in the simulated network. */
export const FATES = ["delivered", "lost", "cut", "refused", "stale"] as const;

/** A message and what became of it. */
export interface RecordedMessage {
  readonly from: Address;
  readonly to: Address;
  readonly sentNs: number;
  /** When it arrived or was given up. */
  readonly endNs: number;
  readonly fate: (typeof FATES)[number];
  /** What kind of message it is: `req(append.entries[])`. */
  readonly label: string;
  /** Its JSON; cut where it is long. */
  readonly content: string;
}

/** Of a message so many characters are kept. */
const CONTENT_MAX = 300;
/** A run with more messages than these is none to look at message by message. */
const MESSAGES_MAX = 3000;

/** Keeps what passes, while it is little enough. */
export interface MessageRecorder {
  /** Takes a message whose fate is known. */
  take(trip: MessageTripLike): void;
  /** What was taken, by the time of sending; undefined when it was too much. */
  messages(): readonly RecordedMessage[] | undefined;
}

/** What the simulated world tells of a message. */
export interface MessageTripLike {
  readonly from: Address;
  readonly to: Address;
  readonly sentNs: number;
  readonly endNs: number;
  readonly fate: RecordedMessage["fate"];
  readonly message: Message;
}

/** Makes an empty recorder. */
export function createMessageRecorder(messagesMax: number = MESSAGES_MAX): MessageRecorder {
  const taken: RecordedMessage[] = [];
  let count = 0;
  return {
    take: ({ message, ...trip }) => {
      if (++count > messagesMax) return;
      const json = JSON.stringify(message);
      const content = json.length <= CONTENT_MAX ? json : `${json.slice(0, CONTENT_MAX - 1)}…`;
      taken.push({ ...trip, label: labelOf(message), content });
    },
    messages: () =>
      count > messagesMax ? undefined : taken.toSorted((a, b) => a.sentNs - b.sentNs),
  };
}
