/** That an order of transactions keeps the order of sessions, or of real time. */
import type { Operation } from "../history/operation.js";
import { claim } from "./claims.js";

/** Transactions by their invocations. */
export type Operations = ReadonlyMap<number, Operation>;

/**
 * Who completed before another began commits before that one begins, as far as it must. @throws
 * ClaimRefused
 */
export function confirmTime(
  order: readonly number[],
  operations: Operations,
  { keeps, times }: { readonly keeps: "session" | "realtime" | undefined; readonly times: number },
): void {
  if (keeps === undefined) return;
  /** The latest invocation that has begun in the order, of each process or of all. */
  const begun = new Map<string, number>();
  const seen = new Set<number>();
  for (const at of order) {
    const operation = operations.get(at) as Operation;
    const group = keeps === "session" ? String(operation.process) : "";
    const isCommit = times === 1 || seen.has(at);
    seen.add(at);
    const latest = begun.get(group) ?? -1;
    claim(
      !isCommit || operation.outcome !== "ok" || (operation.completion as number) > latest,
      () => `Transaction ${at} completed before ${latest} was invoked, which comes before it.`,
    );
    begun.set(group, Math.max(latest, at));
  }
}
