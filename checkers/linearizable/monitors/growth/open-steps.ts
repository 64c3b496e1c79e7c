/**
 * Open steps by their completions: a binary heap, and those that complete never apart from it, for
 * there may be many.
 */
import { NONE } from "../../../../src/history/history.js";
import { NEVER } from "../monitor.js";

/** A queue of open steps, the one that completes first at its head. */
export class OpenSteps {
  /** Completions, each child not before its parent. */
  readonly #heap: number[] = [];
  readonly #endless: number[] = [];
  #endlessTaken = 0;

  add(step: number, end: number): void {
    if (end === NEVER) this.#endless.push(step);
    else this.#push(end);
  }

  /** The step that completes first; `NONE` when none is open. */
  first(callAt: Int32Array): number {
    const [end] = this.#heap;
    if (end !== undefined) return callAt[end] as number;
    return this.#endless[this.#endlessTaken] ?? NONE;
  }

  /** The same, taken out. */
  takeFirst(callAt: Int32Array): number {
    if (this.#heap.length > 0) return callAt[this.#pop()] as number;
    return this.#endless[this.#endlessTaken++] ?? NONE;
  }

  #push(end: number): void {
    const heap = this.#heap;
    let at = heap.push(end) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = heap[parent] as number;
      if (above <= end) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = end;
  }

  #pop(): number {
    const heap = this.#heap;
    const first = heap[0] as number;
    const last = heap.pop() as number;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++;
      if ((heap[child] as number) >= last) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}
