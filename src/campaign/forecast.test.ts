import { describe, expect, test } from "vitest";
import { createRandom } from "../random.js";
import { forecast, Forecaster, type Prior } from "./forecast.js";

function unknown(size: number): readonly Prior[] {
  return Array.from({ length: size }, () => ({ mean: 0, deviation: 1 }));
}

/** Learns from so many trials of a law, in order or against it. */
function learnt(law: readonly number[], trials: number, seed: number): Forecaster {
  const random = createRandom(seed).fork("trials");
  const forecaster = new Forecaster(unknown(law.length));
  for (let i = 0; i < trials; i++) {
    const numbers = [1, ...law.slice(1).map(() => 4 * random.float() - 2)];
    const noise = 0.2 * (random.float() - 0.5);
    forecaster.learn(numbers, forecast(law, numbers) + noise);
  }
  return forecaster;
}

describe("a forecast", () => {
  test("finds the law that outcomes follow, better the more there are", () => {
    const law = [-2, 0.5, -0.7, 0, 0.1];
    const errorOf = (trials: number): number => {
      let sum = 0;
      for (let seed = 1; seed <= 20; seed++) {
        const drawn = learnt(law, trials, seed).draw(createRandom(seed));
        for (const [index, each] of law.entries()) sum += Math.abs((drawn[index] as number) - each);
      }
      return sum / 20 / law.length;
    };
    expect(errorOf(400)).toBeLessThan(0.02);
    expect(errorOf(40)).toBeLessThan(0.08);
    expect(errorOf(4)).toBeGreaterThan(2 * errorOf(40));
  });

  test("is drawn around the least squares with a prior, as far as it may be from them", () => {
    // One number, three outcomes: the mean is b / a, and the variance of the noise by a.
    const forecaster = new Forecaster(unknown(1));
    for (const outcome of [1, 2, 3]) forecaster.learn([2], outcome);
    const a = 0.3 ** 2 + 3 * 2 * 2;
    const random = createRandom(5);
    const draws = Array.from({ length: 4_000 }, () => forecaster.draw(random)[0] as number);
    const mean = draws.reduce((sum, each) => sum + each, 0) / draws.length;
    const variance = draws.reduce((sum, each) => sum + (each - mean) ** 2, 0) / draws.length;
    expect(mean).toBeCloseTo(12 / a, 2);
    expect(Math.sqrt(variance) / (0.3 / Math.sqrt(a))).toBeCloseTo(1, 1);
  });

  test("knows nothing at first", () => {
    const random = createRandom(6);
    const forecaster = new Forecaster(unknown(2));
    const draws = Array.from({ length: 2_000 }, () => forecaster.draw(random));
    for (const index of [0, 1]) {
      const squares = draws.reduce((sum, draw) => sum + (draw[index] as number) ** 2, 0);
      expect(Math.sqrt(squares / draws.length)).toBeCloseTo(1, 1);
    }
  });

  test("begins with what is taken for likely", () => {
    const random = createRandom(9);
    const forecaster = new Forecaster([
      { mean: 3, deviation: 0.5 },
      { mean: -1, deviation: 0.1 },
    ]);
    const draws = Array.from({ length: 2_000 }, () => forecaster.draw(random));
    for (const [index, mean, deviation] of [
      [0, 3, 0.5],
      [1, -1, 0.1],
    ] as const) {
      const drawn = draws.map((draw) => draw[index] as number);
      const found = drawn.reduce((sum, each) => sum + each, 0) / drawn.length;
      const squares = drawn.reduce((sum, each) => sum + (each - found) ** 2, 0);
      expect(found).toBeCloseTo(mean, 1);
      expect(Math.sqrt(squares / drawn.length) / deviation).toBeCloseTo(1, 1);
    }
  });

  test("of what goes together is drawn together", () => {
    // Only the sum of the two is known.
    const forecaster = new Forecaster(unknown(2));
    for (let i = 0; i < 50; i++) forecaster.learn([1, 1], 3);
    const random = createRandom(7);
    let apart = 0;
    for (let i = 0; i < 200; i++) {
      const [one = 0, other = 0] = forecaster.draw(random);
      expect(Math.abs(one + other - 3)).toBeLessThan(0.3);
      apart += Math.abs(one - other);
    }
    expect(apart / 200).toBeGreaterThan(0.5);
  });
});
