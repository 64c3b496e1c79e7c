/** Calls of disks that cannot be next: each disk carries out one after the other. */
import { isPossible, type Waiting } from "./waiting.js";

/** Those of all nodes, in their order. */
export class DiskCalls {
  #calls: Waiting[] = [];

  /** All of them. */
  get waiting(): readonly Waiting[] {
    return this.#calls;
  }

  add(call: Waiting): void {
    this.#calls.push(call);
  }

  /** The one that can happen after this one, which is step `creator`, if there is any. */
  take({ place }: Waiting, creator: number): readonly Waiting[] {
    this.#calls = this.#calls.filter(isPossible);
    const index = this.#calls.findIndex((call) => call.place === place);
    if (index < 0) return [];
    const [next] = this.#calls.splice(index, 1) as [Waiting];
    return [{ ...next, creator }];
  }

  clear(): void {
    this.#calls = [];
  }
}

/** Whether a disk has something to do already. */
export function isAnyCall(ready: readonly Waiting[], node: string): boolean {
  return ready.some((each) => each.kind === "disk" && each.place === node && isPossible(each));
}
