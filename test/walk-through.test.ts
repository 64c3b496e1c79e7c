/** The walk-through is carried out as it is written: the bug is found, shown, fixed and gone. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { program, temporaryDirectory } from "./command-line.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PAGE = readFileSync(join(ROOT, "docs/walk-through.md"), "utf8");

interface Block {
  readonly language: string;
  readonly text: string;
}

const BLOCKS: readonly Block[] = [...PAGE.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
  ([, language = "", text = ""]) => ({ language, text }),
);

/** A folder of a user who has installed the package. */
function userFolder(): string {
  const folder = temporaryDirectory();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules/ordeal"), "dir");
  writeFileSync(join(folder, "package.json"), '{ "name": "user", "type": "module" }\n');
  return folder;
}

test("every step does what the page says", async () => {
  const folder = userFolder();
  for (const { language, text } of BLOCKS) {
    const file = /^\/\/ (\S+\.ts)/.exec(text)?.[1];
    if (language === "ts" && file !== undefined) writeFileSync(join(folder, file), text);
    else if (language === "ts") mend(join(folder, "register.ts"), text);
    else for (const line of text.trim().split("\n")) await carryOut(line, folder);
  }
  expect(existsSync(join(folder, "replayed/report.html"))).toBe(true);
  expect(existsSync(join(folder, "more"))).toBe(false);
  const verified = await program(["verify", "replayed"], { cwd: folder });
  expect(verified.exitCode).toBe(0);
}, 300_000);

test("the store is small, and most of it is the protocol", () => {
  const { text = "" } = BLOCKS.find((block) => block.text.startsWith("// register.ts")) ?? {};
  expect(text.split("\n").length).toBeLessThan(90);
  // What is not the protocol: the description of the system.
  expect(text.slice(text.indexOf("export const register")).split("\n").length).toBeLessThan(60);
});

/** Puts the new body where the old one is. */
function mend(file: string, body: string): void {
  const text = readFileSync(file, "utf8");
  const mended = text.replace(
    /(const read = async [^\n]*\n)[\s\S]*?(\n {2}\};)/,
    (_, head: string, tail: string) => `${head}${body.split("\n").slice(1).join("\n")}${tail}`,
  );
  expect(mended).not.toBe(text);
  writeFileSync(file, mended);
}

async function carryOut(line: string, folder: string): Promise<void> {
  const [, words = "", code] = /^ordeal (.*) # exits with (\d)$/.exec(line) ?? [];
  const { exitCode, stderr, stdout } = await program([...words.split(" "), "--quiet"], {
    cwd: folder,
  });
  expect(`${exitCode}`, `${line}\n${stdout}\n${stderr}`).toBe(code);
}
