/**
 * Operations of any object as causality sees them: sequences of what completed, one a process, and
 * what may have happened, each alone and after what its process had done before.
 */
import type { History } from "../../../src/history/history.js";
import type { Operation } from "../../../src/history/operation.js";
import type { Model } from "../../../src/model/model.js";

/** One operation. */
export interface Call {
  readonly operation: Operation;
  /** Position of its session, and its place there. */
  readonly session: number;
  readonly place: number;
  /** Whether it may change the state; others matter for what they return only. */
  readonly isUpdate: boolean;
}

/** The operations of one session, in order. */
export interface Session {
  readonly calls: readonly Call[];
  /** For an indeterminate operation: it comes after so many operations of another session. */
  readonly parent?: { readonly session: number; readonly after: number };
}

/** Which operations take part: their completions count, are forgotten, or they are not there. */
export type Role = "required" | "forgotten" | "absent";

/** Lays out sessions; those of indeterminate operations come last. */
export function layOutSessions(
  history: History,
  model: Model,
  roleOf: (invocation: number) => Role = () => "required",
): readonly Session[] {
  const sessions: Call[][] = [];
  const byProcess = new Map<unknown, number>();
  const open: {
    readonly operation: Operation;
    readonly session: number;
    readonly after: number;
  }[] = [];
  for (const invocation of history.invocations()) {
    const role = roleOf(invocation);
    const operation = history.operation(invocation);
    if (role === "absent" || operation.process === "nemesis") continue;
    const isSeen = operation.outcome === "fail" && model.observesFailure?.(operation) === true;
    if (operation.outcome === "fail" && !isSeen) continue;
    let session = byProcess.get(operation.process);
    if (session === undefined) {
      session = sessions.push([]) - 1;
      byProcess.set(operation.process, session);
    }
    const calls = sessions[session] as Call[];
    const isUpdate = !isSeen && model.readOnly?.(operation) !== true;
    const isCertain = role === "required" && (isSeen || operation.outcome === "ok");
    if (isCertain) calls.push({ operation, session, place: calls.length, isUpdate });
    else if (isUpdate) open.push({ operation, session, after: calls.length });
  }
  const lone = open.map(({ operation, session: parent, after }, at): Session => {
    const call = { operation, session: sessions.length + at, place: 0, isUpdate: true };
    return { calls: [call], parent: { session: parent, after } };
  });
  return [...sessions.map((calls) => ({ calls })), ...lone];
}

/** The operation with its result unknown. */
export function hidden(operation: Operation): Operation {
  const { output: _, ...rest } = operation;
  return { ...rest, outcome: "info" } as Operation;
}
