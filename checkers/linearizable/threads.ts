/**
 * Hard parts on several threads. What is hard is known after the first rounds: whatever is easy was
 * decided before, in less time than it takes to start threads and to copy the history to them.
 *
 * The answers are those of one thread. Each part's search is deterministic and counts its own work;
 * answers are taken in the order of the parts, and what comes after the first violation is thrown
 * away, as if it had never been asked for. Each thread may take its share of the memory; when a
 * part runs out of it the threads are ended, for what they hold would be missing, and it is asked
 * again alone, with the whole.
 */
import type { History, HistoryColumns } from "../../src/history/history.js";
import type { Model } from "../../src/model/model.js";
import type { PartAnswer } from "./check-part.js";
import type { Part } from "./parts.js";
import type { Rounds } from "./rounds.js";

/** What every thread of a pool gets when it starts. */
export interface ThreadData {
  readonly columns: HistoryColumns;
  readonly origin: NonNullable<Model["origin"]>;
  readonly options: Model["options"];
}

/** One part for one thread. */
export interface ThreadTask {
  readonly part: Part;
  readonly work: number;
  readonly timeMs: number;
  readonly elapsedMs: number;
  readonly memoryBytes: number;
}

/** What comes back: the answer, and what it cost. */
export interface ThreadAnswer {
  readonly answer: PartAnswer;
  readonly work: number;
  readonly bytesMax: number;
  readonly configurationsMax: number;
}

/** Decides the open parts; in this thread when others cannot be had. */
export async function runOnThreads(
  rounds: Rounds,
  { origin, threads }: { readonly origin: NonNullable<Model["origin"]>; readonly threads: number },
): Promise<void> {
  // Bundled, or run from the sources: the program of a thread is not beside this file.
  if (!import.meta.url.endsWith("/threads.js")) {
    rounds.run(Infinity);
    return;
  }
  const { history, model } = rounds.question;
  const workerData: ThreadData = {
    columns: columnsOf(history),
    origin,
    options: model.options,
  };
  const { Tinypool } = await import("tinypool");
  const count = Math.min(threads, rounds.open.length);
  const pool = new Tinypool({
    filename: new URL("./thread.js", import.meta.url).href,
    minThreads: count,
    maxThreads: count,
    workerData,
  });
  try {
    const ask = (task: ThreadTask): Promise<ThreadAnswer> => pool.run(task);
    const end = (): Promise<void> => pool.destroy();
    while (rounds.open.length > 1) {
      if ((await runRound(rounds, { count, ask, end })) === "short of memory") break;
    }
  } catch {
    // No threads here (a model that is not where it says, a limit of the system): one is enough.
  } finally {
    await pool.destroy();
  }
  rounds.run(Infinity);
}

interface Pool {
  readonly count: number;
  readonly ask: (task: ThreadTask) => Promise<ThreadAnswer>;
  readonly end: () => Promise<void>;
}

function columnsOf(history: History): HistoryColumns {
  const { length, types, processes, functions, functionNames, keys, values, errors } = history;
  const { timesNs, pairs, pool } = history;
  const names = { functionNames, pool };
  return { length, types, processes, functions, keys, values, errors, timesNs, pairs, ...names };
}

/** With lists that were made when somebody asked: nobody can ask in another thread. */
function plainPart({ part, completed, indeterminate }: Part): Part {
  return { part, completed, indeterminate };
}

async function runRound(
  rounds: Rounds,
  { count, ask, end }: Pool,
): Promise<"enough memory" | "short of memory"> {
  const { parts, meter, progress } = rounds.question;
  const asked = rounds.open.map((number) =>
    ask({
      part: plainPart(parts[number] as Part),
      work: rounds.work,
      ...meter.share(count),
    }),
  );
  // Those that nobody waits for any more are ended with the pool, and then fail.
  for (const each of asked) each.catch(() => undefined);
  const found = new Map<number, ThreadAnswer>();
  for (const [place, number] of rounds.open.entries()) {
    const reply = await (asked[place] as Promise<ThreadAnswer>);
    found.set(number, reply);
    if (reply.answer.verdict === "invalid") break;
  }
  const short = [...found.values()].some(({ answer }) => isShort(answer));
  if (short) await end();
  rounds.take((number) => {
    const reply = found.get(number) as ThreadAnswer;
    const { answer } = reply;
    if (isShort(answer)) return rounds.decide(number);
    meter.account(reply);
    progress.configurationsMax = Math.max(progress.configurationsMax, reply.configurationsMax);
    return answer;
  });
  return short ? "short of memory" : "enough memory";
}

function isShort(answer: PartAnswer): boolean {
  return answer.verdict === "unknown" && answer.limit === "memory";
}
