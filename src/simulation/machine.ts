/**
 * The machine of one node: starts its program, and ends it in all the ways that a process can end.
 * Its disk, its clock and its address outlive the process; everything else belongs to an
 * incarnation.
 */
import { HarnessError, messageOf } from "../errors.js";
import type { Random } from "../random.js";
import type { NodeId } from "../world/network.js";
import type { NodeContext, NodeInstance, NodeProgram } from "../world/world.js";
import { createClock, type ClockError } from "./clock.js";
import type { MachineDisk } from "./disk-port.js";
import type { SimulatedNetwork } from "./network.js";
import type { Scheduler } from "./scheduler.js";
import { createScope, type Scope } from "./scope.js";

/** What a machine is made of. */
export interface MachineParts {
  readonly id: NodeId;
  readonly nodes: readonly NodeId[];
  readonly scheduler: Scheduler;
  readonly network: SimulatedNetwork;
  readonly disk: MachineDisk;
  readonly clockError: ClockError;
  readonly random: Random;
  /** Makes the program anew for each incarnation, so that nothing survives in closures. */
  readonly makeProgram: () => NodeProgram;
  readonly onLog: (line: string) => void;
}

/** One node's machine. */
export interface Machine {
  start(): Promise<void>;
  kill(): void;
  powerOff(): void;
  pause(): void;
  resume(): void;
  status(): "up" | "down" | "paused";
  /** Orderly end: asks the program to stop, and kills it when it does not. */
  stop(): Promise<void>;
  /** In words, for the message of a deadlock. */
  describe(): string;
}

interface Incarnation {
  readonly scope: Scope;
  readonly started: Promise<void>;
  instance: NodeInstance | undefined;
  /** Called once, when the incarnation ends. */
  readonly onEnd: ((reason: string) => void)[];
  /** Set once an orderly stop is under way. */
  stopping: Promise<void> | undefined;
}

/** A process takes this long from its start to the first line of its program. */
const BOOT_NS = 1_000_000;
/** A program that has not stopped after this is killed. */
const STOP_LIMIT_NS = 10_000_000_000;

/** Makes a machine that is down. */
export function createMachine(parts: MachineParts): Machine {
  const { id, scheduler, network, disk } = parts;
  let current: Incarnation | undefined;
  let starts = 0;

  const end = (incarnation: Incarnation, reason: string): void => {
    if (current !== incarnation) return;
    current = undefined;
    scheduler.kill(incarnation.scope);
    network.detach(id, incarnation.scope);
    disk.interrupt();
    incarnation.instance = undefined;
    for (const tell of incarnation.onEnd.splice(0)) tell(reason);
  };

  const crash = (incarnation: Incarnation, error: unknown): void => {
    if (current !== incarnation) return;
    const line = `crashed: ${messageOf(error)}`;
    parts.onLog(line);
    const stack = error instanceof Error ? (error.stack ?? "").split("\n").slice(1) : [];
    for (const frame of stack) parts.onLog(frame);
    end(incarnation, line);
  };

  /**
   * Settles a promise of the harness as an event of the harness, so that what follows is not blamed
   * on the node.
   */
  const later = (action: () => void): void => {
    scheduler.after(0, scheduler.harness, action);
  };

  const contextOf = (scope: Scope, random: Random): NodeContext => ({
    id,
    nodes: parts.nodes,
    clock: createClock(scheduler, scope, parts.clockError),
    network: network.attach(id, scope),
    disk: disk.open(scope),
    random,
    log: (line) => {
      if (scope.state !== "dead") parts.onLog(line);
    },
  });

  const boot = (): Incarnation => {
    const number = ++starts;
    const scope = createScope(id, (error) => crash(incarnation, error));
    const onEnd: Incarnation["onEnd"] = [];
    const started = new Promise<void>((resolve, reject) => {
      const failed = (reason: string): void =>
        later(() =>
          reject(
            new HarnessError("harness-failure", `node ${id} did not start: ${reason}; see its log`),
          ),
        );
      onEnd.push(failed);
      scheduler.after(BOOT_NS, scope, () => {
        const context = contextOf(scope, parts.random.fork(`node:${id}:${number}`));
        startProgram(parts.makeProgram, context).then(
          (instance) => {
            if (current !== incarnation) return undefined;
            incarnation.instance = instance;
            onEnd.splice(onEnd.indexOf(failed), 1);
            later(resolve);
            return undefined;
          },
          (error: unknown) => crash(incarnation, error),
        );
      });
    });
    const incarnation: Incarnation = {
      scope,
      started,
      instance: undefined,
      onEnd,
      stopping: undefined,
    };
    return incarnation;
  };

  const kill = (): void => {
    if (current !== undefined) end(current, "it was killed while it started");
  };

  const stop = (): Promise<void> => {
    const incarnation = current;
    if (incarnation === undefined || incarnation.scope.state === "paused") {
      kill();
      return Promise.resolve();
    }
    incarnation.stopping ??= new Promise((resolve) => {
      const finish = (): void => end(incarnation, "it was stopped");
      const limit = scheduler.after(STOP_LIMIT_NS, scheduler.harness, finish);
      incarnation.onEnd.push(() => {
        scheduler.cancel(limit);
        later(resolve);
      });
      scheduler.after(0, incarnation.scope, () => {
        const stopped = Promise.resolve(incarnation.instance?.stop?.());
        stopped.then(finish, (error: unknown) => crash(incarnation, error));
      });
    });
    return incarnation.stopping;
  };

  return {
    start: () => {
      current ??= boot();
      return current.started;
    },
    kill,
    powerOff: () => {
      kill();
      disk.losePower();
    },
    pause: () => {
      if (current !== undefined) scheduler.pause(current.scope);
    },
    resume: () => {
      if (current !== undefined) scheduler.resume(current.scope);
    },
    status: () => {
      if (current === undefined) return "down";
      return current.scope.state === "paused" ? "paused" : "up";
    },
    stop,
    describe: () => {
      if (current === undefined) return `${id} is down`;
      const { state, held } = current.scope;
      return state === "paused"
        ? `${id} is paused with ${held.length} events waiting`
        : `${id} is up`;
    },
  };
}

/** An async function, so that what is thrown at once is a rejection too. */
async function startProgram(
  makeProgram: () => NodeProgram,
  context: NodeContext,
): Promise<NodeInstance | undefined> {
  return (await makeProgram().start(context)) ?? undefined;
}
