/**
 * Every command and snippet of the README is carried out here, so that it cannot say what is not
 * true.
 */
import {
  mkdtempSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  existsSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { STARTER_TEST } from "../src/cli/starter-files.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

/** The code blocks of a language. */
function blocks(language: string): string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm");
  return [...readme.matchAll(pattern)].map((match) => match[1] as string);
}

const commands = blocks("sh").flatMap((block) =>
  block
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#")),
);

/** Commands that tests elsewhere stand for, by what they check. */
const ELSEWHERE: { readonly [command: string]: () => void } = {
  // CI runs this one in a clean clone, and this test is a part of it.
  "npm ci && npm test": () => {
    expect(readFileSync(join(root, ".ci/run"), "utf8")).toContain("npm ci && npm test");
  },
  // Builds, which would pull the program from under the other tests; below its second half is run.
  "npm ci && npm start": () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: { start: string };
    };
    expect(scripts.start).toBe("npm run --silent build && node dist/src/cli/main.js run");
  },
  // test/package.test.ts installs the packed package.
  "npm install --save-dev ordeal": () => {
    expect(existsSync(join(root, "test/package.test.ts"))).toBe(true);
  },
};

/** What the commands exit with, where it is not 0. */
const EXIT_CODES: { readonly [start: string]: number } = {
  "npx ordeal run register --system primary-backup": 1,
  "npx ordeal campaign register --system primary-backup": 1,
  "npx ordeal replay cases/not-linearizable.json": 1,
  "npx ordeal shrink runs/latest": 1,
};

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ordeal-readme-"));
  mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
  symlinkSync(root, join(folder, "node_modules/ordeal"), "dir");
  symlinkSync(join(root, "dist/src/cli/main.js"), join(folder, "node_modules/.bin/ordeal"));
  writeFileSync(
    join(folder, "package.json"),
    '{ "name": "user", "private": true, "type": "module" }\n',
  );
  writeFileSync(join(folder, "ordeal.test.ts"), STARTER_TEST);
  writeFileSync(
    join(folder, "history.edn"),
    `[{:process 0, :type :invoke, :f :write, :value 1}
 {:process 0, :type :ok, :f :write, :value 1}
 {:process 1, :type :invoke, :f :read, :value nil}
 {:process 1, :type :ok, :f :read, :value 1}]\n`,
  );
  const lines = [
    { index: 0, time: 0, type: "invoke", process: 0, f: "put", key: "x", value: 1 },
    { index: 1, time: 10, type: "ok", process: 0, f: "put", key: "x", value: 1 },
    { index: 2, time: 20, type: "invoke", process: 1, f: "get", key: "x", value: null },
    { index: 3, time: 30, type: "ok", process: 1, f: "get", key: "x", value: 1 },
  ];
  writeFileSync(
    join(folder, "history.jsonl"),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function shell(command: string): Promise<{ exitCode: number | undefined; output: string }> {
  const result = await execa("bash", ["-c", command], {
    cwd: folder,
    reject: false,
    all: true,
    env: { PATH: `${join(folder, "node_modules/.bin")}:${process.env["PATH"] ?? ""}` },
  });
  return { exitCode: result.exitCode, output: result.all };
}

describe("the commands of the README", () => {
  test("are there, the two first ones first", () => {
    expect(commands.slice(0, 2)).toEqual(["npm ci && npm start", "npm ci && npm test"]);
    expect(commands.length).toBeGreaterThan(6);
  });

  test.each(commands)("%s", async (command) => {
    const standIn = ELSEWHERE[command];
    if (standIn !== undefined) {
      standIn();
      return;
    }
    const start = Object.keys(EXIT_CODES).find((prefix) => command.startsWith(prefix));
    const { exitCode, output } = await shell(command);
    expect(exitCode, output).toBe(start === undefined ? 0 : EXIT_CODES[start]);
  });

  test("the main job ends with a verdict in words and a report", async () => {
    const { exitCode, output } = await shell("npx ordeal run");
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/valid/i);
    const report = /Report\s+(\S+report\.html)/.exec(output)?.[1];
    expect(existsSync(join(folder, report ?? "no report named"))).toBe(true);
  });
});

describe("the snippets of the README", () => {
  test("begin with what init writes", () => {
    expect(blocks("ts")[0]).toBe(STARTER_TEST);
  });

  test.each(blocks("ts"))("runs: %s", async (snippet) => {
    writeFileSync(join(folder, "ordeal.test.ts"), snippet);
    const { exitCode, output } = await shell("npx ordeal run ./ordeal.test.ts");
    expect(exitCode, output).toBe(0);
  });
});
