/**
 * Reads with several possible sources, because a value was written more than once. What is refuted
 * while they say nothing is refuted. Else they are tried: the last write before the read first,
 * then everything, as long as it is little. A refutation that does not rest on what was tried last
 * refutes the other choices with it.
 */
import { OK } from "../../src/history/history.js";
import type { Meter } from "../linearizable/meter.js";
import type { LaidOut, Registers } from "./layout.js";
import type { ProofEdge } from "./proof.js";
import { INITIAL } from "./sources.js";

/** What the checks of one choice answer. */
export type Answer<Explained, Refuted> =
  | { readonly kind: "explained"; readonly explained: Explained }
  | { readonly kind: "refuted"; readonly refutation: Refuted };

/** A read and the write that it is taken to read, or `INITIAL`. */
export type Choice = readonly [read: number, source: number];

/** A refutation of every choice. */
export type Cases<Refuted> =
  | { readonly refutation: Refuted }
  | { readonly read: number; readonly cases: readonly (readonly [number, Cases<Refuted>])[] };

/** What came of it. */
export type Resolved<Explained, Refuted> =
  | { readonly kind: "explained"; readonly explained: Explained; readonly choices: Choice[] }
  | { readonly kind: "refuted"; readonly cases: Cases<Refuted> }
  /** Neither; so many choices were tried. */
  | { readonly kind: "undecided"; readonly tried: number };

/** What every refutation tells of itself. */
interface Evidence {
  readonly edges: readonly ProofEdge[];
  readonly read?: number;
}

/** As many choices are tried. */
const TRIES_MAX = 200;

/** Decides; `decide` takes reads without a source as saying nothing. @throws LimitReached */
export function resolve<Explained, Refuted extends Evidence>(
  laidOut: LaidOut,
  meter: Meter,
  decide: (registers: Registers) => Answer<Explained, Refuted>,
): Resolved<Explained, Refuted> {
  const { ambiguous } = laidOut;
  const sources = laidOut.sources.slice();
  const registers = { ...laidOut, sources };
  const first = decide(registers);
  if (first.kind === "refuted") return { kind: "refuted", cases: first };
  const choices = (): Choice[] => ambiguous.map((read) => [read, sources[read] as number]);
  if (ambiguous.length === 0) return { ...first, choices: [] };
  const guess = ambiguous.map((read) => likeliest(laidOut, read)[0]);
  if (!guess.includes(undefined)) {
    for (const [at, read] of ambiguous.entries()) sources[read] = guess[at] as number;
    const guessed = decide(registers);
    if (guessed.kind === "explained") return { ...guessed, choices: choices() };
  }
  for (const read of ambiguous) sources[read] = laidOut.sources[read] as number;
  let tried = 1;
  const search = (depth: number): Resolved<Explained, Refuted> => {
    const read = ambiguous[depth];
    if (tried++ > TRIES_MAX) return { kind: "undecided", tried };
    meter.check();
    const decided = depth === 0 ? first : decide(registers);
    if (decided.kind === "refuted") return { kind: "refuted", cases: decided };
    if (read === undefined) return { ...decided, choices: choices() };
    const cases: (readonly [number, Cases<Refuted>])[] = [];
    let isOpen = !laidOut.candidates(read).complete;
    for (const source of likeliest(laidOut, read)) {
      sources[read] = source;
      const found = search(depth + 1);
      sources[read] = laidOut.sources[read] as number;
      if (found.kind === "explained") return found;
      if (found.kind === "undecided") isOpen = true;
      else if (!restsOn(found.cases, read)) return found;
      else cases.push([source, found.cases]);
      if (tried > TRIES_MAX) break;
    }
    return isOpen || tried > TRIES_MAX
      ? { kind: "undecided", tried }
      : { kind: "refuted", cases: { read, cases } };
  };
  return ambiguous.length > TRIES_MAX ? { kind: "undecided", tried } : search(0);
}

/** Whether a refutation would not hold without the source of this read. */
function restsOn(cases: Cases<Evidence>, read: number): boolean {
  if ("cases" in cases) return cases.cases.some(([, each]) => restsOn(each, read));
  const { edges, read: initial } = cases.refutation;
  return (
    initial === read ||
    edges.some((edge) => edge.read === read || (edge.by === "reads" && edge.to === read))
  );
}

/** The possible sources, likeliest first: the last that began before the read ended, … */
function likeliest(laidOut: LaidOut, read: number): readonly number[] {
  const { history, invocations } = laidOut;
  const invocation = invocations[read] as number;
  const completion = history.pairs[invocation] as number;
  const end = completion >= 0 && history.types[completion] === OK ? completion : invocation;
  const begin = (source: number): number =>
    source === INITIAL ? -1 : (invocations[source] as number);
  // Those that began later, from whichever comes first.
  const rank = (source: number): number =>
    begin(source) < end ? end - begin(source) : begin(source);
  return laidOut
    .candidates(read)
    .of.toSorted((a, b) => Number(begin(a) >= end) - Number(begin(b) >= end) || rank(a) - rank(b));
}
