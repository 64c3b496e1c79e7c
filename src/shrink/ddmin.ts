/**
 * Delta debugging: from a list that shows something, a sublist that still does and from which no
 * single element can be taken away (1-minimal).
 *
 * Source: Zeller, Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 2002,
 * section 3 (`ddmin`), without the tests of single chunks, which seldom show what takes several
 * operations together.
 */

/**
 * Takes away ever smaller chunks for as long as `shows` says yes of what is left. Order is kept.
 * The whole list is taken to show it and is not asked about.
 */
export async function ddmin<T>(
  items: readonly T[],
  shows: (rest: readonly T[]) => Promise<boolean> | boolean,
): Promise<readonly T[]> {
  let rest = items;
  let chunk = Math.ceil(rest.length / 2);
  while (rest.length > 0) {
    let taken = false;
    // From the end: what comes last depends on what came before, not the other way round.
    for (let end = rest.length; end > 0; end -= chunk) {
      const start = Math.max(0, end - chunk);
      const without = [...rest.slice(0, start), ...rest.slice(end)];
      if (await shows(without)) {
        rest = without;
        taken = true;
      }
    }
    if (chunk > 1) chunk = Math.min(Math.ceil(chunk / 2), Math.max(1, Math.ceil(rest.length / 2)));
    else if (!taken) break;
  }
  return rest;
}
