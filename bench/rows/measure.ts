/**
 * The process in which one row is measured, so that no row warms up another's code and its peak
 * memory is its own. The parent sends orders one by one: check everything once, write a history
 * for a peer.
 */
import { once } from "node:events";
import { createWriteStream, readFileSync, writeFileSync } from "node:fs";
import { createBudget } from "../../src/checker/checker.js";
import { INFO, INVOKE, NONE, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { VerdictKind } from "../../src/verdict/verdict.js";
import { verifyCertificate } from "../../src/verdict/verify.js";
import { ENCODERS } from "./encode.js";
import type { Benchmark, Case, Subject } from "./case.js";
import { median } from "./median.js";

/** What the parent asks for. */
export type Order =
  | { readonly do: "make"; readonly case: number }
  | {
      readonly do: "check";
      readonly timeMs: number;
      readonly memoryBytes: number;
      /** False for the first check, whose memory is measured too. */
      readonly warm: boolean;
    }
  | { readonly do: "verify" }
  | {
      readonly do: "write";
      readonly subject: number;
      readonly formats: readonly string[];
      readonly path: string;
    };

/** What was made. */
export interface Made {
  readonly subjects: number;
  readonly operations: number;
  readonly indeterminate: number;
  readonly expected: readonly VerdictKind[];
}

/** One check of every history of the row. */
export interface Checked {
  readonly answers: readonly Answer[];
  /** Processor time of all threads of the process. */
  readonly cpuMs: number;
  /** Resident memory of the process when the check began, and at its highest since, in MiB. */
  readonly residentMib: number;
  readonly peakMib: number;
}

/** One answer of the checker. */
export interface Answer {
  readonly verdict: VerdictKind;
  /** What threw, if the checker did. */
  readonly error?: string;
  readonly ms: number;
  readonly tablesMib: number;
  /** The algorithms that decided, with the number of parts that each decided. */
  readonly searches: { readonly [name: string]: Value };
}

/** Whether the independent verifier confirms every certificate, and how long it takes. */
export interface Verified {
  readonly confirmed: boolean;
  readonly ms: number;
}

/** The file that a peer reads; null when no format of its can say what is in the history. */
export interface Written {
  readonly path: string | null;
}

let cases: readonly Case[] = [];
let subjects: readonly Subject[] = [];

/** Obeys what the parent orders about the cases of a benchmark. */
export function obeyAbout(benchmark: Benchmark): void {
  cases = benchmark.cases();
  process.on("message", (order: Order) => {
    void obey(order).then(
      (answer) => process.send?.(answer),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  });
  // Without the parent there is nobody to measure for.
  process.on("disconnect", () => process.exit());
}

async function obey(order: Order): Promise<Made | Checked | Verified | Written> {
  if (order.do === "make") return make(order.case);
  if (order.do === "check") return check(order);
  if (order.do === "verify") return verify();
  return write(subjects[order.subject] as Subject, order);
}

async function make(index: number): Promise<Made> {
  const found = cases[index];
  if (found === undefined) throw new RangeError(`no case ${index}`);
  subjects = await found.subjects();
  return {
    subjects: subjects.length,
    operations: sum(({ history }) => history.invocations().length),
    indeterminate: sum(({ history }) => indeterminateIn(history)),
    expected: subjects.map(({ expected }) => expected),
  };
}

function sum(count: (subject: Subject) => number): number {
  return subjects.reduce((total, subject) => total + count(subject), 0);
}

function indeterminateIn({ types, pairs }: History): number {
  return types.filter((type, index) => (type === INVOKE ? pairs[index] === NONE : type === INFO))
    .length;
}

/** A warm check is repeated until the clock can tell how long it takes; the median counts. */
const WARM_MS = 60;
const WARM_TURNS = 25;

async function check({ warm, ...limits }: Limits & { warm: boolean }): Promise<Checked> {
  if (!warm) {
    // Not between warm checks: a collection by force throws away compiled code, too.
    collectGarbage();
    restartPeak();
  }
  const turns = [await checkOnce(limits)];
  const startMs = performance.now();
  const most = warm ? WARM_TURNS : 1;
  while (turns.length < most && performance.now() - startMs < WARM_MS)
    turns.push(await checkOnce(limits));
  const { answers, residentMib } = turns[0] as Checked;
  return {
    answers: answers.map((answer, at) =>
      Object.assign({}, answer, { ms: median(turns.map((turn) => turn.answers[at]?.ms ?? 0)) }),
    ),
    cpuMs: median(turns.map(({ cpuMs }) => cpuMs)),
    residentMib,
    peakMib: peakMib(),
  };
}

interface Limits {
  readonly timeMs: number;
  readonly memoryBytes: number;
}

async function checkOnce(limits: Limits): Promise<Checked> {
  const residentMib = process.memoryUsage.rss() / 2 ** 20;
  const answers: Answer[] = [];
  const usage = process.cpuUsage();
  for (const { history, checker } of subjects) {
    const startMs = performance.now();
    try {
      const { verdict, details } = await checker.check(history, createBudget(limits));
      const ms = performance.now() - startMs;
      answers.push({
        verdict,
        ms,
        tablesMib: Number(details?.["bytesMax"] ?? 0) / 2 ** 20,
        searches: (details?.["searches"] ?? {}) as Answer["searches"],
      });
    } catch (error) {
      const ms = performance.now() - startMs;
      answers.push({ verdict: "unknown", error: String(error), ms, tablesMib: 0, searches: {} });
    }
  }
  const { user, system } = process.cpuUsage(usage);
  return { answers, cpuMs: (user + system) / 1e3, residentMib, peakMib: peakMib() };
}

async function verify(): Promise<Verified> {
  let confirmed = true;
  let ms = 0;
  for (const { history, checker, model } of subjects) {
    const { certificate } = await checker.check(history, createBudget());
    if (certificate === undefined) return { confirmed: false, ms };
    const startMs = performance.now();
    const budget = createBudget({ timeMs: 600_000 });
    confirmed &&= verifyCertificate({ certificate, history, model, budget }).confirmed;
    ms += performance.now() - startMs;
  }
  return { confirmed, ms };
}

async function write(
  { history, object, file }: Subject,
  { formats, path }: Extract<Order, { do: "write" }>,
): Promise<Written> {
  if (file !== undefined && formats.includes(file.format)) return { path: file.path };
  const subject = { history, object: object.replace("-observing", "") };
  const encoded = formats.map((format) => ENCODERS[format]?.(subject));
  const lines = encoded.find((found) => found !== undefined);
  if (lines === undefined) return { path: null };
  const output = createWriteStream(path);
  let text = "";
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length < 2 ** 20) continue;
    if (!output.write(text)) await once(output, "drain");
    text = "";
  }
  output.end(text);
  await once(output, "finish");
  return { path };
}

function collectGarbage(): void {
  globalThis.gc?.();
  globalThis.gc?.();
}

/** Linux keeps the highest resident memory of a process, and forgets it when asked to. */
function restartPeak(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Elsewhere the peak is that of the whole life of the process.
  }
}

function peakMib(): number {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    if (found !== undefined) return Number(found) / 1024;
  } catch {
    // No such file where there is no /proc.
  }
  return process.resourceUsage().maxRSS / 1024;
}
