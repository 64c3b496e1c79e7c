/**
 * The options of the simulated world, their defaults, and their bounds.
 *
 * The defaults describe a healthy data centre: messages take 1 ms and on average 2 ms more, so that
 * they overtake each other all the time; nothing is lost or duplicated, because most protocols run
 * over TCP, and a fault should be asked for (loss is what partitions bring). Clocks are as wrong as
 * NTP leaves them.
 */
import { HarnessError } from "../errors.js";
import type { Address, Message } from "../world/network.js";
import type { EventQueue } from "./event-queue.js";

/** How messages travel. */
export interface NetworkOptions {
  /** The least latency of a message in milliseconds, 0 or more. Default 1. */
  readonly latencyMsMin: number;
  /**
   * The mean of the exponential latency on top of the least, in milliseconds, 0 or more. Default 2.
   */
  readonly latencyMsMean: number;
  /** The probability that a message is lost, 0 to 1. Default 0. */
  readonly lossProbability: number;
  /** The probability that a message arrives twice, 0 to 1. Default 0. */
  readonly duplicationProbability: number;
  /**
   * Whether each link keeps the order of its messages, as one TCP connection does. Default false.
   */
  readonly fifo: boolean;
}

/** How disks behave; the operations of one disk are carried out one after the other. */
export interface DiskOptions {
  /** The least duration of any call in milliseconds, 0 or more. Default 0.02. */
  readonly latencyMsMin: number;
  /** The mean of the exponential duration on top, in milliseconds, 0 or more. Default 0.05. */
  readonly latencyMsMean: number;
  /** What a `sync` or `syncDirectory` takes at least, in milliseconds, 0 or more. Default 0.5. */
  readonly syncMsMin: number;
  /**
   * The mean of the exponential duration of a sync on top, in milliseconds, 0 or more. Default 1.5.
   */
  readonly syncMsMean: number;
  /**
   * The probability that the last write which survives a loss of power is torn, 0 to 1. Default
   * 0.5.
   */
  readonly tornProbability: number;
  /**
   * The probability that a torn write leaves the rest of its first lost sector (512 bytes) filled
   * with garbage instead of absent, 0 to 1. Default 0: few file systems do so, and only checksums
   * tell.
   */
  readonly garbageProbability: number;
  /**
   * Whether a sync that fails forgets what it was about, so that no later one makes it durable,
   * though it is still read until the power goes. Default true: Linux and its file systems do so.
   * False lets a later sync make up for it.
   */
  readonly failedSyncForgets: boolean;
  /** The size of a disk in bytes; a write beyond it fails with `no-space`. Default infinite. */
  readonly capacityBytes: number;
}

/** How wrong the clocks of nodes are; the harness and the clients have perfect ones. */
export interface ClockOptions {
  /** Wall clocks are off by up to this many milliseconds either way, 0 or more. Default 50. */
  readonly skewMsMax: number;
  /** Clocks run fast or slow by up to this many parts per million, 0 to 500,000. Default 100. */
  readonly driftPpmMax: number;
}

/** What makes a simulated world. */
export interface SimulationOptions {
  /** 0 to 2^53 - 1; everything random follows from it. */
  readonly seed: number;
  readonly network?: Partial<NetworkOptions>;
  readonly disk?: Partial<DiskOptions>;
  readonly clock?: Partial<ClockOptions>;
  /**
   * A run that goes on for longer than this in virtual milliseconds fails. Default 86,400,000 (a
   * day).
   */
  readonly maxVirtualMs?: number;
  /** Imports the module of a program. Default: `import`. */
  readonly load?: (module: string) => Promise<Record<string, unknown>>;
  /** Told of every message when its fate is known; must not throw, and not keep the message. */
  readonly onMessage?: (trip: MessageTrip) => void;
  /** Says which event is next, for who wants to try all orders; default: by time. */
  readonly queue?: EventQueue;
}

/** What became of a message. */
export interface MessageTrip {
  readonly from: Address;
  readonly to: Address;
  readonly sentNs: number;
  /** When it arrived or was given up. */
  readonly endNs: number;
  /**
   * `lost` by chance; `cut` with its link; `refused` where nobody listened; `stale` where the node
   * was started anew in the meantime.
   */
  readonly fate: "delivered" | "lost" | "cut" | "refused" | "stale";
  readonly message: Message;
}

/** All options, with the defaults filled in. */
export interface ResolvedOptions {
  readonly seed: number;
  readonly network: NetworkOptions;
  readonly disk: DiskOptions;
  readonly clock: ClockOptions;
  readonly maxVirtualMs: number;
  readonly load: (module: string) => Promise<Record<string, unknown>>;
  readonly onMessage: ((trip: MessageTrip) => void) | undefined;
  readonly queue: EventQueue | undefined;
}

/**
 * Fills in the defaults.
 * @throws HarnessError `bad-argument` when a number is out of its bounds.
 */
export function resolveOptions(options: SimulationOptions): ResolvedOptions {
  const { seed, maxVirtualMs = 86_400_000 } = options;
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new HarnessError(
      "bad-argument",
      `the seed is an integer from 0 to 2^53 - 1, not ${String(seed)}`,
    );
  }
  const network = withDefaults("network", NETWORK, options.network);
  const disk = withDefaults("disk", DISK, options.disk);
  const clock = withDefaults("clock", CLOCK, options.clock);
  checkBounds("network", network);
  checkBounds("disk", disk);
  checkBounds("clock", clock);
  checkBounds("simulation", { maxVirtualMs });
  return {
    seed,
    network,
    disk,
    clock,
    maxVirtualMs,
    load: options.load ?? (async (module) => (await import(module)) as Record<string, unknown>),
    onMessage: options.onMessage,
    queue: options.queue,
  };
}

const NETWORK: NetworkOptions = {
  latencyMsMin: 1,
  latencyMsMean: 2,
  lossProbability: 0,
  duplicationProbability: 0,
  fifo: false,
};

const DISK: DiskOptions = {
  latencyMsMin: 0.02,
  latencyMsMean: 0.05,
  syncMsMin: 0.5,
  syncMsMean: 1.5,
  tornProbability: 0.5,
  garbageProbability: 0,
  failedSyncForgets: true,
  capacityBytes: Infinity,
};

const CLOCK: ClockOptions = { skewMsMax: 50, driftPpmMax: 100 };

function withDefaults<T extends object>(group: string, defaults: T, given: Partial<T> = {}): T {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(defaults, name)) continue;
    throw new HarnessError(
      "bad-argument",
      `there is no ${group} option ${name}; there are ${Object.keys(defaults).join(", ")}`,
    );
  }
  return { ...defaults, ...given };
}

/** Options that are true or false. */
const SWITCHES: ReadonlySet<string> = new Set(["fifo", "failedSyncForgets"]);

function checkBounds(group: string, values: object): void {
  for (const [name, value] of Object.entries(values) as [string, unknown][]) {
    const isSwitch = SWITCHES.has(name);
    if (isSwitch && typeof value === "boolean") continue;
    const max = name.endsWith("Probability") ? 1 : name === "driftPpmMax" ? 500_000 : Infinity;
    const unbounded = name === "capacityBytes" || name === "maxVirtualMs";
    const fits =
      typeof value === "number" &&
      value >= 0 &&
      value <= max &&
      (Number.isFinite(value) || unbounded);
    if (isSwitch || !fits) {
      throw new HarnessError(
        "bad-argument",
        isSwitch
          ? `${group} option ${name} is true or false, not ${String(value)}`
          : `${group} option ${name} is a number from 0 to ${max}, not ${String(value)}`,
      );
    }
  }
}
