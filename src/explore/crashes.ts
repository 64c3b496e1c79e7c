/**
 * What a crash leaves of a disk, as choices: how many of the calls that were under way are done;
 * and with the power, whether all is lost that was not synced, or some of it is left that is drawn.
 */
import type { CrashChoices } from "../simulation/event-queue.js";
import type { NodeId } from "../world/network.js";
import type { Allowance } from "./allowance.js";

/** Chooses while a node goes by choice; else it is drawn. */
export class Crashes implements CrashChoices {
  #allowance: Allowance | undefined;

  /** Makes a node go. */
  during(allowance: Allowance, go: () => boolean): boolean {
    this.#allowance = allowance;
    try {
      return go();
    } finally {
      this.#allowance = undefined;
    }
  }

  callsDone(node: NodeId, calls: number): number | undefined {
    const done = (count: number): string => `${node} has done ${count} of ${calls} calls`;
    return this.#allowance?.choose(Array.from({ length: calls + 1 }, (_, count) => done(count)));
  }

  losesUnsynced(node: NodeId): boolean | undefined {
    const options = [`${node} keeps what was synced`, `${node} keeps what is drawn`];
    const chosen = this.#allowance?.choose(options);
    return chosen === undefined ? undefined : chosen === 0;
  }
}
