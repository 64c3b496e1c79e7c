/** The program of a process that carries out trials; see `campaign-workers.ts`. */
import type { WorkerAnswer, WorkerTask } from "./campaign-workers.js";

// Ctrl-C goes to all processes of a terminal: what becomes of the campaign is for its own to say.
process.on("SIGINT", () => undefined);
process.on("SIGHUP", () => undefined);
// Nobody waits for what is under way, however the campaign ended.
process.on("disconnect", () => process.exit());

type CarryOut = (task: WorkerTask) => Promise<WorkerAnswer>;

let hands: Promise<CarryOut> | undefined;

/** Carries out one trial. */
export default async function carryOut(task: WorkerTask): Promise<WorkerAnswer> {
  hands ??= prepare();
  return (await hands)(task);
}

/** Loads all that there is only now, for it takes a while, in which signals may come. */
async function prepare(): Promise<CarryOut> {
  const [{ HarnessError }, { runTrial }, { trialPartsOf }, { sharedNowMs }] = await Promise.all([
    import("../errors.js"),
    import("../campaign/run-trial.js"),
    import("./campaign-parts.js"),
    import("./campaign-workers.js"),
  ]);
  let parts: ReturnType<typeof trialPartsOf> | undefined;
  return async ({ names, trial, endMs = Infinity }) => {
    parts ??= trialPartsOf(names);
    try {
      return { outcome: await runTrial(trial, await parts, endMs - sharedNowMs()) };
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
      return { code: error.code, message: error.message };
    }
  };
}
