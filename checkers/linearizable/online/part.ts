/**
 * One part (key) of a running history under observation.
 *
 * **What can be said while operations are open.** The completion of an open operation is not known:
 * it may return anything, fail, or never end. It is treated as optional, its completion forgotten.
 * Whatever explains the history in some future explains it with that completion forgotten too, and
 * what has happened so far is a prefix of it; so what contradicts with completions forgotten
 * contradicts in every future. The other way round, as long as nothing contradicts, the operations
 * that are open may in fact all stay indeterminate, and the history so far is right. So the online
 * check refutes exactly the prefixes that are not linearizable, none later than it is asked.
 *
 * **What is kept.** A completion changes what was held of its operation from the invocation on. So
 * the configurations are kept at the moments to which one may have to go back: the invocations of
 * the operations that are open, p1 < p2 < …, and the end. When operations have completed, the
 * search goes back to the invocation of the earliest of them and no further, whatever hangs before
 * it, and sweeps from there to the end. So a look costs what is new and the operations beside it;
 * what is kept is the events since the first open invocation, and a set of configurations for each
 * open operation. An operation that becomes indeterminate (`info`) was held to be so already.
 *
 * **What is given up, in this order**, each time sound because it only allows more:
 * 1. An operation open for more than `STEPS_MAX` events of its part counts as indeterminate from
 *    then on, even if it completes later.
 * 2. When a sweep exceeds its work or memory, members of groups are no longer counted.
 * 3. When that does not help, the part is not watched any more.
 */
import type { Value } from "../../../src/history/value.js";
import type { Model, ModelOperation } from "../../../src/model/model.js";
import { LimitReached, type Meter } from "../meter.js";
import { createCall, type Call, type Step } from "./call.js";
import { ENTRY_BYTES, firstSnapshot, SNAPSHOT_BYTES, type Snapshot } from "./snapshot.js";
import { sweep, type SweepResult } from "./sweep.js";

/** Events that are kept for operations that are open. */
const STEPS_MAX = 1 << 15;
/** Events after which even what only became indeterminate is swept over. */
const STEPS_UNSWEPT = 1 << 10;
/** Work of a sweep, in look-ups: some tenths of a second. */
const SWEEP_WORK = 1 << 22;
/** Bytes of a call and its two steps beside its values, about. */
const CALL_BYTES = 320;

/** How a part is watched: wholly, without counting indeterminate operations, or not any more. */
export type Mode = "counted" | "uncounted" | "given up";

/** What a part is made of. */
export interface PartOptions {
  readonly part: Value;
  readonly model: Model;
  readonly meter: Meter;
  /** How it is watched at first. */
  readonly mode: Mode;
  /** Told what is not watched any more. */
  readonly onGap: (gap: string) => void;
}

/** A part, from its first event on. */
export class OnlinePart {
  readonly part: Value;
  readonly #options: PartOptions;
  #mode: Mode;
  /** Events since the first snapshot. */
  #steps: Step[] = [];
  /** Where one may have to go back to, ascending; the last one is the end of the last sweep. */
  #snapshots: Snapshot[];
  /** Calls without completion, by invocation. */
  readonly #open = new Set<Call>();
  readonly #freeSlots: number[] = [];
  #slotCount = 0;
  /** The earliest invocation among calls that completed since the last sweep. */
  #changedFrom = Infinity;
  /** The completions since then that changed something. */
  #completions: number[] = [];
  #sweptTo = -1;
  #bytes = 0;

  constructor(options: PartOptions) {
    this.part = options.part;
    this.#mode = options.mode;
    this.#options = options;
    this.#snapshots = [firstSnapshot(options.model.initial())];
  }

