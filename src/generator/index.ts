/**
 * The combinators of generators in one place, for the runner, the workloads and the public API.
 */
export { decide } from "./ask.js";
export { limit, timeLimit, untilOk } from "./bounds.js";
export { anyOf, mix, type Weighted } from "./choice.js";
export type { Dispatch, Generator, GeneratorContext, Invocation, Step } from "./generator.js";
export { cycle, phases, sequence } from "./order.js";
export { delay, rate, sleep, stagger } from "./pace.js";
export { perKey, type PerKeyOptions } from "./per-key.js";
export { simulate, type SimulatedAnswer, type SimulateOptions } from "./simulator.js";
export {
  once,
  recall,
  repeat,
  timetable,
  type RecallOptions,
  type Source,
  type SourceContext,
  type TimetableEntry,
} from "./source.js";
export { filter, map } from "./transform.js";
export { clients, eachWorker, nemesis, onWorkers, reserve, type Worker } from "./workers.js";
