/** `ordeal explore`, and its page, whose commands and snippet are carried out. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ordeal, program, temporaryDirectory } from "./command-line.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PAGE = readFileSync(join(ROOT, "docs/exploration.md"), "utf8");

/** The commands of the page, as arguments. */
const COMMANDS = [...PAGE.matchAll(/^npx ordeal (.*)$/gm)].map(([, line = ""]) =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? ""),
);

interface Result {
  readonly complete: boolean;
  readonly share: number;
  readonly executions: number;
  readonly histories: number;
  readonly invalid: number;
  readonly rounds: readonly { readonly delays: number | null; readonly complete: boolean }[];
  readonly violations: readonly { readonly file: string; readonly choices: readonly string[] }[];
}

const PAIR = ["register", "--system", "primary-backup", "--nodes", "2"];

describe("ordeal explore", () => {
  test("does what its page says", async () => {
    const cases = temporaryDirectory();
    const placed = (word: string): string => word.replace(/^cases/, cases);
    const exits: (number | undefined)[] = [];
    for (const command of COMMANDS) {
      const out = command[0] === "replay" ? ["--out", join(cases, "replayed")] : [];
      const { exitCode } = await ordeal(...command.map(placed), ...out, "--quiet");
      exits.push(exitCode);
    }
    expect(exits).toEqual([0, 0, 0, 1, 1, 1]);
    expect(existsSync(join(cases, "replayed/report.html"))).toBe(true);
    const messages = readFileSync(join(cases, "replayed/messages.jsonl"), "utf8");
    for (const line of messages.trim().split("\n")) {
      const { sentNs, endNs } = JSON.parse(line) as { sentNs: number; endNs: number };
      expect(endNs).toBeGreaterThanOrEqual(sentNs);
    }
  });

  test("shows a violation with its events, and how to carry it out again", async () => {
    const out = temporaryDirectory();
    const { exitCode, stdout, stderr } = await ordeal(
      "explore",
      ...PAIR,
      "--do",
      "write@x:1 read@x",
      "--kills",
      "1",
      "--out",
      out,
      "--quiet",
    );
    expect([exitCode, stderr]).toEqual([1, ""]);
    expect(stdout).toContain("n1 kill.1");
    expect(stdout).toMatch(/Replay {2}npx ordeal replay \S+not-linearizable\.json/);
    const shrunk = await ordeal("shrink", join(out, "not-linearizable.json"));
    expect(shrunk.exitCode).toBe(1);
    expect(shrunk.stdout).toMatch(/Shrunk {2}operations 2 → 2, faults 1 → 1, .*choices \d+ → \d+/);
    const small = join(out, "not-linearizable.shrunk.json");
    const replayed = await ordeal("replay", small, "--out", join(out, "r"), "--quiet");
    expect([replayed.exitCode, replayed.stderr]).toEqual([1, ""]);
    expect(readFileSync(join(out, "r/report.html"), "utf8")).toContain("<svg");
  });

  test("loses messages by choice, and the replay shows which", async () => {
    const out = temporaryDirectory();
    const argv = ["kv", "--system", "chain:acks-everything", "--nodes", "2"];
    const bounds = ["--lose", "1", "--delays", "0", "--out", out, "--json", "--quiet"];
    const { stdout } = await ordeal("explore", ...argv, "--do", "put@x:1 / get@x", ...bounds);
    const { complete, invalid, rounds } = JSON.parse(stdout) as Result;
    expect({ complete, invalid, rounds: rounds.length }).toMatchObject({
      complete: true,
      rounds: 1,
    });
  });

  test("says how far it came", async () => {
    const bounds = ["--executions", "40", "--reduction", "races"];
    const argv = ["register", "--system", "quorum", "--nodes", "3", ...bounds];
    const { exitCode, stdout } = await ordeal("explore", ...argv, "--json", "--quiet");
    expect(exitCode).toBe(2);
    const result = JSON.parse(stdout) as Result;
    expect(result).toMatchObject({ complete: false, executions: 40, invalid: 0, violations: [] });
    expect(result.rounds[0]).toMatchObject({ delays: 0, complete: true });
    expect(result.share).toBeLessThan(1);
    const { stdout: text } = await ordeal("explore", ...argv, "--quiet");
    expect(text).toMatch(/everything with up to 1 delay was tried; an estimated .*% of the exec/);
  });

  test("compares states where nodes say what they remember, and says how many it has seen", async () => {
    const argv = ["register", "--system", "quorum", "--nodes", "2", "--do", "write@x:1 / read@x"];
    const { stdout } = await ordeal("explore", ...argv, "--quiet");
    expect(stdout).toMatch(/everything within the bounds was tried: \d+ states/);
    const cut = await ordeal("explore", ...argv, "--executions", "5", "--quiet");
    expect(cut.exitCode).toBe(2);
    expect(cut.stdout).toMatch(/\d+ states were reached, an estimated [\d.]+% of what is within/);
  });

  test("answers the same however many threads there are", async () => {
    const argv = ["explore", "register", "--system", "quorum", "--nodes", "3", "--do"];
    const rest = ["write@x:1 / read@x", "--executions", "400", "--json", "--quiet"];
    const answers = ["1", "3"].map(async (workers) => {
      const { stdout } = await program([...argv, ...rest, "--workers", workers]);
      const { elapsedMs: _, ...answer } = JSON.parse(stdout) as { readonly elapsedMs: number };
      return answer;
    });
    const [one, three] = await Promise.all(answers);
    expect(one).toMatchObject({ reduction: "states", executions: 400, invalid: 0 });
    expect(three).toEqual(one);
  });

  test.each([
    [["--do", "write@x:1 / frobnicate!"], "is no operation"],
    [["--system", "sqlite"], "does not run in the simulated world"],
    [["--nodes", "17"], "17"],
    [["--do", ""], "no operation"],
  ])("refuses what cannot be explored: %j", async (argv, message) => {
    const { exitCode, stderr } = await ordeal("explore", ...argv, "--quiet");
    expect(exitCode).toBe(254);
    expect(stderr).toContain(message);
  });

  test("a case whose choices do not fit is refused with the choice", async () => {
    const out = temporaryDirectory();
    const does = ["--do", "write@x:1 read@x", "--kills", "1", "--out", out, "--quiet"];
    await ordeal("explore", ...PAIR, ...does);
    const file = join(out, "not-linearizable.json");
    const text = readFileSync(file, "utf8").replace('"n1 kill.1"', '"n9 kill.1"');
    const { writeFileSync } = await import("node:fs");
    writeFileSync(file, text);
    const { exitCode, stderr } = await ordeal("replay", file, "--out", join(out, "r"), "--quiet");
    expect(exitCode).toBe(255);
    expect(stderr).toContain('is "n9 kill.1", but what can happen is');
  });
});

test("the snippet of the page comes to its end", async () => {
  const [, snippet = ""] = /^```ts\n([\s\S]*?)^```$/m.exec(PAGE) ?? [];
  const { explore, parseOperations, DEFAULT_BOUNDS, simulatedWorld } =
    await import("../src/index.js");
  const { primaryBackup } = await import("../backends/index.js");
  const { register } = await import("../workloads/index.js");
  const body = snippet.replaceAll(/^import .*$/gm, "");
  const names = "explore, parseOperations, DEFAULT_BOUNDS, simulatedWorld, primaryBackup, register";
  const AsyncFunction = (async () => undefined).constructor as new (
    ...text: readonly string[]
  ) => (parts: object) => Promise<Result>;
  const run = new AsyncFunction(`{ ${names} }`, `${body.replace(/^if .*$/m, "")}; return result;`);
  const parts = { explore, parseOperations, DEFAULT_BOUNDS, simulatedWorld, primaryBackup };
  const result = await run({ ...parts, register });
  expect(result).toMatchObject({ complete: true, invalid: 0 });
});
