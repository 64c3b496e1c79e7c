/**
 * The rules of the house, held by a machine: who may import whom, header comments, file sizes and
 * names, where time and randomness may enter, and that the catalog names every plugin. Each rule is
 * a function from a file to its violations, tried first on made-up files that break it.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** One source file; `path` is relative to the root, with forward slashes. */
interface Source {
  readonly path: string;
  readonly text: string;
}

const PLUGIN_FOLDERS = [
  "backends",
  "checkers",
  "nemeses",
  "persistence",
  "workloads",
  "reports",
] as const;

/**
 * What each layer may import beside itself and `errors`: the table of docs/architecture.md, which
 * is tested to be this one.
 */
const IMPORT_TABLE: { readonly [layer: string]: readonly string[] } = {
  errors: [],
  nearest: [],
  random: [],
  history: [],
  graph: [],
  consistency: [],
  model: ["history"],
  verdict: ["history", "model", "consistency"],
  checker: ["history", "verdict"],
  checkers: ["history", "model", "graph", "consistency", "verdict", "checker"],
  generator: ["history", "random"],
  world: ["random"],
  state: ["history"],
  monitor: ["state", "world", "random"],
  simulation: ["world", "random"],
  real: ["world", "random"],
  runner: ["history", "verdict", "generator", "random", "world", "checker"],
  backends: ["history", "world", "runner"],
  nemeses: ["history", "generator", "random", "world", "runner"],
  persistence: ["history", "state", "world", "real", "runner", "backends"],
  workloads: ["history", "generator", "random", "model", "checkers", "runner"],
  reports: ["history", "verdict", "runner"],
  shrink: ["history", "model", "generator", "checker", "verdict", "runner", "world"],
  campaign: ["history", "random", "verdict", "runner", "world", "simulation", "shrink"],
  explore: [
    "history",
    "generator",
    "random",
    "checker",
    "verdict",
    "runner",
    "world",
    "simulation",
    "shrink",
  ],
  store: ["history", "runner", "generator", "shrink"],
};

/** Layers of `src` that are not in the table because they may import almost everything. */
const ENGINE = new Set(
  Object.keys(IMPORT_TABLE).filter((layer) => !PLUGIN_FOLDERS.some((folder) => folder === layer)),
);

/**
 * The layer of a file: the folder below `src`, the plugin folder, or the file itself directly below
 * `src`.
 */
function layerOf(path: string): string {
  const parts = path.split("/");
  if (parts[0] !== "src") return parts[0] as string;
  return (parts[1] as string).replace(/\.ts$/, "");
}

/** All module specifiers of a file: of static, dynamic, type-only and re-exporting imports. */
function importsOf(text: string): readonly string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
  const found: string[] = [];
  const patterns = [
    /^\s*(?:import|export)\s[^;'"`]*?\sfrom\s*["']([^"']+)["']/gm,
    /^\s*import\s*["']([^"']+)["']/gm,
    /\bimport\(\s*["']([^"']+)["']/g,
  ];
  for (const pattern of patterns) {
    for (const match of code.matchAll(pattern)) found.push(match[1] as string);
  }
  return found;
}

function mayImport(from: string, to: string): boolean {
  if (from === to || to === "errors") return true;
  if (from === "cli") return true;
  if (from === "index") return ENGINE.has(to) || to === "testing";
  if (from === "testing") return ENGINE.has(to) || to === "checkers" || to === "reports";
  return (IMPORT_TABLE[from] ?? []).includes(to);
}

/** The layers of the modules of ours that a file imports. */
function localLayersOf({ path, text }: Source): readonly string[] {
  return importsOf(text)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) =>
      layerOf(
        normalize(join(dirname(path), specifier))
          .replaceAll("\\", "/")
          .replace(/\.js$/, ".ts"),
      ),
    );
}

/**
 * Imports against the table. Tests beside the source, and what they are fed, may import what they
 * need.
 */
