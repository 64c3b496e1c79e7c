/**
 * The machine of one node: starts its program, and ends it in all the ways that a process can end.
 * Its disk, its clock and its address outlive the process; everything else belongs to an
 * incarnation.
 */
import { HarnessError, messageOf } from "../errors.js";
import type { Random } from "../random.js";
import type { Message, NodeId } from "../world/network.js";
import type { NodeContext, NodeInstance, NodeProgram } from "../world/world.js";
import {
  createClock,
  createMachineClock,
  type ClockError,
  type ClockFaults,
  type MachineClock,
} from "./clock.js";
import type { DiskFaults, MachineDisk } from "./disk-port.js";
import type { SimulatedNetwork } from "./network.js";
import type { Scheduler } from "./scheduler.js";
import { createScope, type Scope } from "./scope.js";
import { waitsOf } from "./waiting.js";

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
  readonly clock: ClockFaults;
  readonly disk: DiskFaults;
  start(): Promise<void>;
  kill(): void;
  powerOff(): void;
  pause(): void;
  resume(): void;
  status(): "up" | "down" | "paused";
  /** Orderly end: asks the program to stop, and kills it when it does not. */
  stop(): Promise<void>;
  /** What it is waiting for, in words. */
  describe(): string;
  /** See `Insight`. */
  memory(): Message | undefined;
}

interface Incarnation {
  readonly scope: Scope;
  readonly started: Promise<void>;
  instance: NodeInstance | undefined;
  /** The stream of its program. */
  readonly random: Random;
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
  return new SimulatedMachine(parts);
}

class SimulatedMachine implements Machine {
  readonly #parts: MachineParts;
  #current: Incarnation | undefined;
  readonly clock: ClockFaults & { now(): MachineClock };
  readonly disk: DiskFaults;
  #starts = 0;

  constructor(parts: MachineParts) {
    this.#parts = parts;
    this.clock = createMachineClock(parts.scheduler, parts.clockError);
    this.disk = parts.disk;
  }

  start(): Promise<void> {
    this.#current ??= this.#boot();
    return this.#current.started;
  }

  #boot(): Incarnation {
    const { id, scheduler, random, makeProgram } = this.#parts;
    const number = ++this.#starts;
    const scope = createScope(id, (error) => this.#crash(incarnation, error));
    const own = random.fork(`node:${id}:${number}`);
    const onEnd: Incarnation["onEnd"] = [];
    const started = new Promise<void>((resolve, reject) => {
      const failed = (reason: string): void =>
        this.#later(() =>
          reject(
            new HarnessError("harness-failure", `node ${id} did not start: ${reason}; see its log`),
          ),
        );
      onEnd.push(failed);
      scheduler.after(BOOT_NS, scope, () => {
        const context = this.#contextOf(scope, own);
        startProgram(makeProgram, context).then(
          (instance) => {
            if (this.#current !== incarnation) return undefined;
            incarnation.instance = instance;
            onEnd.splice(onEnd.indexOf(failed), 1);
            this.#later(resolve);
            return undefined;
          },
          (error: unknown) => this.#crash(incarnation, error),
        );
      });
    });
    const incarnation: Incarnation = {
      scope,
      started,
      instance: undefined,
      random: own,
      onEnd,
      stopping: undefined,
    };
    return incarnation;
  }

  #contextOf(scope: Scope, random: Random): NodeContext {
    const { id, nodes, scheduler, network, disk, onLog } = this.#parts;
    return {
      id,
      nodes,
      clock: createClock(scheduler, scope, () => this.clock.now()),
      network: network.attach(id, scope),
      disk: disk.open(scope),
      random,
      log: (line) => {
        if (scope.state !== "dead") onLog(line);
      },
    };
  }

  kill(): void {
    if (this.#current !== undefined) this.#end(this.#current, "it was killed while it started");
  }

  powerOff(): void {
    this.kill();
    this.#parts.disk.losePower();
  }

  #crash(incarnation: Incarnation, error: unknown): void {
    if (this.#current !== incarnation) return;
    const { onLog } = this.#parts;
    const line = `crashed: ${messageOf(error)}`;
    onLog(line);
    const stack = error instanceof Error ? (error.stack ?? "").split("\n").slice(1) : [];
    for (const frame of stack) onLog(frame);
    this.#end(incarnation, line);
  }

  #end(incarnation: Incarnation, reason: string): void {
    if (this.#current !== incarnation) return;
    const { id, scheduler, network, disk } = this.#parts;
    this.#current = undefined;
    scheduler.kill(incarnation.scope);
    network.detach(id, incarnation.scope);
    disk.interrupt();
    incarnation.instance = undefined;
    for (const tell of incarnation.onEnd.splice(0)) tell(reason);
  }

  pause(): void {
    if (this.#current !== undefined) this.#parts.scheduler.pause(this.#current.scope);
  }

  resume(): void {
    if (this.#current !== undefined) this.#parts.scheduler.resume(this.#current.scope);
  }

  status(): "up" | "down" | "paused" {
    if (this.#current === undefined) return "down";
    return this.#current.scope.state === "paused" ? "paused" : "up";
  }

  stop(): Promise<void> {
    const { scheduler } = this.#parts;
    const incarnation = this.#current;
    if (incarnation === undefined || incarnation.scope.state === "paused") {
      this.kill();
      return Promise.resolve();
    }
    incarnation.stopping ??= new Promise((resolve) => {
      const finish = (): void => this.#end(incarnation, "it was stopped");
      const limit = scheduler.after(STOP_LIMIT_NS, scheduler.harness, finish);
      incarnation.onEnd.push(() => {
        scheduler.cancel(limit);
        this.#later(resolve);
      });
      scheduler.after(0, incarnation.scope, () => {
        const stopped = Promise.resolve(incarnation.instance?.stop?.());
        stopped.then(finish, (error: unknown) => this.#crash(incarnation, error));
      });
    });
    return incarnation.stopping;
  }

  describe(): string {
    const { id, scheduler } = this.#parts;
    if (this.#current === undefined) return `${id} is down`;
    const { scope, instance } = this.#current;
    if (scope.state === "paused") return `${id} is paused with ${scope.held.length} events waiting`;
    const words = instance === undefined ? ["it is starting"] : saidBy(instance);
    const events = scheduler.events();
    return `${id} is up: ${waitsOf({ scope, nowNs: scheduler.nowNs(), events, words })}`;
  }

  memory(): Message | undefined {
    const { disk } = this.#parts;
    const current = this.#current;
    // Which random numbers it will have depends on how often it was started.
    if (current === undefined) return ["down", this.#starts, disk.content()];
    const program = current.instance?.memory?.();
    if (program === undefined || current.scope.state === "paused") return undefined;
    return ["up", program, current.random.position(), disk.content()];
  }

  /**
   * Settles a promise of the harness as an event of the harness, so that what follows is not blamed
   * on the node.
   */
  #later(action: () => void): void {
    const { scheduler } = this.#parts;
    scheduler.after(0, scheduler.harness, action);
  }
}

/** A program that cannot say what it waits for must not hide what the others do. */
function saidBy(instance: NodeInstance): readonly string[] {
  try {
    return instance.waitsFor?.() ?? [];
  } catch (error) {
    return [`it does not know: ${messageOf(error)}`];
  }
}

/** An async function, so that what is thrown at once is a rejection too. */
async function startProgram(
  makeProgram: () => NodeProgram,
  context: NodeContext,
): Promise<NodeInstance> {
  return (await makeProgram().start(context)) ?? {};
}
