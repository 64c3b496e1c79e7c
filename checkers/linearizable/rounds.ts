/**
 * Decides the parts of a history in rounds: each part gets little work in the first one, and those
 * that need more get sixteen times as much in the next. So a violation in an easy part is found
 * although another part is too hard, and the same on every machine, for work is no time.
 */
import type { History } from "../../src/history/history.js";
import type { Model } from "../../src/model/model.js";
import type { Progress } from "./attempt.js";
import { checkPart, type PartAnswer } from "./check-part.js";
import type { Meter } from "./meter.js";
import type { Part } from "./parts.js";

const FIRST_ROUND_WORK = 1 << 17;
const ROUND_GROWTH = 16;
/** What each operation of a part adds to its work in a round. */
const LENGTH_WORK = 64;

/** What the rounds are about. */
export interface RoundsQuestion {
  readonly history: History;
  readonly model: Model;
  readonly parts: readonly Part[];
  readonly meter: Meter;
  readonly progress: Progress;
}

/** The answers so far, and what is still open. */
export class Rounds {
  readonly question: RoundsQuestion;
  /** By number of the part. */
  readonly answers: (PartAnswer | undefined)[];
  /** Numbers of the parts that need another round, ascending. */
  open: readonly number[];
  /** The first violation; nothing is open then. */
  invalid: Extract<PartAnswer, { verdict: "invalid" }> | undefined;
  /** What each open part may cost in the next round, beside what its length asks for. */
  work: number = FIRST_ROUND_WORK;

  constructor(question: RoundsQuestion) {
    this.question = question;
    this.answers = question.parts.map(() => undefined);
    this.open = [...question.parts.keys()];
  }

  /** Rounds of less than this work a part, while something is open; answers how much still is. */
  run(workMax: number): number {
    while (this.open.length > 0 && this.work < workMax) this.take((number) => this.decide(number));
    return this.open.length;
  }

  /** Decides a part in this thread. */
  decide(number: number): PartAnswer {
    const { history, model, parts, meter, progress } = this.question;
    const part = parts[number] as Part;
    // The only one takes nothing from others.
    const work = parts.length === 1 ? Infinity : this.work + LENGTH_WORK * lengthOf(part);
    return checkPart({ history, model, part, meter, work, overall: progress });
  }

  /**
   * Ends a round with these answers, asked for in the order of the parts: those after the first
   * violation, or after the end of the time, are not asked for.
   */
  take(answerOf: (number: number) => PartAnswer): void {
    const postponed: number[] = [];
    for (const number of this.open) {
      const answer = answerOf(number);
      this.answers[number] = answer;
      if (answer.verdict === "invalid") {
        this.invalid = answer;
        this.open = [];
        return;
      }
      if (answer.verdict === "valid") continue;
      if (answer.limit === "time") {
        this.open = [];
        return;
      }
      if (answer.limit === "work") postponed.push(number);
    }
    this.open = postponed;
    this.work *= ROUND_GROWTH;
  }
}

function lengthOf({ completed, indeterminate }: Part): number {
  return completed.length + indeterminate.length;
}
