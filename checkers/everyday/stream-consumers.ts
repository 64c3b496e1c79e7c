/**
 * Where each consumer of logs stands: what it is assigned, and what it polled last of each log. A
 * consumer is a process, unless it polls for a group, whose members share what they have taken.
 */
import { NONE } from "../../src/history/history.js";
import type { Batch, Batches } from "./stream-batches.js";
import type { Wanted } from "./stream-shapes.js";

/** Where a process stands in a log. */
interface Standing {
  /** The batch that it polled last; `NONE` where its position is not known. */
  last: number;
  /** The offset at which it was told to go on, until it does; `NaN` for none. */
  from: number;
  /** After how many blurs it was last known where it stands. */
  clearAt: number;
}

/** What is known of a process. */
export interface Consumer {
  group: string | undefined;
  /** The logs that it is assigned; undefined when the system decides. */
  assigned: readonly string[];
  readonly standings: Map<string, Standing>;
  /** The same by the number of the log, for those that it polled. */
  near: Standing[];
  /** How often it may have been shown something that nobody saw. */
  blurs: number;
}

/** What a poll returned of a log; `first` is its first offset, Infinity for none. */
interface Answer extends Pick<Batch, "completion" | "log" | "end" | "isGrowing"> {
  readonly name: string;
  readonly first: number;
}

/** Who polls, and for what. */
export interface Polling {
  readonly consumer: Consumer;
  readonly wanted: Wanted;
  /** The group that it polls for; undefined for itself. */
  readonly group: string | undefined;
}

const NO_LOGS: readonly string[] = [];

/** The consumers of a history, which is followed event by event. */
export class Consumers {
  /** Of each group, the first poll whose result nobody knows. */
  readonly unknownPolls: Map<string, number> = new Map<string, number>();
  readonly #consumers = new Map<number, Consumer>();
  readonly #batches: Batches;
  #isInVain = false;

  /** Adds to the batches. */
  constructor(batches: Batches) {
    this.#batches = batches;
  }

  /** An assign or a subscribe ended, or (unless it is sure) may have had its effect. */
  assign(
    process: number,
    { logs, group }: Wanted,
    { isSure, subscribes }: { readonly isSure: boolean; readonly subscribes: boolean },
  ): void {
    const consumer = this.#of(process);
    consumer.group = subscribes ? (group ?? "") : undefined;
    // Where the group stands, and with it all who were in it, is moved by others.
    if (subscribes) consumer.blurs++;
    // Who subscribes takes what it is given.
    consumer.assigned = subscribes || !isSure ? NO_LOGS : [...(logs?.keys() ?? [])];
    for (const [log, standing] of consumer.standings) {
      if (logs?.has(log) === true) continue;
      standing.last = NONE;
      standing.from = Number.NaN;
    }
    for (const [log, offset] of logs ?? []) {
      if (Number.isNaN(offset)) continue;
      const standing = standingIn(consumer, log);
      standing.last = NONE;
      if (isSure) standing.from = offset;
      standing.clearAt = isSure ? consumer.blurs : -1;
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
    for (const standing of consumer.standings.values()) standing.from = Number.NaN;
  }

  /** Whether a process polls for a group. */
  isShared(process: number): boolean {
    return this.#of(process).group !== undefined;
  }

  /** What a poll took that did not succeed: a consumer stands afterwards where it stood before. */
  inVain(polling: Polling, take: () => void): void {
    const { consumer } = polling;
    const { standings } = consumer;
    const before = [...standings].map(([log, standing]) => [log, { ...standing }] as const);
    this.#isInVain = true;
    take();
    this.#isInVain = false;
    standings.clear();
    for (const [log, standing] of before) standings.set(log, standing);
    consumer.near = [];
  }

  /** A poll that completed ok. */
  polling(process: number, wanted: Wanted): Polling {
    const consumer = this.#of(process);
    const own = namesOffset(wanted) ? undefined : consumer.group;
    return { consumer, wanted, group: wanted.group ?? own };
  }

  /** Logs of which a poll would have returned something, had there been anything new. */
  waitsFor({ consumer, wanted, group }: Polling): readonly string[] {
    if (group !== undefined) return NO_LOGS;
    return wanted.logs === undefined ? consumer.assigned : [...wanted.logs.keys()];
  }

  /** One answer of a poll; its consumer stands at the end of it from now on. */
  takes({ consumer, wanted, group }: Polling, answer: Answer): void {
    const { completion, log, end, name, first, isGrowing } = answer;
    const batches = this.#batches;
    const asked = wanted.logs?.get(name) ?? Number.NaN;
    const isOwn = group === undefined && Number.isNaN(asked);
    if (!isOwn) {
      // A group, or what was polled from an offset that the poll named: the consumer does not move.
      const from = group === undefined ? asked : Number.NaN;
      const since = group === undefined ? asked : first;
      batches.add({
        completion,
        log,
        end,
        isGrowing,
        from,
        since,
        // What is given back the group gets again.
        group: this.#isInVain ? NONE : batches.groupNumber(group),
        previous: NONE,
        isNext: false,
      });
      return;
    }
    const standing = (consumer.near[log] ??= standingIn(consumer, name));
    const { last: previous, from } = standing;
    const isBlurred = standing.clearAt < consumer.blurs;
    const known = previous === NONE ? -Infinity : batches.sinces.at(previous);
    const isUsual = isGrowing && !isBlurred && Number.isNaN(from) && known === -Infinity;
    const batch = isUsual
      ? batches.addUsual(answer, previous)
      : batches.add({
          completion,
          log,
          group: NONE,
          end,
          isGrowing,
          previous,
          isNext: !isBlurred,
          from,
          since: isBlurred ? first : Number.isNaN(from) ? known : from,
        });
    if (first === Infinity) return;
    standing.last = batch;
    standing.from = Number.NaN;
    standing.clearAt = consumer.blurs;
  }

  #of(process: number): Consumer {
    const known = this.#consumers.get(process);
    if (known !== undefined) return known;
    const consumer: Consumer = {
      group: undefined,
      assigned: NO_LOGS,
      standings: new Map(),
      near: [],
      blurs: 0,
    };
    this.#consumers.set(process, consumer);
    return consumer;
  }
}

function standingIn({ standings }: Consumer, log: string): Standing {
  const known = standings.get(log);
  if (known !== undefined) return known;
  const standing: Standing = { last: NONE, from: Number.NaN, clearAt: 0 };
  standings.set(log, standing);
  return standing;
}

function namesOffset({ logs }: Wanted): boolean {
  if (logs === undefined) return false;
  for (const offset of logs.values()) if (!Number.isNaN(offset)) return true;
  return false;
}
