/**
 * Races in plain asynchronous code: several clients call an object at the same time, fast-check's
 * scheduler decides in which order what they wait for is done, and what came back must be
 * linearizable. No port of ordeal's is needed; the object only has to wait for what the scheduler
 * schedules (`scheduler.schedule(promise)`, `scheduler.scheduleFunction(load)`).
 */
import * as fc from "fast-check";
import { linearizable } from "../../../checkers/linearizable.js";
import { createBudget, type Checker } from "../../checker/checker.js";
import { messageOf } from "../../errors.js";
import { historyOf, type NewEvent } from "../../history/history.js";
import type { Model } from "../../model/model.js";
import { CALL_FIELDS, drawnCalls, type CalledWith, type CallOptions } from "./calls.js";
import type { RealObject } from "./commands.js";
import { failureText } from "./failure-text.js";
import { assertFields, type Fields } from "./given-fields.js";
import {
  assertChecker,
  assertCount,
  assertFunction,
  assertInvokes,
  assertModel,
  assertObject,
} from "./given.js";

/** What races. */
export interface RaceOptions extends CallOptions {
  readonly model: Model;
  /** Makes the object anew; what it waits for goes through the scheduler. */
  readonly make: (scheduler: fc.Scheduler) => RealObject;
  /** Default 3. */
  readonly clients?: number;
  /** Of each client, at most. Default 4. */
  readonly operationsMax?: number;
  /** What must hold. Default: linearizability of the model. */
  readonly checker?: Checker;
}

const FIELDS: Fields<RaceOptions> = {
  model: true,
  make: true,
  clients: true,
  operationsMax: true,
  ...CALL_FIELDS,
  checker: true,
};
const EXAMPLE = "raceProperty({ model: counter(), make: (scheduler) => ({ invoke: … }) })";

/** So long nothing is scheduled and nothing ends before the clients are said to wait for ever. */
const STUCK_MS = 500;
const LOOK_MS = 10;

/**
 * A property for `fc.assert`: whatever the interleaving, the object keeps its promise. An operation
 * that throws may or may not have taken effect.
 */
export function raceProperty(
  options: RaceOptions,
): fc.IAsyncProperty<[fc.Scheduler, readonly (readonly CalledWith[])[]]> {
  assertObject("raceProperty", options, EXAMPLE);
  const { model, make, clients = 3, operationsMax = 4 } = options;
  assertModel("raceProperty", model, EXAMPLE);
  assertFunction("make", make, EXAMPLE);
  assertFields("raceProperty", options, FIELDS);
  assertCount("clients", clients, 1);
  assertCount("operationsMax", operationsMax, 1);
  if (options.checker !== undefined) assertChecker("checker", options.checker, EXAMPLE);
  const checker = options.checker ?? linearizable({ model, nothingCompleted: "valid" });
  const program = fc.array(fc.array(drawnCalls(model, options), { maxLength: operationsMax }), {
    minLength: 1,
    maxLength: clients,
  });
  return fc.asyncProperty(fc.scheduler(), program, async (scheduler, programs) => {
    const events: NewEvent[] = [];
    const object = make(scheduler);
    assertInvokes("what make returns", object);
    const done = Promise.all(
      programs.map(async (program, client) => {
        await drive({ object, program, client, clients: programs.length, events });
      }),
    );
    await Promise.race([scheduler.waitFor(done), untilStuck(done, scheduler, events)]);
    const history = historyOf(events);
    const verdict = await checker.check(history, createBudget());
    fc.pre(verdict.verdict !== "unknown");
    if (verdict.verdict === "invalid") throw new Error(failureText(verdict, history));
  });
}

/**
 * Ends with `done`; or fails when operations wait for what nobody does any more: a wake-up that was
 * lost, two locks that are taken in different orders.
 */
async function untilStuck(
  done: Promise<unknown>,
  scheduler: fc.Scheduler,
  events: readonly NewEvent[],
): Promise<void> {
  const end = (): boolean => true;
  const ended = done.then(end, end);
  for (let idle = 0, seen = -1; ; idle++) {
    if (scheduler.count() > 0 || events.length !== seen) idle = 0;
    seen = events.length;
    if (idle * LOOK_MS >= STUCK_MS) throw new Error(stuckText(events));
    const moment = new Promise<boolean>((resolve) => setTimeout(resolve, LOOK_MS, false));
    if (await Promise.race([ended, moment])) return;
  }
}

function stuckText(events: readonly NewEvent[]): string {
  const open = new Map<NewEvent["process"], NewEvent>();
  for (const event of events) {
    if (event.type === "invoke") open.set(event.process, event);
    else open.delete(event.process);
  }
  const calls = [...open.values()].map(({ process, f, key, value }) =>
    [`process ${process}: ${f}`, key, value]
      .filter((part) => part !== undefined && part !== null)
      .map((part) => (typeof part === "string" ? part : JSON.stringify(part)))
      .join(" "),
  );
  return (
    `stuck: nothing is scheduled any more, and what was called waits for ever (${calls.join("; ")}); ` +
    "what an object waits for has to go through the scheduler"
  );
}

interface Drive {
  readonly object: RealObject;
  readonly program: readonly CalledWith[];
  readonly client: number;
  readonly clients: number;
  readonly events: NewEvent[];
}

/** One client: one operation after the other. */
async function drive({ object, program, client, clients, events }: Drive): Promise<void> {
  let process = client;
  const record = (called: CalledWith, what: Pick<NewEvent, "type" | "value" | "error">): void => {
    const { f, key } = called;
    const event = { timeNs: events.length * 1e6, process, f, ...what };
    events.push(key === undefined ? event : { ...event, key });
  };
  for (const called of program) {
    record(called, { type: "invoke", value: called.value });
    try {
      record(called, { type: "ok", value: (await object.invoke(called)) ?? null });
    } catch (error) {
      record(called, { type: "info", value: called.value, error: messageOf(error) });
      process += clients;
    }
  }
}
