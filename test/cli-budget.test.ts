/**
 * Budgets hold for the whole program, on histories made to be exponential: many operations at once,
 * whose order leads to ever other states, and equal elements, so that no faster algorithm applies.
 * The memory is the most that the process ever had; the time is that of the verdict, and that of
 * the process beside one that has nothing to do.
 */
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import type { Value } from "../src/history/value.js";
import { fileIn, jsonLines, PROGRAM, temporaryDirectory, VALID } from "./command-line.js";

const MIB = 2 ** 20;

/** One operation; the time of its call and return is up to the history. */
interface Call {
  readonly f: string;
  readonly value: Value;
  readonly output?: Value;
  readonly key?: string;
}

/** All `together` at once, then the others one by one. */
function burst(together: readonly Call[], after: readonly Call[]): object[] {
  const invoke = ({ f, value, key }: Call, process: number): object => ({
    type: "invoke",
    process,
    f,
    value,
    ...(key === undefined ? {} : { key }),
  });
  const complete = ({ output, ...call }: Call, process: number): object => ({
    ...call,
    type: "ok",
    process,
    value: output === undefined ? call.value : output,
  });
  return [
    ...together.map(invoke),
    ...together.map(complete),
    ...after.flatMap((call) => [invoke(call, 1_000), complete(call, 1_000)]),
  ];
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

/** Elements of which a few are equal, long enough to fill a memory soon. */
const ELEMENTS: readonly string[] = range(30).map((at) => String(at % 27).padEnd(60, "x"));

/** Everything goes in at once, and comes out in disorder, until something that was never there. */
function container(insert: readonly string[], remove: string, part?: string): object[] {
  const key = part === undefined ? {} : { key: part };
  const call = (f: string, value: Value, output?: Value): Call =>
    Object.assign({ f, value }, key, output === undefined ? {} : { output });
  const out = ELEMENTS.map((_, at) => ELEMENTS[(at * 7) % 30] as string);
  return burst(
    ELEMENTS.map((value, at) => call(insert[at % insert.length] as string, value)),
    [...out, "never"].map((output) => call(remove, null, output)),
  );
}

/** The events of several keys, in turn, each with processes of its own. */
function inTurn(histories: readonly (readonly object[])[]): object[] {
  return (histories[0] ?? []).flatMap((_, at) =>
    histories.map((history, number) => {
      const event = history[at] as { readonly process: number };
      return { ...event, process: event.process + 10_000 * number };
    }),
  );
}

/** What a check said, and what it took. */
interface Measured {
  readonly verdict: string;
  readonly reason: string;
  readonly elapsedMs: number;
  readonly wallMs: number;
  readonly bytesMax: number;
}

/** Tells the most memory that the process ever had, in KiB. */
const PROBE = `data:text/javascript,${encodeURIComponent(
  'process.on("exit", () => process.stderr.write(`\\n${process.resourceUsage().maxRSS}`));',
)}`;

async function check(text: string, ...options: readonly string[]): Promise<Measured> {
  const file = fileIn(temporaryDirectory(), "history.jsonl", text);
  const startedMs = performance.now();
  const argv = ["--import", PROBE, PROGRAM, "check", file, "--json", ...options];
  const { stdout, stderr } = await execa(process.execPath, argv, { reject: false });
  const wallMs = performance.now() - startedMs;
  const result = JSON.parse(stdout) as Measured;
  return { ...result, wallMs, bytesMax: Number(stderr.split("\n").at(-1)) * 1024 };
}

describe("--memory-budget 512MiB keeps the process below 600 MiB", () => {
  // The last one takes two threads, one for each key.
  test.each([
    ["fifo-queue", container(["enqueue"], "dequeue")],
    ["stack", container(["push"], "pop")],
    ["deque", container(["push-front", "push-back"], "pop-back")],
    ["fifo-queue", inTurn(["a", "b"].map((key) => container(["enqueue"], "dequeue", key)))],
  ])("%s", { timeout: 240_000 }, async (model, events) => {
    const budget = ["--memory-budget", "512MiB", "--time-budget", "3m"];
    const { verdict, reason, bytesMax } = await check(
      jsonLines(events),
      "--model",
      model,
      ...budget,
    );
    expect(verdict).toBe("unknown");
    expect(reason).toContain("out of memory after 512 MiB");
    expect(bytesMax).toBeLessThan(600 * MIB);
    // It was not given up early either.
    expect(bytesMax).toBeGreaterThan(400 * MIB);
  });
});

describe("--time-budget 2s ends within 2.2 s", () => {
  // A removal that found its element, and reads of everything: no monitor knows such sets.
  const members = [
    ...range(36).map((value) => ({ f: "add", value })),
    { f: "remove", value: 0, output: true },
  ];
  const numbers = range(30).map((at) => ({ f: "insert", value: at % 27 }));
  const writes = range(30).map((at) => ({
    f: "txn",
    value: [
      ["w", at % 6, at],
      ["w", (at + 1) % 6, at],
    ],
  }));
  test.each([
    ["set", burst(members, [{ f: "read", value: null, output: range(37) }])],
    [
      "priority-queue",
      burst(
        numbers,
        range(30).map((at) => ({ f: "extract", value: null, output: 29 - at })),
      ),
    ],
    [
      "multi-register",
      burst(writes, [{ f: "txn", value: [["r", 1, null]], output: [["r", 1, 99]] }]),
    ],
    ["fifo-queue", container(["enqueue"], "dequeue")],
  ])("%s", { timeout: 60_000, retry: 1 }, async (model, events) => {
    const nothing = await check(VALID, "--model", "register");
    const budget = ["--time-budget", "2s"];
    const { verdict, reason, ...took } = await check(
      jsonLines(events),
      "--model",
      model,
      ...budget,
    );
    expect(verdict).toBe("unknown");
    expect(reason).toContain("out of time");
    expect(took.elapsedMs).toBeGreaterThanOrEqual(2_000);
    expect(took.elapsedMs).toBeLessThan(2_200);
    expect(took.wallMs - nothing.wallMs).toBeLessThan(2_200 + nothing.wallMs);
  });
});
