/**
 * Exploration: all executions of a few operations on a few nodes, within bounds. Nothing is drawn
 * but what a world draws for its nodes; so when it comes to its end without a violation, there is
 * none within the bounds.
 *
 * Peers and sources: Godefroid, "Model Checking for Programming Languages using VeriSoft" (POPL
 * 1997) for exploring real code without keeping states; Musuvathi et al., CMC (OSDI 2002), and the
 * simulators of dslabs and Stateright for protocols on a chosen network.
 */
import { execute } from "./execution.js";
import type { ExploreOptions, ExploreResult, Round } from "./explore-result.js";
import { exploreStates } from "./explore-states.js";
import { Path } from "./path.js";
import { Search, type Reduction } from "./search.js";
import { Tally } from "./tally.js";

export type { ExploreOptions, ExploreResult, FoundViolation, Round } from "./explore-result.js";

/**
 * Explores.
 * @throws what the world, the system's client or the workload throw; HarnessError `harness-failure`
 *   when an execution does not repeat.
 */
export async function explore(options: ExploreOptions): Promise<ExploreResult> {
  const reduction = options.reduction ?? (await reductionFor(options));
  if (reduction === "states") return exploreStates(options);
  const exploration = new Exploration(options, reduction);
  for (const delays of options.rounds ?? [options.bounds.delays]) {
    if (exploration.isOver()) break;
    const isAll = await exploration.round(delays);
    if (isAll) break;
  }
  return exploration.result();
}

/** Looks at the start of one execution, whether there is anything to compare. */
async function reductionFor(options: ExploreOptions): Promise<Reduction> {
  if (options.bounds.delays !== Infinity) return "races";
  const chooser = new Path({ choices: [], asleep: [] }, () => true);
  const { remembers } = await execute(options, { chooser, seen: new Set(), looks: true });
  return remembers ? "states" : "races";
}

/** An exploration under way, round by round. */
class Exploration {
  readonly #options: ExploreOptions;
  readonly #reduction: Reduction;
  readonly #tally: Tally;
  readonly #seen = new Set<string>();
  readonly #rounds: Round[] = [];
  #leftOut = 0;

  constructor(options: ExploreOptions, reduction: Reduction) {
    this.#options = options;
    this.#reduction = reduction;
    this.#tally = new Tally(options);
  }

  isOver(): boolean {
    return this.#tally.isOver();
  }

  /** Searches with a bound of delays. Says whether all was tried, and the bound was none. */
  async round(delays: number): Promise<boolean> {
    const { onExecution } = this.#options;
    const tally = this.#tally;
    const search = new Search(this.#reduction, delays);
    const before = { ...tally.totals };
    const round = (): Round => ({
      delays: search.bounded || !search.over ? delays : Infinity,
      complete: search.over && tally.totals.cutShort === before.cutShort,
      share: search.share,
      executions: tally.totals.executions - before.executions,
    });
    const index = this.#rounds.push(round()) - 1;
    while (!search.over && !this.isOver()) {
      const execution = await execute(this.#options, { chooser: search, seen: this.#seen });
      tally.execution(execution);
      if (execution.judged !== undefined) tally.history(execution.judged, search.choices);
      search.finish({ decidedBy: execution.decidedBy });
      this.#leftOut = search.leftOut;
      this.#rounds[index] = round();
      onExecution?.(this.result());
    }
    return search.over && !search.bounded;
  }

  result(): ExploreResult {
    const reduction = this.#reduction;
    const leftOut = this.#leftOut;
    return this.#tally.result({ reduction, states: 0, rounds: this.#rounds, leftOut });
  }
}
