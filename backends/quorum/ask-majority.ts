/** A phase of an operation: a majority of the nodes is asked until it has answered. */
import type { Clock } from "../../src/world/clock.js";
import type { NodeId } from "../../src/world/network.js";
import type { CallOptions } from "../../src/world/rpc.js";

/** Too few replicas answered in time. */
export class NoMajority extends Error {
  override readonly name = "NoMajority";
}

/**
 * The time that a replica has for its first answer, in milliseconds; it doubles with every attempt.
 */
const FIRST_ATTEMPT_MS = 100;

/** A phase of an operation. */
export interface Round<T> {
  readonly answers: T[];
  /** By node: how often it was asked, whether it is now, and when that is over. */
  readonly peers: Map<NodeId, readonly [attemptMs: number, isAsked: boolean, nextNs: number]>;
}

/**
 * Asks all nodes, those that do not answer again and again, until a majority has answered.
 * @throws NoMajority at the deadline.
 */
export async function askMajority<T>(options: {
  readonly nodes: readonly NodeId[];
  readonly majority: number;
  readonly clock: Clock;
  readonly deadlineNs: number;
  readonly begun: (round: Round<T>) => void;
  readonly ask: (node: NodeId, call: CallOptions) => Promise<T>;
}): Promise<readonly T[]> {
  const { nodes, majority, clock, deadlineNs, ask } = options;
  return new Promise((resolve, reject) => {
    const answers: T[] = [];
    const peers: Round<T>["peers"] = new Map();
    const enough = new AbortController();
    const { signal } = enough;
    const leftMs = (): number => Math.max(0, (deadlineNs - clock.nowNs()) / 1e6);
    const timer = clock.timer(leftMs(), () => {
      enough.abort("enough");
      reject(new NoMajority(`${answers.length} of the ${majority} nodes answered that are needed`));
    });

    const askUntilAnswered = async (node: NodeId): Promise<void> => {
      for (let attemptMs = FIRST_ATTEMPT_MS; !signal.aborted; attemptMs *= 2) {
        const timeoutMs = Math.min(attemptMs, leftMs());
        const nextNs = clock.nowNs() + timeoutMs * 1e6;
        peers.set(node, [attemptMs, true, nextNs]);
        try {
          const answer = await ask(node, { timeoutMs, signal });
          if (signal.aborted) return;
          answers.push(answer);
          peers.delete(node);
          if (answers.length < majority) return;
          timer.cancel();
          enough.abort("enough");
          resolve(answers);
          return;
        } catch {
          // Lost, refused, or its disk failed: it may answer the next time.
          if (signal.aborted) return;
          peers.set(node, [attemptMs, false, nextNs]);
          await clock.sleep(Math.max(1, (nextNs - clock.nowNs()) / 1e6));
        }
      }
    };
    options.begun({ answers, peers });
    for (const node of nodes) void askUntilAnswered(node);
  });
}
