/**
 * The program of a thread that decides parts; see threads.ts. The model is loaded with the first
 * part: what cannot be loaded is then an answer to a question, and not the end of the thread.
 */
import { Tinypool } from "tinypool";
import { createBudget } from "../../src/checker/checker.js";
import { createHistory } from "../../src/history/history.js";
import type { Model } from "../../src/model/model.js";
import type { Progress } from "./attempt.js";
import { checkPart } from "./check-part.js";
import { Meter } from "./meter.js";
import type { ThreadAnswer, ThreadData, ThreadTask } from "./threads.js";

const { columns, origin, options } = Tinypool.workerData as ThreadData;
const history = createHistory(columns);
let loaded: Promise<Model> | undefined;

/** Decides one part. */
export default async function decide(task: ThreadTask): Promise<ThreadAnswer> {
  loaded ??= loadModel();
  const model = await loaded;
  const { part, work, timeMs, elapsedMs, memoryBytes } = task;
  const meter = new Meter(createBudget({ timeMs, memoryBytes }), elapsedMs);
  const overall: Progress = { levelMax: 0, configurationsMax: 0 };
  const answer = checkPart({ history, model, part, meter, work, overall });
  const { configurationsMax } = overall;
  return { answer, work: meter.work, bytesMax: meter.bytesMax, configurationsMax };
}

async function loadModel(): Promise<Model> {
  const found = (await import(origin.module)) as { readonly [name: string]: unknown };
  return (found[origin.factory] as (given: Model["options"]) => Model)(options);
}
