/**
 * Litmus histories of transactions on lists, from the papers, with what each level of isolation
 * says of them. The second table of docs/consistency.md is this one;
 * `test/litmus-transactions.test.ts` executes every cell.
 *
 * Transactions are in the order of the history, each after the one before has ended: `0: a x 1, r y
 * 12` is process 0's, which appends 1 to x and finds y to be [1, 2]; `r y -` finds it empty. `0!`
 * was aborted.
 */

/** The columns: levels as `--consistency` names them, and how the table names them. */
export const COLUMNS = [
  ["strict-serializable", "strict"],
  ["strong-session-serializable", "session SER"],
  ["serializable", "SER"],
  ["snapshot-isolation", "SI"],
  ["prefix", "prefix"],
  ["parallel-snapshot-isolation", "PSI"],
  ["causal-cerone", "TCC"],
  ["repeatable-read", "RR"],
  ["cursor-stability", "CS"],
  ["read-atomic", "RA"],
  ["monotonic-atomic-view", "MAV"],
  ["read-committed", "RC"],
  ["read-uncommitted", "RU"],
] as const;

/** One history. */
export interface TransactionalLitmus {
  readonly name: string;
  readonly steps: string;
  /** What it shows, and where it is from. */
  readonly shows: string;
  /** `+` or `-` for each column. */
  readonly holds: string;
}

export const TRANSACTIONAL_LITMUS: readonly TransactionalLitmus[] = [
  {
    name: "in order",
    steps: "0: a x 1, a y 1; 1: r x 1, r y 1",
    shows: "nothing is wrong",
    holds: "+++++++++++++",
  },
  {
    name: "stale read",
    steps: "0: a x 1; 1: r x -; 2: r x 1",
    shows: "real time is all that is broken (Herlihy & Wing 1990, section 3.3)",
    holds: "-++++++++++++",
  },
  {
    name: "own write missed",
    steps: "0: a x 1; 0: r x -; 1: r x 1",
    shows: "the session is all that is broken (Daudjee & Salem 2006)",
    holds: "--+++++++++++",
  },
  {
    name: "write skew",
    steps: "0: r x -, a y 1; 1: r y -, a x 1; 2: r x 1, r y 1",
    shows: "A5B: each reads what the other writes (Berenson et al. 1995)",
    holds: "---++++-+++++",
  },
  {
    name: "read-only anomaly",
    steps: "0: r x -, r y -, a x 1; 1: r y -, a y 1; 2: r x -, r y 1; 3: r x 1, r y 1",
    shows: "a transaction that only reads is what makes it not serializable (Fekete et al. 2004)",
    holds: "---++++-+++++",
  },
  {
    name: "long fork",
    steps: "0: a x 1; 1: a y 1; 2: r x 1, r y -; 3: r x -, r y 1; 4: r x 1, r y 1",
    shows: "two readers see independent writes in different orders (Sovran et al. 2011)",
    holds: "-----++-+++++",
  },
  {
    name: "lost update",
    steps: "0: r x -, a x 1; 1: r x -, a x 2; 2: r x 12",
    shows: "P4: both build on what was there before (Berenson et al. 1995)",
    holds: "----+-+--++++",
  },
  {
    name: "read skew",
    steps: "0: a x 1, a y 1; 1: r x -, r y 1; 2: r x 1, r y 1",
    shows:
      "A5A: half before and half after another; what was read first does not bind MAV (Berenson et al. 1995; Bailis et al. 2013)",
    holds: "--------+-+++",
  },
  {
    name: "read skew through another",
    steps: "0: a x 1; 1: r x 1, a y 1; 2: r x -, r y 1; 3: r x 1, r y 1",
    shows: "causality: the answer without its question (Cerone, Bernardi & Gotsman 2015)",
    holds: "--------+++++",
  },
  {
    name: "fractured read",
    steps: "0: a x 1, a y 1; 1: r x 1, r y -; 2: r x 1, r y 1",
    shows: "the second part of a transaction whose first was seen is missing (Bailis et al. 2014)",
    holds: "--------+--++",
  },
  {
    name: "not repeatable",
    steps: "0: a x 1; 1: r x -, r x 1",
    shows: "P2: the same is read twice, and is not the same (Berenson et al. 1995)",
    holds: "--------+-+++",
  },
  {
    name: "dirty read",
    steps: "0!: a x 1; 1: r x 1",
    shows: "G1a: what was aborted was read (Adya 1999)",
    holds: "------------+",
  },
  {
    name: "intermediate read",
    steps: "0: a x 1, a x 2; 1: r x 1; 2: r x 12",
    shows: "G1b: what was overwritten before it was committed was read (Adya 1999)",
    holds: "------------+",
  },
  {
    name: "circular information flow",
    steps: "0: a x 1, r y 1; 1: a y 1, r x 1",
    shows: "G1c: each reads what the other wrote (Adya 1999)",
    holds: "------------+",
  },
  {
    name: "dirty write",
    steps: "0: a x 1, a y 1; 1: a x 2, a y 2; 2: r x 12, r y 21",
    shows: "G0: two transactions write in different orders (Adya 1999)",
    holds: "-------------",
  },
  {
    name: "out of thin air",
    steps: "0: a x 1; 1: r x 12",
    shows: "nobody wrote it: no level allows that",
    holds: "-------------",
  },
];
