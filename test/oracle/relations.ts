/**
 * Relations between a few things as matrices of truth, and orders of them.
 */

export type Matrix = readonly (readonly boolean[])[];

export function union(...all: readonly Matrix[]): Matrix {
  const [first = []] = all;
  return first.map((row, i) => row.map((_, j) => all.some((matrix) => matrix[i]?.[j] === true)));
}

export function product(a: Matrix, b: Matrix): Matrix {
  return a.map((row) => row.map((_, j) => row.some((is, k) => is && b[k]?.[j] === true)));
}

export function closure(matrix: Matrix): Matrix {
  let all = matrix;
  for (let step = 0; step < matrix.length; step++) all = union(all, product(all, matrix));
  return all;
}

export function isIrreflexive(matrix: Matrix): boolean {
  return matrix.every((row, i) => row[i] !== true);
}

export function isAcyclic(matrix: Matrix): boolean {
  return isIrreflexive(closure(matrix));
}

export function permutations(items: readonly number[]): readonly (readonly number[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item].concat(rest)),
  );
}
