/** Leaves out operations: by what the anomaly is about, by worker, by key, and one by one. */
import { canonical } from "../../history/value.js";
import type { Attempts } from "../attempts.js";
import { ddmin } from "../ddmin.js";
import { withScript, type FailingCase } from "../failing-case.js";
import type { ScriptedOperation } from "../script.js";

/** Other seeds that are tried for a big step, and for a small one. */
const BIG_STEP_SEEDS = 4;
const SMALL_STEP_SEEDS = 2;

/** What begins after the anomaly, and keys that it is not about. */
export async function dropUnrelated(attempts: Attempts): Promise<void> {
  const { outcome, best } = attempts;
  const anomaly = outcome?.result.verdict.anomalies[0];
  if (outcome === undefined || anomaly === undefined) return;
  const { history } = outcome;
  const operations = anomaly.operations.map((index) => history.operation(index));
  const keys = new Set([anomaly.key, ...operations.map(({ key }) => key)].map(nameOf));
  keys.delete(nameOf(undefined));
  if (keys.size > 0) {
    await attempts.take(
      keeping(best, ({ key }) => keys.has(nameOf(key))),
      BIG_STEP_SEEDS,
    );
  }
  const endNs = Math.max(0, ...operations.map(endOf));
  await attempts.take(
    withScript(attempts.best, {
      operations: attempts.best.script.operations.filter(({ atNs }) => atNs <= endNs),
    }),
    BIG_STEP_SEEDS,
  );
}

/** Whole workers, whole keys, then single operations. */
export async function dropOperations(attempts: Attempts): Promise<void> {
  await dropGroups(attempts, ({ worker }) => worker);
  await dropGroups(attempts, ({ key }) => nameOf(key));
  await ddmin(attempts.best.script.final, async (final) =>
    attempts.take(withScript(attempts.best, { final }), SMALL_STEP_SEEDS),
  );
  await ddmin(attempts.best.script.operations, async (operations) =>
    attempts.take(
      withScript(attempts.best, { operations }),
      operations.length > MANY ? 0 : SMALL_STEP_SEEDS,
    ),
  );
}

/** With more operations than this, a step that fails is not worth another seed. */
const MANY = 60;

async function dropGroups(
  attempts: Attempts,
  groupOf: (operation: ScriptedOperation) => number | string,
): Promise<void> {
  const { operations, final } = attempts.best.script;
  const groups = [...new Set([...operations, ...final].map(groupOf))];
  if (groups.length < 2) return;
  await ddmin(groups, async (rest) => {
    const kept = new Set(rest);
    return attempts.take(
      keeping(attempts.best, (operation) => kept.has(groupOf(operation))),
      BIG_STEP_SEEDS,
    );
  });
}

function keeping(
  given: FailingCase,
  wanted: (operation: ScriptedOperation) => boolean,
): FailingCase {
  const { operations, final } = given.script;
  return withScript(given, { operations: operations.filter(wanted), final: final.filter(wanted) });
}

function nameOf(key: ScriptedOperation["key"]): string {
  return key === undefined ? "" : canonical(key);
}

function endOf({
  completedNs,
  invokedNs,
}: {
  readonly completedNs: number;
  readonly invokedNs: number;
}): number {
  return Number.isFinite(completedNs) ? completedNs : invokedNs;
}
