/** Writes down what is wrong with the messages of logs: one sentence and the operations of each. */
import { NONE, type History } from "../../src/history/history.js";
import type { Anomaly } from "../../src/verdict/verdict.js";
import { inOrder } from "./presence.js";
import type { Work } from "./rule.js";
import type { StreamEvents } from "./stream-events.js";
import type { Misplaced, Places } from "./stream-places.js";
import type { PollFault } from "./stream-polls.js";
import type { SendFault } from "./stream-sends.js";
import { callText, counted, timeText, valueText } from "./words.js";

/** Knows the events and places that sentences name. */
export class StreamTeller {
  readonly #history: History;
  readonly #found: Work["found"];
  readonly #events: StreamEvents;
  readonly #places: Places;

  constructor(
    history: History,
    { found }: Work,
    { events, places }: { readonly events: StreamEvents; readonly places: Places },
  ) {
    this.#history = history;
    this.#found = found;
    this.#events = events;
    this.#places = places;
  }

  /** A message in a sentence. */
  text(message: number): string {
    return valueText(this.#events.messages.valueOf(message));
  }

  /** What is at a place. */
  placeText(place: number): string {
    const { messages, offsets } = this.#places;
    return `${this.text(messages[place] as number)} at offset ${offsets[place]}`;
  }

  /** What every anomaly names: the message, its log, and operations. */
  about(
    message: number,
    ...operations: readonly number[]
  ): Pick<Anomaly, "operations" | "details"> {
    const { messages, logs } = this.#events;
    return {
      operations: inOrder(...operations),
      details: {
        log: logs[messages.logOf(message)] as string,
        message: messages.valueOf(message),
      },
    };
  }

  /** The message at a place. */
  messageAt(place: number): number {
    return this.#places.messages[place] as number;
  }

  /** Tells of what polls show that was not sent, or not yet; once a message. */
  unsent(areTransactions: boolean): void {
    if (!this.#isAnyInDoubt()) return;
    const { batches, shown, messages } = this.#events;
    const told = new Set<number>();
    for (let batch = 0; batch < batches.count; batch++) {
      const invocation = batches.invocationOf(batch);
      const completion = batches.completionOf(batch);
      const end = batches.endOf(batch);
      for (let k = batches.startOf(batch); k < end; k++) {
        const number = shown.messageOf(k);
        const firstSend = messages.firstSendOf(number);
        const isSent = firstSend !== NONE && firstSend < completion;
        if (isSent && firstSend !== invocation) continue;
        const isOwn = isSent && areTransactions && messages.copies.items[number] === 1;
        if ((isSent && !isOwn) || told.has(number)) continue;
        told.add(number);
        const failedSend = messages.failedSends.at(number);
        if (isOwn || (failedSend === invocation && areTransactions))
          this.#precommitted(number, invocation);
        else if (failedSend === NONE || failedSend > completion) {
          this.#unexpected(number, invocation);
        } else this.#aborted(number, invocation);
      }
    }
  }

  /** Whether any message may have been shown before it was sent, or to who was sending it. */
  #isAnyInDoubt(): boolean {
    const { messages, isMixed } = this.#events;
    const { pairs } = this.#history;
    for (let message = 0; message < messages.count; message++) {
      const first = messages.shownAt(message);
      if (first === NONE) continue;
      const send = messages.firstSendOf(message);
      if (send === NONE || send >= first) return true;
      // Who sends it completes after it was shown to whoever saw it first.
      if (isMixed && first <= (pairs[send] as number)) return true;
    }
    return false;
  }

  /** Of the polls that went past an offset, the one that shows what lies next behind it. */
  #nearestPast(furthest: number, offset: number): number {
    const { batches, shown } = this.#events;
    const { groups, sinces } = batches;
    let [nearest, next] = [furthest, Infinity];
    for (let batch = 0; batch < batches.count; batch++) {
      if (batches.logOf(batch) !== batches.logOf(furthest) || groups.at(batch) !== NONE) continue;
      if (sinces.at(batch) > offset) continue;
      const end = batches.endOf(batch);
      for (let k = batches.startOf(batch); k < end; k++) {
        const own = shown.offsetOf(k);
        if (own > offset && own < next) [nearest, next] = [batch, own];
      }
    }
    return nearest;
  }

