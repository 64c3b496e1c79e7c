/**
 * How operations, values and times read in every report: `write 3`, `read → 2`, `12.345 s`. Also
 * part of the page's browser code, so it must not need Node.
 */
import { FAIL, INVOKE, NEMESIS, NONE, OK, type History } from "../src/history/history.js";
import type { Outcome } from "../src/history/operation.js";
import { canonical, sameValue, type Value } from "../src/history/value.js";

/** An operation in pieces that are already text. */
export interface LabelParts {
  readonly f: string;
  /** Absent when the operation has none, or when it need not be said. */
  readonly key?: string | undefined;
  /** Absent when it is null. */
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  readonly outcome: Outcome;
  /** Whether operations of this function have an answer worth showing. */
  readonly answers: boolean;
}

/** The label of an operation: `write 3`, `read → 2`, `x: cas [1, 2] ✗`, `write 4 ?`. */
export function labelOf(parts: LabelParts): string {
  const key = parts.key === undefined ? "" : `${parts.key}: `;
  const head = `${key}${parts.f}${parts.input === undefined ? "" : ` ${parts.input}`}`;
  if (parts.outcome === "fail") return `${head} ✗`;
  if (parts.outcome === "ok") {
    return parts.answers ? `${head} → ${parts.output ?? "null"}` : head;
  }
  return parts.answers && parts.input === undefined ? `${head} → ?` : `${head} ?`;
}

/** Writes labels for the operations of one history. */
export interface Labeller {
  /** The label of the operation that was invoked at this index. */
  readonly label: (invocation: number, options?: LabelOptions) => string;
  /**
   * By position in `history.functionNames`: whether its operations have an answer worth showing.
   */
  readonly answers: readonly boolean[];
}

/** What a label tells. */
export interface LabelOptions {
  /** Default true. */
  readonly withKey?: boolean;
  /** What matters: long lists are cut around these values, or say that they lack them. */
  readonly focus?: readonly Value[];
}

/** Looks once through a history to learn which functions answer something. */
export function createLabeller(history: History): Labeller {
  const answers = history.functionNames.map((name) => /^(read|get|dequeue|pop|peek)\b/.test(name));
  for (let index = 0; index < history.length; index++) {
    if (history.types[index] !== OK || history.processes[index] === NEMESIS) continue;
    const value = history.values[index] as number;
    // Equal values have equal positions: an answer is what says more than the question.
    if (value === history.values[history.pairs[index] as number]) continue;
    if (history.pool[value] !== null) answers[history.functions[index] as number] = true;
  }
  const label: Labeller["label"] = (invocation, { withKey = true, focus = [] } = {}) => {
    if (history.types[invocation] !== INVOKE) return `event ${invocation}`;
    const completion = history.pairs[invocation] as number;
    const type = completion === NONE ? NONE : history.types[completion];
    const key = history.keys[invocation] as number;
    const input = history.pool[history.values[invocation] as number] as Value;
    const f = history.functions[invocation] as number;
    const output =
      type === OK ? (history.pool[history.values[completion] as number] as Value) : null;
    return labelOf({
      f: history.functionNames[f] as string,
      key: key === NONE || !withKey ? undefined : formatValue(history.pool[key] as Value),
      input:
        input === null || ((answers[f] as boolean) && isCarriedOut(input, output))
          ? undefined
          : formatValue(input),
      output: type === OK ? formatAround(output, focus) : undefined,
      outcome: type === OK ? "ok" : type === FAIL ? "fail" : "info",
      answers: answers[f] as boolean,
    });
  };
  return { label, answers };
}

/** Whether the answer is the question with its blanks filled in: a transaction that was done. */
function isCarriedOut(input: Value, output: Value): boolean {
  if (!Array.isArray(input) || !Array.isArray(output) || input.length !== output.length)
    return false;
  const asked = input as readonly Value[];
  return asked.every((micro, place) => {
    const done = (output as readonly Value[])[place] as Value;
    if (!Array.isArray(micro) || !Array.isArray(done) || micro.length !== 3) return false;
    const [f, key] = micro as readonly Value[];
    return sameValue(f as Value, done[0] as Value) && sameValue(key as Value, done[1] as Value);
  });
}

