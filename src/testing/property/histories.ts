/**
 * Histories for property-based tests: of an object that does what its model says, called by several
 * clients at a time, so that they are linearizable by construction; or with one answer that no
 * order explains.
 *
 * A history is made from steps. A step calls what its client does next, or lets the call take
 * effect, or ends it, in this order; leaving out steps leaves a history, so that fast-check's own
 * shrinking makes histories small.
 */
import * as fc from "fast-check";
import { linearizable } from "../../../checkers/linearizable.js";
import { createBudget } from "../../checker/checker.js";
import { HarnessError } from "../../errors.js";
import type { History, NewEvent } from "../../history/history.js";
import { sameValue, type Value } from "../../history/value.js";
import type { Model } from "../../model/model.js";
import { CALL_FIELDS, drawnCalls, type CalledWith, type CallOptions } from "./calls.js";
import { drawnEvents, drawnHistory } from "./drawn.js";
import { assertFields, type Fields } from "./given-fields.js";
import { assertCount, assertFunction, assertModel, assertObject } from "./given.js";
import { possibleOutputs } from "./outputs.js";

/** What histories are made of. */
export interface HistoryArbitraryOptions extends CallOptions {
  readonly model: Model;
  /** Clients, at least 1. Default 4. */
  readonly processes?: number;
  /** At most so many steps; a call takes three. Default 60. */
  readonly stepsMax?: number;
  /** One call in so many ends without an answer. Default 8; 0 for none. */
  readonly indeterminate?: number;
  /**
   * Whether histories in which nothing succeeds, or nothing is called at all, come too: a checker
   * says of them that they prove nothing. Default false.
   */
  readonly trivial?: boolean;
}

/** One step of a client. */
interface Step {
  readonly process: number;
  readonly call: CalledWith;
  readonly choice: number;
}

/** A history that is right. */
export function historyArbitrary(options: HistoryArbitraryOptions): fc.Arbitrary<History> {
  assertOptions("historyArbitrary", options, FIELDS);
  return plainEvents(options).map(drawnHistory);
}

/** The events of a history that is right. */
export function eventsArbitrary(
  options: HistoryArbitraryOptions,
): fc.Arbitrary<readonly NewEvent[]> {
  assertOptions("eventsArbitrary", options, FIELDS);
  return plainEvents(options).map(drawnEvents);
}

const FIELDS: Fields<HistoryArbitraryOptions> = {
  model: true,
  processes: true,
  stepsMax: true,
  indeterminate: true,
  trivial: true,
  ...CALL_FIELDS,
};

function assertOptions(
  caller: string,
  options: HistoryArbitraryOptions,
  fields: { readonly [field: string]: true },
): void {
  const example = `${caller}({ model: register() })`;
  assertObject(caller, options, example);
  assertModel(caller, options.model, example);
  assertFields(caller, options, fields);
}

function plainEvents(options: HistoryArbitraryOptions): fc.Arbitrary<readonly NewEvent[]> {
  const { model, processes = 4, stepsMax = 60, indeterminate = 8, trivial = false } = options;
  assertCount("processes", processes, 1);
  assertCount("stepsMax", stepsMax, trivial ? 0 : 1);
  assertCount("indeterminate", indeterminate, 0);
  if (indeterminate === 1 && !trivial) {
    throw new HarnessError(
      "bad-argument",
      "indeterminate: 1 leaves every call without an answer; trivial: true gives such histories too",
    );
  }
  const step = fc.record({
    process: fc.nat({ max: processes - 1 }),
    call: drawnCalls(model, options),
    choice: fc.nat({ max: 999 }),
  });
  const events = fc
    .array(step, { maxLength: stepsMax })
    .map((steps): readonly NewEvent[] => eventsOf(steps, options));
  if (trivial) return events;
  return soon(
    events,
    (each) => each.some(({ type }) => type === "ok"),
    `nothing that is called succeeds, says the model ${model.name}: do its functions and those of calls fit together?`,
  );
}

