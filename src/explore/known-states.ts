/**
 * States that need not be looked at again, for many threads: one writes, all may read. It holds 64
 * bits of each digest, in a table with open addressing. Whoever takes a state for known that is not
 * only ends an execution that another errand then goes on with, so that nothing is lost by it; nor
 * by a table that is full, or read while it is written.
 */

/** Two words each; 16 MB. */
const SLOTS = 2 ** 21;
const FULL = 0.7 * SLOTS;

/** A set of digests in shared memory. */
export class KnownStates {
  readonly #words: Uint32Array;
  #count = 0;

  /** `shared` is that of another one, in another thread. */
  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(SLOTS * 8)) {
    this.#words = new Uint32Array(shared);
  }

  get shared(): SharedArrayBuffer {
    return this.#words.buffer as SharedArrayBuffer;
  }

  has(digest: string): boolean {
    const [low, high] = wordsOf(digest);
    for (let slot = low % SLOTS; ; slot = (slot + 1) % SLOTS) {
      const first = this.#words[2 * slot];
      if (first === 0) return false;
      if (first === low && this.#words[2 * slot + 1] === high) return true;
    }
  }

  add(digest: string): void {
    if (this.#count >= FULL || this.has(digest)) return;
    const [low, high] = wordsOf(digest);
    let slot = low % SLOTS;
    while (this.#words[2 * slot] !== 0) slot = (slot + 1) % SLOTS;
    this.#words[2 * slot + 1] = high;
    this.#words[2 * slot] = low;
    this.#count++;
  }
}

function wordsOf(digest: string): readonly [low: number, high: number] {
  const bytes = Buffer.from(digest, "base64");
  // A slot whose first word is 0 is free.
  return [bytes.readUInt32LE(0) || 1, bytes.readUInt32LE(4)];
}
