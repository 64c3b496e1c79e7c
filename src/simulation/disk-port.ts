/**
 * A node's disk over time: one queue, served in order, each call with its latency. A call takes
 * effect when it completes; one that a crash interrupts may have happened wholly, partly or not at
 * all.
 */
import type { Random } from "../random.js";
import { DiskError, type Disk } from "../world/disk.js";
import type { NodeId } from "../world/network.js";
import type { DiskFault } from "../world/world.js";
import type { CrashChoices } from "./event-queue.js";
import { createFileStore, type FileStore } from "./disk.js";
import type { DiskOptions } from "./options.js";
import type { Scheduler } from "./scheduler.js";
import type { Scope } from "./scope.js";

/** The ways to make a disk fail; see `DiskControl`. */
export interface DiskFaults {
  strike(fault: DiskFault): void;
  rot(share: number): string | undefined;
  restore(fault: DiskFault | "bit-rot"): void;
  suffers(fault: DiskFault | "bit-rot"): boolean;
}

/** The disk of one machine; it outlives the incarnations of the node. */
export interface MachineDisk extends DiskFaults {
  /** The port for one incarnation. */
  open(scope: Scope): Disk;
  /** The process died: decides what its calls that were under way have done. */
  interrupt(): void;
  /** Power is lost; call after `interrupt`. */
  losePower(): void;
  /** What it holds, and what a loss of power would draw; asked when no call is under way. */
  content(): string;
}

/** What a disk is made of. */
export interface DiskParts {
  readonly node: NodeId;
  readonly crashes?: CrashChoices | undefined;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly options: DiskOptions;
}

/** A slow disk takes so many times as long for everything. */
const SLOWER = 50;

const NAME = /^[A-Za-z0-9._-]+$/;

/** Makes an empty disk. */
export function createMachineDisk(parts: DiskParts): MachineDisk {
  const { random, options, node, crashes } = parts;
  const store = createFileStore({ capacityBytes: options.capacityBytes });
  const struck = new Set<DiskFault>();
  const calls = new CallQueue(parts, store, struck);
  return {
    strike: (fault) => {
      struck.add(fault);
      if (fault === "full-disk") store.setFull(true);
    },
    rot: (share) => store.rot(share),
    restore: (fault) => {
      if (fault === "bit-rot") store.mend();
      else struck.delete(fault);
      if (fault === "full-disk") store.setFull(false);
    },
    suffers: (fault) => (fault === "bit-rot" ? store.isRotten() : struck.has(fault)),
    open: (scope) => openPort(calls, scope),
    interrupt: () => calls.interrupt(),
    content: () => `${random.position()} ${store.content()}`,
    losePower: () =>
      store.losePower({
        random,
        tornProbability: options.tornProbability,
        garbageProbability: options.garbageProbability,
        all: crashes?.losesUnsynced(node) ?? false,
      }),
  };
}

/** The port for one incarnation. */
function openPort(calls: CallQueue, scope: Scope): Disk {
  const perform = <T>(apply: (s: FileStore) => T): Promise<T> => calls.perform(scope, { apply });
  return {
    directory: undefined,
    read: (file) => refusal(file) ?? perform((s) => s.read(file)),
    list: () => perform((s) => s.list()),
    write: (file, given) => {
      const bytes = copyOf(given);
      return (
        refusal(file) ??
        calls.perform(scope, {
          apply: (s) => s.write(file, bytes),
          applyPart: (s, fraction) => s.write(file, part(bytes, fraction)),
        })
      );
    },
    append: (file, given) =>
      refusal(file) ?? calls.perform(scope, new AppendCall(file, copyOf(given))),
    appendDurably: (file, given) =>
      refusal(file) ??
      calls.performBoth(scope, new AppendCall(file, copyOf(given)), new SyncCall(file)),
    truncate: (file, sizeBytes) => {
      if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
        return Promise.reject(new DiskError("io", `${String(sizeBytes)} is not a size in bytes`));
      }
      return refusal(file) ?? perform((s) => s.truncate(file, sizeBytes));
    },
    rename: (from, to) => refusal(from) ?? refusal(to) ?? perform((s) => s.rename(from, to)),
    remove: (file) => refusal(file) ?? perform((s) => s.remove(file)),
    sync: (file) => refusal(file) ?? calls.perform(scope, new SyncCall(file)),
    syncDirectory: () => calls.perform(scope, { apply: (s) => s.syncDirectory(), sync: true }),
  };
}