/** So many misses in a row are no chance. */
const MISSES_MAX = 1_000;

/** A filter that does not look for ever for what is not there. */
function soon<T>(
  arbitrary: fc.Arbitrary<T>,
  isWanted: (value: T) => boolean,
  otherwise: string,
): fc.Arbitrary<T> {
  let misses = 0;
  return arbitrary.filter((value) => {
    if (isWanted(value)) {
      misses = 0;
      return true;
    }
    if (++misses < MISSES_MAX) return false;
    misses = 0;
    throw new HarnessError("bad-argument", otherwise);
  });
}

interface Open {
  readonly call: CalledWith;
  answer?: Value;
  done: boolean;
}

class Maker {
  readonly events: NewEvent[] = [];
  readonly #options: HistoryArbitraryOptions;
  readonly #states = new Map<string, Value>();
  readonly #open = new Map<number, Open>();
  /** The process that each client is by now. */
  readonly #names = new Map<number, number>();
  #timeNs = 0;
  #fresh = 0;

  constructor(options: HistoryArbitraryOptions) {
    this.#options = options;
  }

  step({ process: client, call, choice }: Step): void {
    const open = this.#open.get(client);
    if (open === undefined) {
      this.#open.set(client, { call, done: false });
      this.#record(client, call, { type: "invoke", value: call.value });
    } else if (open.done) this.#end(client, open, choice);
    else this.#takeEffect(client, open, choice);
  }

  /** Lets everything that is under way take effect and end. */
  finish(): void {
    for (const [client, open] of this.#open) {
      if (!open.done) this.#takeEffect(client, open, 0);
      this.#end(client, open, 1);
    }
  }

  #takeEffect(client: number, open: Open, choice: number): void {
    open.done = true;
    const { model } = this.#options;
    const part = partOf(open.call);
    const state = this.#states.get(part) ?? model.initial();
    const fresh = ++this.#fresh;
    const possible = possibleOutputs(
      model,
      { state, process: this.#process(client), fresh },
      open.call,
    );
    const chosen = possible[choice % Math.max(1, possible.length)];
    if (chosen === undefined) return;
    open.answer = chosen.output;
    if (model.type?.name !== "unique-ids") this.#states.set(part, chosen.next);
  }

