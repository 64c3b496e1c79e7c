/**
 * Makes histories that are right by construction: clients take turns at random against one
 * sequential object, and each operation takes effect at a random turn between its call and its
 * return. An indeterminate one takes effect before its time-out, long after it, or never.
 */
import {
  createHistoryBuilder,
  FAIL,
  INFO,
  INVOKE,
  OK,
  type History,
} from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { createRandom, type Random } from "../../src/random.js";

/** What a client asks of the object. */
export interface Request {
  readonly f: string;
  readonly key?: number;
  readonly input: Value;
  /** True when it may change the object: such ones are the indeterminate ones of a fixed number. */
  readonly updates: boolean;
}

/** An object that clients use one after the other. */
export interface SequentialObject {
  /** What a client asks next. */
  request(random: Random): Request;
  /** Takes effect: the result, or undefined when the request certainly did not happen. */
  apply(request: Request): Value | undefined;
}

/** One operation; positions are those of events in the history. */
export interface Call {
  readonly request: Request;
  readonly process: number;
  readonly invokedAt: number;
  /** Infinity for an indeterminate one. */
  returnedAt: number;
  outcome: "ok" | "fail" | "info";
  output: Value;
}

/** How the clients behave. */
export interface Shape {
  readonly object: SequentialObject;
  readonly clients: number;
  readonly operations: number;
  readonly seed: number;
  /** So many updates are indeterminate, evenly spread; default 0. */
  readonly indeterminate?: number;
  /** The chance of any operation to be indeterminate; default 0. */
  readonly indeterminateRate?: number;
  /** The chance that an idle client calls when it has its turn; default 1: hardly ever idle. */
  readonly eagerness?: number;
}

/** Operations by number, and the order of their calls and returns. */
export interface Simulation {
  readonly calls: Call[];
  /** Twice the number of the operation; one more for its return. */
  readonly events: number[];
}

const EFFECT_NEVER = 0.25;
const EFFECT_LATE = 0.25;
/** The chance, at any turn, that one of the late effects comes about. */
const LATE_PACE = 0.02;

interface Client {
  process: number;
  call: number;
  /** The turn that comes next: call, take effect, return. */
  state: "idle" | "called" | "effective";
  /** What becomes of the present operation's effect, when nobody will know. */
  fate: "known" | "in-time" | "late" | "never";
}

/** Lets the clients run until they have made all operations and each has returned or timed out. */
export function simulate(shape: Shape): Simulation {
  const { object, operations, eagerness = 1, indeterminateRate = 0 } = shape;
  const random = createRandom(shape.seed);
  const due = dueTimeOuts(shape);
  const calls: Call[] = [];
  const events: number[] = [];
  const late: number[] = [];
  const clients: Client[] = Array.from({ length: shape.clients }, (_, process) => ({
    process,
    call: -1,
    state: "idle",
    fate: "known",
  }));
  let processes = shape.clients;
  let timeOutsDue = 0;

  const begin = (client: Client): void => {
    const number = calls.length;
    if (due.has(number)) timeOutsDue++;
    const request = object.request(random);
    const invokedAt = events.length;
    const { process } = client;
    calls.push({ request, process, invokedAt, returnedAt: Infinity, outcome: "ok", output: null });
    events.push(number * 2);
    const chosen = timeOutsDue > 0 && request.updates;
    if (chosen) timeOutsDue--;
    const unknown = chosen || (indeterminateRate > 0 && random.chance(indeterminateRate));
    client.fate = unknown ? fateOf(random.float()) : "known";
    client.call = number;
    client.state = "called";
  };

  const takeEffect = (client: Client): void => {
    const call = calls[client.call] as Call;
    if (client.fate === "late") late.push(client.call);
    if (client.fate === "known" || client.fate === "in-time") {
      const output = object.apply(call.request);
      if (output === undefined) call.outcome = "fail";
      else call.output = output;
    }
    client.state = "effective";
  };

  const end = (client: Client): void => {
    const call = calls[client.call] as Call;
    if (client.fate === "known") {
      call.returnedAt = events.length;
    } else {
      call.outcome = "info";
      // The process is lost with its operation; another takes its place.
      client.process = processes++;
    }
    events.push(client.call * 2 + 1);
    client.state = "idle";
  };

  // An event each for the call and the end of every operation.
  while (events.length < operations * 2) {
    if (late.length > 0 && random.chance(LATE_PACE)) {
      const [number] = late.splice(random.below(late.length), 1);
      object.apply((calls[number as number] as Call).request);
    }
    const client = clients[random.below(clients.length)] as Client;
    if (client.state === "called") takeEffect(client);
    else if (client.state === "effective") end(client);
    else if (calls.length < operations && (eagerness === 1 || random.chance(eagerness))) {
      begin(client);
    }
  }
  return { calls, events };
}

function fateOf(draw: number): Client["fate"] {
  if (draw < EFFECT_NEVER) return "never";
  return draw < EFFECT_NEVER + EFFECT_LATE ? "late" : "in-time";
}

function dueTimeOuts({ operations, indeterminate = 0 }: Shape): ReadonlySet<number> {
  const due = new Set<number>();
  for (let i = 0; i < indeterminate; i++) {
    due.add(Math.floor(((i + 0.5) * operations) / (indeterminate + 1)));
  }
  return due;
}

/** The history that a simulation shows to its clients. */
export function historyOf({ calls, events }: Simulation): History {
  const builder = createHistoryBuilder();
  for (let index = 0; index < events.length; index++) {
    const event = events[index] as number;
    const { request, process, outcome, output } = calls[event >> 1] as Call;
    const { f, key, input } = request;
    const timeNs = index * 1_000;
    if (event % 2 === 0) builder.append(INVOKE, process, f, key, input, undefined, timeNs);
    else if (outcome === "ok") builder.append(OK, process, f, key, output, undefined, timeNs);
    else if (outcome === "fail") builder.append(FAIL, process, f, key, input, undefined, timeNs);
    else builder.append(INFO, process, f, key, null, "timeout", timeNs);
  }
  return builder.build();
}