/** Small copies share a slab of memory: an allocation for each would cost more than the copy. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes);
}

/** Says no to what is not a file name. */
function refusal(name: string): Promise<never> | undefined {
  if (NAME.test(name) && name !== "." && name !== "..") return undefined;
  return Promise.reject(
    new DiskError("io", `${JSON.stringify(name)} is not a file name (letters, digits, . - _)`),
  );
}

/** A call under way. */
interface Call<T = unknown> {
  apply(store: FileStore): T;
  /** Does a part of a write. */
  applyPart?(store: FileStore, fraction: number): void;
  /** What a sync that fails does all the same. */
  fail?(store: FileStore): void;
  /** Whether it takes as long as a sync. */
  readonly sync?: boolean;
}

/** Logs do nothing but this and the next one: calls without functions of their own. */
class AppendCall implements Call<void> {
  readonly #file: string;
  readonly #bytes: Uint8Array;

  constructor(file: string, bytes: Uint8Array) {
    this.#file = file;
    this.#bytes = bytes;
  }

  apply(store: FileStore): void {
    store.append(this.#file, this.#bytes);
  }

  applyPart(store: FileStore, fraction: number): void {
    store.append(this.#file, part(this.#bytes, fraction));
  }
}

class SyncCall implements Call<void> {
  readonly sync = true;
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  apply(store: FileStore): void {
    store.sync(this.#file);
  }

  fail(store: FileStore): void {
    store.forget(this.#file);
  }
}

/** The calls of one disk, served one after the other. */
class CallQueue {
  readonly #parts: DiskParts;
  readonly #store: FileStore;
  readonly #struck: ReadonlySet<DiskFault>;
  #underWay: Call[] = [];
  #freeAtNs = 0;

  constructor(parts: DiskParts, store: FileStore, struck: ReadonlySet<DiskFault>) {
    this.#parts = parts;
    this.#store = store;
    this.#struck = struck;
  }

  perform<T>(scope: Scope, call: Call<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // The dead wait for ever.
      if (scope.state === "dead") return;
      this.#begin(scope, call, () => {
        try {
          resolve(this.#complete(call));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Two calls, the second as soon as the first has succeeded. */
  performBoth(scope: Scope, first: Call<void>, second: Call<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      if (scope.state === "dead") return;
      let call = first;
      const end = (): void => {
        try {
          this.#complete(call);
        } catch (error) {
          reject(error);
          return;
        }
        if (call === second) {
          resolve();
          return;
        }
        call = second;
        this.#begin(scope, call, end);
      };
      this.#begin(scope, call, end);
    });
  }

  #begin(scope: Scope, call: Call, end: () => void): void {
    const { scheduler } = this.#parts;
    this.#underWay.push(call);
    const nowNs = scheduler.nowNs();
    this.#freeAtNs = Math.max(this.#freeAtNs, nowNs) + this.#latencyNs(call.sync === true);
    scheduler.after(this.#freeAtNs - nowNs, scope, end).about = "disk";
  }

  #complete<T>(call: Call<T>): T {
    // Nearly always the first one.
    if (this.#underWay[0] === call) this.#underWay.shift();
    else this.#underWay.splice(this.#underWay.indexOf(call), 1);
    if (call.sync === true && this.#struck.has("sync-error")) {
      if (this.#parts.options.failedSyncForgets) call.fail?.(this.#store);
      throw new DiskError("io", "the disk failed to sync");
    }
    return call.apply(this.#store);
  }

  #latencyNs(sync: boolean): number {
    const { random, options } = this.#parts;
    const min = sync ? options.syncMsMin : options.latencyMsMin;
    const mean = sync ? options.syncMsMean : options.latencyMsMean;
    const factor = this.#struck.has("slow-disk") ? SLOWER : 1;
    return Math.round((min + random.exponential(mean)) * factor * 1e6);
  }

  /** Decides what the calls under way have done when their process died. */
  interrupt(): void {
    const { random, node, crashes } = this.#parts;
    const calls = this.#underWay;
    this.#underWay = [];
    this.#freeAtNs = 0;
    const chosen = crashes?.callsDone(node, calls.length);
    const done = chosen ?? random.below(calls.length + 1);
    for (let i = 0; i < done; i++) {
      const call = calls[i] as Call;
      const isLast = chosen === undefined && i === done - 1;
      const partly = isLast && call.applyPart !== undefined && random.chance(0.5);
      try {
        if (partly) call.applyPart?.(this.#store, random.float());
        else call.apply(this.#store);
      } catch (error) {
        // It failed, and nobody is left to be told.
        if (!(error instanceof DiskError)) throw error;
      }
    }
  }
}

function part(bytes: Uint8Array, fraction: number): Uint8Array {
  return bytes.subarray(0, Math.floor(bytes.length * fraction));
}
