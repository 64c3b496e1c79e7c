/**
 * The page of models is held against the catalog, and what is in it is carried out: its files are
 * written, its modules compiled and loaded, its commands run.
 */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { MODELS } from "../src/cli/catalog.js";
import * as api from "../src/index.js";
import { program, temporaryDirectory } from "./command-line.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PUBLIC = new Map<string, unknown>(Object.entries(api));
const page = readFileSync(join(ROOT, "docs/models.md"), "utf8");

/** Rows of the tables, by the model that they are about. */
const rows = new Map(
  [...page.matchAll(/^\| `([\w-]+)` \(`(\w+)`\) \|.*$/gm)].map((match) => [
    match[1] as string,
    { factory: match[2] as string, text: match[0] },
  ]),
);

const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    (match) => match[1] as string,
  );

const COMMANDS = blocks("sh").flatMap((block) =>
  block
    .trim()
    .split("\n")
    .map((line): [string, number] => {
      const match = /^ordeal (.*) # exits with (\d)$/.exec(line);
      return [match?.[1] ?? `no command: ${line}`, Number(match?.[2])];
    }),
);

/** A folder with the files of the page, beside the package. */
function pageFolder(): string {
  const folder = temporaryDirectory();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules/ordeal"), "dir");
  writeFileSync(join(folder, "package.json"), '{ "name": "user", "type": "module" }\n');
  for (const module of blocks("ts")) {
    const name = /^\/\/ (\S+\.ts)\n/.exec(module)?.[1] ?? "no name";
    writeFileSync(join(folder, name), module);
  }
  const histories = page.matchAll(/`([\w-]+\.jsonl)`[^`]*\n\n```jsonl\n([\s\S]*?)^```$/gm);
  for (const [, name, text] of histories)
    writeFileSync(join(folder, name as string), text as string);
  return folder;
}

describe("the tables", () => {
  test("have a row for each model of the catalog, and no other", () => {
    expect([...rows.keys()].sort()).toEqual(MODELS.map(({ name }) => name).sort());
  });

  test.each(MODELS)("tell the functions, options and type of $name", (entry) => {
    const { name } = entry;
    const { factory = "", text = "" } = rows.get(name) ?? {};
    const model = entry.make(name === "kv" ? { ranges: true } : {});
    expect(PUBLIC.get(factory)).toBeTypeOf("function");
    const words = new Set([...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]));
    for (const f of model.functions ?? []) expect(words, `function ${f}`).toContain(f);
    for (const option of Object.keys(model.options)) expect(words, option).toContain(option);
    const type = text.split("|").at(-2)?.trim();
    const known = entry.make().type;
    expect(type).toBe(known === undefined ? "none" : `\`${known.name}\``);
  });
});

describe("the snippets", () => {
  test("are there", () => {
    expect(blocks("ts")).toHaveLength(3);
    expect(COMMANDS).toHaveLength(3);
    // What is said of a model of one's own holds for the one that is shown.
    expect(blocks("ts")[0]?.split("\n").slice(2).join("\n").trim().split("\n").length).toBeLessThan(
      21,
    );
  });

  test("compile under strict settings, and run", { timeout: 120_000 }, async () => {
    const folder = pageFolder();
    const compilerOptions = {
      strict: true,
      module: "nodenext",
      target: "es2023",
      outDir: "out",
      types: [],
      skipLibCheck: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
    };
    const include = ["*.ts"];
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
    const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
    const compiled = await execa(process.execPath, [compiler], { cwd: folder, reject: false });
    expect(compiled.exitCode, compiled.stdout).toBe(0);
    const script = join(folder, "out/in-code.js");
    const ran = await execa(process.execPath, [script], { cwd: folder, reject: false });
    expect(ran.exitCode, ran.stderr).toBe(0);
  });

  test.each(COMMANDS)("ordeal %s exits with %i", { timeout: 60_000 }, async (command, code) => {
    const { exitCode, stdout, stderr } = await program(command.split(" "), { cwd: pageFolder() });
    expect(exitCode, stdout + stderr).toBe(code);
  });
});
