/** Time, as a port: virtual in the simulation, the machine's in the real world. */

/** A clock of one place: the harness's, a node's (which may be skewed) or a client's. */
export interface Clock {
  /** Monotonic nanoseconds since the start of the run. */
  nowNs(): number;
  /** The wall clock in milliseconds since 1970, as this place believes it to be. */
  wallMs(): number;
  /** Calls back once after `delayMs` (0 or more; fractions allowed). */
  timer(delayMs: number, callback: () => void): Timer;
  /** Resolves after `delayMs`. */
  sleep(delayMs: number): Promise<void>;
}

/** A pending call-back. */
export interface Timer {
  /** Idempotent; after it the call-back will not run. */
  cancel(): void;
}
