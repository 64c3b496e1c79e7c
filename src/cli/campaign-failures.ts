/** What failed in a campaign: carried out again for its history, made small, written as a case. */
import { join, relative } from "node:path";
import type { CampaignFailure } from "../campaign/campaign.js";
import type { Trial } from "../campaign/trial.js";
import { createBudget } from "../checker/checker.js";
import { runTest } from "../runner/run.js";
import type { FailingCase } from "../shrink/failing-case.js";
import { scriptOf } from "../shrink/script.js";
import { encodeCase } from "../store/case-file.js";
import { trialPartsOf } from "./campaign-parts.js";
import type { ReportedFailure } from "./campaign-output.js";
import { writeOutput, type CommandContext } from "./context.js";
import type { Names } from "./plan.js";
import { shellCommand } from "./shell-command.js";
import { shrinkCase } from "./shrink-run.js";

/** Where cases go, and what they may cost. */
export interface FailureOptions {
  readonly names: Names;
  readonly directory: string;
  readonly quiet: boolean;
  /** Whether they are made small. */
  readonly shrink: boolean;
  /** When the time of the whole campaign is over, on `performance.now()`. */
  readonly endMs: number;
}

/** For each failure, at most. */
const SHRINK_MS = 30_000;
/** In less than this nothing gets smaller. */
const WORTH_MS = 200;

/** Writes a case for each; what time is left is shared out evenly. */
export async function writeFailures(
  context: CommandContext,
  failures: readonly CampaignFailure[],
  options: FailureOptions,
): Promise<readonly ReportedFailure[]> {
  const reported: ReportedFailure[] = [];
  for (const failure of failures) {
    const share = failures.length - reported.length;
    reported.push(await writeFailure(context, failure, { ...options, share }));
  }
  return reported;
}

async function writeFailure(
  context: CommandContext,
  { trial, outcome, after }: CampaignFailure,
  { share, ...options }: FailureOptions & { readonly share: number },
): Promise<ReportedFailure> {
  const { names, directory, quiet } = options;
  const start = await caseOf(trial, names);
  const file = join(directory, `${outcome.anomaly}.json`);
  // Whoever does not want to wait for a smaller one has this.
  writeOutput(
    file,
    encodeCase({ failing: start, anomaly: outcome.anomaly, about: outcome.message }),
  );
  const timeBudget = Math.min(SHRINK_MS, (options.endMs - performance.now()) / share);
  const isWorth = options.shrink && timeBudget >= WORTH_MS;
  const shrunk = isWorth ? await shrinkCase(context, start, { timeBudget, quiet }) : undefined;
  const isSmall = shrunk?.reproduced === true;
  const failing = isSmall ? { ...shrunk.best, test: shrunk.outcome.result.test } : start;
  const [anomaly] = isSmall ? shrunk.outcome.result.verdict.anomalies : [];
  const about = anomaly?.message ?? outcome.message;
  writeOutput(file, encodeCase({ failing, anomaly: outcome.anomaly, about }));
  const path = relative(process.cwd(), file);
  const isCut = options.shrink && (shrunk?.spent ?? true);
  return {
    anomaly: outcome.anomaly,
    message: about,
    after,
    seed: trial.test.seed,
    file,
    replay: shellCommand(["npx", "ordeal", "replay", path]),
    ...(isCut ? { shrink: shellCommand(["npx", "ordeal", "shrink", path]) } : {}),
    ...(isSmall ? { outcome: shrunk.outcome, from: shrunk.from, to: shrunk.to } : {}),
  };
}

/** The trial as a case, from the history of the run that it is. */
async function caseOf(trial: Trial, names: Names): Promise<FailingCase> {
  const parts = await trialPartsOf(names);
  const struck = new Set(trial.test.nemeses);
  const { history } = await runTest({
    test: trial.test,
    system: parts.system(),
    workload: parts.workload(),
    nemeses: parts.nemeses().filter(({ name }) => struck.has(name)),
    world: parts.world(trial, () => undefined),
    budget: createBudget({ timeMs: parts.checkMs }),
    replay: "",
  });
  const { failFast: _, ...test } = trial.test;
  return { test, script: scriptOf(history, test.concurrency), world: trial.world };
}
