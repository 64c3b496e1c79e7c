/**
 * Streams: messages are sent to a few logs at a time, and every process consumes those that it is
 * assigned, each from where it stands; finally every log is polled from its beginning.
 *
 * Where a consumer stands is remembered by its client, as that of a broker would: `assign` replaces
 * its logs (a log that it keeps goes on), `poll` reads on in each of them.
 */
import { stream as streamChecker } from "../checkers/stream.js";
import { anyOf, delay, limit, perKey, recall, repeat, untilOk } from "../src/generator/index.js";
import type { Generator, Invocation } from "../src/generator/generator.js";
import type { SourceContext } from "../src/generator/source.js";
import type { Process } from "../src/history/operation.js";
import type { Value } from "../src/history/value.js";
import type { Client } from "../src/runner/client.js";
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
const ASSIGN_SHARE = 0.05;
const SEND_SHARE = 0.45;
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
    return Array.from({ length: logCount }, (_, i) => `log${round * logCount + i}`);
  };
  return {
    name: "stream",
    description: "messages to logs, and consumers that poll on; none is lost, doubled or skipped",
    requires: ["log"],
    optional: [],
    functions: ["send", "poll", "assign"],
    observes: ["poll"],
    generator: () => consumeAndSend(logs),
    finalGenerator: (_, history) =>
      anyOf(
        perKey({
          keys: touchedKeys(history),
          groupSize: 1,
          limitPerKey: ATTEMPTS,
          // All of it, from the first message on.
          generator: () => untilOk(delay(ATTEMPT_DISTANCE_MS, repeat({ f: "poll", value: 0 }))),
        }),
        limit(ATTEMPTS, untilOk(repeat({ f: "poll", value: null }))),
      ),
    checker: () => streamChecker(),
    client: consumer,
  };
}

function consumeAndSend(logs: (index: number) => readonly string[]): Generator {
  return recall<ReadonlySet<Process>>({
    initial: new Set<Process>(),
    observe: (assigned, { f, type, process }) =>
      f === "assign" && type === "ok" ? new Set(assigned).add(process) : assigned,
    source: (assigned, context) => {
      const { index, process, random } = context;
      const current = logs(index);
      const draw = random.float();
      if (draw < SEND_SHARE) return { f: "send", key: random.pick(current), value: index };
      const isNew = !assigned.has(process);
      return isNew || draw > 1 - ASSIGN_SHARE ? assign(current, context) : POLL;
    },
  });
}

const POLL: Invocation = { f: "poll", value: null };

/** Some of the logs, in the order of their names. */
function assign(logs: readonly string[], { random }: SourceContext): Invocation {
  const count = 1 + random.below(logs.length);
  return { f: "assign", value: random.shuffle(logs).slice(0, count).sort() };
}

/** A consumer, which remembers where it stands in the logs that it is assigned. */
function consumer(inner: Client): Client {
  const store = objectClient(inner, "log");
  const positions = new Map<string, number>();
  let assigned: readonly string[] = [];
  const read = async (key: Value, from: number, most: number): Promise<readonly Value[]> => {
    const value = await store.invoke({ f: "read", key, value: { from, limit: most } });
    return Array.isArray(value) ? (value as readonly Value[]) : [];
  };
  return {
    invoke: async ({ f, key, value }) => {
      if (f === "send") return store.invoke({ f, key: key ?? null, value });
      if (f === "assign") {
        assigned = value as readonly string[];
        for (const log of positions.keys()) if (!assigned.includes(log)) positions.delete(log);
        return value;
      }
      if (key !== undefined) return read(key, Number(value ?? 0), Number.MAX_SAFE_INTEGER);
      const polled: [string, readonly Value[]][] = [];
      for (const log of assigned) {
        polled.push([log, await read(log, positions.get(log) ?? 0, POLL_LIMIT)]);
      }
      // Nothing has moved until all of it is here.
      for (const [log, messages] of polled) {
        const last = messages.at(-1);
        if (Array.isArray(last)) positions.set(log, Number(last[0]) + 1);
      }
      return Object.fromEntries(polled);
    },
    close: async () => store.close(),
  };
}
