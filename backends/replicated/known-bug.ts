/**
 * The bugs that backends can be given: each is a typed option and one condition in the code, and
 * each is known from somewhere. What a checker finds in them is what it would have found there.
 */

/** A known bug. */
export interface KnownBug {
  /** What goes wrong, for people. */
  readonly description: string;
  /** The paper, course or incident that it is known from. */
  readonly source: string;
}

/** The bugs of a backend by name. */
export type KnownBugs<Variant extends string> = { readonly [name in Variant]: KnownBug };
