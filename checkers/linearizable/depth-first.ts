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
import type { Configurations } from "./configurations.js";
import { LEVEL, type Moves } from "./moves.js";

/** This many rows may be remembered beside those on the way before what is behind is forgotten. */
const ROWS_KEPT = 1 << 16;

/** Words of a frame: a row, the next choice to try in it and its alternative, the trail to it. */
const FRAME_WORDS = 4;
const CHOICE = 1;
const ALTERNATIVE = 2;
const TRAIL = 3;

/** A stack of frames. */
class Frames {
  count = 0;
  words: Int32Array = new Int32Array(16 * FRAME_WORDS);

  push(row: number, trail: number): void {
    const at = this.count++ * FRAME_WORDS;
    if (at === this.words.length) {
      const longer = new Int32Array(2 * at);
      longer.set(this.words);
      this.words = longer;
    }
    this.words[at] = row;
    this.words[at + CHOICE] = 0;
    this.words[at + ALTERNATIVE] = 0;
    this.words[at + TRAIL] = trail;
  }
}

/** Looks for one order. @throws LimitReached, AssumptionFell */
export function depthFirst(moves: Moves, progress: Progress): Finding {
  const seen = moves.spares.take(moves.layout);
  try {
    return search(moves, progress, seen);
  } finally {
    moves.spares.give(seen);
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
    const at = top * FRAME_WORDS;
    const base = (frames.words[at] as number) * seen.stride;
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
    const choice = frames.words[at + CHOICE] as number;
    const choiceCount = moves.choiceCount(level);
    if (choice === passes * choiceCount) {
      frames.count--;
      if (frames.count < forgotten) {
        forgetAt *= 2;
        forgotten = 0;
      }
      continue;
    }
    moves.trailLength = frames.words[at + TRAIL] as number;
    const alternative = frames.words[at + ALTERNATIVE] as number;
    const count = moves.choose(seen.rows, base, choice % choiceCount, alternative);
    if (alternative + 1 < count) frames.words[at + ALTERNATIVE] = alternative + 1;
    else {
      frames.words[at + CHOICE] = choice + 1;
      frames.words[at + ALTERNATIVE] = 0;
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
  const rows = new Int32Array(frames.count);
  for (let frame = 0; frame < frames.count; frame++) {
    rows[frame] = frames.words[frame * FRAME_WORDS] as number;
    frames.words[frame * FRAME_WORDS] = frame;
  }
  seen.keep(rows);
}
