/**
 * One execution of a search by states: choices that were made before, and then whatever is next
 * where nobody has been yet. What it met on the way is kept as a trace, from which the search
 * learns what else could have happened.
 */
import { HarnessError } from "../errors.js";
import type { Chooser } from "./chooser.js";
import type { Look } from "./sighting.js";
import { areDependent, type Candidate } from "./step.js";

/** A choice: the name of an event, or which of some alternatives was the case. */
export type Choice = string | number;

/** An event, by what is needed of it when it is one that could have happened. */
export interface Option extends Pick<Candidate, "id" | "place" | "operation" | "free"> {
  /** See `Sighting`. */
  readonly name: string | undefined;
}

/** A way that leads to where nobody has been. */
export interface Errand {
  readonly choices: readonly Choice[];
  /** What need not happen next where it leads. */
  readonly asleep: readonly Option[];
}

/** What an execution met beyond the choices of its errand. */
export type Met =
  | {
      readonly kind: "state";
      readonly digest: string;
      readonly situation: string;
      readonly options: readonly Option[];
      /** Which of them happened; undefined when the execution ended here. */
      readonly taken: number | undefined;
    }
  /** Something changed nothing, and so nothing else was tried before it. */
  | { readonly kind: "idle"; readonly id: string }
  /** One of so many alternatives was taken, the first. */
  | { readonly kind: "alternatives"; readonly words: readonly string[] };

/** Follows an errand. */
export class Path implements Chooser {
  readonly #choices: readonly Choice[];
  readonly #isKnown: (digest: string) => boolean;
  #asleep: readonly Option[];
  #position = 0;
  /** An execution may come to where it was before. */
  readonly #met = new Set<string>();
  readonly trace: Met[] = [];
  /** The choices in the words of a case. */
  readonly words: string[] = [];

  /** `isKnown` says of states that nothing more need be looked at there. */
  constructor({ choices, asleep }: Errand, isKnown: (digest: string) => boolean) {
    this.#choices = choices;
    this.#asleep = asleep;
    this.#isKnown = isKnown;
  }

  schedule(candidates: readonly Candidate[], _: number, look: Look): number | undefined {
    if (this.#position < this.#choices.length) {
      const wanted = this.#choices[this.#position++];
      const index = candidates.findIndex(({ id }) => id === wanted);
      if (index < 0) throw differs(String(wanted));
      this.words.push(String(wanted));
      return index;
    }
    const idle = look.idle();
    if (idle !== undefined) {
      const { id } = candidates[idle] as Candidate;
      this.trace.push({ kind: "idle", id });
      this.words.push(id);
      return idle;
    }
    const { digest, names, situation } = look.sighting();
    const options = candidates.map(({ id, place, operation, free }, index): Option => ({
      id,
      place,
      operation,
      ...(free === undefined ? {} : { free }),
      name: names[index],
    }));
    const isKnown = this.#isKnown(digest) || this.#met.has(digest);
    this.#met.add(digest);
    const taken = isKnown ? undefined : this.#first(options);
    this.trace.push({ kind: "state", digest, situation, options, taken });
    if (taken === undefined) return undefined;
    const chosen = options[taken] as Option;
    this.words.push(chosen.id);
    this.#asleep = independentOf(asleepAmong(options, this.#asleep), chosen);
    return taken;
  }

  /**
   * The first that is awake. What may come at any moment comes last, so that the execution passes
   * all moments at which it might have come.
   */
  #first(options: readonly Option[]): number | undefined {
    const is = isAwake(this.#asleep);
    const usual = options.findIndex((option) => option.free !== true && is(option));
    const found = usual < 0 ? options.findIndex(is) : usual;
    return found < 0 ? undefined : found;
  }

  choose(words: readonly string[]): number {
    if (this.#position < this.#choices.length) {
      const index = this.#choices[this.#position++];
      if (typeof index !== "number" || index >= words.length) throw differs(words.join(" or "));
      if (index > 0) this.words.push(words[index] as string);
      return index;
    }
    this.trace.push({ kind: "alternatives", words });
    return 0;
  }

  /** What cannot happen any more is not there at the next step. */
  disable(): void {}
}

/** Says of events whether they are worth a try where these are asleep. */
export function isAwake(asleep: readonly Option[]): (option: Option) => boolean {
  const names = new Set(asleep.map(({ name }) => name));
  return ({ name }) => name === undefined || !names.has(name);
}

/** Those that are still there to sleep. */
export function asleepAmong(
  options: readonly Option[],
  asleep: readonly Option[],
): readonly Option[] {
  const names = new Set(options.map(({ name }) => name));
  return asleep.filter(({ name }) => names.has(name));
}

/** Those that stay asleep when this happens. */
export function independentOf(asleep: readonly Option[], happens: Option): readonly Option[] {
  return asleep.filter((each) => !areDependent(each, happens));
}

/** An execution that does not repeat. */
export function differs(what: string): HarnessError {
  return new HarnessError(
    "harness-failure",
    `carried out again with the same choices, the run was another one (at ${what}); ` +
      "the system or its client uses something that is not given to it: a clock, a random number, a global",
  );
}
