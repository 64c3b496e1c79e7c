/** The program of a thread that carries out errands; see `explore-threads.ts`. */
import { Tinypool } from "tinypool";
import { HarnessError } from "../errors.js";
import { errandsHere, type CarryOut } from "../explore/errands.js";
import { KnownStates } from "../explore/known-states.js";
import type { Errand } from "../explore/path.js";
import { explorePartsOf } from "./explore-parts.js";
import type { ExploreThreadData, ThreadAnswer } from "./explore-threads.js";
import { planOf } from "./plan.js";

const data = Tinypool.workerData as ExploreThreadData;
let hands: Promise<CarryOut> | undefined;

/** Carries out some errands. */
export default async function carryOut(errands: readonly Errand[]): Promise<ThreadAnswer> {
  hands ??= prepare();
  try {
    return { answers: await (await hands)(errands) };
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    return { code: error.code, message: error.message };
  }
}

async function prepare(): Promise<CarryOut> {
  const { known: shared, ...names } = data;
  const plan = await planOf({ ...names, nemesis: "none", world: "simulated" });
  const known = new KnownStates(shared);
  return errandsHere(explorePartsOf(plan, names), (digest) => known.has(digest));
}
