/** The bugs of `memory`, each with the workload that shows it. */
import { memory, type MemoryVariant } from "../../backends/memory.js";
import { availability } from "../../workloads/availability.js";
import { bank } from "../../workloads/bank.js";
import { register } from "../../workloads/register.js";
import { set } from "../../workloads/set.js";
import { stream } from "../../workloads/stream.js";
import type { Circumstances, Scenario } from "./scenario.js";

/** Nothing goes wrong but what the bug does. */
const CALM: Omit<Circumstances, "workload"> = { nemeses: () => [], rate: 100, lengthMs: 5_000 };
const REGISTERS: Circumstances = { ...CALM, workload: () => register() };
const SETS: Circumstances = { ...CALM, workload: set };
const BANK: Circumstances = { ...CALM, workload: () => bank() };
const STREAMS: Circumstances = { ...CALM, workload: () => stream() };
const ANSWERS: Circumstances = { ...CALM, workload: () => availability() };

type Case = readonly [
  variant: Exclude<MemoryVariant, "panics" | "stuck-after-restart">,
  circumstances: Circumstances,
  source: string,
];

/**
 * Two are not among them: nothing but the log of its node tells of `panics`; and a small case of
 * `stuck-after-restart` shows no more than a node that is down, which is as bad without the bug.
 */
const CASES: readonly Case[] = [
  ["stale-reads", REGISTERS, "Kingsbury, Jepsen: etcd and Consul, 2014: stale reads"],
  ["lost-writes", SETS, "Kingsbury, Jepsen: MongoDB, 2013: acknowledged writes that are gone"],
  [
    "fractured-reads",
    BANK,
    "Bailis et al., Scalable Atomic Visibility with RAMP Transactions, 2014: fractured reads",
  ],
  ["bad-answers", ANSWERS, "made up, for the checker of errors that nobody foresaw"],
  [
    "early-sends",
    STREAMS,
    "Adya, Weak Consistency, 1999, G1c: each of two transactions is shown what the other wrote",
  ],
  [
    "torn-transactions",
    STREAMS,
    "Gray, The Transaction Concept, VLDB 1981: all of a transaction happens, or nothing",
  ],
];

/** All of them. */
export const MEMORY_SCENARIOS: readonly Scenario[] = CASES.map(
  ([variant, circumstances, source]) => ({
    mutant: () => memory({ variant }),
    twin: () => memory(),
    source,
    circumstances,
    seeds: 20,
  }),
);
