/**
 * The seeded generator: the only source of randomness in ordeal.
 *
 * One seed drives a run. Independent parts (each link of the network, each process, the nemesis)
 * draw from their own stream, forked by a label, so that a part that draws once more does not
 * shift what every other part sees; that keeps shrinking stable.
 *
 * The generator is xoroshiro128+ (Blackman & Vigna 2018) from `pure-rand`.
 */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A stream of random numbers; every draw advances it. */
export interface Random {
  /** A uniform 32-bit unsigned integer. */
  uint32(): number;
  /** A uniform number in [0, 1). */
  float(): number;
  /** A uniform integer in [0, bound); `bound` is 1 to 2^32. */
  below(bound: number): number;
  /** True with this probability (0 to 1). */
  chance(probability: number): boolean;
  /** A uniform element; throws on an empty list. */
  pick<T>(list: readonly T[]): T;
  /** A shuffled copy (Fisher–Yates). */
  shuffle<T>(list: readonly T[]): T[];
  /** An exponentially distributed number with this mean. */
  exponential(mean: number): number;
  /** Where it is: equal for streams that go on in the same way. */
  position(): string;
  /** How many 32-bit integers were drawn so far: the same as long as nobody draws. */
  drawn(): number;
  /** An independent stream; the same label of the same parent seed always gives the same stream. */
  fork(label: string): Random;
}

/** Makes the stream of a seed; seeds are integers from 0 to 2^53 - 1. */
export function createRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`a seed is an integer from 0 to 2^53 - 1, not ${String(seed)}`);
  }
  const generator = xoroshiro128plus(hash(`${Math.floor(seed / 2 ** 32)}:${seed >>> 0}`));
  let drawn = 0;
  const uint32 = (): number => {
    drawn++;
    return generator.next() >>> 0;
  };

  const below = (bound: number): number => {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
      throw new RangeError(`a bound is an integer from 1 to 2^32, not ${String(bound)}`);
    }
    // Rejection keeps every value equally likely.
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let draw = uint32();
    while (draw >= limit) draw = uint32();
    return draw % bound;
  };

  const float = (): number => uint32() / 2 ** 32;

  return {
    uint32,
    float,
    below,
    chance: (probability) => float() < probability,
    pick: (list) => {
      if (list.length === 0) throw new RangeError("cannot pick from an empty list");
      return list[below(list.length)] as (typeof list)[number];
    },
    shuffle: (list) => {
      const copy = [...list];
      for (let last = copy.length - 1; last > 0; last--) {
        const other = below(last + 1);
        [copy[last], copy[other]] = [
          copy[other] as (typeof copy)[number],
          copy[last] as (typeof copy)[number],
        ];
      }
      return copy;
    },
    exponential: (mean) => -mean * Math.log(1 - float()),
    position: () => `${seed}/${generator.getState().join()}`,
    drawn: () => drawn,
    fork: (label) => createRandom(hash(`${seed}/${label}`) >>> 0),
  };
}

/**
 * FNV-1a over UTF-16 units, finished with the mixer of MurmurHash3, so that near seeds are far
 * apart.
 */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
