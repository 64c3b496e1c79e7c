/**
 * The environment that a run takes place in, as ports. There are two: the deterministic
 * simulation (`src/simulation`) and the real one (`src/real`). Everything above sees only this.
 *
 * The seam lies at the *node program*: code that is given a clock, a network, a disk and random
 * numbers, and nothing else. The simulation runs it in this process under a virtual clock; the real
 * world runs the same module in a child process with sockets and files. Systems that are not ours
 * to write so (a database server) are node programs too, whose program starts the server; they
 * declare that they exist in the real world only.
 */
import type { Random } from "../random.js";
import type { Clock } from "./clock.js";
import type { Disk } from "./disk.js";
import type { Address, Message, Network, NodeId } from "./network.js";

/** The two kinds of environment. */
export type WorldKind = "simulated" | "real";

/** What a program sees of the machine that it runs on; a new one for each incarnation. */
export interface NodeContext {
  readonly id: NodeId;
  /** All nodes of the cluster, this one included, in a fixed order. */
  readonly nodes: readonly NodeId[];
  readonly clock: Clock;
  readonly network: Network;
  readonly disk: Disk;
  readonly random: Random;
  /** Adds a line to the node's log. */
  log(line: string): void;
}

/**
 * What runs on each node. `start` is called for every incarnation: memory is fresh, the disk is
 * what the last incarnation (or its crash) left. It resolves when the node is ready to serve. A
 * program must not keep anything outside what it is given: no globals, no `Date`, no `Math.random`.
 */
export interface NodeProgram {
  start(node: NodeContext): Promise<NodeInstance | void>;
}

/** A started program; `stop` is the orderly end and is not called at a crash. */
export interface NodeInstance {
  stop?(): Promise<void>;
  /**
   * Says in words, for who wants to know why nothing goes on, what role the program has and whom it
   * waits for. Must change nothing.
   */
  waitsFor?(): readonly string[];
  /**
   * For exploration: all in its memory that what it does next depends on, as plain data, also for
   * whom and until when it is doing it; two instances on equal disks, with equal timers, that give
   * the same must do the same from there on. Undefined when it cannot say at this moment; absent
   * where it never can. Must change nothing.
   */
  memory?(): Message | undefined;
}

/**
 * Where a program comes from: an exported function of a module that makes it from plain options.
 * Both worlds load it the same way; the real one does so in a child process.
 */
export interface ProgramReference {
  /** The module's `file:` URL, usually `import.meta.url`. */
  readonly module: string;
  /** The name of the exported function `(options) => NodeProgram`. */
  readonly export: string;
  /** Passed to the function; plain JSON. */
  readonly options: ProgramOptions;
}

/** Plain JSON options of a program. */
export type ProgramOptions = { readonly [name: string]: string | number | boolean | null };

/** What to start: one program on n nodes. */
export interface Deployment {
  readonly program: ProgramReference;
  readonly nodeCount: number;
}

/** Tells whether a fault can be injected here; if not, why, and what to use instead. */
export type Availability =
  | { readonly available: true }
  | { readonly available: false; readonly reason: string; readonly alternative: string };

/** The running nodes, and the handles by which faults are injected and healed. */
export interface Cluster {
  readonly nodes: readonly NodeId[];
  readonly processes: ProcessControl;
  readonly links: LinkControl;
  /** How well links work, clocks and disks: absent where the world has no hold of them. */
  readonly quality?: QualityControl;
  readonly clocks?: ClockControl;
  readonly disks?: DiskControl;
  /** Makes a network endpoint for a client; its name must be new. No fault control cuts it off. */
  endpoint(name: string): ClientEndpoint;
  /** Orderly stop of all nodes. */
  stop(): Promise<void>;
}

/** A client's place in the network. */
export interface ClientEndpoint {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  close(): void;
}

/** The processes of the nodes. Each call is idempotent and resolves when its effect is certain. */
export interface ProcessControl {
  /** Starts a node that is down; resolves when it serves. */
  start(node: NodeId): Promise<void>;
  /** SIGKILL: memory is lost, everything that was written to the disk stays. */
  kill(node: NodeId): Promise<void>;
  /** The machine loses power: memory is lost, and whatever was not synced may be lost or torn. */
  powerOff(node: NodeId): Promise<void>;
  /** SIGSTOP: the node stands still; messages for it wait. */
  pause(node: NodeId): Promise<void>;
  /** SIGCONT. */
  resume(node: NodeId): Promise<void>;
  status(node: NodeId): "up" | "down" | "paused";
}