const PLAIN = /^[A-Za-z_][\w.:/-]*$/;
const WORDS = new Set(["null", "true", "false"]);

/** A value as short text: strings without quotes where they cannot be taken for something else. */
export function formatValue(value: Value, maxLength = 60): string {
  return clip(written(value, maxLength), maxLength);
}

/** A list of more elements than this is cut around what matters. */
const SHORT_LIST = 5;

/**
 * A value as short text that shows what matters in its lists: `[…, 7, …]`, or `[31 elements, no 7]`
 * where it is not there. A pair of [offset, element] counts as its element.
 */
export function formatAround(value: Value, focus: readonly Value[], maxLength = 60): string {
  return clip(focus.length === 0 ? written(value, maxLength) : around(value, focus), maxLength);
}

function around(value: Value, focus: readonly Value[]): string {
  if (value === null || typeof value !== "object") return written(value, Infinity);
  if (!Array.isArray(value)) {
    const entries = Object.entries(value as { readonly [key: string]: Value });
    return `{${entries.map(([name, item]) => `${name}: ${around(item, focus)}`).join(", ")}}`;
  }
  const items = value as readonly Value[];
  if (items.length <= SHORT_LIST) return written(value, Infinity);
  const isAbout = (item: Value, each: Value): boolean =>
    sameValue(item, each) || (Array.isArray(item) && sameValue((item[1] ?? null) as Value, each));
  const found = items.filter((item) => focus.some((each) => isAbout(item, each)));
  const absent = focus.filter((each) => !items.some((item) => isAbout(item, each)));
  const shown = found.slice(0, SHORT_LIST).map((item) => written(item, Infinity));
  const head = shown.length === 0 ? [`${items.length} elements`] : ["…", ...shown, "…"];
  const lacks = absent.slice(0, SHORT_LIST).map((each) => `no ${written(each, Infinity)}`);
  return `[${[...head, ...lacks].join(", ")}]`;
}

function written(value: Value, room: number): string {
  if (typeof value === "string") {
    const clipped = clip(value, room);
    return PLAIN.test(value) && !WORDS.has(value) ? clipped : JSON.stringify(clipped);
  }
  if (value === null || typeof value !== "object") return canonical(value);
  const parts: string[] = [];
  let left = room;
  const take = (text: string): boolean => {
    parts.push(text);
    left -= text.length + 2;
    return left > 0;
  };
  if (Array.isArray(value)) {
    for (const item of value as readonly Value[]) if (!take(written(item, left))) break;
    return parts.length < value.length ? `[${parts.join(", ")}, …]` : `[${parts.join(", ")}]`;
  }
  const entries = Object.entries(value as { readonly [key: string]: Value });
  for (const [name, item] of entries) if (!take(`${name}: ${written(item, left)}`)) break;
  return parts.length < entries.length ? `{${parts.join(", ")}, …}` : `{${parts.join(", ")}}`;
}

/** At most so many characters; what is cut is replaced by `…`. */
export function clip(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, Math.max(0, maxLength - 1))}…`;
}

/** A length of time in the unit that suits it: `850 ns`, `3.4 ms`, `12.3 s`, `2 min 5 s`. */
export function formatDuration(durationNs: number): string {
  if (!Number.isFinite(durationNs)) return "∞";
  const size = Math.abs(durationNs);
  if (size < 1e3) return `${Math.round(durationNs)} ns`;
  if (size < 999.5e3) return `${significant(durationNs / 1e3)} µs`;
  if (size < 999.5e6) return `${significant(durationNs / 1e6)} ms`;
  if (size < 99.95e9) return `${significant(durationNs / 1e9)} s`;
  const seconds = Math.round(durationNs / 1e9);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function significant(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A count with separators: `100,000`. */
export function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** A count with its noun: `1 fault`, `2 faults`. */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}
