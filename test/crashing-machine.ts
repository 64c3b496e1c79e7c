/**
 * A machine with one disk, on which the file store of states is crashed: at any call of the disk,
 * also in the middle of a recovery, by a kill or a loss of power. Calls of its disk can be made to
 * fail, and its files to rot.
 */
import { filePersistenceOn, type FileOptions, type FilePersistence } from "../persistence/file.js";
import { createRandom, type Random } from "../src/random.js";
import { createFileStore } from "../src/simulation/disk.js";
import type { Clock } from "../src/world/clock.js";
import { DiskError, type Disk } from "../src/world/disk.js";

/** A machine with one disk, which can be crashed. */
export class Machine {
  readonly time: ManualTime = new ManualTime();
  syncs = 0;
  readonly #random: Random;
  readonly #files: ReturnType<typeof createFileStore>;
  #incarnation = 0;
  #callsLeft = Infinity;
  #failing: string | undefined;
  #failureProbability = 0;
  #noSpaceShare = 0;
  /** Files of which a sync has failed: their pages count as written, and are not on the disk. */
  readonly #lying = new Set<string>();
  #held: Promise<void> | undefined;
  #tellDown: () => void = () => undefined;
  #down: Promise<void> = Promise.resolve();
  isDown = false;

  constructor(random: Random, capacityBytes: number = Infinity) {
    this.#random = random;
    this.#files = createFileStore({ capacityBytes });
    this.#start();
  }

  open(options: FileOptions = {}): Promise<FilePersistence> {
    return filePersistenceOn({ disk: this.disk(), clock: this.time.clock }, options);
  }

  /** Crashes in the middle of that call from now. */
  crashAfter(calls: number): void {
    this.#callsLeft = calls;
  }

  crash(kind: "kill" | "power"): void {
    if (kind === "power") {
      this.#files.losePower({
        random: this.#random,
        tornProbability: 0.6,
        garbageProbability: 0.5,
      });
    }
    this.#start();
  }

  /** The next call of that name fails. */
  failNext(call: string): void {
    this.#failing = call;
  }

  /**
   * From now on any call fails with that probability, perhaps half done; some say that the disk is
   * full.
   */
  failWith(probability: number, noSpaceShare: number = 0): void {
    this.#failureProbability = probability;
    this.#noSpaceShare = noSpaceShare;
  }

  holdSyncs(): () => void {
    let release = (): void => undefined;
    this.#held = new Promise((resolve) => (release = resolve));
    return () => {
      this.#held = undefined;
      release();
    };
  }

  /** Undefined when the machine crashed before that was settled. */
  async unlessCrashed<T>(promise: Promise<T>): Promise<T | undefined> {
    return Promise.race([promise, this.#down.then(() => undefined)]);
  }

  async names(kind: string): Promise<readonly string[]> {
    const number = (name: string): number => Number(name.split("-")[1]);
    const names = (await this.disk().list()).filter((name) => name.startsWith(`${kind}-`));
    return names.toSorted((a, b) => number(a) - number(b));
  }

  async newest(kind: string): Promise<string> {
    return (await this.names(kind)).at(-1) as string;
  }

  /** Changes one bit of a file. */
  async flip(name: string, random: Random = createRandom(1)): Promise<void> {
    const bytes = (await this.disk().read(name)) as Uint8Array;
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
    const disk = this.disk();
    await disk.write(name, bytes);
    await disk.sync(name);
  }

  #start(): void {
    this.#incarnation++;
    this.#callsLeft = Infinity;
    this.isDown = false;
    this.#down = new Promise((resolve) => (this.#tellDown = resolve));
  }

  disk(): Disk {
    const files = this.#files;
    const incarnation = this.#incarnation;
    const call = async <T>(name: string, action: () => T, part?: () => void): Promise<T> => {
      await Promise.resolve();
      if (name === "sync") await this.#held;
      if (this.isDown || incarnation !== this.#incarnation) return new Promise<T>(() => undefined);
      if (--this.#callsLeft <= 0) {
        if (this.#random.chance(0.3)) action();
        else if (this.#random.chance(0.5) && name !== "sync") part?.();
        this.isDown = true;
        this.#tellDown();
        return new Promise<T>(() => undefined);
      }
      if (this.#failing === name || this.#random.chance(this.#failureProbability)) {
        this.#failing = undefined;
        tryTo(this.#random.chance(0.5) ? part : undefined);
        const code = this.#random.chance(this.#noSpaceShare) ? "no-space" : "io";
        throw new DiskError(code, `${name} failed`);
      }
      if (name === "sync") this.syncs++;
      try {
        return action();
      } catch (error) {
        // A full disk takes what it has room for.
        if (this.#random.chance(0.5)) tryTo(part);
        throw error;
      }
    };
    const half = (bytes: Uint8Array): Uint8Array =>
      bytes.slice(0, this.#random.below(bytes.length + 1));
    return {
      directory: undefined,
      read: (file) => call("read", () => files.read(file)),
      write: (file, bytes) =>
        call(
          "write",
          () => {
            files.write(file, bytes);
            this.#lying.delete(file);
          },
          () => files.write(file, half(bytes)),
        ),
      append: (file, bytes) =>
        call(
          "append",
          () => files.append(file, bytes),
          () => files.append(file, half(bytes)),
        ),
      truncate: (file, sizeBytes) =>
        call("truncate", () => {
          files.truncate(file, sizeBytes);
          // The pages that lied are gone.
          this.#lying.delete(file);
        }),
      rename: (from, to) =>
        call("rename", () => {
          files.rename(from, to);
          if (this.#lying.delete(from)) this.#lying.add(to);
          else this.#lying.delete(to);
        }),
      remove: (file) =>
        call("remove", () => {
          files.remove(file);
          this.#lying.delete(file);
        }),
      list: () => call("list", () => files.list()),
      sync: (file) =>
        call(
          "sync",
          // After a sync that failed, the next one says that all is well, and writes nothing
          // (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
          () => (this.#lying.has(file) ? undefined : files.sync(file)),
          () => this.#lying.add(file),
        ),
      syncDirectory: () => call("syncDirectory", () => files.syncDirectory()),
    };
  }
}

/** A clock whose timers go off when it is told so. */
class ManualTime {
  #timers: (() => void)[] = [];
  readonly clock: Clock = {
    nowNs: () => 0,
    wallMs: () => 0,
    timer: (_, callback) => {
      this.#timers.push(callback);
      return { cancel: () => (this.#timers = this.#timers.filter((each) => each !== callback)) };
    },
    sleep: async () => undefined,
  };

  pass(): void {
    const due = this.#timers;
    this.#timers = [];
    for (const callback of due) callback();
  }
}

function tryTo(action: (() => void) | undefined): void {
  try {
    action?.();
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
  }
}
