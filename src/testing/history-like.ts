/** What assertions about histories take: a history or its events; what is neither is refused. */
import {
  EVENT_TYPES,
  HistoryError,
  historyOf,
  type History,
  type NewEvent,
} from "../history/history.js";

/** A history, or the events that it is made of. */
export type HistoryLike = History | Iterable<NewEvent>;

/** The history. @throws TypeError for what is none, with what may be meant. */
export function historyIn(received: HistoryLike): History {
  const given: unknown = received;
  if (typeof given === "object" && given !== null) {
    if ("invocations" in given) return given as History;
    if (Symbol.iterator in given) return historyFrom([...(given as Iterable<NewEvent>)]);
  }
  throw new TypeError(`expected a history or its events, but received ${named(given)}`);
}

function historyFrom(events: readonly NewEvent[]): History {
  events.forEach(assertEvent);
  try {
    return historyOf(events);
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    throw new TypeError(`the events are no history: ${error.message}`, { cause: error });
  }
}

function assertEvent(event: unknown, index: number): void {
  const { type, process, f, timeNs, value } = (event ?? {}) as {
    readonly [field: string]: unknown;
  };
  const wrong =
    typeof type !== "string" || !(EVENT_TYPES as readonly string[]).includes(type)
      ? `type is ${text(type)}; expected ${EVENT_TYPES.join(", ")}`
      : !Number.isSafeInteger(process) && process !== "nemesis"
        ? `process is ${text(process)}; expected a whole number, or "nemesis"`
        : typeof f !== "string"
          ? `f is ${text(f)}; expected the name of a function`
          : typeof timeNs !== "number"
            ? `timeNs is ${text(timeNs)}; expected nanoseconds`
            : value === undefined
              ? "value is missing; expected a value, null for none"
              : undefined;
  if (wrong === undefined) return;
  throw new TypeError(
    `event ${index}: ${wrong}, as in { timeNs: 0, type: "invoke", process: 0, f: "read", value: null }`,
  );
}

function named(given: unknown): string {
  if (given === null || typeof given !== "object") return given === null ? "null" : typeof given;
  if (given instanceof Promise) return "a promise; await it first";
  if ("history" in given) return "an object with a history; give it its .history";
  return "object";
}

function text(value: unknown): string {
  return value === undefined ? "missing" : (JSON.stringify(value) ?? typeof value);
}
