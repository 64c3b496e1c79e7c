/**
 * Everything that may be chosen, lazily.
 */

/** Every set of some of these rows. */
export function* subsetsOf(rows: readonly number[]): Iterable<ReadonlySet<number>> {
  const [first, ...rest] = rows;
  if (first === undefined) {
    yield new Set();
    return;
  }
  for (const subset of subsetsOf(rest)) {
    yield subset;
    yield new Set([first, ...subset]);
  }
}

/** Every choice of one of each. */
export function* productOf(choices: readonly (readonly number[])[]): Iterable<readonly number[]> {
  const [first, ...rest] = choices;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const each of first) for (const others of productOf(rest)) yield [each, ...others];
}
