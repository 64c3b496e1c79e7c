/**
 * Small scopes, explored: how much there is of each, and which execution shows the known bugs. The
 * table of `docs/exploration.md`.
 *
 * Options: `--only TEXT,TEXT` (scopes that have one of these in them), `--time SECONDS` (a scope is
 * given up after so long, default 120), `--reduction KIND` (default: what `ordeal explore` takes).
 */
import { explore, type ExploreResult } from "../src/explore/explore.js";
import type { Reduction } from "../src/explore/search.js";
import { exploredOf, partsOf, type SmallScope } from "../test/oracle/small-scope.js";
import { optionOf } from "./grids/option.js";

const TRANSFER = 'transfer:{"from":"a","to":"b","amount":5}';
const REGISTER = { workload: "register", nodes: 3, does: "write@x:1 / read@x" };
const BANK = { workload: "bank", nodes: 2, does: `read ${TRANSFER} read` };
const KV = { workload: "kv", nodes: 3, does: "put@x:1 get@x / get@x" };
/** Of systems that keep a log. */
const LOG = { ...KV, nodes: 2, does: "put@x:1 / get@x" };
/** Somebody reads at the third node, which leads at first, what was put at the first. */
const PARTED = {
  ...KV,
  does: "put@x:1 / / get@x",
  bounds: { waits: 2, cuts: 2 },
  operationTimeoutMs: 1_000,
};

const SCOPES: readonly SmallScope[] = [
  { ...REGISTER, system: "quorum", nodes: 2 },
  { ...REGISTER, system: "quorum" },
  { ...REGISTER, system: "quorum", does: "write@x:1 / read@x / read@x" },
  { ...REGISTER, system: "quorum", does: "write@x:1 / write@x:2" },
  { ...REGISTER, system: "quorum", bounds: { kills: 1 } },
  { ...REGISTER, system: "quorum", bounds: { lost: 1 } },
  { ...BANK, system: "two-phase-commit", does: `${TRANSFER} / read` },
  { ...BANK, system: "two-phase-commit", bounds: { kills: 1 } },
  { ...LOG, system: "raft" },
  { ...LOG, system: "raft", nodes: 1, bounds: { kills: 1 } },
  { ...LOG, system: "chain" },
  { ...LOG, system: "multi-paxos" },
  { ...REGISTER, system: "quorum:no-write-back", does: "write@x:1 / read@x read@x" },
  { ...BANK, system: "two-phase-commit:prepared-forgotten", bounds: { kills: 1 } },
  { ...BANK, system: "two-phase-commit:silence-is-consent", bounds: { lost: 1 } },
  { ...BANK, system: "two-phase-commit:reads-unlocked", does: `read ${TRANSFER} / read` },
  {
    ...BANK,
    system: "two-phase-commit:majority-commits",
    nodes: 3,
    does: `read ${TRANSFER} / ${TRANSFER} read`,
  },
  {
    ...REGISTER,
    system: "primary-backup",
    nodes: 2,
    does: "write@x:1 read@x",
    bounds: { kills: 1 },
  },
  { ...KV, system: "raft:follower-reads" },
  { ...KV, system: "chain:answers-at-head", nodes: 2, does: "put@x:1 get@x", bounds: { kills: 1 } },
  {
    ...KV,
    system: "chain:duplicates-applied",
    nodes: 2,
    does: "append@x:a get@x",
    bounds: { lost: 1 },
    operationTimeoutMs: 1_000,
  },
  {
    ...BANK,
    system: "two-phase-commit:aborts-alone",
    bounds: { pauses: 1 },
    operationTimeoutMs: 1_000,
  },
  {
    ...BANK,
    system: "two-phase-commit:coordinator-forgets",
    bounds: { lost: 1, kills: 1, waits: 1 },
    operationTimeoutMs: 1_000,
  },
  {
    ...BANK,
    system: "two-phase-commit:commits-alone",
    bounds: { lost: 1, waits: 1 },
    operationTimeoutMs: 1_000,
  },
  { ...PARTED, system: "raft:local-reads" },
  { ...PARTED, system: "multi-paxos:local-reads" },
  {
    ...BANK,
    system: "two-phase-commit:votes-before-fsync",
    bounds: { powerLosses: 1, waits: 1, disks: true },
    operationTimeoutMs: 1_000,
  },
  // Not found in half a minute: the page says why.
  {
    ...PARTED,
    system: "multi-paxos:promise-not-persisted",
    bounds: { kills: 1, waits: 2, cuts: 2 },
  },
  { ...PARTED, system: "raft:vote-not-persisted", bounds: { kills: 1, waits: 2, cuts: 2 } },
];

/** Measures and prints a table. */
export async function benchScopes(argv: readonly string[]): Promise<void> {
  const only = (optionOf(argv, "--only") ?? "").split(",");
  const timeMs = Number(optionOf(argv, "--time") ?? 120) * 1e3;
  const reduction = optionOf(argv, "--reduction") as Reduction | undefined;
  process.stdout.write(
    "| system | scope | by | executions | states | histories | covered | anomaly | CPU |\n" +
      `|${"---|".repeat(9)}\n`,
  );
  for (const scope of SCOPES) {
    const words = wordsOf(scope);
    if (!only.some((text) => `${scope.system} ${words}`.includes(text))) continue;
    const before = process.cpuUsage();
    const result = await exploreScope(scope, { timeMs, ...(reduction && { reduction }) });
    const { user, system } = process.cpuUsage(before);
    const [found] = result.violations;
    const cells = [
      `\`${scope.system}\``,
      `\`${words}\``,
      result.reduction,
      result.executions.toLocaleString("en-US"),
      result.states === 0 ? "–" : result.states.toLocaleString("en-US"),
      result.histories,
      coverageOf(result),
      found === undefined
        ? "–"
        : `${found.verdict.anomalies[0]?.kind} by execution ${found.after.toLocaleString("en-US")}`,
      `${((user + system) / 1e6).toFixed(1)} s`,
    ];
    process.stdout.write(`| ${cells.join(" | ")} |\n`);
  }
}

function coverageOf({ complete, violations, rounds, share }: ExploreResult): string {
  if (violations.length > 0) return "until it was found";
  if (complete) return "all";
  const whole = rounds.findLast((round) => round.complete);
  const said = whole === undefined ? "" : `up to ${whole.delays} delays, `;
  return `${said}${(100 * share).toFixed(2)}%`;
}

async function exploreScope(
  scope: SmallScope,
  limits: { readonly timeMs: number; readonly reduction?: Reduction },
): Promise<ExploreResult> {
  return explore({
    ...partsOf(exploredOf(scope)),
    rounds: [0, 1, 2, Infinity],
    nowMs: () => performance.now(),
    ...limits,
  });
}

/** The scope, as it is written for `ordeal explore`. */
function wordsOf({ workload, nodes, does, bounds = {}, operationTimeoutMs }: SmallScope): string {
  const flags = {
    lost: "lose",
    late: "late",
    waits: "waits",
    kills: "kills",
    powerLosses: "power-losses",
  };
  const named: Record<string, string> = { ...flags, pauses: "pauses", cuts: "cuts" };
  const said = Object.entries(bounds).map(([name, value]) =>
    value === true ? `--${name}` : `--${named[name]} ${String(value)}`,
  );
  const quoted = does.includes('"') ? `'${does}'` : `"${does}"`;
  const timeout =
    operationTimeoutMs === undefined ? [] : [`--operation-timeout ${operationTimeoutMs}ms`];
  return [`${workload} --nodes ${nodes} --do ${quoted}`, ...said, ...timeout].join(" ");
}