  #end(client: number, { call, answer }: Open, choice: number): void {
    this.#open.delete(client);
    const { indeterminate = 8, processes = 4 } = this.#options;
    // What is impossible now (to release a lock that is free) is refused.
    if (answer === undefined) this.#record(client, call, { type: "fail", value: call.value });
    else if (indeterminate > 0 && choice % indeterminate === 0) {
      this.#record(client, call, { type: "info", value: call.value });
      this.#names.set(client, (this.#names.get(client) ?? client) + processes);
    } else this.#record(client, call, { type: "ok", value: answer });
  }

  #process(client: number): number {
    return this.#names.get(client) ?? client;
  }

  #record(
    client: number,
    { f, key }: CalledWith,
    what: { readonly type: NewEvent["type"]; readonly value: Value },
  ): void {
    const timeNs = (this.#timeNs += 1_000_000);
    const event = { timeNs, process: this.#process(client), f, ...what };
    this.events.push(key === undefined ? event : { ...event, key });
  }
}

function eventsOf(steps: readonly Step[], options: HistoryArbitraryOptions): readonly NewEvent[] {
  const maker = new Maker(options);
  for (const step of steps) maker.step(step);
  maker.finish();
  return maker.events;
}

function partOf({ key }: CalledWith): string {
  return JSON.stringify(key ?? null);
}

/** Ways in which one answer is wrong. */
export type PlantedAnomaly =
  /** A result that was never brought in. */
  | "thin-air"
  /** The result of an earlier operation of the same function, which is no longer right. */
  | "stale"
  /** Either. */
  | "any";

const ANOMALIES: readonly PlantedAnomaly[] = ["thin-air", "stale", "any"];

/** A history with one wrong answer. */
export interface PlantedHistory {
  readonly history: History;
  /** The same without the lie: linearizable. */
  readonly right: History;
  /** Index of the completion that lies. */
  readonly event: number;
}

const PLANTED_FIELDS: Fields<Omit<PlantedOptions, keyof HistoryArbitraryOptions>> = {
  anomaly: true,
  isWrong: true,
};

/** How a lie is told apart from another right answer. */
export interface PlantedOptions extends HistoryArbitraryOptions {
  readonly anomaly?: PlantedAnomaly;
  /** Whether a history breaks the promise that is meant. Default: it is not linearizable. */
  readonly isWrong?: (history: History) => boolean;
}

/**
 * Histories in which one answer was replaced so that no order explains them. Those in which no
 * answer can be are not given.
 */
export function plantedHistoryArbitrary(options: PlantedOptions): fc.Arbitrary<PlantedHistory> {
  const caller = "plantedHistoryArbitrary";
  assertOptions(caller, options, { ...FIELDS, ...PLANTED_FIELDS });
  const { anomaly = "any" } = options;
  if (!ANOMALIES.includes(anomaly)) {
    throw new HarnessError(
      "bad-argument",
      `no anomaly that can be planted is called ${JSON.stringify(anomaly)}; there are ${ANOMALIES.join(", ")}`,
    );
  }
  if (options.isWrong !== undefined) {
    assertFunction("isWrong", options.isWrong, `${caller}({ model: register(), isWrong })`);
  }
  const planted = fc
    .tuple(plainEvents(options), fc.nat({ max: 999 }))
    .map(([events, choice]) => plant(events, choice, options));
  return soon(
    planted,
    (it) => it !== undefined,
    `no history of the model ${options.model.name} has an answer that can be replaced by one that is wrong (anomaly: ${anomaly})`,
  ).map((it) => it as PlantedHistory);
}

/** So many answers are tried to be replaced. */
const ATTEMPTS = 8;

function plant(
  events: readonly NewEvent[],
  choice: number,
  { anomaly = "any", model, isWrong = notLinearizable(model) }: PlantedOptions,
): PlantedHistory | undefined {
  const answers = events.flatMap(({ type }, index) => (type === "ok" ? [index] : []));
  for (let attempt = 0; attempt < Math.min(ATTEMPTS, answers.length); attempt++) {
    const at = answers[(choice + attempt) % answers.length] as number;
    for (const lie of liesAt(events, at, anomaly)) {
      const history = drawnHistory(events.with(at, { ...(events[at] as NewEvent), value: lie }));
      if (isLie(history, isWrong)) return { history, right: drawnHistory(events), event: at };
    }
  }
  return undefined;
}

function notLinearizable(model: Model): (history: History) => boolean {
  const checker = linearizable({ model, threads: 1 });
  return (history) => {
    const verdict = checker.check(history, createBudget());
    return !(verdict instanceof Promise) && verdict.verdict === "invalid";
  };
}

/** What cannot even be an answer is no lie. */
function isLie(history: History, isWrong: (history: History) => boolean): boolean {
  try {
    const answer: unknown = isWrong(history);
    if (typeof answer === "boolean") return answer;
    throw new HarnessError(
      "harness-failure",
      "isWrong says true or false at once; a promise says neither",
    );
  } catch (error) {
    if (error instanceof HarnessError && error.code !== "harness-failure") return false;
    throw error;
  }
}

/** A number that no arbitrary brings in. */
const THIN_AIR = -7_777;

function liesAt(
  events: readonly NewEvent[],
  at: number,
  anomaly: PlantedAnomaly,
): readonly Value[] {
  const { f, value } = events[at] as NewEvent;
  const earlier = events
    .slice(0, at)
    .filter((event) => event.type === "ok" && event.f === f && !sameValue(event.value, value))
    .map((event) => event.value)
    .toReversed();
  const stale = anomaly === "thin-air" ? [] : earlier;
  return anomaly === "stale" ? stale : [...stale, THIN_AIR, [THIN_AIR]];
}
