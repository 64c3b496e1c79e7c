/**
 * Exploration through states: errands are given out in batches of one size, and what they met is
 * taken in their order. So however many threads there are, and whichever is first, the answer is
 * the same.
 */
import { errandsHere, type Answer, type CarryOut } from "./errands.js";
import type { Judged } from "./execution.js";
import type { ErrandThreads, ExploreOptions, ExploreResult, Round } from "./explore-result.js";
import { errandOf, StateSearch, type Task } from "./state-search.js";
import { Tally } from "./tally.js";

/** Errands that are given out together. */
const BATCH = 64;
/** So many are carried out here before other threads are worth their start. */
const ALONE = 3 * BATCH;

/** Explores through states. @throws as `explore`. */
export async function exploreStates(options: ExploreOptions): Promise<ExploreResult> {
  const exploration = new StateExploration(options);
  while (!exploration.isOver()) await exploration.batch();
  return exploration.result();
}

class StateExploration {
  readonly #options: ExploreOptions;
  readonly #tally: Tally;
  readonly #search: StateSearch;
  #carryOut: CarryOut;
  #threads: ErrandThreads | undefined;
  /** Histories by name, until they count. */
  readonly #judged = new Map<string, Judged>();
  readonly #counted = new Set<string>();

  constructor(options: ExploreOptions) {
    this.#options = options;
    this.#search = new StateSearch(options.test.seed);
    this.#tally = new Tally(options);
    this.#carryOut = errandsHere(options, (digest) => this.#search.isKnown(digest));
  }

  isOver(): boolean {
    return this.#search.waiting === 0 || this.#tally.isOver();
  }

  async batch(): Promise<void> {
    const { executions = Infinity, onExecution, openThreads } = this.#options;
    const isLong = this.#tally.totals.executions >= ALONE;
    if (isLong && openThreads !== undefined && this.#threads === undefined) {
      this.#threads = await openThreads();
      this.#carryOut = this.#threads.carryOut;
      for (const digest of this.#search.digests()) this.#threads.known.add(digest);
    }
    const most = Math.min(BATCH, executions - this.#tally.totals.executions);
    const tasks = this.#search.next(most);
    const answers = await this.#carryOut(tasks.map(errandOf));
    for (const [index, task] of tasks.entries()) {
      this.#take(task, answers[index] as Answer);
      if (this.#tally.hasEnough()) break;
    }
    onExecution?.(this.result());
  }

  #take(task: Task, { trace, words, cut, name, judged }: Answer): void {
    const known = this.#threads?.known;
    const before = this.#search.steps;
    const counts = this.#search.take(task, trace, (digest) => known?.add(digest));
    // Steps beyond a state that others have reached depend on how many they were.
    const steps = this.#search.steps - before;
    this.#tally.execution({ steps, cut: counts ? cut : "asleep" });
    if (name === undefined) return;
    if (judged !== undefined) this.#judged.set(name, judged);
    if (!counts || this.#counted.has(name)) return;
    this.#counted.add(name);
    this.#tally.history(this.#judged.get(name) as Judged, words);
    this.#judged.delete(name);
  }

  result(): ExploreResult {
    const { states, share, waiting, leftOut } = this.#search;
    const { executions, cutShort } = this.#tally.totals;
    const round: Round = {
      delays: Infinity,
      complete: waiting === 0 && cutShort === 0,
      share,
      executions,
    };
    return this.#tally.result({ reduction: "states", states, leftOut, rounds: [round] });
  }
}
