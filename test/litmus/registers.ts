/**
 * Litmus histories of registers, from the papers, with what each level says of them. The table of
 * docs/consistency.md is this one; `test/litmus.test.ts` executes every cell.
 *
 * Operations are in the order of the history, each after the one before has ended, unless it says
 * otherwise: `0 w x 1` is process 0's write of 1 to x, `1 r x 0` process 1's read of 0, which is
 * what a register holds before all writes; `0+ w x 1` only begins, and `0-` is its end.
 */

/** The columns: levels as `--consistency` names them, and the smallest k of k-atomicity. */
export const COLUMNS = [
  "linearizable",
  "sequential",
  "causal-convergence",
  "causal-memory",
  "causal",
  "pram",
  "session-guarantees",
  "read-your-writes",
  "monotonic-reads",
  "monotonic-writes",
  "writes-follow-reads",
] as const;

/** One history. */
export interface Litmus {
  readonly name: string;
  readonly steps: string;
  /** What it shows, and where it is from. */
  readonly shows: string;
  /** `+` or `-` for each column. */
  readonly holds: string;
  /** The smallest k that it is k-atomic with; `-` for none. */
  readonly k: number | "-";
}

export const LITMUS: readonly Litmus[] = [
  {
    name: "in order",
    steps: "0 w x 1, 1 r x 1, 1 w y 1, 0 r y 1",
    shows: "nothing is wrong",
    holds: "+++++++++++",
    k: 1,
  },
  {
    name: "stale read",
    steps: "0 w x 1, 1 r x 0",
    shows: "real time is all that is broken (Herlihy & Wing 1990, section 3.3)",
    holds: "-++++++++++",
    k: 2,
  },
  {
    name: "new-old inversion",
    steps: "0+ w x 1, 1 r x 1, 2 r x 0, 0-",
    shows: "regular, not atomic (Lamport 1986)",
    holds: "-++++++++++",
    k: 2,
  },
  {
    name: "store buffering (SB)",
    steps: "0 w x 1, 1 w y 1, 0 r y 0, 1 r x 0",
    shows: "each register alone is sequential, both together are not (Alglave et al. 2014)",
    holds: "--+++++++++",
    k: 2,
  },
  {
    name: "IRIW, long fork",
    steps: "0 w x 1, 1 w y 1, 2 r x 1, 3 r y 1, 2 r y 0, 3 r x 0",
    shows: "two readers see independent writes in different orders (Boehm & Adve 2008)",
    holds: "--+++++++++",
    k: 2,
  },
  {
    name: "message passing (MP)",
    steps: "0 w x 1, 0 w y 1, 1 r y 1, 1 r x 0",
    shows: "the flag is seen without what it stands for (Alglave et al. 2014)",
    holds: "------+++++",
    k: 2,
  },
  {
    name: "WRC",
    steps: "0 w x 1, 1 r x 1, 1 w y 1, 2 r y 1, 2 r x 0",
    shows: "causality through a third process; each session alone is in order (Ahamad et al. 1995)",
    holds: "-----++++++",
    k: 2,
  },
  {
    name: "load buffering (LB)",
    steps: "0+ r x 1, 1+ r y 1, 0-, 0 w y 1, 1-, 1 w x 1",
    shows: "each reads what the other writes only then (Alglave et al. 2014)",
    holds: "-----+-+++-",
    k: "-",
  },
  {
    name: "CoRR",
    steps: "0 w x 1, 0 w x 2, 1 r x 2, 1 r x 1",
    shows: "coherence: writes of one process seen backwards (Alglave et al. 2014)",
    holds: "-------++++",
    k: 2,
  },
  {
    name: "CoRW1",
    steps: "0+ r x 1, 0-, 0 w x 1",
    shows: "a process reads what it writes only then (Alglave et al. 2014)",
    holds: "-------+++-",
    k: "-",
  },
  {
    name: "diverging readers",
    steps: "0 w x 1, 1 w x 2, 2 r x 1, 3 r x 2, 2 r x 2, 3 r x 1",
    shows: "two orders of two writes: each session has one, all have none (Ahamad et al. 1995)",
    holds: "---+++-+-++",
    k: 2,
  },
  {
    name: "CM, not CCv",
    steps: "0 w x 1, 1 w x 2, 0 r x 2, 1 r x 1",
    shows: "Bouajjani et al. 2017, figure 2a",
    holds: "---+++--+++",
    k: 2,
  },
  {
    name: "CCv, not CM",
    steps: "0 w z 1, 0 w x 1, 0 w y 1, 1 w x 2, 1 r z 0, 1 r y 1, 1 r x 2",
    shows: "Bouajjani et al. 2017, figure 2b",
    holds: "--+-+-+++++",
    k: 2,
  },
  {
    name: "CC, neither CM nor CCv",
    steps: "0 w x 1, 1 w x 2, 1 r x 1, 1 r x 2",
    shows: "Bouajjani et al. 2017, figure 2c",
    holds: "----+--++++",
    k: 2,
  },
  {
    name: "CC, CM and CCv, not SC",
    steps: "0 w x 1, 0 r y 0, 0 w y 1, 0 r x 1, 1 w x 2, 1 r y 0, 1 w y 2, 1 r x 2",
    shows: "Bouajjani et al. 2017, figure 2d",
    holds: "--+++++++++",
    k: 2,
  },
  {
    name: "PRAM, not CC",
    steps: "0 w x 1, 0 w y 1, 1 r y 1, 1 w x 2, 2 r x 2, 2 r x 1",
    shows: "Bouajjani et al. 2017, figure 2e",
    holds: "-----+-++++",
    k: 2,
  },
  {
    name: "own write missed",
    steps: "0 w x 1, 0 r x 0",
    shows: "breaks read-your-writes (Terry et al. 1994)",
    holds: "--------+++",
    k: 2,
  },
  {
    name: "seen write missed",
    steps: "0 w x 1, 1 r x 1, 1 r x 0",
    shows: "breaks monotonic-reads (Terry et al. 1994)",
    holds: "-------+-++",
    k: 2,
  },
  {
    name: "reply before the question",
    steps: "0 w x 1, 1 r x 1, 1 w x 2, 2 r x 2, 2 r x 1",
    shows: "breaks writes-follow-reads with monotonic-reads, neither alone (Terry et al. 1994)",
    holds: "-----+-++++",
    k: 2,
  },
  {
    name: "three behind",
    steps: "0 w x 1, 0 w x 2, 0 w x 3, 1 r x 1",
    shows: "how stale is what k-atomicity counts (Golab, Li & Shah 2011)",
    holds: "-++++++++++",
    k: 3,
  },
  {
    name: "out of thin air",
    steps: "0 w x 1, 1 r x 2",
    shows: "nobody wrote it: no level allows that",
    holds: "-----------",
    k: "-",
  },
];
