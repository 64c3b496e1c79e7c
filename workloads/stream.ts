/**
 * Streams: messages are sent to a few logs at a time, one alone or several in a transaction, which
 * may also poll. Some processes consume those that they are
 * assigned, each from where it stands, others share them as a group; finally every log is polled
 * from its beginning.
 *
 * Where a consumer stands is remembered by its client, as that of a broker would: `assign` replaces
 * its logs (a log that it keeps goes on), `poll` reads on in each of them. Where the group stands
 * is kept by the store: each of its members takes what comes next.
 */
import { stream as streamChecker } from "../checkers/stream.js";
import { anyOf, delay, limit, perKey, recall, repeat, untilOk } from "../src/generator/index.js";
import type { Generator, Invocation } from "../src/generator/generator.js";
import type { SourceContext } from "../src/generator/source.js";
import type { History } from "../src/history/history.js";
import type { Process } from "../src/history/operation.js";
import { canonical, type Value } from "../src/history/value.js";
import { OperationError, type Client } from "../src/runner/client.js";
import type { Workload } from "../src/runner/workload.js";
import { assertCounts } from "./counts.js";
import { touchedKeys } from "./final-reads.js";
import { objectClient } from "./objects.js";

/** How the logs are used. */
export interface StreamWorkloadOptions {
  /** Logs in use at a time, at least 1. Default 3. */
  readonly logCount?: number;
  /** Mean number of operations on a log before new logs follow, at least 1. Default 120. */
  readonly operationsPerLog?: number;
}

/** How many messages a poll takes from a log at the most. */
const POLL_LIMIT = 10;
/** What the group is called. */
const GROUP = "group";
const ASSIGN_SHARE = 0.05;
const SEND_SHARE = 0.3;
const TRANSACTION_SHARE = 0.2;
/** How many messages a transaction sends at the most. */
const SENDS_MAX = 3;
const ATTEMPTS = 10;
const ATTEMPT_DISTANCE_MS = 200;

/**
 * Makes the workload.
 * @throws HarnessError `bad-argument` for numbers below 1.
 */
export function stream(options: StreamWorkloadOptions = {}): Workload {
  const { logCount = 3, operationsPerLog = 120 } = options;
  assertCounts({ logCount, operationsPerLog });
  const logs = (index: number): readonly string[] => {
    const round = Math.floor(index / (logCount * operationsPerLog));
    return Array.from({ length: logCount }, (_, i) => `logs${round}.${i}`);
  };
  return {
    name: "stream",
    description: "messages to logs, and consumers that poll on; none is lost, doubled or skipped",
    requires: ["log"],
    optional: [],
    functions: ["send", "poll", "txn", "assign", "subscribe"],
    observes: ["poll"],
    generator: () => consumeAndSend(logs),
    finalGenerator: (_, history) =>
      anyOf(
        perKey({
          keys: logsIn(history),
          groupSize: 1,
          limitPerKey: ATTEMPTS,
          // All of it, from the first message on.
          generator: () => untilOk(delay(ATTEMPT_DISTANCE_MS, repeat({ f: "poll", value: 0 }))),
        }),
        limit(ATTEMPTS, untilOk(repeat({ f: "poll", value: null }))),
      ),
    checker: () => streamChecker({ delivery: "exactly-once" }),
    client: consumer,
  };
}

function consumeAndSend(logs: (index: number) => readonly string[]): Generator {
  return recall<ReadonlySet<Process>>({
    initial: new Set<Process>(),
    observe: (assigned, { f, type, process }) =>
      (f === "assign" || f === "subscribe") && type === "ok"
        ? new Set(assigned).add(process)
        : assigned,
    source: (assigned, context) => {
      const { index, process, random } = context;
      const current = logs(index);
      const draw = random.float();
      if (draw < SEND_SHARE)
        return { f: "send", key: random.pick(current), value: index * SENDS_MAX };
      if (draw < SEND_SHARE + TRANSACTION_SHARE) {
        // Who takes part in a group, or has no logs yet, only sends.
        return {
          f: "txn",
          value: stepsOn(current, context, isAlone(process) && assigned.has(process)),
        };
      }
      const isNew = !assigned.has(process);
      return isNew || draw > 1 - ASSIGN_SHARE ? assign(current, context) : POLL;
    },
  });
}

/** The steps of a transaction: some messages, and perhaps a poll. */
function stepsOn(
  logs: readonly string[],
  { random, index }: SourceContext,
  mayPoll: boolean,
): Value {
  const count = 1 + random.below(SENDS_MAX);
  const steps: Value[] = Array.from({ length: count }, (_, i): Value => {
    return ["send", random.pick(logs), index * SENDS_MAX + i];
  });
  return mayPoll && random.chance(0.5) ? [...steps, ["poll"]] : steps;
}

