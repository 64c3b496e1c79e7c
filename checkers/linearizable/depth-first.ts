/**
 * Follows one configuration to the end and comes back: finds a witness fast when there is one.
 *
 * Configurations that were there are remembered, for they need not be entered again. That is only
 * to save work: each move makes more operations take effect, so that the search ends without it.
 * So what lies behind the front is forgotten from time to time: all but the rows on the way to the
 * present one. When the search comes back to what was forgotten, it waits longer before it forgets
 * again, twice as long each time; so forgetting never costs more than a constant factor. At a
 * *quiescent point* (nothing open) nothing but the state was worth keeping anyway.
 */
import type { Finding, Progress } from "./attempt.js";
import { Configurations } from "./configurations.js";
import { LEVEL, type Moves } from "./moves.js";

/** This many rows may be remembered beside those on the way before what is behind is forgotten. */
const ROWS_KEPT = 1 << 16;

/** A stack of frames: a row, the next choice to try in it, and the trail that leads to it. */
class Frames {
  count = 0;
  rows: Int32Array = new Int32Array(64);
  choices: Int32Array = new Int32Array(64);
  alternatives: Int32Array = new Int32Array(64);
  trails: Int32Array = new Int32Array(64);

  push(row: number, trail: number): void {
    if (this.count === this.rows.length) {
      this.rows = doubled(this.rows);
      this.choices = doubled(this.choices);
      this.alternatives = doubled(this.alternatives);
      this.trails = doubled(this.trails);
    }
    this.rows[this.count] = row;
    this.choices[this.count] = 0;
    this.alternatives[this.count] = 0;
    this.trails[this.count] = trail;
    this.count++;
  }
}

/** Looks for one order. @throws LimitReached, AssumptionFell */
export function depthFirst(moves: Moves, progress: Progress): Finding {
  const seen = new Configurations(moves.layout, moves.meter);
  try {
    return search(moves, progress, seen);
  } finally {
    seen.free();
  }
}

function search(moves: Moves, progress: Progress, seen: Configurations): Finding {
  const { levels } = moves.problem;
  // There are at most as many frames as operations, so that their memory is part of the problem's.
  const frames = new Frames();
  let levelMax = 0;
  let forgetAt = ROWS_KEPT;
  let forgotten = 0;
  const passes = moves.looksAhead ? 2 : 1;
  moves.start();
  let done = enter(moves, seen, frames);
  while (!done && frames.count > 0) {
    const top = frames.count - 1;
    const base = (frames.rows[top] as number) * seen.stride;
    const level = seen.rows[base + LEVEL] as number;
    if (level > levelMax) {
      levelMax = level;
      if (seen.count >= forgetAt + 2 * frames.count) {
        keepOnly(frames, seen);
        forgotten = frames.count;
        continue;
      }
    }
    if (seen.count > progress.configurationsMax) progress.configurationsMax = seen.count;
    if (levelMax > progress.levelMax) progress.levelMax = levelMax;
    const choice = frames.choices[top] as number;
    const choiceCount = moves.choiceCount(level);
    if (choice === passes * choiceCount) {
      frames.count--;
      if (frames.count < forgotten) {
        forgetAt *= 2;
        forgotten = 0;
      }
      continue;
    }
    moves.trailLength = frames.trails[top] as number;
    const alternative = frames.alternatives[top] as number;
    const count = moves.choose(seen.rows, base, choice % choiceCount, alternative);
    if (alternative + 1 < count) frames.alternatives[top] = alternative + 1;
    else {
      frames.choices[top] = choice + 1;
      frames.alternatives[top] = 0;
    }
    // With a look-ahead: first what can lead to the next observation, then the rest.
    if (passes === 2 && moves.isPromising() !== choice < choiceCount) continue;
    if (count > 0) done = enter(moves, seen, frames);
  }
  if (!done) return { kind: "stuck", level: Math.max(levelMax, moves.levelRuledOut), states: [] };
  progress.levelMax = levels;
  return { kind: "linearizable", ...moves.orderOf(moves.trail, moves.trailLength) };
}

/** Goes on from the row in hand as far as it goes by itself; true at the end of the history. */
function enter(moves: Moves, seen: Configurations, frames: Frames): boolean {
  if (moves.advance() === moves.problem.levels) return true;
  if (moves.isHopeless()) return false;
  const added = seen.add(moves.row);
  if (added >= 0) frames.push(added, moves.trailLength);
  return false;
}

/** Forgets all rows but those of frames, which are in the order in which they were added. */
function keepOnly(frames: Frames, seen: Configurations): void {
  seen.keep(frames.rows, frames.count);
  for (let frame = 0; frame < frames.count; frame++) frames.rows[frame] = frame;
}

function doubled(array: Int32Array): Int32Array {
  const longer = new Int32Array(2 * array.length);
  longer.set(array);
  return longer;
}
