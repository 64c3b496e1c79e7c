/**
 * `ordeal run`: drive a system while faults are injected, and judge what its clients saw.
 */
import { Command, Option } from "commander";
import { HarnessError } from "../errors.js";
import type { WorldKind } from "../world/world.js";
import { planOf } from "./plan.js";
import { carryOut } from "./carry-out.js";
import { STRATEGIES, type Strategy as Synchronization } from "./catalog-strategies.js";
import type { CommandContext } from "./context.js";
import { describeTest } from "./describe-test.js";
import {
  parseBound,
  parseCount,
  parseDuration,
  parseRate,
  parseSeed,
  parseSize,
} from "./quantities.js";

/** Options as commander gives them. */
interface RunFlags {
  readonly workload?: string;
  readonly backend?: string;
  readonly system?: string;
  readonly synchronization?: Synchronization;
  readonly world?: WorldKind;
  readonly nemesis?: string;
  readonly seed?: number;
  readonly nodes?: number;
  readonly timeLimit?: number;
  readonly concurrency?: number;
  readonly rate?: number;
  readonly operationTimeout?: number;
  readonly nemesisInterval?: number;
  readonly failFast?: boolean;
  readonly progressWithin?: number;
  readonly timeBudget?: number;
  readonly memoryBudget?: number;
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const EXAMPLES = `
Examples:
  $ ordeal run                 five nodes under partitions, crashes and pauses
  $ ordeal run ./my.test.ts    your own store (see: ordeal init)
  $ ordeal run register --system primary-backup --nemesis partition --seed 1
  $ ordeal run kv --system file --world real --nemesis crash --time-limit 5s
  $ ordeal run eventual --system quorum --synchronization eventual
  $ ordeal run --workload workflow --backend gossip --nemesis partition

Faults default to those that the system promises to survive.
Exit codes: 0 valid, 1 invalid, 2 unknown, 254 bad arguments, 255 the harness
failed.`;

/** The command, for `main.ts`. */
export function runCommand(context: CommandContext): Command {
  return new Command("run")
    .description("run a workload against a system while faults are injected, and judge the history")
    .argument(
      "[workload]",
      "a workload (see: ordeal list workloads), or a test file of yours (default: register)",
    )
    .option(
      "-s, --system <name>",
      "the system under test, as NAME, NAME:VARIANT, or a module that exports yours (default: quorum, or raft or mvcc where the workload needs more; see: ordeal list systems)",
    )
    .addOption(
      new Option(
        "--synchronization <strategy>",
        "how the copies of the system are kept in step (default: the system's own; see docs/backends.md)",
      ).choices(STRATEGIES),
    )
    .option("--workload <name>", "the same as the argument")
    .option("--backend <name>", "the same as --system")
    .option(
      "-w, --world <kind>",
      "simulated or real (default: simulated where the system runs there)",
    )
    .option(
      "-n, --nemesis <names>",
      "faults to inject, separated by commas; none for none (see: ordeal list nemeses)",
    )
    .option(
      "--seed <number>",
      "the seed of all randomness (default: a new one each time)",
      parseSeed,
    )
    .option("--nodes <count>", "number of nodes (default: the system's own)", parseCount)
    .option(
      "-t, --time-limit <duration>",
      "length of the main phase (default: 60s simulated, 10s real)",
      parseDuration,
    )
    .option(
      "-c, --concurrency <count>",
      "workers, each with one operation at a time (default: 10)",
      parseCount,
    )
    .option(
      "-r, --rate <number>",
      "mean operations per second over all workers, 0 for no limit (default: 100)",
      parseRate,
    )
    .option(
      "--operation-timeout <duration>",
      "after this an operation is indeterminate (default: 1s)",
      parseDuration,
    )
    .option(
      "--nemesis-interval <duration>",
      "mean time between the start and end of faults (default: a tenth of the time limit, at most 5s, real 1s)",
      parseDuration,
    )
    .option(
      "--progress-within <duration>",
      "after healing, or at the end without faults, something must be answered within this; none for not to ask (default: 10s simulated, 30s real; at least 5s)",
      parseBound,
    )
    .option("--fail-fast", "end the run at the first violation, which is looked for as it goes on")
    .option("--time-budget <duration>", "for the checker (default: 60s)", parseDuration)
    .option("--memory-budget <size>", "for the checker (default: 2GiB)", parseSize)
    .option(
      "-o, --out <dir>",
      "the run directory, new or empty (default: runs/TIME-WORKLOAD-SYSTEM)",
    )
    .option("--json", "print the result as one JSON object on standard output")
    .option("-q, --quiet", "no live progress")
    .addHelpText("after", EXAMPLES)
    .action(async (argument: string | undefined, flags: RunFlags) => {
      const workload = saidOnce("the workload", argument, flags.workload) ?? "register";
      const system = saidOnce("the system", flags.system, flags.backend);
      const plan = await planOf({ ...flags, workload, system });
      await carryOut(context, plan, {
        test: describeTest(plan, flags),
        out: flags.out,
        json: flags.json === true,
        quiet: flags.quiet === true,
        budget: { timeMs: flags.timeBudget, memoryBytes: flags.memoryBudget },
      });
    });
}

/** Some things have two names on the command line. @throws HarnessError when they differ */
function saidOnce(what: string, first?: string, second?: string): string | undefined {
  if (first === undefined || second === undefined || first === second) return first ?? second;
  throw new HarnessError("bad-argument", `${what} is said twice, as ${first} and as ${second}`);
}