/** Whether a process consumes by itself. */
const isAlone = (process: Process): boolean => Number(process) % 3 !== 2;

const POLL: Invocation = { f: "poll", value: null };

/** Some of the logs, in the order of their names; every third process joins the group for all. */
function assign(logs: readonly string[], { random, process }: SourceContext): Invocation {
  if (!isAlone(process)) {
    return { f: "subscribe", value: { group: GROUP, logs: [...logs] } };
  }
  const count = 1 + random.below(logs.length);
  return { f: "assign", value: random.shuffle(logs).slice(0, count).sort() };
}

/** All logs that were sent to or polled, in the order in which they were first used. */
function logsIn(history: History): readonly Value[] {
  const logs = new Set(touchedKeys(history));
  for (const invocation of history.invocations()) {
    const { f, input } = history.operation(invocation);
    if (f !== "txn") continue;
    for (const [name, log = null] of input as readonly (readonly Value[])[]) {
      if (name === "send") logs.add(log);
    }
  }
  return [...logs];
}

/** The key under which a log is kept, with the others of its time. */
const topicOf = (log: Value): string =>
  typeof log === "string" ? log.replace(/\.\d+$/, "") : canonical(log);

/** A consumer, which remembers where it stands in the logs that it is assigned. */
function consumer(inner: Client): Client {
  const store = objectClient(inner, "log");
  const positions = new Map<string, number>();
  let assigned: readonly string[] = [];
  let inGroup = false;
  const call = async (f: string, log: Value, slice: object): Promise<readonly Value[]> =>
    listOf(await store.invoke({ f, key: topicOf(log), value: { ...slice, log } }));
  /** Nothing has moved until all of it is here. */
  const moveTo = (polled: readonly (readonly [string, readonly Value[]])[]): Value => {
    for (const [log, messages] of polled) {
      const last = messages.at(-1);
      if (Array.isArray(last)) positions.set(log, Number(last[0]) + 1);
    }
    return Object.fromEntries(polled);
  };
  const sliceOf = (log: string): Value => ({
    log,
    from: positions.get(log) ?? 0,
    limit: POLL_LIMIT,
  });
  const transaction = async (steps: readonly (readonly Value[])[]): Promise<Value> => {
    const topic = topicOf(steps[0]?.[1] ?? null);
    // Logs of another time are kept elsewhere.
    const polled = inGroup ? [] : assigned.filter((log) => topicOf(log) === topic);
    const asked = steps.flatMap(([f, log = null, message = null]): readonly Value[] =>
      f === "send" ? [["send", [log, message]]] : polled.map((log) => ["read", sliceOf(log)]),
    );
    const answers = [...listOf(await store.invoke({ f: "txn", key: topic, value: asked }))];
    return steps.map(([f, log = null, message = null]): Value => {
      if (f === "send") return ["send", log, [answers.shift() ?? null, message]];
      return ["poll", moveTo(polled.map((each) => [each, listOf(answers.shift() ?? null)]))];
    });
  };
  return {
    invoke: async ({ f, key, value }) => {
      if (f === "send") {
        return store.invoke({ f, key: topicOf(key ?? null), value: [key ?? null, value] });
      }
      if (f === "txn") return transaction(value as readonly (readonly Value[])[]);
      if (f === "subscribe") {
        assigned = (value as { readonly logs: readonly string[] }).logs;
        inGroup = true;
        positions.clear();
        return value;
      }
      if (f === "assign") {
        assigned = value as readonly string[];
        inGroup = false;
        for (const log of positions.keys()) if (!assigned.includes(log)) positions.delete(log);
        return value;
      }
      if (key !== undefined) {
        return call("read", key, { from: Number(value ?? 0), limit: Number.MAX_SAFE_INTEGER });
      }
      if (inGroup) return takeInTurn(assigned, (log) => call("take", log, TAKE));
      const polled: [string, readonly Value[]][] = [];
      for (const log of assigned) {
        polled.push([
          log,
          await call("read", log, { from: positions.get(log) ?? 0, limit: POLL_LIMIT }),
        ]);
      }
      return moveTo(polled);
    },
    close: async () => store.close(),
  };
}

function listOf(value: Value): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [];
}

const TAKE = { group: GROUP, limit: POLL_LIMIT };

/**
 * What was taken from some logs is gone for the group, so that it is an answer, even where the next
 * log refuses.
 */
async function takeInTurn(
  logs: readonly string[],
  take: (log: string) => Promise<readonly Value[]>,
): Promise<Value> {
  const taken: [string, readonly Value[]][] = [];
  for (const log of logs) {
    try {
      taken.push([log, await take(log)]);
    } catch (error) {
      const isRefusal = error instanceof OperationError && error.outcome === "fail";
      if (!isRefusal || taken.length === 0) throw error;
      break;
    }
  }
  return Object.fromEntries(taken);
}
