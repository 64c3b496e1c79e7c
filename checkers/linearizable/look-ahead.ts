/**
 * Gives up configurations from which a result that is still to come cannot come about any more, as
 * far as the model can tell (`lookAhead` in the model port): where values grow, a read tells the
 * order of all that made it grow, long after the search had to choose one.
 *
 * Why it is right. Let o be a required observation that has not taken effect in a configuration
 * with state s, and say that `mayLeadTo(s, o)` is false and that none of the operations that can
 * still take effect before o returns `restores` it. By the model's promise no state that can be
 * reached before o takes effect leads to o, and o is impossible in all of them: the configuration
 * is dead. The operations that can still take effect before o returns are the required ones that
 * begin before that and have not taken effect (they return later than the present level, or they
 * would have), and the optional ones that begin before that.
 *
 * *Lumps*. Call a state hopeless in a configuration when it rules out every observation that has
 * not taken effect. Hopeless states are worth the same, so that one stands for all: of two
 * configurations that differ in nothing but that, whatever can follow the one can follow the other.
 * For the next operation is no observation (1), so that it is possible in both (3). Either it
 * overwrites, and both are in the same state afterwards (4); or it restores no observation, and
 * both are in hopeless states again (2). (Problems with operations that do neither, such as a
 * compare-and-set whose result is unknown, are not lumped.) So an optional operation that leads
 * from one hopeless state to another is dominated at once, and the orders of required ones are one.
 * The order that is found in the end is an order of the history by the same argument.
 *
 * Only the next few observations are looked at, and only their restorers among what can matter from
 * the first level on at which they are looked at. What is looked at saves work; to look at less is
 * always right.
 */
import type { Model, ModelOperation } from "../../src/model/model.js";
import type { Meter } from "./meter.js";
import type { Moves } from "./moves.js";
import type { Problem } from "./problem.js";
import type { Transitions } from "./transitions.js";

/** So many observations ahead are looked at. */
const AHEAD_MAX = 4;
/** States are lumped together when so few observations are left. */
const LUMP_MAX = 16;

/** The observations of one problem, and what may restore them. */
export class LookAhead {
  readonly #problem: Problem;
  readonly #transitions: Transitions;
  /** Observations that can be ruled out, ascending; by level the first that is not yet over. */
  readonly #watched: number[] = [];
  readonly #next: Int32Array;
  /** By observation, as in `#watched`: required operations, and groups, that restore it. */
  readonly #restorers: number[][] = [];
  readonly #groups: number[][] = [];
  readonly #restores: Restores;
  readonly #model: Model;
  readonly #meter: Meter;
  /** Whether states may be lumped together, once that was asked: few problems ever have to. */
  #lumps: boolean | undefined;
  /** The state that stands for all hopeless ones at present. */
  #lump = -1;

