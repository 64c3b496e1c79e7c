/**
 * Measures one row: a process of its own checks the histories once cold and then again and again,
 * in turn with every peer, so that a machine that is busy for a while is so for all.
 */
import { rmSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import type { VerdictKind } from "../../src/verdict/verdict.js";
import type { Case } from "./case.js";
import type { Answer, Checked, Made, Verified } from "./measure.js";
import type { BenchOptions } from "./options.js";
import { median } from "./median.js";
import { callPeer, type Peer, type PeerCall } from "./peer.js";
import { RowProcess, type Program } from "./row-process.js";

/** Figures of a row, as the JSON has them. Milliseconds of rows with several files are sums. */
export interface Row {
  readonly family: string;
  readonly variant: string;
  readonly operations: number;
  readonly indeterminate: number;
  /** How many histories the row has. */
  readonly histories: number;
  /** One for each history. */
  readonly expected: readonly VerdictKind[];
  readonly ours: Ours | { readonly error: string };
  /** The load average of the machine over the minute that ended with the row. */
  readonly load: number;
  readonly peers: { readonly [name: string]: PeerFigures };
}

/** What the checker of this project took. */
export interface Ours {
  /** One for each history. */
  readonly verdicts: readonly VerdictKind[];
  /** True when every verdict is the expected one. */
  readonly correct: boolean;
  readonly errors: readonly string[];
  /** Algorithms that decided, with the number of parts that each decided. */
  readonly searches: { readonly [name: string]: number };
  /** The first check in the process. */
  readonly msCold: number;
  /** The median of the later ones; of the first, when a later one would have taken too long. */
  readonly msMedian: number;
  readonly msSamples: readonly number[];
  /** Processor time of all threads, the collector's and the compiler's too; median as above. */
  readonly cpuMsMedian: number;
  /** The median of each history, and the slowest of them. */
  readonly msEach: readonly number[];
  readonly msSlowest: number;
  /** The tables of the search, by its own account. */
  readonly tablesMib: number;
  /** How much the resident memory grew at most during the first check, and its peak then. */
  readonly growthMib: number;
  readonly peakMib: number;
  readonly verified?: Verified;
}

/** What a peer took; without figures when it was not called, and why. */
export type PeerFigures =
  | { readonly skipped: string }
  | {
      readonly verdicts: readonly PeerCall["verdict"][];
      readonly correct: boolean;
      readonly wallMsMedian: number;
      readonly ownMsMedian?: number;
      readonly cpuMsMedian?: number;
      /** The median of the slowest history, by the peer's own account if it gives one. */
      readonly msSlowest: number;
      readonly peakMib: number;
      readonly exitCodes: readonly (number | null)[];
      readonly timedOut: number;
      readonly calls: number;
      readonly printed: string;
    };

/** A row stops being repeated when it has taken this long: big ones are measured fewer times. */
const ENOUGH_MS = 10_000;
/** What making a history, or writing it for a peer, may take. */
const MAKE_MS = 600_000;
/** A check may overrun its budget by this much before its process is ended: a bug, and told. */
const GRACE_MS = 30_000;

/** What measuring a row needs. */
export interface RowContext {
  readonly program: Program;
  readonly options: BenchOptions;
  /** Where files for peers are written. */
  readonly folder: string;
  /** Whether a peer ran out of time on a shorter history of the same family and variant. */
  gaveUp(peer: string): boolean;
  /** Called with each process that is started, so that it can be ended from outside. */
  onStart(process: RowProcess): void;
}

/** Measures a case; what goes wrong is a row that says so, for there are others. */
export async function measureRow(measured: Case, index: number, context: RowContext): Promise<Row> {
  const row = new RowProcess(context.program);
  context.onStart(row);
  try {
    return await measureWith(row, { measured, index, context });
  } catch (error) {
    const { family, variant, operations } = measured;
    return {
      family,
      variant,
      operations,
      indeterminate: 0,
      histories: 0,
      expected: [],
      ours: { error: (error as Error).message },
      load: loadavg()[0] as number,
      peers: {},
    };
  } finally {
    row.end();
  }
}

async function measureWith(
  row: RowProcess,
  { measured, index, context }: { measured: Case; index: number; context: RowContext },
): Promise<Row> {
  const { options } = context;
  const made = await row.ask({ do: "make", case: index }, MAKE_MS);
  const peers = await preparePeers(row, made, context);
  const limits = {
    timeMs: measured.timeMs ?? options.timeMs,
    memoryBytes: measured.memoryBytes ?? options.memoryBytes,
  };
  const checks: Checked[] = [];
  let failed: string | undefined;
  const startMs = performance.now();
  for (let turn = 0; turn <= options.repeats; turn++) {
    const spentMs = performance.now() - startMs;
    if (failed === undefined && isWorthwhile(turn, spentMs, checks)) {
      const timeoutMs = limits.timeMs * made.subjects + GRACE_MS;
      await row.ask({ do: "check", warm: turn > 0, ...limits }, timeoutMs).then(
        (checked) => checks.push(checked),
        (error: unknown) => (failed = (error as Error).message),
      );
    }
    // A peer's first call is not told apart: each is a process of its own.
    if (turn > 0) for (const peer of peers) await peer.call();
  }
  const verified =
    options.verify && failed === undefined ? await row.ask({ do: "verify" }, MAKE_MS) : undefined;
  return {
    family: measured.family,
    variant: measured.variant,
    operations: made.operations,
    indeterminate: made.indeterminate,
    histories: made.subjects,
    expected: made.expected,
    ours: failed === undefined ? oursOf(checks, made, verified) : { error: failed },
    load: loadavg()[0] as number,
    peers: Object.fromEntries(peers.map((peer) => [peer.name, peer.figures(made.expected)])),
  };
}

/** Always a cold and, unless that took too long, a warm check. */
function isWorthwhile(turn: number, spentMs: number, checks: readonly Checked[]): boolean {
  if (turn < 2) return turn === 0 || totalMs(checks[0] as Checked) < ENOUGH_MS;
  return spentMs < ENOUGH_MS;
}

/** A peer and the files that it is called with. */
interface PreparedPeer {
  readonly name: string;
  call(): Promise<void>;
  figures(expected: readonly VerdictKind[]): PeerFigures;
}

async function preparePeers(
  row: RowProcess,
  made: Made,
  { options, folder, ...context }: RowContext,
): Promise<readonly PreparedPeer[]> {
  const prepared: PreparedPeer[] = [];
  for (const peer of options.peers) {
    if (context.gaveUp(peer.name)) {
      prepared.push(skippedPeer(peer, "gave up on a shorter history"));
      continue;
    }
    const files: string[] = [];
    for (let subject = 0; subject < made.subjects; subject++) {
      const path = join(folder, `${peer.name}-${subject}.txt`);
      const order = { do: "write", subject, formats: peer.formats, path } as const;
      const written = await row.ask(order, MAKE_MS);
      if (written.path !== null) files.push(written.path);
    }
    prepared.push(
      files.length < made.subjects
        ? skippedPeer(peer, `${peer.formats.join(", ")}: no way to say what is in this history`)
        : preparedPeer(peer, files, options.timeMs),
    );
  }
  return prepared;
}

function skippedPeer({ name }: Peer, reason: string): PreparedPeer {
  const figures = { skipped: reason };
  return { name, call: async () => {}, figures: () => figures };
}

function preparedPeer(peer: Peer, files: readonly string[], timeoutMs: number): PreparedPeer {
  /** Calls by file. */
  const calls: PeerCall[][] = files.map(() => []);
  let spentMs = 0;
  return {
    name: peer.name,
    call: async () => {
      if (spentMs > ENOUGH_MS) return;
      const startMs = performance.now();
      for (const [index, file] of files.entries()) {
        (calls[index] as PeerCall[]).push(await callPeer(peer, file, timeoutMs));
      }
      spentMs += performance.now() - startMs;
    },
    figures: (expected) => {
      const all = calls.flat();
      const verdicts = calls.map((ofFile) => (ofFile[0] as PeerCall).verdict);
      const own = all.every(({ ownMs }) => ownMs !== undefined);
      const sumOf = (ms: (call: PeerCall) => number): number =>
        sum(calls.map((ofFile) => median(ofFile.map(ms))));
      const msOf = (call: PeerCall): number => call.ownMs ?? call.wallMs;
      return {
        verdicts,
        correct: verdicts.every((verdict, i) => verdict === expected[i]),
        wallMsMedian: sumOf(({ wallMs }) => wallMs),
        ...(own ? { ownMsMedian: sumOf(msOf) } : {}),
        ...(all.some(({ cpuMs }) => cpuMs === undefined)
          ? {}
          : { cpuMsMedian: sumOf(({ cpuMs = 0 }) => cpuMs) }),
        msSlowest: Math.max(...calls.map((ofFile) => median(ofFile.map(msOf)))),
        peakMib: Math.max(...all.map(({ peakMib }) => peakMib)),
        exitCodes: [...new Set(all.map(({ exitCode }) => exitCode))],
        timedOut: all.filter(({ timedOut }) => timedOut).length,
        calls: all.length,
        printed: (all[0] as PeerCall).printed,
      };
    },
  };
}

function oursOf(checks: readonly Checked[], made: Made, verified: Verified | undefined): Ours {
  const cold = checks[0] as Checked;
  const warm = checks.length > 1 ? checks.slice(1) : checks;
  const verdicts = cold.answers.map(({ verdict }) => verdict);
  const samples = warm.map(totalMs);
  const searches: { [name: string]: number } = {};
  for (const { searches: found } of cold.answers) {
    for (const [name, count] of Object.entries(found)) {
      searches[name] = (searches[name] ?? 0) + Number(count);
    }
  }
  const answersOf = (subject: number): readonly Answer[] =>
    warm.map(({ answers }) => answers[subject] as Answer);
  const msEach = verdicts.map((_, i) => median(answersOf(i).map(({ ms }) => ms)));
  return {
    verdicts,
    correct: checks.every(({ answers }) =>
      answers.every(({ verdict }, i) => verdict === made.expected[i]),
    ),
    errors: cold.answers.flatMap(({ error }) => (error === undefined ? [] : [error])),
    searches,
    msCold: totalMs(cold),
    msMedian: median(samples),
    msSamples: samples,
    cpuMsMedian: median(warm.map(({ cpuMs }) => cpuMs)),
    msEach,
    msSlowest: Math.max(...msEach),
    tablesMib: Math.max(...cold.answers.map(({ tablesMib }) => tablesMib)),
    growthMib: Math.max(0, cold.peakMib - cold.residentMib),
    peakMib: cold.peakMib,
    ...(verified === undefined ? {} : { verified }),
  };
}

/** Removes what was written for peers. */
export function removeFiles(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

function totalMs({ answers }: Checked): number {
  return sum(answers.map(({ ms }) => ms));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
