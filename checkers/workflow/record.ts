/**
 * What a load shows on record, against what was asked: each effect must be that of a request which
 * may have had it, once, and must have been possible after those before it.
 */
import type { History } from "../../src/history/history.js";
import type { TransitionRequest, WorkflowMachine } from "../../src/model/workflow-instances.js";
import { inOrder } from "../everyday/presence.js";
import { callText, valueText } from "../everyday/words.js";
import type { Findings } from "./findings.js";
import type { Load, Story } from "./story.js";

/** Follows the record of one load. */
export function followRecord(told: {
  readonly history: History;
  readonly story: Story;
  readonly load: Load;
  readonly machine: WorkflowMachine;
  readonly found: Findings;
}): void {
  const { history, story, load, machine, found } = told;
  const { instance, invocation } = load;
  if (instance === null) return;
  const { life, status, retries, effects } = instance;
  const said = callText(history, invocation);
  if ((story.lives.get(life)?.creations ?? 0) === 0) {
    found("unexpected-instance", life, () => ({
      message: `${said} shows ${valueText(life)}, which nobody had created, or only in vain.`,
      operations: [invocation],
      details: { life },
    }));
    return;
  }
  let current = machine.create(life);
  for (const id of effects) {
    const known = story.requests.get(id);
    if (known?.mayHaveHappened !== true || known.asked.life !== life) {
      found("unexpected-effect", id, () => ({
        message: `${said} shows the effect of ${valueText(id)}, which ${known === undefined ? "nobody had asked for" : known.asked.life === life ? "had failed or was refused" : `was asked of ${valueText(known.asked.life)}`}.`,
        operations: known === undefined ? [invocation] : inOrder(known.invocation, invocation),
        details: { id },
      }));
      return;
    }
    const { asked, invocation: request } = known;
    const next = machine.move(current, asked);
    if (next === current) {
      found("duplicated-effect", id, () => ({
        message: `${said} shows the effect of ${valueText(id)} twice.`,
        operations: inOrder(request, invocation),
        details: { id },
      }));
      return;
    }
    if (next === undefined) {
      const before = current;
      const isLate = machine.move(before, withoutTimer(asked)) !== undefined;
      found(isLate ? "stale-timer" : "illegal-transition", id, () => ({
        message: isLate
          ? `${said} shows that the timer of ${valueText(asked.timer ?? null)} moved it by ${valueText(id)}, when the wait that had set it was over.`
          : `${said} shows ${valueText(id)}, from ${asked.from} to ${asked.to}, when it was ${before.status} after ${before.effects.length} effects.`,
        operations: inOrder(request, invocation),
        details: { id, from: asked.from, to: asked.to, status: before.status },
      }));
      return;
    }
    current = next;
  }
  if (current.status === status && current.retries === retries) return;
  found("illegal-transition", life, () => ({
    message: `${said} shows it ${status}, and its effects lead to ${current.status}.`,
    operations: [invocation],
    details: { status, expected: current.status },
  }));
}

function withoutTimer({ id, life, from, to }: TransitionRequest): TransitionRequest {
  return { id, life, from, to };
}
