/**
 * Where each consumer of logs stands: what it is assigned, and what it polled last of each log. A
 * consumer is a process, unless it polls for a group, whose members share what they have taken.
 */
import type { Batch } from "./stream-events.js";
import type { Wanted } from "./stream-shapes.js";

/** What is known of a process. */
interface Consumer {
  group: string | undefined;
  /** The logs that it is assigned; undefined when the system decides. */
  assigned: readonly string[];
  /** The batch that it polled last of each log; absent where its position is not known. */
  readonly last: Map<string, Batch>;
  /** The offset at which it was told to go on, until it does. */
  readonly from: Map<string, number>;
  /** How often it may have been shown something that nobody saw. */
  blurs: number;
  /** At how many of these it was last known where it stands in a log; absent means none. */
  readonly clearAt: Map<string, number>;
}

/** What a poll returned of a log; `first` is its first offset, Infinity for none. */
interface Answer extends Pick<Batch, "invocation" | "completion" | "log" | "start" | "end"> {
  readonly name: string;
  readonly first: number;
}

/** A poll that is being read. */
interface PollInProgress {
  /** Logs of which it would have returned something, had there been anything new. */
  readonly waitsFor: readonly string[];
  /** The batch of an answer; its consumer stands at the end of it from now on. */
  batch(answer: Answer): Batch;
}

const NO_LOGS: readonly string[] = [];

/** The consumers of a history, which is followed event by event. */
export class Consumers {
  /** Of each group, the first poll whose result nobody knows. */
  readonly unknownPolls: Map<string, number> = new Map<string, number>();
  readonly #consumers = new Map<number, Consumer>();

  /** An assign or a subscribe ended, or (unless it is sure) may have had its effect. */
  assign(
    process: number,
    { logs, group }: Wanted,
    { isSure, subscribes }: { readonly isSure: boolean; readonly subscribes: boolean },
  ): void {
    const consumer = this.#of(process);
    const { last, from, clearAt } = consumer;
    consumer.group = subscribes ? (group ?? "") : undefined;
    // Where the group stands, and with it all who were in it, is moved by others.
    if (subscribes) consumer.blurs++;
    // Who subscribes takes what it is given.
    consumer.assigned = subscribes || !isSure ? NO_LOGS : [...(logs?.keys() ?? [])];
    for (const log of new Set([...last.keys(), ...from.keys()])) {
      if (logs?.has(log) === true) continue;
      last.delete(log);
      from.delete(log);
    }
    for (const [log, offset] of logs ?? []) {
      if (Number.isNaN(offset)) continue;
      last.delete(log);
      if (isSure) from.set(log, offset);
      clearAt.set(log, isSure ? consumer.blurs : -1);
    }
  }

  /** A poll was begun whose result nobody knows; it may have taken anything. */
  lostSight(process: number, wanted: Wanted, invocation: number): void {
    // Who names an offset looks there, and moves nobody.
    if (namesOffset(wanted)) return;
    const { group } = wanted;
    const consumer = this.#of(process);
    const name = group ?? consumer.group;
    if (name !== undefined) {
      if (!this.unknownPolls.has(name)) this.unknownPolls.set(name, invocation);
      return;
    }
    consumer.blurs++;
    consumer.from.clear();
  }

  /** A poll that completed ok. */
  pollOf(process: number, wanted: Wanted): PollInProgress {
    const consumer = this.#of(process);
    const group = wanted.group ?? (namesOffset(wanted) ? undefined : consumer.group);
    const { assigned } = consumer;
    if (group !== undefined)
      return { waitsFor: NO_LOGS, batch: (answer) => ofGroup(answer, group) };
    return {
      waitsFor: wanted.logs === undefined ? assigned : [...wanted.logs.keys()],
      batch: (answer) => {
        const asked = wanted.logs?.get(answer.name) ?? Number.NaN;
        return Number.isNaN(asked) ? goOn(consumer, answer) : fromOffset(answer, asked);
      },
    };
  }

  #of(process: number): Consumer {
    const known = this.#consumers.get(process);
    if (known !== undefined) return known;
    const consumer: Consumer = {
      group: undefined,
      assigned: NO_LOGS,
      last: new Map(),
      from: new Map(),
      blurs: 0,
      clearAt: new Map(),
    };
    this.#consumers.set(process, consumer);
    return consumer;
  }
}

function namesOffset({ logs }: Wanted): boolean {
  if (logs === undefined) return false;
  for (const offset of logs.values()) if (!Number.isNaN(offset)) return true;
  return false;
}

function ofGroup({ invocation, completion, log, start, end, first }: Answer, group: string): Batch {
  const told = { invocation, completion, log, start, end, group };
  return { ...told, previous: undefined, isNext: false, from: Number.NaN, since: first };
}

/** What was polled from an offset that the poll itself named: the consumer does not move. */
function fromOffset({ invocation, completion, log, start, end }: Answer, from: number): Batch {
  const told = { invocation, completion, log, start, end, group: undefined };
  return { ...told, previous: undefined, isNext: false, from, since: from };
}

function goOn(consumer: Consumer, answer: Answer): Batch {
  const { invocation, completion, log, start, end, name, first } = answer;
  const previous = consumer.last.get(name);
  const told = consumer.from.get(name);
  const isBlurred = (consumer.clearAt.get(name) ?? 0) < consumer.blurs;
  const batch: Batch = {
    invocation,
    completion,
    log,
    group: undefined,
    start,
    end,
    previous,
    isNext: !isBlurred,
    from: told ?? Number.NaN,
    since: isBlurred ? first : (told ?? previous?.since ?? -Infinity),
  };
  if (first === Infinity) return batch;
  consumer.last.set(name, batch);
  consumer.from.delete(name);
  consumer.clearAt.set(name, consumer.blurs);
  return batch;
}
