/** That docs/nemeses.md is true: it tells of every nemesis, and its commands do what they show. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { NEMESES } from "../src/cli/catalog.js";
import { realWorld } from "../src/real/real-world.js";
import { ordeal, temporaryDirectory } from "./command-line.js";

const TEXT = readFileSync(fileURLToPath(new URL("../docs/nemeses.md", import.meta.url)), "utf8");

test("there is a row for each nemesis, and none for what is none", () => {
  const rows = [...TEXT.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name = ""]) => name);
  expect(rows.toSorted()).toEqual(NEMESES.map(({ name }) => name).toSorted());
});

test("what is said of real processes is so", () => {
  const world = realWorld({ seed: 1 });
  const possible = NEMESES.filter((entry) =>
    entry.make().needs.every((fault) => world.availability(fault).available),
  );
  const named = possible.map(({ name }) => `\`${name}\``);
  const sentence = /On real processes there are ([^.]*)\./.exec(TEXT)?.[1] ?? "";
  expect(sentence.split(/, | and /).toSorted()).toEqual(named.toSorted());
});

test("its commands run: the first on a right system, the second on a wrong one", async () => {
  const commands = [...TEXT.matchAll(/^ordeal (run .*)$/gm)].map(([, words = ""]) => words);
  const exitCodes = await Promise.all(
    commands.map(async (words) => {
      const out = join(temporaryDirectory(), "run");
      return (await ordeal(...words.split(" "), "--out", out, "--quiet")).exitCode;
    }),
  );
  expect(exitCodes).toEqual([0, 1]);
});

test("a fault that real processes cannot suffer is refused with the reason", async () => {
  const argv = ["run", "register", "--system", "quorum", "--world", "real", "--nemesis", "clock"];
  const { exitCode, stderr } = await ordeal(...argv);
  expect(exitCode).toBe(254);
  expect(stderr).toMatch(/share its clock; use --world simulated/);
});
