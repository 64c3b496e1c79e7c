/**
 * Forecasts what comes of a trial from numbers that describe it, by what came of others: linear
 * regression that begins with a prior. A forecast is made with coefficients that are drawn from
 * what is still possible (Thompson sampling), so that what is not known yet is tried.
 *
 * Sources: Hoerl & Kennard, "Ridge Regression", Technometrics 1970; Agrawal & Goyal, "Thompson
 * Sampling for Contextual Bandits with Linear Payoffs", ICML 2013. O(n^3) for n numbers to draw
 * coefficients, O(n) for each forecast with them.
 */
import type { Random } from "../random.js";

/** How far outcomes lie from what the numbers say, as a standard deviation. */
const NOISE = 0.3;

/** What a number may well be worth before anything is known. */
export interface Prior {
  readonly mean: number;
  readonly deviation: number;
}

/** Learns from trials that are described by numbers. */
export class Forecaster {
  readonly #size: number;
  /** Lower triangle of the sums of products of numbers, row by row, with the prior added. */
  readonly #products: Float64Array;
  /** Sums of products of numbers and outcomes. */
  readonly #outcomes: Float64Array;

  /** Trials are described by as many numbers as there are priors. */
  constructor(priors: readonly Prior[]) {
    const size = priors.length;
    this.#size = size;
    this.#products = new Float64Array(size * size);
    this.#outcomes = new Float64Array(size);
    for (const [i, { mean, deviation }] of priors.entries()) {
      const weight = (NOISE / deviation) ** 2;
      this.#products[i * size + i] = weight;
      this.#outcomes[i] = weight * mean;
    }
  }

  /** Takes in what came of a trial. */
  learn(numbers: readonly number[], outcome: number): void {
    for (let i = 0; i < this.#size; i++) {
      const number = numbers[i] as number;
      this.#outcomes[i] = (this.#outcomes[i] as number) + number * outcome;
      for (let j = 0; j <= i; j++) {
        const at = i * this.#size + j;
        this.#products[at] = (this.#products[at] as number) + number * (numbers[j] as number);
      }
    }
  }

  /** Draws coefficients from what is possible; their products with numbers are forecasts. */
  draw(random: Random): readonly number[] {
    const size = this.#size;
    const root = rootOf(this.#products, size);
    // With A = R R': the mean is A^-1 b, and R'^-1 z has the covariance A^-1.
    const half = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      let rest = this.#outcomes[i] as number;
      for (let j = 0; j < i; j++) rest -= (root[i * size + j] as number) * (half[j] as number);
      half[i] = rest / (root[i * size + i] as number);
    }
    const drawn = Array.from({ length: size }, () => 0);
    for (let i = size - 1; i >= 0; i--) {
      let rest = (half[i] as number) + NOISE * normal(random);
      for (let j = i + 1; j < size; j++) rest -= (root[j * size + i] as number) * (drawn[j] ?? 0);
      drawn[i] = rest / (root[i * size + i] as number);
    }
    return drawn;
  }
}

/** The forecast for a trial. */
export function forecast(coefficients: readonly number[], numbers: readonly number[]): number {
  return coefficients.reduce((sum, each, index) => sum + each * (numbers[index] as number), 0);
}

/** The lower triangular R with R R' = A (Cholesky). */
function rootOf(matrix: Float64Array, size: number): Float64Array {
  const root = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * size + j] as number;
      for (let k = 0; k < j; k++) {
        rest -= (root[i * size + k] as number) * (root[j * size + k] as number);
      }
      root[i * size + j] = i === j ? Math.sqrt(rest) : rest / (root[j * size + j] as number);
    }
  }
  return root;
}

/** A number from the standard normal distribution (Box & Muller 1958). */
function normal(random: Random): number {
  return Math.sqrt(2 * random.exponential(1)) * Math.cos(2 * Math.PI * random.float());
}
