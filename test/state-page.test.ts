/** Every snippet of docs/state.md is executed as it stands. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const page = readFileSync(join(ROOT, "docs/state.md"), "utf8");
const snippets = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1] as string);

/** Where the entries of the package come from: the sources, so that no build has to be there. */
const ENTRIES: { readonly [name: string]: string } = {
  ordeal: "src/index.ts",
  "ordeal/persistence": "persistence/index.ts",
  "ordeal/testing": "src/testing/index.ts",
  "ordeal/workloads": "workloads/index.ts",
};

// Below the root, where its modules are found.
const folder = mkdtempSync(join(ROOT, "node_modules/.state-page-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the snippets of the page", () => {
  test("are there, one a section", () => {
    expect(snippets).toHaveLength(7);
  });

  test.each(snippets.map((snippet, place) => [place, snippet] as const))(
    "%i runs",
    async (place, snippet) => {
      const text = snippet.replaceAll(/from "(ordeal[^"]*)"/g, (_, name: string) => {
        expect(ENTRIES[name], name).toBeDefined();
        return `from ${JSON.stringify(join(ROOT, ENTRIES[name] as string))}`;
      });
      const file = join(folder, `snippet-${place}.mts`);
      writeFileSync(file, text);
      const tsx = join(ROOT, "node_modules/.bin/tsx");
      const { exitCode, all } = await execa(tsx, [file], { all: true, reject: false });
      expect(exitCode, all).toBe(0);
    },
  );
});
