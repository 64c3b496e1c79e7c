/**
 * The workers of a run: each is one logical client that does one operation at a time.
 *
 * A worker whose operation ended as `info` cannot know whether its old connection will still take
 * effect; it goes on as a new process (`process + concurrency`) on a new connection, so that every
 * process stays single-threaded and its open operation stays open for ever.
 */
import type { Dispatch } from "../generator/generator.js";
import { messageOf } from "../errors.js";
import type { Clock } from "../world/clock.js";
import { completionOf, type Client, type Completion } from "./client.js";

/** How workers reach their system. */
export interface WorkerOptions {
  /** Number of client workers; their first processes are 0 to concurrency - 1. */
  readonly concurrency: number;
  /** Opens the connection of a process; called again for the same process when it failed. */
  readonly connect: (process: number) => Promise<Client>;
  readonly clock: Clock;
  /**
   * After this an operation counts as indeterminate, whatever its client still does; a connection
   * that is not open by then counts as refused.
   */
  readonly operationTimeoutMs: number;
}

/** The client workers of one run. */
export interface Workers {
  /** The current process of each worker: the same array until one of them changes. */
  readonly processes: readonly number[];
  /** Carries out one operation; never rejects. */
  perform(dispatch: Dispatch & { readonly process: number }): Promise<Completion>;
  /**
   * Tells that the process's operation was indeterminate: its worker goes on as another process.
   */
  retire(process: number): void;
  closeAll(): Promise<void>;
}

/**
 * After a connection that failed at once a worker waits so long, so that it does not burn through
 * the workload.
 */
const RECONNECT_PAUSE_MS = 100;

/** Makes the workers; connections are opened when they are first needed. */
export function createWorkers(options: WorkerOptions): Workers {
  const { concurrency, connect, clock, operationTimeoutMs } = options;
  const clients = new Map<number, Client>();

  const perform: Workers["perform"] = (dispatch) => {
    const client = clients.get(dispatch.process);
    if (client === undefined) return connectAndPerform(dispatch);
    return withTimeout(client, dispatch, { clock, operationTimeoutMs });
  };

  const connectAndPerform: Workers["perform"] = async (dispatch) => {
    let client: Client;
    const startNs = clock.nowNs();
    try {
      client = await openInTime(connect(dispatch.process), { clock, operationTimeoutMs });
    } catch (error) {
      const leftMs = operationTimeoutMs - (clock.nowNs() - startNs) / 1e6;
      await clock.sleep(Math.max(0, Math.min(RECONNECT_PAUSE_MS, leftMs)));
      // Nothing was sent, so nothing happened.
      return { type: "fail", error: ["no-connection", messageOf(error)] };
    }
    clients.set(dispatch.process, client);
    return withTimeout(client, dispatch, { clock, operationTimeoutMs });
  };

  const retire = (process: number): void => {
    const client = clients.get(process);
    clients.delete(process);
    workers.processes = workers.processes.with(process % concurrency, process + concurrency);
    // The old connection may hang; nobody waits for it.
    client?.close().catch(() => undefined);
  };

  const closeAll = async (): Promise<void> => {
    const open = [...clients.values()];
    clients.clear();
    await Promise.allSettled(open.map(async (client) => client.close()));
  };

  const first: readonly number[] = Array.from({ length: concurrency }, (_, worker) => worker);
  const workers = { processes: first, perform, retire, closeAll };
  return workers;
}

/**
 * A connection that opens too late is closed again. @throws what `opening` throws, or that it took
 * too long.
 */
function openInTime(
  opening: Promise<Client>,
  { clock, operationTimeoutMs }: Pick<WorkerOptions, "clock" | "operationTimeoutMs">,
): Promise<Client> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = clock.timer(operationTimeoutMs, () => {
      late = true;
      reject(new Error(`no connection within ${operationTimeoutMs} ms`));
    });
    const settle = (client: Client): void => {
      timer.cancel();
      if (late) client.close().catch(() => undefined);
      else resolve(client);
    };
    opening.then(settle, (error: unknown) => {
      timer.cancel();
      reject(error);
    });
  });
}

function withTimeout(
  client: Client,
  dispatch: Dispatch,
  limits: Pick<WorkerOptions, "clock" | "operationTimeoutMs">,
): Promise<Completion> {
  const { f, key, value } = dispatch;
  return new Promise((resolve) => {
    const timer = limits.clock.timer(limits.operationTimeoutMs, () => {
      const error = ["timeout", `no answer within ${limits.operationTimeoutMs} ms`];
      resolve({ type: "info", error });
    });
    const finish = (completion: Completion): void => {
      timer.cancel();
      resolve(completion);
    };
    const failed = (error: unknown): void => finish(completionOf(error));
    try {
      const invoked = client.invoke(key === undefined ? { f, value } : { f, key, value });
      // A user's own client, in plain JavaScript, may answer without a promise.
      Promise.resolve(invoked).then((result) => finish({ type: "ok", value: result }), failed);
    } catch (error) {
      // One that throws at once is as good as one that rejects.
      failed(error);
    }
  });
}