  /** Tells of two messages at one offset. */
  conflict({ offset, message, by, other }: Misplaced): void {
    const first = this.#shownBy(other);
    this.#found.add("inconsistent-offsets", () => ({
      ...this.about(message, first, by),
      message: `${this.#call(by)} has ${this.text(message)} at offset ${offset}, where ${this.#call(first)} has ${this.text(this.#places.messages[other] as number)}.`,
    }));
  }

  /** Tells of a message at too many offsets. */
  duplicate({ offset, message, by, other }: Misplaced): void {
    const { messages } = this.#events;
    const firstSend = messages.firstSendOf(message);
    const copies = messages.copies.items[message] as number;
    const first = this.#shownBy(other);
    this.#found.add("duplicate", () => ({
      ...this.about(message, firstSend, first, by),
      message: `${this.text(message)} was sent ${counted(copies, "time")}, and it is at offset ${this.#places.offsets[other]} (${this.#call(first)}) and at offset ${offset} (${this.#call(by)}).`,
    }));
  }

  /** Tells of messages that a consumer or a group was not shown. */
  skip(kind: "int-poll-skip" | "poll-skip", fault: PollFault): void {
    const { batch, previous, before, place, skipped, count } = fault;
    const { batches } = this.#events;
    const group = batches.groupOf(batch);
    const invocation = batches.invocationOf(batch);
    const by = this.#shownBy(skipped);
    const what = `${this.placeText(skipped)}${count === 1 ? "" : ` and ${count - 1} more`} (${this.#call(by)})`;
    const operations =
      previous === NONE ? [invocation, by] : [batches.invocationOf(previous), invocation, by];
    this.#found.add(kind, () => ({
      ...this.about(this.messageAt(skipped), ...operations),
      message:
        group !== undefined && kind === "poll-skip"
          ? `${this.#call(invocation)} got ${this.placeText(place)} for the group ${valueText(group)}, which never got ${what}.`
          : `${this.#call(invocation)} goes on from offset ${before}${this.#after(previous)} to ${this.placeText(place)} without ${what}.`,
    }));
  }

  /** Tells of a consumer that goes back. */
  goesBack(kind: "int-nonmonotonic-poll" | "nonmonotonic-poll", fault: PollFault): void {
    const { batch, previous, before, place } = fault;
    const { batches } = this.#events;
    const invocation = batches.invocationOf(batch);
    const first = previous === NONE ? invocation : batches.invocationOf(previous);
    this.#found.add(kind, () => ({
      ...this.about(this.messageAt(place), first, invocation),
      message: `${this.#call(invocation)} shows ${this.placeText(place)} after offset ${before}${this.#after(previous)}.`,
    }));
  }

  /** Tells of an offset that is smaller than one before. */
  sendGoesBack(kind: "int-nonmonotonic-send" | "nonmonotonic-send", fault: SendFault): void {
    const { earlier, isShown, before, later, offset } = fault;
    const { sends, batches } = this.#events;
    const invocation = sends.invocationOf(later);
    const first = isShown ? batches.invocationOf(earlier) : sends.invocationOf(earlier);
    const message = sends.messageOf(later);
    const got = Number.isNaN(sends.offsetOf(later)) ? "what it sent is at" : "it got";
    this.#found.add(kind, () => ({
      ...this.about(message, first, invocation),
      message: isShown
        ? `${this.#call(invocation)}: ${got} the offset ${offset} for ${this.text(message)}, less than ${before}, up to which ${this.#call(first)} had been shown the log before.`
        : `${this.#call(invocation)}: ${got} the offset ${offset} for ${this.text(message)}, less than the ${before} of ${this.text(sends.messageOf(earlier))}, which ${first === invocation ? "it sent first" : `${this.#call(first)} had sent before`}.`,
    }));
  }

  /** Tells of a message that consumers passed over. */
  lost(
    send: number,
    { offset, isBound, batch }: { offset: number; isBound: boolean; batch: number },
  ): void {
    const { sends, messages, batches } = this.#events;
    const message = sends.messageOf(send);
    this.#found.add("lost-write", () => {
      const nearest = isBound ? batch : this.#nearestPast(batch, offset);
      const past = batches.invocationOf(nearest);
      const where = isBound ? `must be below offset ${offset}` : `is at offset ${offset}`;
      const none =
        messages.shownAt(message) === NONE ? "no poll ever shows" : "only polls that failed show";
      return {
        ...this.about(message, ...this.#certainBy(send), past),
        message: `${this.#whyCertain(send)}, and ${this.text(message)} ${where}; ${this.#call(past)} shows what comes after that, and ${none} ${this.text(message)}.`,
      };
    });
  }

  /** Tells of a message that nobody was shown for too long. */
  unseen(send: number, batch: number, waitedNs: number): void {
    const message = this.#events.sends.messageOf(send);
    const waiting = this.#events.batches.invocationOf(batch);
    this.#found.add("unseen", () => ({
      ...this.about(message, ...this.#certainBy(send), waiting),
      message: `${this.#call(waiting)} shows nothing, although ${this.#whyCertain(send)}, ${timeText(waitedNs)} before; no poll ever shows ${this.text(message)}.`,
    }));
  }

  /** The operation that sent a message, and who was shown something that it sent. */
  #certainBy(send: number): readonly number[] {
    const { sends, acknowledged } = this.#events;
    const invocation = sends.invocationOf(send);
    if (send < acknowledged) return [invocation];
    return [invocation, this.#history.pairs[sends.completionOf(send)] as number];
  }

  #whyCertain(send: number): string {
    const [invocation, witness] = this.#certainBy(send);
    const who = this.#call(invocation as number);
    return witness === undefined
      ? `${who} was acknowledged`
      : `${who} must have happened, as ${this.#call(witness)} shows`;
  }

  #after(previous: number): string {
    if (previous === NONE) return "";
    return ` (${this.#call(this.#events.batches.invocationOf(previous))})`;
  }

  #precommitted(message: number, poll: number): void {
    this.#found.add("precommitted-read", () => ({
      ...this.about(message, poll),
      message: `${this.#call(poll)} polls ${this.text(message)}, which it is sending itself.`,
    }));
  }

  #aborted(message: number, poll: number): void {
    const failedSend = this.#events.messages.failedSends.at(message);
    this.#found.add("aborted-read", () => ({
      ...this.about(message, failedSend, poll),
      message: `${this.#call(poll)} shows ${this.text(message)}, although ${this.#call(failedSend)} failed and nobody else had sent it.`,
    }));
  }

  #unexpected(message: number, poll: number): void {
    this.#found.add("unexpected-message", () => ({
      ...this.about(message, poll),
      message: `${this.#call(poll)} shows ${this.text(message)}, which nobody had tried to send by then.`,
    }));
  }

  #call(invocation: number): string {
    return callText(this.#history, invocation);
  }

  /** The invocation of the first operation that has something at a place. */
  #shownBy(place: number): number {
    return this.#places.firstBy(place);
  }
}