/** The directed links between nodes. Client links are never cut. */
export interface LinkControl {
  /** Drops every message from one node to the other, until healed. */
  cut(from: NodeId, to: NodeId): Promise<void>;
  /** Restores all links. */
  heal(): Promise<void>;
  /** The directed links that are cut now, as `from>to`, sorted. */
  cuts(): readonly string[];
}

/** What happens to messages on a bad link, on top of what happens to all. */
export interface LinkQuality {
  /** Later by this, and by up to the spread more, each message for itself; 0 or more. */
  readonly delayMs: number;
  readonly spreadMs: number;
  /** 0 to 1. */
  readonly lossProbability: number;
  readonly duplicationProbability: number;
}

/** How well the directed links between nodes work. Client links always work well. */
export interface QualityControl {
  /** Holds for messages that are sent from now on. */
  degrade(from: NodeId, to: NodeId, quality: LinkQuality): Promise<void>;
  /** All links work well again. */
  restore(): Promise<void>;
  /** The directed links that do not, as `from>to`, sorted. */
  degraded(): readonly string[];
}

/** The clocks of the nodes. */
export interface ClockControl {
  /** Sets the wall clock forward by so much, or back; the monotonic clock does not notice. */
  jump(node: NodeId, byMs: number): Promise<void>;
  /** Time passes so many times as fast for the node as it should, more than 0. */
  drift(node: NodeId, rate: number): Promise<void>;
  /** Sets all clocks right. What a monotonic clock has gained or lost it keeps. */
  restore(): Promise<void>;
  /** The nodes whose clocks were made wrong, sorted. */
  wrong(): readonly NodeId[];
}

/**
 * What a disk can suffer until it is restored: every call takes 50 times as long; nothing may grow;
 * every sync fails, and makes nothing durable, nor may a later one.
 */
export type DiskFault = "slow-disk" | "full-disk" | "sync-error";

/** The disks of the nodes. */
export interface DiskControl {
  strike(node: NodeId, fault: DiskFault): Promise<void>;
  /**
   * Inverts one bit of what is durable; `share`, 0 to 1, is where it lies. Resolves with the file,
   * undefined where there is nothing durable.
   */
  rot(node: NodeId, share: number): Promise<string | undefined>;
  /** Ends the fault on all disks; of bit rot, mends the bits that are still as they were left. */
  restore(fault: DiskFault | "bit-rot"): Promise<void>;
  /** The nodes whose disks suffer it, sorted. */
  struck(fault: DiskFault | "bit-rot"): readonly NodeId[];
}

/**
 * The faults that a world may or may not be able to inject. `members`, a change of the members of
 * the cluster, is up to the system (`System.members`); every world lets it happen.
 */
export type FaultKind =
  | "kill"
  | "power-loss"
  | "pause"
  | "cut-link"
  | "degrade-link"
  | "clock"
  | DiskFault
  | "bit-rot"
  | "members";

/** One environment; made for one run, closed after it. */
export interface World {
  readonly kind: WorldKind;
  /** The harness's own clock, never skewed; `nowNs()` is 0 at the start of the run. */
  readonly clock: Clock;
  readonly random: Random;
  /** Whether this world can inject a fault at all (root, kernel feature, hook). */
  availability(fault: FaultKind): Availability;
  /** Starts the nodes; resolves when all of them serve. */
  deploy(deployment: Deployment, options: DeployOptions): Promise<Cluster>;
  /**
   * Runs `main` in this world: the simulation advances virtual time until it settles, the real
   * world just calls it. Rejects with `harness-failure` when `main` can never settle.
   */
  run<T>(main: () => Promise<T>): Promise<T>;
  /** What each node is waiting for, in words; absent where a world cannot tell. */
  waiting?(): readonly string[];
  /** Absent where a world cannot be looked into. */
  readonly insight?: Insight;
  /** Ends everything that was started here, however the run ended; idempotent. */
  close(): Promise<void>;
}

/** A look into a world, for who compares its states. */
export interface Insight {
  /**
   * What a node goes by beside its timers and what is under way to it: what its program says of its
   * memory, its random numbers and its disk. Undefined where the program does not say.
   */
  node(node: NodeId): Message | undefined;
  /**
   * Whether an endpoint waits for the answer to the request of this name; false where nothing is
   * there, undefined where it does not tell.
   */
  waitsFor(address: Address, request: string): boolean | undefined;
}

/** Where a world may leave things, and where a node's log lines go. */
export interface DeployOptions {
  /** Data of the nodes goes below this directory; undefined in the simulation. */
  readonly directory?: string;
  readonly onLog: (node: NodeId, timeNs: number, line: string) => void;
}
