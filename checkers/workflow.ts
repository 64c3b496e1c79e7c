/**
 * What a workflow engine owes to its instances: only legal transitions, one effect for each request
 * that was acknowledged and none for each that failed, and no instance that is lost, or comes back
 * when it was deleted. The stores below may be of any consistency: nothing here is said of loads
 * that are late by less than `settleMs`.
 *
 * Reads `create`, `load`, `transition` and `delete`, as the model `workflow-instances` has them:
 * each load tells on record which requests had their effect. Whether something is lost or came
 * back, is judged in the last loads, which began `settleMs` after the last change had ended.
 */
import type { Checker } from "../src/checker/checker.js";
import { NONE, type History } from "../src/history/history.js";
import {
  workflowMachine,
  type WorkflowInstance,
  type WorkflowInstancesOptions,
  type WorkflowMachine,
} from "../src/model/workflow-instances.js";
import { assertNumber } from "./everyday/options.js";
import { inOrder } from "./everyday/presence.js";
import { checkerOf, type Judgement, type Work } from "./everyday/rule.js";
import { callText, counted, valueText } from "./everyday/words.js";
import { onceEach, type Findings } from "./workflow/findings.js";
import { followRecord } from "./workflow/record.js";
import { readStory, type Load, type Story } from "./workflow/story.js";

/** Options of `workflow`. */
export interface WorkflowOptions extends WorkflowInstancesOptions {
  /** Milliseconds after the last change from which loads count as the last ones. Default 0. */
  readonly settleMs?: number;
}

/**
 * Compares what instances show with what was asked of them.
 *
 * `illegal-transition`: an effect on record cannot have come after those before it.
 *
 *     process 0  |-- running → completed --|
 *     process 1  |-- running → failed -----|  |-- load → [completed, failed] --|
 *
 * `stale-timer`: a timer had its effect when the wait that had set it was over.
 *
 *     process 0  |-- 1: wait --|  |-- 2: wake, by timer 1 --|  |-- 3: wait --|
 *     process 1                                                                 |-- 4: wake, by timer 1 --|
 *
 * `duplicated-effect`: a request had its effect twice. `unexpected-effect`: one had it that nobody
 * had made, or that was refused or failed, or that was for another life.
 *
 *     process 0  |-- 1: pending → running: info    |-- 1 again: true --|  |-- load → [1, 1] --|
 *
 * `lost-effect`: a request was acknowledged, its instance is still there, the effect is not.
 *
 *     process 0  |-- 1: pending → running: true --|  |-- load → [] --|
 *
 * `lost-instance`: it was created, nobody deleted it, and it is not there. `resurrected-instance`:
 * it was deleted, and is there. `unexpected-instance`: it is there, and was never created.
 *
 *     process 0  |-- create a: true --|  |-- delete a: true --|  |-- load → a --|
 *
 * @throws HarnessError `bad-argument` for an option that is none, or a load of another shape
 */
export function workflow(options: WorkflowOptions = {}): Checker {
  const { settleMs = 0 } = options;
  assertNumber("workflow", { settleMs });
  const machine = workflowMachine(options);
  return checkerOf({
    name: "workflow",
    description: "workflow instances: legal transitions, exactly-once effects, none lost: load",
    keyed: true,
    kinds: [
      "illegal-transition",
      "stale-timer",
      "duplicated-effect",
      "unexpected-effect",
      "unexpected-instance",
      "lost-effect",
      "lost-instance",
      "resurrected-instance",
    ],
    judge: (history, work) => judge(history, work, { machine, settleMs }),
  });
}

function judge(
  history: History,
  work: Work,
  { machine, settleMs }: { readonly machine: WorkflowMachine; readonly settleMs: number },
): Judgement {
  const { limits } = work;
  const story = readStory(history, limits);
  const found = onceEach(work.found);
  for (const load of story.loads) {
    followRecord({ history, story, load, machine, found });
    limits.check();
  }
  const last = lastLoads(history, story, settleMs);
  for (const load of last) judgeLast({ history, story, load, found });
  const { operations, loads, lives, requests } = story;
  const acknowledged = [...requests.values()].filter((each) => each.acknowledged !== NONE).length;
  return {
    operations,
    details: {
      loads: loads.length,
      lastLoads: last.length,
      lives: lives.size,
      requests: requests.size,
      acknowledged,
    },
    holds: `${counted(requests.size, "request")} on ${counted(lives.size, "life").replace("lifes", "lives")} moved it, ${acknowledged} of them acknowledged; each had at most one effect, and none was lost.`,
    gap: gapIn(story, last),
    isEmpty: lives.size === 0,
  };
}

function gapIn({ loads, lives }: Story, last: readonly Load[]): string | undefined {
  if (lives.size === 0) {
    return "Nothing was proved: no instance was created. This checker reads create, load, transition, delete.";
  }
  if (loads.length === 0) return "Nothing was proved: no load completed ok.";
  if (last.length > 0) return undefined;
  return "Undecided: the instance was not loaded after the last change, so that what was acknowledged may be lost. Load every instance at the end.";
}

/** The loads that began when nothing was changed any more, and had not been for long enough. */
function lastLoads(
  { timesNs }: History,
  { loads, lastChange }: Story,
  settleMs: number,
): readonly Load[] {
  const fromNs = lastChange === NONE ? 0 : (timesNs[lastChange] as number) + settleMs * 1e6;
  return loads.filter(
    ({ invocation }) => invocation > lastChange && (timesNs[invocation] as number) >= fromNs,
  );
}

/** What must be there in the end, and what must not. */
function judgeLast({
  history,
  story,
  load,
  found,
}: {
  readonly history: History;
  readonly story: Story;
  readonly load: Load;
  readonly found: Findings;
}): void {
  const { instance, invocation } = load;
  const said = callText(history, invocation);
  if (instance !== null) judgeLife({ history, story, found }, instance, invocation);
  for (const [name, { created, mayBeDeleted }] of story.lives) {
    if (created === NONE || mayBeDeleted || instance?.life === name) continue;
    found("lost-instance", name, () => ({
      message: `${said} shows ${instance === null ? "nothing" : valueText(instance.life)}, although ${callText(history, created)} was acknowledged, and nobody had asked to delete it.`,
      operations: inOrder(created, invocation),
      details: { life: name },
    }));
  }
}

/** Whether a life that is there may be, and has what was acknowledged to it. */
function judgeLife(
  {
    history,
    story,
    found,
  }: { readonly history: History; readonly story: Story; readonly found: Findings },
  { life: name, status, effects }: WorkflowInstance,
  load: number,
): void {
  const life = story.lives.get(name);
  if (life === undefined || life.creations === 0) return;
  const { deleted, mayBeDeleted, creations } = life;
  // A life that another call may have created once more has begun anew.
  if (mayBeDeleted && creations > 1) return;
  const said = callText(history, load);
  if (deleted !== NONE) {
    found("resurrected-instance", name, () => ({
      message: `${said} shows ${valueText(name)}, although ${callText(history, deleted)} was acknowledged.`,
      operations: inOrder(deleted, load),
      details: { life: name },
    }));
    return;
  }
  const there = new Set(effects);
  for (const [id, { acknowledged, asked }] of story.requests) {
    if (acknowledged === NONE || asked.life !== name || there.has(id)) continue;
    found("lost-effect", id, () => ({
      message: `${said} shows ${valueText(name)} ${status} without ${valueText(id)}, although ${callText(history, acknowledged)} was acknowledged.`,
      operations: inOrder(acknowledged, load),
      details: { id, life: name },
    }));
  }
}
