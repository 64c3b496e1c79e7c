/**
 * Patterns in the logs of nodes: what must never be written there (a panic, a failed assertion),
 * and what must be.
 *
 * A checker reads no files: the texts are options. `ordeal check RUN --checker log-patterns` hands
 * it the logs of the run's directory. A line may begin with the time of the run in seconds, as
 * those of ordeal's runs do (`12.345678 text`); an anomaly then names the operations that were
 * going on.
 */
import type { Checker } from "../src/checker/checker.js";
import { HarnessError, messageOf } from "../src/errors.js";
import { INVOKE, NEMESIS, NONE, type History } from "../src/history/history.js";
import { assertBoolean, assertTexts } from "./everyday/options.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { counted, timeText, valueText } from "./everyday/words.js";

/** Options of `logPatterns`. */
export interface LogPatternsOptions {
  /** The text of each log, by the name of its file; default none, which proves nothing. */
  readonly logs?: { readonly [file: string]: string };
  /**
   * Regular expressions that no line may match; default those of `NEVER` below: panics, failed
   * assertions, segmentation faults, data races, out of memory.
   */
  readonly never?: readonly string[];
  /** Regular expressions that a line of some log must match; default none. */
  readonly some?: readonly string[];
  /** Regular expressions that a line of every log must match; default none. */
  readonly every?: readonly string[];
  /** Whether capitals and small letters differ; default false. */
  readonly caseSensitive?: boolean;
}

const NEVER = [
  String.raw`\bpanic(ked)?\b`,
  "assertion .*failed",
  "segmentation fault",
  "data race",
  "out of memory",
];
/** How many operations that were going on an anomaly lists. */
const LISTED = 10;

/**
 * Looks through the logs.
 *
 * `forbidden-line`: a line matches what must never occur.
 *
 *     n1.log:7   3.201044 panic: index out of range
 *     process 0      |-- write 1 → info …
 *
 * `missing-line`: no line of a log, or of any, matches what must occur.
 *
 *     n1.log     started … stopped          every = ["recovered"]
 *
 * @throws HarnessError `bad-argument` for an option that is none, or no regular expression
 */
export function logPatterns(options: LogPatternsOptions = {}): Checker {
  const { logs = {}, never = NEVER, some = [], every = [], caseSensitive = false } = options;
  assertTexts("log-patterns", { never, some, every });
  assertBoolean("log-patterns", { caseSensitive });
  assertLogs(logs);
  const compile = (pattern: string): Pattern => compiled(pattern, caseSensitive);
  const rules: Rules = {
    logs,
    never: never.map(compile),
    some: some.map(compile),
    every: every.map(compile),
  };
  return checkerOf({
    name: "log-patterns",
    description: "no log of a node has a line that must never occur, and each has what must",
    keyed: false,
    kinds: ["forbidden-line", "missing-line"],
    judge: (history, work) => judge(history, work, rules),
  });
}

interface Pattern {
  readonly source: string;
  readonly expression: RegExp;
}

interface Rules {
  readonly logs: { readonly [file: string]: string };
  readonly never: readonly Pattern[];
  readonly some: readonly Pattern[];
  readonly every: readonly Pattern[];
}

function judge(history: History, { found, limits }: Work, rules: Rules): Judgement {
  const { logs, never, some, every } = rules;
  const files = Object.keys(logs);
  const seen = new Map<string, Set<string>>(
    [...some, ...every].map(({ source }) => [source, new Set()]),
  );
  const wanted = [...some, ...every];
  let [lines, forbidden] = [0, 0];
  for (const file of files) {
    for (const { text, number } of linesOf(logs[file] as string)) {
      if (lines++ % 4096 === 0) limits.check();
      for (const { source, expression } of wanted) {
        if (expression.test(text)) seen.get(source)?.add(file);
      }
      for (const { source, expression } of never) {
        if (!expression.test(text)) continue;
        forbidden++;
        const timeNs = timeOf(text);
        const at = timeNs === undefined ? "" : `, at ${timeText(timeNs)}`;
        found.add("forbidden-line", () => ({
          message: `${file}:${number}: ${valueText(text.trim())} matches /${source}/, which must never occur${at}.`,
          operations: timeNs === undefined ? [] : openAt(history, timeNs),
          details: { file, line: number, text, pattern: source },
        }));
      }
    }
  }
  const missing = (source: string, file: string): void =>
    found.add("missing-line", () => ({
      message: `${file} has no line that matches /${source}/, which must occur.`,
      operations: [],
      details: { file, pattern: source },
    }));
  if (files.length > 0) {
    for (const { source } of some) {
      if (seen.get(source)?.size === 0)
        missing(source, files.length === 1 ? (files[0] as string) : "None of the logs");
    }
    for (const { source } of every) {
      for (const file of files) if (seen.get(source)?.has(file) !== true) missing(source, file);
    }
  }
  return {
    operations: history.invocations().length,
    details: { logs: files.length, lines, forbidden },
    holds: `${counted(lines, "line")} of ${counted(files.length, "log")} have nothing that must never occur${wanted.length === 0 ? "" : ", and all that must"}.`,
    gap:
      lines === 0 || history.length === 0
        ? "Nothing was proved: there are no logs with lines, or no operations. Check the directory of a run, or name the files in the option logs."
        : undefined,
  };
}

/** Lines with their numbers, from 1; made one by one. */
function* linesOf(text: string): Generator<{ readonly text: string; readonly number: number }> {
  let number = 0;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    yield { text: text.slice(start, end), number: ++number };
    start = end + 1;
  }
}

/** The time with which a line begins, in nanoseconds. */
function timeOf(line: string): number | undefined {
  const seconds = /^(\d+\.\d+) /.exec(line)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1e9;
}

/** The operations that were going on at a time, or else the last that had begun. */
function openAt({ length, types, processes, pairs, timesNs }: History, timeNs: number): number[] {
  const open: number[] = [];
  let last: number = NONE;
  for (let i = 0; i < length && (timesNs[i] as number) <= timeNs; i++) {
    if (types[i] !== INVOKE || processes[i] === NEMESIS) continue;
    last = i;
    const end = pairs[i] as number;
    if (end === NONE || (timesNs[end] as number) >= timeNs) open.push(i);
  }
  return open.length === 0 && last !== NONE ? [last] : open.slice(-LISTED);
}

function assertLogs(logs: unknown): void {
  const isOne = typeof logs === "object" && logs !== null && !Array.isArray(logs);
  if (isOne && Object.values(logs).every((text) => typeof text === "string")) return;
  throw new HarnessError(
    "bad-argument",
    "the option logs of log-patterns is an object from the name of a log to its text",
  );
}

function compiled(source: string, caseSensitive: boolean): Pattern {
  try {
    return { source, expression: new RegExp(source, caseSensitive ? "u" : "iu") };
  } catch (error) {
    throw new HarnessError(
      "bad-argument",
      `the pattern ${source} of log-patterns is no regular expression: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
