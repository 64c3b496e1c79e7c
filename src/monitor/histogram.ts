/**
 * A histogram of latencies that takes a few kilobytes and one array access a value, whatever the
 * number and the range of values: powers of two, each parted in 16 (the log-linear buckets of
 * HdrHistogram). A quantile is at most 1/16 too great, and never too small.
 */

const PARTS_LOG2 = 4;
const PARTS = 1 << PARTS_LOG2;
/** Enough for 2^53 ns, some hundred days. */
const BUCKET_COUNT = (53 - PARTS_LOG2 + 1) * PARTS;

/** Latencies in nanoseconds. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKET_COUNT);
  #count = 0;
  #sumNs = 0;
  #maxNs = 0;

  get count(): number {
    return this.#count;
  }

  get sumNs(): number {
    return this.#sumNs;
  }

  get maxNs(): number {
    return this.#maxNs;
  }

  /** Adds a latency; what is below 0 counts as 0. */
  record(latencyNs: number): void {
    const ns = Math.max(0, Math.round(latencyNs));
    const bucket = Math.min(bucketOf(ns), BUCKET_COUNT - 1);
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#count++;
    this.#sumNs += ns;
    if (ns > this.#maxNs) this.#maxNs = ns;
  }

  /** A latency that this share (0 to 1) of all is not above; 0 when there are none. */
  quantileNs(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let below = 0;
    for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) {
      below += this.#counts[bucket] as number;
      if (below >= rank) return Math.min(greatestIn(bucket), this.#maxNs);
    }
    return 0;
  }

  /**
   * How many are in buckets that end at or below this bound: exact at the ends of buckets, one less
   * than a power of two among them.
   */
  countUpTo(boundNs: number): number {
    let count = 0;
    for (let bucket = 0; bucket < BUCKET_COUNT && greatestIn(bucket) <= boundNs; bucket++) {
      count += this.#counts[bucket] as number;
    }
    return count;
  }
}

/** Values below 16 have a bucket each; above, the four bits behind the first say which part. */
function bucketOf(ns: number): number {
  if (ns < PARTS) return ns;
  const exponent = Math.floor(Math.log2(ns));
  const part = Math.floor(ns / 2 ** (exponent - PARTS_LOG2)) - PARTS;
  return (exponent - PARTS_LOG2 + 1) * PARTS + part;
}

function greatestIn(bucket: number): number {
  if (bucket < PARTS) return bucket;
  const shift = Math.floor(bucket / PARTS) - 1;
  return (PARTS + (bucket % PARTS) + 1) * 2 ** shift - 1;
}
