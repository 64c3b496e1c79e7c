/**
 * "Did you mean …?": the known names that are nearest to what was typed.
 */

/** More than a few are no help. */
const FEW = 3;

/** The nearest of the names; undefined when none is near. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  return nearestFew(typed, names)[0];
}

/**
 * The nearest of the names, at most three: those within a third of their length in edits (at least
 * 2; 1 where they are short), or else those of which it is a beginning, or else a part.
 */
export function nearestFew(typed: string, names: readonly string[]): readonly string[] {
  const lower = typed.toLowerCase();
  const close = [...new Set(names)]
    .map((name) => ({ name, distance: editDistance(lower, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= boundOf(name))
    .toSorted((a, b) => a.distance - b.distance);
  // One slip of the finger; what is farther away is something else.
  const [best] = close;
  if (best !== undefined) {
    return close
      .filter(({ distance }) => distance <= best.distance + 1)
      .slice(0, FEW)
      .map(({ name }) => name);
  }
  if (lower.length < 3) return [];
  // A beginning is as good as a typo: `prim` for `primary-backup`.
  const beginning = names.filter((name) => name.toLowerCase().startsWith(lower));
  const found =
    beginning.length > 0 ? beginning : names.filter((name) => name.toLowerCase().includes(lower));
  return found.slice(0, FEW);
}

/** Two edits of four letters make any word of any other. */
function boundOf({ length }: string): number {
  return length <= 4 ? 1 : Math.max(2, Math.floor(length / 3));
}

/**
 * Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other
 * (optimal string alignment).
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] as number) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] as number;
}
