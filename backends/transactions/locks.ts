/**
 * Locks with queues (Gray, Lorie, Putzolu & Traiger, "Granularity of Locks and Degrees of
 * Consistency in a Shared Data Base", 1976): shared and exclusive ones, and intentions, which say
 * of a table that something in it is written. A reader of a whole table takes a shared lock on it,
 * which keeps out rows that are not there yet (Eswaran et al. 1976: the phantoms).
 *
 * Who asks waits behind those who asked before and cannot share with it; who holds a lock already
 * and wants more of it goes before them. Whoever would close a circle of waiting is the victim.
 */
import { Abort } from "./transaction.js";

/** Shared, exclusive, or the intention to write something within. */
export type LockMode = "shared" | "exclusive" | "intention";

/** Who holds locks. */
export type Owner = object;

interface Request {
  readonly owner: Owner;
  readonly mode: LockMode;
  readonly grant: () => void;
}

interface Lock {
  readonly held: Map<Owner, Set<LockMode>>;
  readonly queue: Request[];
}

/** All locks of a store. */
export class Locks {
  readonly #locks = new Map<string, Lock>();
  /** Where everybody who waits does so. */
  readonly #waiting = new Map<Owner, { readonly lock: Lock; readonly request: Request }>();

  /**
   * Resolves when the owner has the lock: true if it had not before.
   * @throws Abort `deadlock`
   */
  async acquire(owner: Owner, name: string, mode: LockMode): Promise<boolean> {
    const lock: Lock = this.#locks.get(name) ?? { held: new Map(), queue: [] };
    this.#locks.set(name, lock);
    const own = lock.held.get(owner);
    if (own?.has(mode) === true || own?.has("exclusive") === true) return false;
    const isUpgrade = own !== undefined;
    const before = isUpgrade ? [] : lock.queue;
    const isFree =
      !sharesNot(lock, owner, mode) && before.every((request) => areCompatible(request.mode, mode));
    if (isFree) {
      hold(lock, owner, mode);
      return true;
    }
    await new Promise<void>((grant, refuse) => {
      const request: Request = { owner, mode, grant };
      if (isUpgrade) lock.queue.unshift(request);
      else lock.queue.push(request);
      this.#waiting.set(owner, { lock, request });
      if (!this.#waitsForItself(owner)) return;
      lock.queue.splice(lock.queue.indexOf(request), 1);
      this.#waiting.delete(owner);
      this.#grantNext(lock);
      refuse(new Abort("deadlock", `others who wait for this one hold ${name}`));
    });
    return true;
  }

  /** Gives one lock back. */
  release(owner: Owner, name: string, mode: LockMode): void {
    const lock = this.#locks.get(name);
    const modes = lock?.held.get(owner);
    if (lock === undefined || modes === undefined) return;
    modes.delete(mode);
    if (modes.size === 0) lock.held.delete(owner);
    this.#grantNext(lock);
    if (lock.held.size === 0 && lock.queue.length === 0) this.#locks.delete(name);
  }

  /** Gives back everything that the owner has. */
  releaseAll(owner: Owner): void {
    for (const [name, lock] of this.#locks) {
      for (const mode of lock.held.get(owner) ?? []) this.release(owner, name, mode);
    }
  }

  #grantNext(lock: Lock): void {
    for (let next = lock.queue[0]; next !== undefined; next = lock.queue[0]) {
      if (sharesNot(lock, next.owner, next.mode)) return;
      lock.queue.shift();
      this.#waiting.delete(next.owner);
      hold(lock, next.owner, next.mode);
      next.grant();
    }
  }

  #waitsForItself(start: Owner): boolean {
    const seen = new Set<Owner>();
    const open: Owner[] = [start];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const other of this.#waitsFor(at)) {
        if (other === start) return true;
        if (seen.has(other)) continue;
        seen.add(other);
        open.push(other);
      }
    }
    return false;
  }

  /** Those who hold what this one wants, and those before it in the queue. */
  #waitsFor(owner: Owner): readonly Owner[] {
    const wait = this.#waiting.get(owner);
    if (wait === undefined) return [];
    const { lock, request } = wait;
    const holders = [...lock.held].filter(
      ([other, modes]) =>
        other !== owner && [...modes].some((mode) => !areCompatible(mode, request.mode)),
    );
    const before = lock.queue.slice(0, lock.queue.indexOf(request));
    return [...holders.map(([other]) => other), ...before.map((each) => each.owner)];
  }
}

function areCompatible(one: LockMode, other: LockMode): boolean {
  return one === other && one !== "exclusive";
}

/** Whether somebody else holds what keeps this out. */
function sharesNot({ held }: Lock, owner: Owner, mode: LockMode): boolean {
  return [...held].some(
    ([other, modes]) => other !== owner && [...modes].some((each) => !areCompatible(each, mode)),
  );
}

function hold({ held }: Lock, owner: Owner, mode: LockMode): void {
  const modes = held.get(owner) ?? new Set();
  held.set(owner, modes.add(mode));
}
