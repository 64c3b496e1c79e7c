/**
 * A history of logs as the verifier sees it: what each operation sent to logs, and was shown of
 * them.
 * `send` and `poll` speak of one log, the key, or of all that the answer names; a list of steps
 * (`["send", log, message]`, `["poll"]`) is answered step by step.
 */
import type { History } from "../history/history.js";
import type { Operation } from "../history/operation.js";
import { canonical, sameValue, type Value } from "../history/value.js";
import { claim, operationAt } from "./claims.js";

/** A message at an offset, which may not be known. */
export interface LogEntry {
  readonly log: string;
  /** The message as text. */
  readonly message: string;
  readonly offset: number | undefined;
}

/** What one operation did. */
export interface LogOperation {
  readonly operation: Operation;
  readonly sent: readonly LogEntry[];
  readonly shown: readonly LogEntry[];
}

/** The operation invoked at this index, which comes from a file and may be anything. */
export function logOperationAt(history: History, invocation: number): LogOperation {
  const operation = operationAt(history, invocation);
  const { completion, outcome, input, f, key } = operation;
  const end = completion === undefined ? null : history.event(completion).value;
  if (key === undefined && isSteps(input)) {
    const answers = outcome === "ok" || areAnswers(input, end) ? end : null;
    return { operation, ...ofSteps(input, Array.isArray(answers) ? (answers as Steps) : []) };
  }
  const output = outcome === "ok" ? end : null;
  if (f === "send") {
    // A number is the offset, also when the message is the same number.
    const offset = typeof output === "number" ? output : offsetIn(output, input);
    const sent = { log: nameOf(key ?? null), message: canonical(input), offset };
    return { operation, sent: [sent], shown: [] };
  }
  if (f !== "poll") return { operation, sent: [], shown: [] };
  const shown = key === undefined ? ofLogs(output) : entriesOf(nameOf(key), output);
  return { operation, sent: [], shown };
}

/** All operations of clients. */
export function logOperationsOf(history: History): readonly LogOperation[] {
  return Array.from(history.invocations(), (invocation) => logOperationAt(history, invocation));
}

type Steps = readonly (readonly Value[])[];

function isSteps(value: Value): value is Value & Steps {
  if (!Array.isArray(value) || value.length === 0) return false;
  return (value as readonly Value[]).every(
    (step) => Array.isArray(step) && (step[0] === "send" || step[0] === "poll"),
  );
}

function areAnswers(steps: Steps, end: Value): boolean {
  if (!Array.isArray(end) || end.length !== steps.length) return false;
  return steps.every(([f], at) => Array.isArray(end[at]) && end[at][0] === f);
}

function ofSteps(steps: Steps, answers: Steps): Pick<LogOperation, "sent" | "shown"> {
  const sent: LogEntry[] = [];
  const shown: LogEntry[] = [];
  for (const [at, [f, log = null, message = null]] of steps.entries()) {
    const answer = answers[at];
    if (f === "poll") shown.push(...ofLogs(answer?.[1] ?? null));
    else {
      const offset = offsetIn(answer?.[2] ?? null, message);
      sent.push({ log: nameOf(log), message: canonical(message), offset });
    }
  }
  return { sent, shown };
}

function ofLogs(value: Value): readonly LogEntry[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([log, pairs]) => entriesOf(log, pairs));
}

function entriesOf(log: string, pairs: Value): readonly LogEntry[] {
  if (!Array.isArray(pairs)) return [];
  return (pairs as readonly Value[]).map((pair) => {
    claim(Array.isArray(pair) && pair.length === 2, () => "A poll shows what is no pair.");
    const [offset, message] = pair as unknown as readonly [Value, Value];
    const known = typeof offset === "number" ? offset : undefined;
    return { log, message: canonical(message), offset: known };
  });
}

function offsetIn(answer: Value, message: Value): number | undefined {
  if (sameValue(answer, message)) return undefined;
  const offset = Array.isArray(answer) ? (answer as readonly Value[])[0] : answer;
  return typeof offset === "number" ? offset : undefined;
}

function nameOf(log: Value): string {
  return typeof log === "string" ? log : canonical(log);
}