  constructor(problem: Problem, model: Model, transitions: Transitions, meter: Meter) {
    this.#problem = problem;
    this.#transitions = transitions;
    this.#model = model;
    this.#meter = meter;
    this.#next = new Int32Array(problem.levels + 1);
    const { kinds, levels, groups, memberLevels } = problem;
    const restores = createRestores(model, transitions.kinds);
    this.#restores = restores;
    const observed = new Map<number, boolean>();
    for (let level = 0; level < levels; level++) {
      this.#next[level] = this.#watched.length;
      const kind = kinds[level] as number;
      let observes = observed.get(kind);
      if (observes === undefined) {
        observes = model.lookAhead?.observes(transitions.kinds[kind] as ModelOperation) ?? false;
        observed.set(kind, observes);
      }
      if (!observes) continue;
      this.#watched.push(level);
      meter.spend(groups.length);
      const restoring: number[] = [];
      groups.forEach((group, index) => {
        const begins = (memberLevels[group.start] as number) <= level;
        if (begins && restores(group.kind, kind)) restoring.push(index);
      });
      this.#groups.push(restoring);
    }
    this.#next[levels] = this.#watched.length;
    this.#watched.forEach((operation, index) => {
      const before = this.#watched[index - AHEAD_MAX];
      const from = before === undefined ? 0 : before + 1;
      this.#restorers.push(this.#restorersOf(operation, from, restores, meter));
    });
  }

  /** Whether the operations of this problem are of the sorts that the argument above is about. */
  #mayLump(): boolean {
    const model = this.#model;
    const { kinds, groups } = this.#problem;
    const last = new Set(this.#watched.slice(-LUMP_MAX).map((one) => kinds[one] as number));
    const all = new Set([...kinds, ...groups.map(({ kind }) => kind)]);
    this.#meter.spend(all.size * last.size);
    return [...all].every((kind) => {
      const operation = this.#transitions.kinds[kind] as ModelOperation;
      if (model.lookAhead?.observes(operation) === true) return true;
      if (model.lookAhead?.overwrites(operation) === true) return true;
      return [...last].every((observation) => !this.#restores(kind, observation));
    });
  }

  /** The state that stands for this one at this level: itself, or that of all hopeless ones. */
  lumped(level: number, state: number, moves: Moves): number {
    const from = this.#next[level] as number;
    if (this.#lumps === false || this.#watched.length - from > LUMP_MAX) return state;
    if (!this.#isRuledOutByAll(from, level, state, moves)) return state;
    this.#lumps ??= this.#mayLump();
    if (!this.#lumps) return state;
    if (this.#lump < 0 || !this.#isRuledOutByAll(from, level, this.#lump, moves)) {
      this.#lump = state;
    }
    return this.#lump;
  }

  #isRuledOutByAll(from: number, level: number, state: number, moves: Moves): boolean {
    const { kinds, begins } = this.#problem;
    for (let index = from; index < this.#watched.length; index++) {
      const operation = this.#watched[index] as number;
      if ((begins[operation] as number) <= level && moves.hasTakenEffect(operation)) continue;
      if (this.#transitions.mayLeadTo(state, kinds[operation] as number)) return false;
    }
    return true;
  }

  /**
   * An observation among the next ones that cannot come about from this state, at this level; -1
   * without one.
   */
  ruledOut(level: number, state: number, moves: Moves): number {
    const { kinds, begins } = this.#problem;
    const from = this.#next[level] as number;
    const to = Math.min(from + AHEAD_MAX, this.#watched.length);
    for (let index = from; index < to; index++) {
      const operation = this.#watched[index] as number;
      if (this.#transitions.mayLeadTo(state, kinds[operation] as number)) continue;
      if ((begins[operation] as number) <= level && moves.hasTakenEffect(operation)) continue;
      const restorers = this.#restorers[index] as number[];
      const restorable = restorers.some(
        (other) =>
          other >= level && ((begins[other] as number) > level || !moves.hasTakenEffect(other)),
      );
      if (restorable) continue;
      const groups = this.#groups[index] as number[];
      if (!groups.some((group) => moves.mayHappen(group, operation))) return operation;
    }
    return -1;
  }

  /** Whether the next observation that has not taken effect may come about from this state. */
  isPromising(level: number, state: number, moves: Moves): boolean {
    const { kinds, begins } = this.#problem;
    for (let index = this.#next[level] as number; index < this.#watched.length; index++) {
      const operation = this.#watched[index] as number;
      if ((begins[operation] as number) <= level && moves.hasTakenEffect(operation)) continue;
      return this.#transitions.mayLeadTo(state, kinds[operation] as number);
    }
    return true;
  }

  /** The operations that are open at some level from `from` on up to the observation's return. */
  #restorersOf(operation: number, from: number, restores: Restores, meter: Meter): number[] {
    const { openStart, open, kinds, begins } = this.#problem;
    const observation = kinds[operation] as number;
    const found: number[] = [];
    for (let level = from; level <= operation; level++) {
      const end = openStart[level + 1] as number;
      meter.spend(end - (openStart[level] as number));
      for (let at = openStart[level] as number; at < end; at++) {
        const other = open[at] as number;
        // Each once: at the first of these levels at which it is open.
        if (level > from && begins[other] !== level) continue;
        if (other !== operation && restores(kinds[other] as number, observation)) found.push(other);
      }
    }
    return found;
  }
}

type Restores = (kind: number, observation: number) => boolean;

/** `restores` by kinds, each pair asked once. */
function createRestores(model: Model, kinds: readonly ModelOperation[]): Restores {
  const known = new Map<number, Map<number, boolean>>();
  return (kind, observation) => {
    let ofObservation = known.get(observation);
    if (ofObservation === undefined) known.set(observation, (ofObservation = new Map()));
    let answer = ofObservation.get(kind);
    if (answer === undefined) {
      const operation = kinds[kind] as ModelOperation;
      answer = model.lookAhead?.restores(operation, kinds[observation] as ModelOperation) ?? true;
      ofObservation.set(kind, answer);
    }
    return answer;
  };
}
