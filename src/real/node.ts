/**
 * A node through all its incarnations: start, kill, pause, resume, stop. Calls for one node take
 * their turns, so that a crash and a pause that strike together cannot mix; only `destroy` waits
 * for nothing.
 */
import { assert, HarnessError } from "../errors.js";
import type { NodeId } from "../world/network.js";
import type { ProgramReference } from "../world/world.js";
import { startHost, type Exit, type HostChild, type HostEvent } from "./host-process.js";
import type { FromHost, HostSettings, Ports } from "./host-messages.js";
import { isStopped } from "./processes.js";
import type { Reaping } from "./reaping.js";

/** What a node is made from. */
export interface NodeOptions {
  readonly settings: Omit<HostSettings, "incarnation" | "port">;
  readonly program: ProgramReference;
  readonly reaping: Reaping;
  /** How long each step of a start may take. */
  readonly startTimeoutMs: number;
  /** A line for the node's log, with its time if the host gave one. */
  readonly onLog: (line: string, timeNs?: number) => void;
  /** What holds for all nodes now. */
  readonly ports: () => Ports;
  readonly cuts: () => readonly string[];
}

/** One node. Each control is idempotent, and resolves when its effect is certain. */
export interface RealNode {
  readonly id: NodeId;
  status(): "up" | "down" | "paused";
  /** Where it listens, or listened last. */
  port(): number | undefined;
  /** First half of the first start: a process that listens. */
  launch(): Promise<void>;
  /** Second half: the program serves. */
  begin(): Promise<void>;
  /** Both halves; calls back in between when the node listens elsewhere than before. */
  start(onMoved: () => void): Promise<void>;
  kill(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** The orderly end; a program that does not end in time is killed. */
  stop(): Promise<void>;
  /** Tells the host where the others listen now. */
  refreshPorts(): void;
  /** Has the host apply the cuts of now; a node that is paused or down does so when it goes on. */
  refreshCuts(): Promise<void>;
  /** Kills it at once, and keeps it from starting ever again. */
  destroy(): Promise<void>;
}

const STOP_LIMIT_MS = 5000;
const OBEY_LIMIT_MS = 5000;
const SIGNAL_LIMIT_MS = 5000;
/** How many lines of its log an error shows. */
const TAIL_LINES = 12;

/** Makes a node that is down. */
export function createNode(options: NodeOptions): RealNode {
  const { settings, startTimeoutMs, onLog } = options;
  const { id } = settings;
  let child: HostChild | undefined;
  let phase: "down" | "starting" | "up" | "paused" = "down";
  let incarnation = 0;
  let port: number | undefined;
  let sequence = 0;
  let destroyed = false;
  /** Whether the end of the process is our doing. */
  let ending = false;
  let tail: string[] = [];
  const inTurn = createTurns();

  const log = (line: string, timeNs?: number): void => {
    tail = [...tail.slice(1 - TAIL_LINES), line];
    onLog(line, timeNs);
  };

  const noteExit = async (gone: HostChild, exit: Exit): Promise<void> => {
    const alone = phase !== "starting" && !ending;
    if (child === gone) phase = "down";
    if (!alone) return;
    await gone.drained;
    log(`${id} ended by itself: ${describe(exit)}`);
  };

  const failure = async (gone: HostChild, why: string): Promise<HarnessError> => {
    await killNow();
    await gone.drained;
    const lines = tail.map((line) => `\n  ${id}: ${line}`).join("");
    return new HarnessError(
      "harness-failure",
      `${id} did not start: ${why}; its last lines:${lines || " none"}`,
    );
  };

  /** Waits for a step of the start; anything else than that step ends the start. */
  const step = async <T extends FromHost["type"]>(
    type: T,
  ): Promise<Extract<FromHost, { readonly type: T }>> => {
    const host = child as HostChild;
    let event: HostEvent;
    try {
      event = await host.next((message) => message.type === type || message.type === "failed", {
        limitMs: startTimeoutMs,
        what: `its start (waiting for "${type}")`,
      });
    } catch (error) {
      throw await failure(host, (error as Error).message);
    }
    if (event.type === type) return event as Extract<FromHost, { readonly type: T }>;
    if (event.type === "failed") throw await failure(host, event.message);
    throw await failure(host, event.type === "exit" ? describe(event) : event.type);
  };

  const launch = async (): Promise<void> => {
    if (phase !== "down") return;
    if (destroyed) throw new HarnessError("harness-failure", `${id}: its world is closed`);
    phase = "starting";
    ending = false;
    tail = [];
    incarnation++;
    let made: HostChild | undefined;
    try {
      made = await startHost({
        reaping: options.reaping,
        onLine: (line) => log(line),
        onEvent: (event) => {
          if (event.type === "log") log(event.line, event.timeNs);
          else if (event.type === "exit" && made !== undefined) void noteExit(made, event);
        },
      });
    } catch (error) {
      phase = "down";
      throw error;
    }
    child = made;
    if (destroyed) child.signal("SIGKILL");
    await step("awake");
    child.tell({
      type: "listen",
      settings: { ...settings, incarnation, ...(port === undefined ? {} : { port }) },
    });
    ({ port } = await step("listening"));
  };

  const begin = async (): Promise<void> => {
    if (phase === "up" || phase === "paused") return;
    assert(child !== undefined, `${id} begins before it was launched`);
    const gone = child.exit();
    if (gone !== undefined) throw await failure(child, describe(gone));
    const { program, ports, cuts } = options;
    child.tell({ type: "begin", program, ports: ports(), cuts: cuts() });
    await step("ready");
    if (child.exit() === undefined) phase = "up";
  };

  const killNow = async (): Promise<void> => {
    ending = true;
    child?.signal("SIGKILL");
    await within(child?.exited, SIGNAL_LIMIT_MS, `${id} does not die of SIGKILL`);
    phase = "down";
  };

  const refreshCuts = async (): Promise<void> => {
    if (phase !== "up" || child === undefined) return;
    const mine = ++sequence;
    const acknowledged = child.next(
      (event) => event.type === "cuts-applied" && event.sequence >= mine,
      { limitMs: OBEY_LIMIT_MS, what: `cutting the links of ${id}` },
    );
    child.tell({ type: "cuts", cuts: options.cuts(), sequence: mine });
    await acknowledged;
  };

  const pause = async (): Promise<void> => {
    if (phase !== "up" || child === undefined) return;
    const { pid } = child;
    child.signal("SIGSTOP");
    phase = "paused";
    for (let round = 0; child.exit() === undefined && !isStopped(pid); round++) {
      if (round > SIGNAL_LIMIT_MS) {
        throw new HarnessError("harness-failure", `${id} does not stop at SIGSTOP`);
      }
      await delay(1);
    }
  };

  const resume = async (): Promise<void> => {
    if (phase !== "paused" || child === undefined) return;
    child.signal("SIGCONT");
    phase = "up";
    child.tell({ type: "ports", ports: options.ports() });
    await refreshCuts();
  };

  const stop = async (): Promise<void> => {
    if (phase === "down" || child === undefined) return;
    ending = true;
    if (phase === "paused") child.signal("SIGCONT");
    child.tell({ type: "stop" });
    const ended = await Promise.race([child.exited, delay(STOP_LIMIT_MS)]);
    if (ended === undefined) log(`${id} did not end within ${STOP_LIMIT_MS / 1000} s: killed`);
    await killNow();
    await child.drained;
  };

  return {
    id,
    status: () => (phase === "starting" ? "down" : phase),
    port: () => port,
    launch: () => inTurn(launch),
    begin: () => inTurn(begin),
    start: (onMoved) =>
      inTurn(async () => {
        const before = port;
        await launch();
        if (port !== before) onMoved();
        await begin();
      }),
    kill: () => inTurn(killNow),
    pause: () => inTurn(pause),
    resume: () => inTurn(resume),
    stop: () => inTurn(stop),
    refreshPorts: () => child?.tell({ type: "ports", ports: options.ports() }),
    refreshCuts: () => inTurn(refreshCuts),
    destroy: async () => {
      destroyed = true;
      await killNow();
    },
  };
}

function describe({ code, signal }: Exit): string {
  return signal === null ? `it exited with code ${code ?? "unknown"}` : `it was ended by ${signal}`;
}

function createTurns(): <T>(action: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (action) => {
    const turn = last.then(action);
    last = turn.catch(() => undefined);
    return turn;
  };
}

async function within(
  promise: Promise<unknown> | undefined,
  limitMs: number,
  message: string,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((_, reject) => {
    timer = setTimeout(() => reject(new HarnessError("harness-failure", message)), limitMs);
  });
  try {
    await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function delay(delayMs: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), delayMs).unref();
  });
}
