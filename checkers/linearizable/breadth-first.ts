/**
 * Keeps all configurations of a level: refutes fast, and its memory is that of two levels, whatever
 * the length of the history. At a quiescent point (nothing open) they are the possible states.
 */
import type { Finding, Progress } from "./attempt.js";
import type { Configurations } from "./configurations.js";
import { STATE, type Moves } from "./moves.js";
import { WitnessLog } from "./witness-log.js";

/** The configurations before a level, within it, and after it. */
interface Sets {
  before: Configurations;
  readonly within: Configurations;
  after: Configurations;
}

/** Finds an order, or the level at which there is none. @throws LimitReached, AssumptionFell */
export function breadthFirst(moves: Moves, progress: Progress): Finding {
  const { layout, spares } = moves;
  const [before, within, after] = [spares.take(layout), spares.take(layout), spares.take(layout)];
  const log = new WitnessLog(moves.meter);
  try {
    return search(moves, progress, { before, within, after }, log);
  } finally {
    for (const set of [before, within, after]) spares.give(set);
    log.free();
  }
}

function search(moves: Moves, progress: Progress, sets: Sets, log: WitnessLog): Finding {
  const { within } = sets;
  const { levels } = moves.problem;
  moves.start();
  sets.before.add(moves.row);
  sets.before.tags[0] = WitnessLog.ROOT;
  for (let level = 0; level < levels; level++) {
    const { before, after } = sets;
    for (let row = 0; row < before.count; row++) {
      moves.take(before.rows, row * before.stride);
      file(moves, level, sets, log, before.tags[row] as number);
    }
    const choiceCount = moves.choiceCount(level);
    if (level > progress.levelMax) progress.levelMax = level;
    for (let row = 0; row < within.count; row++) {
      const count = within.count + after.count;
      if (count > progress.configurationsMax) progress.configurationsMax = count;
      for (let choice = 0; choice < choiceCount; choice++) {
        for (let alternative = 0, last = 1; alternative < last; alternative++) {
          moves.trailLength = 0;
          last = moves.choose(within.rows, row * within.stride, choice, alternative);
          if (last > 0) file(moves, level, sets, log, within.tags[row] as number);
        }
      }
    }
    if (after.count === 0) {
      const ruledOut = moves.levelRuledOut;
      // What was ruled out by a later result says nothing of the states at this level.
      if (ruledOut > level) return { kind: "stuck", level: ruledOut, states: [] };
      return { kind: "stuck", level, states: statesOf(within) };
    }
    log.compact(after.tags, after.count);
    before.clear();
    within.clear();
    sets.before = after;
    sets.after = before;
  }
  progress.levelMax = levels;
  const path = log.path(sets.before.tags[0] as number);
  return { kind: "linearizable", ...moves.orderOf(path, path.length) };
}

/** Files the row in hand: it survives the level, or it is to be explored within it. */
function file(moves: Moves, level: number, sets: Sets, log: WitnessLog, parent: number): void {
  const survives = moves.settle(level);
  if (survives) moves.pass(level);
  if (moves.isHopeless()) return;
  const set = survives ? sets.after : sets.within;
  const added = set.add(moves.row);
  if (added >= 0) set.tags[added] = log.append(parent, moves.trail, moves.trailLength);
}

function statesOf(set: Configurations): number[] {
  const states = new Set<number>();
  for (let row = 0; row < set.count; row++)
    states.add(set.rows[row * set.stride + STATE] as number);
  return [...states];
}