function importViolations({ path, text }: Source): readonly string[] {
  if (isTest(path) || !isProduct(path) || /\/fixtures\/|\/html\/browser\//.test(path)) return [];
  const from = layerOf(path);
  const known = ["cli", "index", "testing"].includes(from) || Object.hasOwn(IMPORT_TABLE, from);
  if (!known) return [`${path}: the layer ${from} is not in the import table`];
  return localLayersOf({ path, text })
    .filter((to) => !mayImport(from, to))
    .map((to) => `${path}: ${from} may not import ${to}`);
}

/** Each file opens with what it is; a unit test is about the file beside it. */
function headerViolations({ path, text }: Source): readonly string[] {
  if (isTest(path)) return [];
  const body = text.replace(/^#!.*\n/, "");
  const header = /^\/\*\*([\s\S]*?)\*\//.exec(body)?.[1] ?? "";
  return header.replaceAll(/[\s*]/g, "").length < 20 ? [`${path}: no header comment`] : [];
}

/** Files stop at 400 lines; tests are exempt. */
function sizeViolations({ path, text }: Source): readonly string[] {
  const lines = text.split("\n").length - 1;
  return !isTest(path) && lines > 400 ? [`${path}: ${lines} lines, more than 400`] : [];
}

/** Comments keep to 100 columns (the formatter minds the code), but for what is laid out so. */
function widthViolations({ path, text }: Source): readonly string[] {
  return text.split("\n").flatMap((line, index) => {
    const isComment = /^\s*(\*|\/\/|\/\*)/.test(line);
    const isLaidOut = /^\s*(\*|\/\/) {2,}/.test(line);
    if (line.length <= 100 || !isComment || isLaidOut) return [];
    return [`${path}:${index + 1}: a comment of ${line.length} columns, more than 100`];
  });
}

/** Names say what is in a file. */
function nameViolations({ path }: Source): readonly string[] {
  return path
    .split("/")
    .filter((part) => {
      const name = part.replace(/(\.[a-z]+)*\.(ts|mjs)$/, "");
      return (
        /^(utils?|helpers?|common|misc|shared)$/.test(name) ||
        !/^\.?[a-z0-9]+(-[a-z0-9]+)*$/.test(name)
      );
    })
    .map((part) => `${path}: ${part} is no name for a file or folder here`);
}

/**
 * Randomness enters through src/random.ts, time through the ports; no file knows the machine that
 * it was written on.
 */
function impurityViolations({ path, text }: Source): readonly string[] {
  // The made-up offenders below.
  if (path === "test/structure.test.ts") return [];
  const violations: string[] = [];
  const forbid = (pattern: RegExp, allowed: readonly string[], what: string): void => {
    if (!allowed.some((place) => path === place || path.startsWith(place)) && pattern.test(text)) {
      violations.push(`${path}: ${what}`);
    }
  };
  const clocks = [
    "src/real/",
    "src/cli/",
    "src/checker/checker.ts",
    "src/store/",
    "bench/",
    "scripts/",
  ];
  const tests = isTest(path) || path.startsWith("test/") || path.startsWith("examples/");
  // A system that does not repeat itself, which the contract of backends must find out.
  forbid(/\bMath\s*\.\s*random\s*\(/, ["src/testing/backend-contract.test.ts"], "Math.random");
  forbid(/from "pure-rand/, ["src/random.ts"], "pure-rand outside src/random.ts");
  if (!tests) {
    forbid(
      /\b(randomInt|randomBytes|randomUUID|getRandomValues)\b/,
      // The password of a server is no part of what a run does.
      ["src/cli/", "src/real/", "src/store/", "backends/postgres/server.ts"],
      "unseeded randomness",
    );
    forbid(
      /\b(Date\s*\.\s*now|performance\s*\.\s*now|hrtime)\b|\bnew Date\(\)/,
      [...clocks, "reports/html/browser/"],
      "reads the machine's clock",
    );
    forbid(
      /\bset(Timeout|Interval|Immediate)\s*\(/,
      [
        "src/real/",
        "src/cli/",
        "src/simulation/",
        "src/store/",
        "src/testing/",
        "bench/",
        "reports/html/browser/",
      ],
      "sets a timer of the machine",
    );
  }
  forbid(/["'`(\s]\/(work|home|root|Users)\//, [], "a path of somebody's machine");
  return violations;
}

const isTest = (path: string): boolean => path.endsWith(".test.ts");
const isProduct = (path: string): boolean =>
  path.startsWith("src/") || PLUGIN_FOLDERS.some((folder) => path.startsWith(`${folder}/`));

function readSources(): readonly Source[] {
  const sources: Source[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (/\.(ts|mjs)$/.test(entry.name) && !/\.(generated|d)\.ts$/.test(entry.name)) {
        sources.push({ path, text: readFileSync(join(ROOT, path), "utf8") });
      }
    }
  };
  for (const folder of ["src", ...PLUGIN_FOLDERS, "test", "bench", "examples", "scripts"]) {
    if (existsSync(join(ROOT, folder))) walk(folder);
  }
  return sources;
}

const HEADER = "/** What this is, and why it is here. */\n";
const source = (path: string, text: string): Source => ({ path, text: HEADER + text });

describe("the rules find what breaks them", () => {
  test.each([
    ["src/history/a.ts", 'import { x } from "../model/model.js";', "history may not import model"],
    [
      "src/model/a.ts",
      'import type { Verdict } from "../verdict/verdict.js";',
      "model may not import verdict",
    ],
    [
      "checkers/a.ts",
      'import { runTest } from "../src/runner/run.js";',
      "checkers may not import runner",
    ],
    [
      "src/runner/a.ts",
      'import {\n  crash,\n} from "../../nemeses/crash.js";',
      "runner may not import nemeses",
    ],
    [
      "src/runner/a.ts",
      'const x = await import("../../backends/file.js");',
      "runner may not import backends",
    ],
    [
      "src/verdict/a.ts",
      'export { search } from "../../checkers/search.js";',
      "verdict may not import checkers",
    ],
    ["src/testing/a.ts", 'import "../../backends/memory.js";', "testing may not import backends"],
    [
      "src/index.ts",
      'export { file } from "../backends/file.js";',
      "index may not import backends",
    ],
    [
      "reports/a.ts",
      'import { open } from "../src/store/run-directory.js";',
      "reports may not import store",
    ],
    ["src/novel/a.ts", "", "the layer novel is not in the import table"],
  ])("%s importing with %s", (path, text, expected) => {
    expect(importViolations(source(path, text)).join("\n")).toContain(expected);
  });

  test.each([
    ["src/verdict/a.ts", 'import type { Model } from "../model/model.js";'],
    ["src/runner/a.ts", 'import type { World } from "../world/world.js";'],
    ["src/cli/a.ts", 'import { file } from "../../backends/file.js";'],
    ["src/testing/a.ts", 'import { runTest } from "../runner/run.js";'],
    ["src/history/a.ts", 'import { HarnessError } from "../errors.js";'],
    ["src/history/a.test.ts", 'import { x } from "../runner/run.js";'],
    ["src/history/a.ts", '/* import { x } from "../model/model.js"; */'],
    ["src/history/a.ts", '// import { x } from "../model/model.js";'],
    ["src/history/a.ts", 'import { join } from "node:path";'],
  ])("%s may import with %s", (path, text) => {
    expect(importViolations(source(path, text))).toEqual([]);
  });

  test("headers", () => {
    expect(headerViolations({ path: "a.ts", text: "export const a = 1;" })).toHaveLength(1);
    expect(headerViolations({ path: "a.ts", text: "/** A. */\nexport const a = 1;" })).toHaveLength(
      1,
    );
    expect(headerViolations({ path: "a.ts", text: `#!/usr/bin/env node\n${HEADER}` })).toEqual([]);
  });

  test("sizes", () => {
    expect(sizeViolations(source("src/a.ts", "\n".repeat(400)))).toHaveLength(1);
    expect(sizeViolations(source("src/a.ts", "\n".repeat(399)))).toEqual([]);
    expect(sizeViolations(source("src/a.test.ts", "\n".repeat(4000)))).toEqual([]);
  });

  test("widths of comments", () => {
    const word = "x".repeat(100);
    expect(widthViolations(source("src/a.ts", `// ${word}\n`))).toHaveLength(1);
    expect(widthViolations(source("src/a.ts", `  * ${word}\n`))).toHaveLength(1);
    expect(widthViolations(source("src/a.ts", ` *  ${word}\n`))).toEqual([]);
    expect(widthViolations(source("src/a.ts", `// ${word.slice(3)}\n`))).toEqual([]);
    expect(widthViolations(source("src/a.ts", `const a = "${word}";\n`))).toEqual([]);
  });

  test("names", () => {
    for (const path of [
      "src/utils/a.ts",
      "src/helpers.ts",
      "src/common.test.ts",
      "src/runTest.ts",
    ]) {
      expect(nameViolations({ path, text: "" }), path).toHaveLength(1);
    }
    for (const path of ["src/cli/main.ts", "src/cli/exit-codes.test.ts", "scripts/build.mjs"]) {
      expect(nameViolations({ path, text: "" }), path).toEqual([]);
    }
  });

  test("time, randomness and machine paths", () => {
    const bad: readonly (readonly [string, string])[] = [
      ["src/runner/a.ts", "const x = Math.random();"],
      ["test/a.test.ts", "const x = Math.random();"],
      [
        "src/runner/a.ts",
        'import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";',
      ],
      ["checkers/a.ts", "const startMs = Date.now();"],
      ["src/simulation/a.ts", "const startMs = performance.now();"],
      ["reports/a.ts", "const now = new Date();"],
      ["src/runner/a.ts", "const id = randomUUID();"],
      ["backends/a.ts", "setTimeout(() => {}, 1);"],
      ["src/cli/a.ts", 'const path = "/home/somebody/main";'],
      ["test/a.test.ts", "// see /Users/somebody/notes"],
    ];
    for (const [path, text] of bad) {
      expect(impurityViolations(source(path, text)), text).toHaveLength(1);
    }
    const good: readonly (readonly [string, string])[] = [
      ["src/checker/checker.ts", "const nowMs = () => performance.now();"],
      ["src/real/a.ts", "setTimeout(() => {}, 1); Date.now();"],
      ["src/cli/a.ts", "const stamp = new Date();"],
      ["test/a.test.ts", "const startMs = Date.now();"],
      ["reports/a.ts", "const shown = new Date(timeMs);"],
    ];
    for (const [path, text] of good) {
      expect(impurityViolations(source(path, text)), text).toEqual([]);
    }
  });
});

describe("the house keeps its rules", () => {
  const sources = readSources();

  test("there are sources to look at", () => {
    expect(sources.length).toBeGreaterThan(40);
  });

  test.each([
    ["imports", importViolations],
    ["headers", headerViolations],
    ["sizes", sizeViolations],
    ["widths", widthViolations],
    ["names", nameViolations],
    ["time, randomness, machine paths", impurityViolations],
  ] as const)("%s", (_, rule) => {
    expect(sources.flatMap((each) => rule(each))).toEqual([]);
  });

  test("the catalog names every plugin, and each family's index exports it", () => {
    const parts = readdirSync(join(ROOT, "src/cli")).filter((name) => name.startsWith("catalog"));
    const catalog = parts.map((name) => readFileSync(join(ROOT, "src/cli", name), "utf8")).join();
    const missing: string[] = [];
    for (const folder of ["backends", "checkers", "nemeses", "workloads"] as const) {
      const index = readFileSync(join(ROOT, folder, "index.ts"), "utf8");
      for (const factory of factoriesIn(sources, folder)) {
        if (Object.hasOwn(NO_PLUGINS, factory)) continue;
        if (!new RegExp(`\\b${factory}\\b`).test(catalog))
          missing.push(`${folder}: ${factory}: catalog`);
        if (!new RegExp(`\\b${factory}\\b`).test(index))
          missing.push(`${folder}: ${factory}: index`);
      }
    }
    expect(missing).toEqual([]);
  });

  test("plugins are found where they are known to be", () => {
    expect(factoriesIn(sources, "nemeses")).toContain("partition");
    expect(factoriesIn(sources, "backends")).toContain("primaryBackup");
    expect(factoriesIn(sources, "checkers")).toContain("linearizable");
    expect(factoriesIn(sources, "workloads")).toContain("register");
  });

  test("the import table is the one in docs/architecture.md, and none of it is idle", () => {
    const text = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");
    const table = /^\| layer \| may import \|\n\|---\|---\|\n((?:\|.*\n)+)/m.exec(text)?.[1] ?? "";
    const names = (cell: string | undefined): string[] =>
      [...(cell ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1] as string);
    const documented: { [layer: string]: string[] } = {};
    for (const row of table.trim().split("\n")) {
      const [, layers, targets] = row.split("|");
      for (const layer of names(layers)) documented[layer] = names(targets);
    }
    expect(documented).toEqual(IMPORT_TABLE);
    // A permission that nobody uses is one that somebody will use by mistake.
    const used = new Set(
      sources
        .filter(({ path }) => isProduct(path) && !isTest(path))
        .flatMap(({ path, text: code }) =>
          localLayersOf({ path, text: code }).map((to) => `${layerOf(path)} imports ${to}`),
        ),
    );
    const allowed = Object.entries(IMPORT_TABLE).flatMap(([from, targets]) =>
      targets.map((to) => `${from} imports ${to}`),
    );
    expect(allowed.filter((pair) => !used.has(pair))).toEqual([]);
  });

  test("the code map of docs/architecture.md names every folder", () => {
    const text = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");
    const layers = new Set(sources.filter(({ path }) => isProduct(path)).map(({ path }) => path));
    const places = new Set(
      [...layers].map((path) =>
        path.startsWith("src/") ? path.split("/").slice(0, 2).join("/") : layerOf(path),
      ),
    );
    expect([...places].filter((place) => !text.includes(`\`${place}\``))).toEqual([]);
  });

  test("each dependency has its reason", () => {
    const text = readFileSync(join(ROOT, "docs/dependencies.md"), "utf8");
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(join(ROOT, "package.json"), "utf8"),
    ) as { dependencies: object; devDependencies: object };
    const listed = [...text.matchAll(/^\| \[([^\]]+)\]/gm)].map((match) => match[1] as string);
    expect(listed.toSorted(byText)).toEqual(
      [...Object.keys(dependencies), ...Object.keys(devDependencies)].toSorted(byText),
    );
  });
});

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What a plugin folder's exported functions give back when they are plugins. */
const PLUGIN_TYPES: { readonly [folder: string]: string } = {
  backends: "System",
  checkers: "Checker",
  nemeses: "Nemesis",
  workloads: "Workload",
};

/** Functions that look like plugins and are none, with the reason. */
const NO_PLUGINS: { readonly [factory: string]: string } = {
  compose: "combines other nemeses; the runner takes several anyway. Or other checkers",
  perKey: "lifts other checkers to keys",
  objectWorkload: "what the workloads of objects share",
  synchronized: "picks one of the replicated backends by its strategy",
  nodeFault: "what crash, pause and power-loss share",
  diskFault: "what slow-disk, full-disk and sync-error share",
};

/**
 * The factories in the files directly in a plugin folder: exported functions that return the
 * family's type.
 */
function factoriesIn(sources: readonly Source[], folder: string): readonly string[] {
  const type = PLUGIN_TYPES[folder] as string;
  return sources
    .filter(({ path }) => dirname(path) === folder && !isTest(path) && !path.endsWith("/index.ts"))
    .flatMap(({ text }) =>
      [
        ...text.matchAll(
          new RegExp(
            `^export (?:async )?function (\\w+)[^;{]*?(?:\\{[^{}]*\\}[^;{]*?)*\\): ${type} \\{`,
            "gm",
          ),
        ),
      ].map((match) => match[1] as string),
    );
}