  /** An operation begins; undefined when nobody watches. */
  invoke(
    invocation: number,
    operation: ModelOperation & { readonly process: number },
  ): Call | undefined {
    if (this.#mode === "given up") return undefined;
    const slot = this.#freeSlots.pop() ?? this.#slotCount++;
    const call = createCall(operation, { invocation, slot, model: this.#options.model });
    this.#open.add(call);
    this.#steps.push({ at: invocation, call, returns: false });
    return call;
  }

  /** An operation ended. */
  complete(call: Call, completion: Pick<Call, "completion" | "fate" | "output" | "outcome">): void {
    // Else it was presumed indeterminate, or nobody watches.
    if (!this.#open.delete(call)) return;
    call.completion = completion.completion;
    call.fate = completion.fate;
    call.output = completion.output;
    call.outcome = completion.outcome;
    this.#freeSlots.push(call.slot);
    if (call.fate === "optional") return;
    if (call.fate === "required") {
      this.#steps.push({ at: call.completion, call, returns: true });
    }
    this.#completions.push(call.completion);
    this.#changedFrom = Math.min(this.#changedFrom, call.invocation);
  }

  /** The first event that nothing explains, when there is one up to `asOf`, which is the last. */
  look(asOf: number): number | undefined {
    if (this.#mode === "given up") return undefined;
    if (this.#changedFrom === Infinity && this.#unswept() < STEPS_UNSWEPT) return undefined;
    while ((this.#snapshots.at(-1) as Snapshot).at > this.#changedFrom) this.#snapshots.pop();
    const result = this.#sweep(asOf);
    if (result === undefined) return undefined;
    if (result.kind === "impossible") return this.#firstImpossible(asOf);
    if (result.snapshots[0]?.at === this.#snapshots.at(-1)?.at) this.#snapshots.pop();
    this.#snapshots.push(...result.snapshots);
    this.#changedFrom = Infinity;
    this.#completions = [];
    this.#sweptTo = asOf;
    this.#trim();
    return undefined;
  }

  #unswept(): number {
    return this.#steps.length - this.#stepsBefore(this.#sweptTo + 1);
  }

  /** Sweeps from the last snapshot on, allowing more when it is too dear. */
  #sweep(asOf: number): SweepResult | undefined {
    const { model, meter, part } = this.#options;
    const start = this.#snapshots.at(-1) as Snapshot;
    const steps = this.#steps.slice(this.#stepsBefore(start.at));
    for (;;) {
      const counted = this.#mode === "counted";
      const slotCount = this.#slotCount;
      try {
        return meter.within(SWEEP_WORK, () =>
          sweep({ model, meter, start, steps, asOf, counted, slotCount }),
        );
      } catch (error) {
        if (!(error instanceof LimitReached)) throw error;
        if (counted) this.#mode = "uncounted";
        else {
          this.#giveUp(
            `${nameOfPart(part)} is not watched any more from event ${asOf} on: too many orders are ` +
              `possible for the ${error.limit} that the online check may take`,
          );
          return undefined;
        }
      }
    }
  }

  /** The first completion after the last sweep with which the history is impossible. */
  #firstImpossible(asOf: number): number {
    const completions = this.#completions;
    let low = 0;
    let high = completions.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const result = this.#sweep(completions[middle] as number);
      if (result === undefined) break;
      if (result.kind === "impossible") high = middle;
      else low = middle + 1;
    }
    return completions[high] ?? asOf;
  }

  /** Forgets what is before the first open call. */
  #trim(): void {
    if (this.#steps.length > STEPS_MAX) this.#presume();
    const needed = new Set<number>();
    for (const { invocation } of this.#open) needed.add(invocation);
    const end = this.#snapshots.at(-1);
    this.#snapshots = this.#snapshots.filter(
      (snapshot) => snapshot === end || needed.has(snapshot.at),
    );
    this.#steps = this.#steps.slice(this.#stepsBefore((this.#snapshots[0] as Snapshot).at));
    this.#account();
  }

  /** Calls that have been open for long are held to be indeterminate for ever. */
  #presume(): void {
    const since = (this.#steps[this.#steps.length - (STEPS_MAX >>> 1)] as Step).at;
    for (const call of this.#open) {
      if (call.invocation >= since) break;
      call.fate = "optional";
      this.#open.delete(call);
      this.#freeSlots.push(call.slot);
      this.#options.onGap(
        `the ${call.f} at event ${call.invocation} has been open for so long that its result is not looked at`,
      );
    }
  }

  #stepsBefore(at: number): number {
    let low = 0;
    let high = this.#steps.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#steps[middle] as Step).at < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** @throws LimitReached */
  #account(): void {
    const { meter } = this.#options;
    let bytes = CALL_BYTES * this.#steps.length;
    const counted = new Set<unknown>();
    for (const { rows, groups, open } of this.#snapshots) {
      bytes += SNAPSHOT_BYTES + ENTRY_BYTES * (groups.length + open.length);
      if (!counted.has(rows)) bytes += rows.bytes;
      counted.add(rows);
    }
    meter.release(this.#bytes);
    this.#bytes = 0;
    try {
      meter.reserve(bytes);
      this.#bytes = bytes;
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      this.#giveUp(`${nameOfPart(this.part)} is not watched any more: the memory budget is spent`);
    }
  }

  #giveUp(gap: string): void {
    this.#mode = "given up";
    this.#steps = [];
    this.#snapshots = [];
    this.#completions = [];
    this.#open.clear();
    this.#options.meter.release(this.#bytes);
    this.#bytes = 0;
    this.#options.onGap(gap);
  }
}

function nameOfPart(part: Value): string {
  return part === null ? "the history" : `key ${JSON.stringify(part)}`;
}
