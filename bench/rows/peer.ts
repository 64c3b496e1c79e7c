/**
 * Times another checker: a command line in which `{file}` stands for a history. What it prints is
 * read leniently: the first word that is a verdict, and `NUMBER ms` if it says how long the check
 * itself took, without starting and loading.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import type { VerdictKind } from "../../src/verdict/verdict.js";

/** A checker that is not ours. */
export interface Peer {
  readonly name: string;
  readonly command: string;
  /** Some of `ENCODERS`, the preferred one first. */
  readonly formats: readonly string[];
}

/** One call of a peer. */
export interface PeerCall {
  readonly verdict: VerdictKind | "none";
  /** The time from start to end of the process. */
  readonly wallMs: number;
  /** What it says that the check took. */
  readonly ownMs?: number;
  /** Processor time, user and system, of all of it, where GNU time is installed. */
  readonly cpuMs?: number;
  readonly peakMib: number;
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  /** The first line that it printed. */
  readonly printed: string;
}

const GNU_TIME = "/usr/bin/time";
const LOOK_EVERY_MS = 20;
const PRINTED_MAX = 200;

/** The process groups of the peers that run. */
const running = new Set<number>();

/** Ends every peer that runs. */
export function endPeers(): void {
  for (const pid of running) process.kill(-pid, "SIGKILL");
}

/** Calls a peer once, and ends it and what it started after `timeoutMs`. */
export function callPeer(peer: Peer, file: string, timeoutMs: number): Promise<PeerCall> {
  const command = peer.command.replaceAll("{file}", `'${file.replaceAll("'", `'\\''`)}'`);
  const timeFile = existsSync(GNU_TIME) ? `${file}.rss` : undefined;
  const argv = ["sh", "-c", command];
  if (timeFile !== undefined) argv.unshift(GNU_TIME, "-q", "-f", "%M %U %S", "-o", timeFile);
  const [program, ...rest] = argv as [string, ...string[]];
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    // A process group of its own, so that all of it can be ended.
    const child = spawn(program, rest, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
    if (child.pid !== undefined) running.add(child.pid);
    let output = "";
    let timedOut = false;
    let peakKib = 0;
    let cpuMs: number | undefined;
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    const looks = setInterval(() => {
      peakKib = Math.max(peakKib, ...treeOf(child.pid).map(highestKib));
    }, LOOK_EVERY_MS);
    const timer = setTimeout(() => {
      timedOut = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, timeoutMs);
    child.once("error", reject);
    child.once("close", (exitCode) => {
      const wallMs = performance.now() - startMs;
      if (child.pid !== undefined) running.delete(child.pid);
      clearInterval(looks);
      clearTimeout(timer);
      if (timeFile !== undefined && existsSync(timeFile)) {
        const [kib = 0, ...seconds] = readFileSync(timeFile, "utf8").trim().split(" ").map(Number);
        if (Number.isFinite(kib)) {
          peakKib = Math.max(peakKib, kib);
          cpuMs = seconds.reduce((sum, one) => sum + one * 1e3, 0);
        }
        rmSync(timeFile);
      }
      const printed = output.trim().split("\n")[0]?.slice(0, PRINTED_MAX) ?? "";
      const ownMs = ownMsIn(output);
      resolve({
        verdict: timedOut ? "none" : verdictIn(output),
        wallMs,
        ...(ownMs === undefined ? {} : { ownMs }),
        ...(cpuMs === undefined ? {} : { cpuMs }),
        peakMib: peakKib / 1024,
        exitCode,
        timedOut,
        printed,
      });
    });
  });
}

/** Words for verdicts, the longer before what they contain. */
const VERDICTS: readonly (readonly [RegExp, VerdictKind])[] = [
  [
    /\b(?:not|non)[- ]linearizable\b|\binvalid\b|\billegal\b|:valid\? false|^0(?:\s|$)/im,
    "invalid",
  ],
  [/\bunknown\b|\bundecided\b/i, "unknown"],
  [/\bvalid\b|\blinearizable\b|\bok\b|:valid\? true|^1(?:\s|$)/im, "valid"],
];

/** The verdict that a peer printed. */
export function verdictIn(output: string): VerdictKind | "none" {
  return VERDICTS.find(([words]) => words.test(output))?.[1] ?? "none";
}

/** The time of the check that a peer printed: `12.5 ms`, or `1 0.0125`, a verdict and seconds. */
export function ownMsIn(output: string): number | undefined {
  const told = /(\d[\d.]*(?:e[+-]?\d+)?)\s*ms\b/i.exec(output)?.[1];
  if (told !== undefined) return Number(told);
  const seconds = /^[01] (\d[\d.]*(?:e[+-]?\d+)?)$/im.exec(output.trim())?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1e3;
}

/** A process and all that it started, as Linux knows them. */
function treeOf(pid: number | undefined): readonly number[] {
  if (pid === undefined) return [];
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return [
      pid,
      ...(children === "" ? [] : children.split(" ").flatMap((id) => treeOf(Number(id)))),
    ];
  } catch {
    return [pid];
  }
}

function highestKib(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
