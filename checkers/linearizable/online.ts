/**
 * Follows a running history, and refutes it as soon as it cannot be linearizable any more, whatever
 * the operations that are still open return. How a part (key) is followed, and why that is right,
 * is in `online/part.ts`; here events become calls of parts.
 *
 * It holds what is open and what is possible, not the history. The verdict of a run, with its
 * certificate, is that of the whole check.
 */
import type { Budget } from "../../src/checker/checker.js";
import type { OnlineCheck, OnlineFinding } from "../../src/checker/online-checker.js";
import type { HistoryEvent } from "../../src/history/operation.js";
import { canonical, type Value } from "../../src/history/value.js";
import { byKey, type Model, type ModelOperation } from "../../src/model/model.js";
import { Meter } from "./meter.js";
import type { Call, Fate } from "./online/call.js";
import { OnlinePart, type Mode } from "./online/part.js";

/** Work of a look, in look-ups, after which the other parts wait for the next one. */
const LOOK_WORK = 1 << 22;
/** Gaps that are told one by one. */
const GAPS_MAX = 8;

/**
 * Begins to follow a history. The budget's time does not count, only its memory. `"uncounted"` to
 * begin with what otherwise is resorted to, see `online/part.ts`.
 */
export function followLinearizability(
  model: Model,
  budget: Budget,
  mode: "counted" | "uncounted" = "counted",
): OnlineCheck {
  return new OnlineLinearizability(model, budget, mode);
}

/** An operation that is open, and where it belongs. */
interface OpenCall {
  readonly call: Call;
  readonly part: OnlinePart;
}

class OnlineLinearizability implements OnlineCheck {
  readonly #model: Model;
  readonly #meter: Meter;
  readonly #mode: Mode;
  readonly #parts = new Map<string, OnlinePart>();
  /** By process. */
  readonly #open = new Map<number, OpenCall>();
  /** Parts with something to look at, those that have waited longest first. */
  readonly #dirty = new Set<OnlinePart>();
  readonly #gaps: string[] = [];
  #gapCount = 0;
  #off = false;
  #last = -1;
  #finding: OnlineFinding | undefined;

  constructor(model: Model, budget: Budget, mode: Mode) {
    this.#model = model;
    this.#mode = mode;
    // Time would make the answer depend on the machine; work bounds it all the same.
    this.#meter = new Meter({ ...budget, timeMs: Infinity, nowMs: () => 0 });
  }

  get gaps(): readonly string[] {
    const untold = this.#gapCount - this.#gaps.length;
    return untold === 0 ? this.#gaps : [...this.#gaps, `${untold} more of this kind`];
  }

  get bytes(): number {
    return this.#meter.bytes;
  }

  get work(): number {
    return this.#meter.work;
  }

  take(event: HistoryEvent): void {
    this.#last = event.index;
    if (this.#off || this.#finding !== undefined || event.process === "nemesis") return;
    if (event.type === "invoke") this.#invoke(event, event.process);
    else this.#complete(event, event.process);
  }

  look(): OnlineFinding | undefined {
    const { work } = this.#meter;
    for (const part of this.#dirty) {
      if (this.#off || this.#finding !== undefined) break;
      if (this.#meter.work - work > LOOK_WORK) break;
      this.#dirty.delete(part);
      const event = part.look(this.#last);
      if (event !== undefined) this.#finding = findingOf(event, part.part);
    }
    return this.#finding;
  }

  #invoke(event: HistoryEvent, process: number): void {
    const { f, key, index } = event;
    const input = plain(event.value);
    const operation = { f, key, input, output: undefined, outcome: "info", process } as const;
    const { functions } = this.#model;
    if (functions !== undefined && !functions.includes(f)) {
      this.#turnOff(`the model ${this.#model.name} has no function "${f}" (event ${index})`);
      return;
    }
    const value = this.#partOf(operation);
    if (value === undefined) {
      this.#turnOff(`the ${f} at event ${index} is about all parts of the model`);
      return;
    }
    const name = canonical(value);
    let part = this.#parts.get(name);
    if (part === undefined) {
      part = new OnlinePart({
        part: value,
        model: this.#model,
        meter: this.#meter,
        mode: this.#mode,
        onGap: (gap) => this.#tellGap(gap),
      });
      this.#parts.set(name, part);
    }
    const call = part.invoke(index, operation);
    if (call !== undefined) this.#open.set(process, { call, part });
  }

  #complete(event: HistoryEvent, process: number): void {
    const open = this.#open.get(process);
    if (open === undefined) return;
    this.#open.delete(process);
    const { call, part } = open;
    const { type, index } = event;
    const output = type === "info" ? undefined : plain(event.value);
    const outcome = type === "fail" ? "fail" : "ok";
    const { f, key, input } = call;
    const completed = { f, key, input, output, outcome, process } as const;
    const fate = this.#fateOf(type, completed);
    if (fate === "required" && !this.#isAbout(completed, part.part)) {
      this.#turnOff(`only the result of the ${call.f} at event ${call.invocation} tells its part`);
      return;
    }
    part.complete(call, { completion: index, fate, output, outcome });
    this.#dirty.add(part);
  }

  #fateOf(type: HistoryEvent["type"], completed: ModelOperation): Fate {
    if (type === "info") return "optional";
    if (type === "ok") return "required";
    return this.#model.observesFailure?.(completed) === true ? "required" : "void";
  }

  #partOf(operation: ModelOperation): Value | undefined {
    return this.#model.partition === undefined ? null : this.#model.partition(operation);
  }

  #isAbout(completed: ModelOperation, part: Value): boolean {
    if (this.#model.partition === byKey) return true;
    const value = this.#partOf(completed);
    return value !== undefined && canonical(value) === canonical(part);
  }

  #tellGap(gap: string): void {
    if (this.#gapCount++ < GAPS_MAX) this.#gaps.push(gap);
  }

  #turnOff(why: string): void {
    this.#off = true;
    this.#parts.clear();
    this.#open.clear();
    this.#dirty.clear();
    this.#meter.release(this.#meter.bytes);
    this.#tellGap(`the history is not watched any more: ${why}`);
  }
}

function findingOf(event: number, part: Value): OnlineFinding {
  const where = part === null ? "" : ` on key ${JSON.stringify(part)}`;
  const reason = `No order explains the operations${where} up to the completion at event ${event}.`;
  return { event, part, reason };
}

/** What JSON has no word for is null, as it is in the history. */
function plain(value: Value): Value {
  const isJson = typeof value === "number" ? Number.isFinite(value) : value !== undefined;
  return isJson ? value : null;
}
