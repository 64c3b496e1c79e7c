/**
 * The main phase of an explored run: each worker carries out its operations one after the other,
 * and when each begins is one of the things that are chosen.
 */
import type { Invocation } from "../generator/generator.js";
import type { NewEvent } from "../history/history.js";
import type { HistoryEvent } from "../history/operation.js";
import type { MainPhase } from "../runner/phases.js";
import type { NodeId } from "../world/network.js";
import type { ChosenQueue } from "./chosen-queue.js";

/** What is driven. */
export interface DriveOptions {
  /** The operations of each worker, in their order. */
  readonly operations: readonly (readonly Invocation[])[];
  readonly queue: ChosenQueue;
  /** Before this the system is left alone. */
  readonly warmUpMs: number;
  /** Whether the clients share something beside the system. */
  readonly shared: boolean;
  /** All operations have ended, and nothing is left to happen. */
  readonly onEnd?: () => void;
  /** When an event is shown that happens at a time. Default: then. */
  readonly shownNs?: (clockNs: number) => number;
  /** Ends the phase before its time, with operations that are under way. */
  readonly stopped?: Promise<void>;
}

const MOMENTS = 1_000;
const MOMENT_MS = 0.25;

/** Carries out the main phase, for `RunOptions.main`. */
export async function drive(parts: MainPhase, options: DriveOptions): Promise<void> {
  const { cluster, clock } = parts;
  const { operations, queue, warmUpMs, shared } = options;
  const { nodes, processes } = cluster;
  let lastNs = 0;
  // Places have times of their own, a little apart; a history has one.
  const record = (event: Omit<NewEvent, "timeNs">): HistoryEvent => {
    const nowNs = clock.nowNs();
    lastNs = Math.max(lastNs, options.shownNs?.(nowNs) ?? nowNs);
    return parts.record({ ...event, timeNs: lastNs });
  };
  const fault = (f: string, node: NodeId): void => {
    const event = { type: "info", process: "nemesis", f } as const;
    record({ ...event, value: null });
    record({ ...event, value: { nodes: [node] } });
  };
  await clock.sleep(warmUpMs);
  // A moment at which no heartbeat is on its way, if there is one: it would be tried in all orders.
  for (let i = 0; i < MOMENTS && !queue.quiet; i++) await clock.sleep(MOMENT_MS);
  let started: Promise<void> = Promise.resolve();
  const ended = new Promise<void>((resolve) => {
    queue.begin({
      nodes,
      workers: operations.length,
      shared,
      nowNs: clock.nowNs(),
      act: (kind, node) => {
        const status = processes.status(node);
        if (kind === "pause" || kind === "resume") {
          if (status !== (kind === "pause" ? "up" : "paused")) return false;
          fault(kind === "pause" ? "start-pause" : "stop-pause", node);
          void processes[kind](node);
          return true;
        }
        if ((status === "down") !== (kind === "start")) return false;
        if (kind === "start") {
          fault("stop-crash", node);
          // A node that does not come up says why in its log.
          started = processes.start(node).catch(() => undefined);
          return true;
        }
        fault("start-crash", node);
        void (kind === "kill" ? processes.kill(node) : processes.powerOff(node));
        return true;
      },
      onLink: (change, [a, b]) => {
        const f = change === "cut" ? "start-partition" : "stop-partition";
        const event = { type: "info", process: "nemesis", f } as const;
        record({ ...event, value: null });
        record({
          ...event,
          value: { [change === "cut" ? "cuts" : "healed"]: [`${a}>${b}`, `${b}>${a}`] },
        });
      },
      onEnd: resolve,
    });
  });
  const working = operations.map(async (own, worker) =>
    work({ ...parts, record }, { own, worker, ...options }),
  );
  const all = Promise.all(working).then(() => {
    queue.decide();
    return ended;
  });
  try {
    await (options.stopped === undefined ? all : Promise.race([all, options.stopped]));
    options.onEnd?.();
  } finally {
    queue.end();
  }
  await started;
  for (const node of nodes) await processes.resume(node);
  for (const node of nodes) if (processes.status(node) === "down") await processes.start(node);
  // What follows is later than all that was recorded, wherever that was.
  const restNs = lastNs - clock.nowNs();
  if (restNs > 0) await clock.sleep(Math.ceil(restNs / 1e6));
}

type Work = DriveOptions & { readonly own: readonly Invocation[]; readonly worker: number };

type Recording = Pick<MainPhase, "workers"> & {
  readonly record: (event: Omit<NewEvent, "timeNs">) => HistoryEvent;
};

async function work({ workers, record }: Recording, options: Work): Promise<void> {
  const { own, worker, queue } = options;
  for (const operation of own) {
    await new Promise<void>((resolve) => {
      queue.offer(worker, resolve);
    });
    const process = workers.processes[worker] as number;
    const event = { ...operation, process };
    record({ ...event, type: "invoke" });
    const completion = await workers.perform({ ...operation, process, timeNs: 0 });
    const { type } = completion;
    record(
      completion.type === "ok"
        ? { ...event, type: "ok", value: completion.value }
        : { ...event, type: completion.type, error: completion.error },
    );
    if (type === "info") workers.retire(process);
  }
}
