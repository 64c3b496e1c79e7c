/**
 * Levels for single operations on objects, and which implies which, as ordeal's checkers mean them
 * (docs/consistency.md tells each in more words).
 *
 * What is *not* here matters as much. Causal memory and pipelined RAM give each session an order of
 * writes of its own, session guarantees have one for all (Viotti & Vukolić 2016): so they do not
 * imply them, while causal convergence does. Causal consistency (CC) explains each read on its own,
 * and implies neither pipelined RAM nor a session guarantee. And nothing that forgets real time
 * says anything about staleness.
 */
import type { Implication, Level, ObjectLevel } from "./level.js";

/** From strong to weak. */
export const OBJECT_LEVELS: readonly Level<ObjectLevel>[] = [
  level("linearizable", {
    says: "each operation takes effect at one instant between its call and its return",
    source: "Herlihy & Wing 1990, section 2",
    aliases: ["linearizability", "atomic"],
  }),
  level("sequential", {
    says: "one order of all operations keeps the order of each process",
    source: "Lamport 1979",
    aliases: ["sequential-consistency", "SC"],
  }),
  level("causal-convergence", {
    says: "who sees an operation sees what precedes it causally, in one order of writes for all",
    source: "Bouajjani, Enea, Guerraoui & Hamza 2017, section 3.2",
    aliases: ["CCv", "causal-plus"],
  }),
  level("causal-memory", {
    says: "who sees an operation sees what precedes it causally, in one order for each session",
    source: "Ahamad et al. 1995; Bouajjani et al. 2017, section 3.3",
    aliases: ["CM"],
  }),
  level("causal", {
    says: "who sees an operation sees what precedes it causally, in some order for each read",
    source: "Bouajjani et al. 2017, section 3.1",
    aliases: ["CC", "weak-causal", "causal-consistency"],
  }),
  level("pram", {
    says: "each session sees the writes of every other in the order of that other",
    source: "Lipton & Sandberg 1988",
    aliases: ["fifo", "pipelined-ram"],
  }),
  level("session-guarantees", {
    says: "the four session guarantees together, with one order of writes for all sessions",
    source: "Terry et al. 1994; Viotti & Vukolić 2016, section 3.3",
    aliases: ["sessions"],
  }),
  level("read-your-writes", {
    says: "what a session wrote is visible to what it reads later",
    source: "Terry et al. 1994, section 3.1; Viotti & Vukolić 2016, section 3.3",
    aliases: ["RYW"],
  }),
  level("monotonic-reads", {
    says: "what a session has seen is visible to what it reads later",
    source: "Terry et al. 1994, section 3.2; Viotti & Vukolić 2016, section 3.3",
    aliases: ["MR"],
  }),
  level("monotonic-writes", {
    says: "all see what a session wrote in the order in which it did",
    source: "Terry et al. 1994, section 3.4; Viotti & Vukolić 2016, section 3.3",
    aliases: ["MW"],
  }),
  level("writes-follow-reads", {
    says: "all see what a session wrote after what it had read before",
    source: "Terry et al. 1994, section 3.3; Viotti & Vukolić 2016, section 3.3",
    aliases: ["WFR"],
  }),
  level("strong-eventual", {
    says: "who has seen the same updates sees the same state, and all see all in the end",
    source: "Shapiro, Preguiça, Baquero & Zawirski 2011, section 2",
    aliases: ["SEC"],
  }),
  level("eventual", {
    says: "when updates stop, all come to see the same state",
    source: "Vogels 2009; Burckhardt 2014, section 5.1",
    aliases: ["eventual-consistency", "EC"],
  }),
  level("k-atomicity", {
    says: "linearizable, but for reads that return one of the last k values",
    source: "Aiyer, Alvisi & Bazzi 2005; Golab, Li & Shah 2011",
    aliases: [],
  }),
  level("delta-atomicity", {
    says: "linearizable, but for reads that return what was current at most Δ before",
    source: "Golab, Li & Shah 2011",
    aliases: [],
  }),
];

const BY_DEFINITION = "by definition";

export const OBJECT_IMPLICATIONS: readonly Implication[] = [
  {
    from: "linearizable",
    to: "sequential",
    source: "Herlihy & Wing 1990, section 3.3: real time contains the order of each process",
  },
  {
    from: "linearizable",
    to: "k-atomicity",
    source: "Golab, Li & Shah 2011: linearizable is k = 1",
  },
  {
    from: "linearizable",
    to: "delta-atomicity",
    source: "Golab, Li & Shah 2011: linearizable is Δ = 0",
  },
  {
    from: "sequential",
    to: "causal-convergence",
    source: "Bouajjani et al. 2017, section 3: its order is the causal order and the arbitration",
  },
  {
    from: "sequential",
    to: "causal-memory",
    source: "Bouajjani et al. 2017, section 3: its order is the causal order and every view",
  },
  {
    from: "causal-convergence",
    to: "causal",
    source: "Bouajjani et al. 2017, section 3: one order for all is an order for each read",
  },
  {
    from: "causal-convergence",
    to: "session-guarantees",
    source:
      "Viotti & Vukolić 2016, section 3.3: what precedes causally is visible, and arbitration keeps it",
  },
  {
    from: "causal-memory",
    to: "causal",
    source: "Bouajjani et al. 2017, section 3: an order for a session is one for each of its reads",
  },
  {
    from: "causal-memory",
    to: "pram",
    source: "Perrin, Mostéfaoui & Jard 2016: views that keep causality keep all sessions",
  },
  { from: "session-guarantees", to: "read-your-writes", source: BY_DEFINITION },
  { from: "session-guarantees", to: "monotonic-reads", source: BY_DEFINITION },
  { from: "session-guarantees", to: "monotonic-writes", source: BY_DEFINITION },
  { from: "session-guarantees", to: "writes-follow-reads", source: BY_DEFINITION },
  {
    from: "strong-eventual",
    to: "eventual",
    source: "Shapiro et al. 2011, section 2",
  },
];

function level<Name extends ObjectLevel>(
  name: Name,
  about: Omit<Level, "name" | "family">,
): Level<Name> {
  return { name, family: "object", ...about };
}
