/**
 * A name for what clients have seen: the same for histories that differ only in the order in which
 * operations began, or in which they ended, with nothing else in between.
 */
import type { HistoryEvent } from "../history/operation.js";
import { canonical } from "../history/value.js";

/** Names histories of so many workers while they grow. */
export class HistoryKey {
  readonly #workers: readonly string[][];
  readonly #ended: number[];

  constructor(workers: number) {
    this.#workers = Array.from({ length: workers }, () => []);
    this.#ended = this.#workers.map(() => 0);
  }

  /** Takes the next event of a client. */
  take({ process, type, f, key, value, error }: HistoryEvent): void {
    const worker = (process as number) % this.#workers.length;
    const code = Array.isArray(error) ? (error as readonly string[])[0] : error;
    const seen = canonical([type, f, key ?? null, value, code ?? null]);
    if (type !== "invoke") this.#ended[worker] = (this.#ended[worker] ?? 0) + 1;
    this.#workers[worker]?.push(type === "invoke" ? `${seen} after ${this.#ended.join()}` : seen);
  }

  /** What clients have seen until now. */
  get name(): string {
    return this.#workers.map((each) => each.join(" ")).join("\n");
  }
}
