/**
 * The parent's side of `measure.ts`: starts the process of a row, sends it orders, and ends it when
 * it does not answer. The sources are first turned into plain JavaScript, as a release has them,
 * for what a loader adds at run time would be measured too.
 */
import { fork, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Benchmark } from "./case.js";
import type { Checked, Made, Order, Verified, Written } from "./measure.js";

const FOLDERS = [
  "src/history",
  "src/graph",
  "src/consistency",
  "src/model",
  "src/verdict",
  "src/checker",
  "checkers",
  "bench",
];
const FILES = ["src/errors.ts", "src/random.ts"];
const HERE = fileURLToPath(new URL("../../", import.meta.url));
/** As compiled code, the benchmark runs from a folder of its own, beside which no sources are. */
const ROOT = existsSync(join(HERE, "src/errors.ts")) ? HERE : process.cwd();

/** The program of a row, as JavaScript in a folder that is removed by `remove`. */
export interface Program {
  readonly path: string;
  remove(): void;
}

/** Turns the sources that the rows of a benchmark need into JavaScript, file by file. */
export async function compileProgram({ program }: Benchmark): Promise<Program> {
  const cache = join(ROOT, "node_modules", ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "ordeal-bench-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    await build({
      entryPoints: [...FILES.map((file) => join(ROOT, file)), ...FOLDERS.flatMap(sourcesIn)],
      outdir: folder,
      outbase: ROOT,
      format: "esm",
      platform: "node",
      target: "node20",
      logLevel: "error",
    });
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  } catch (error) {
    remove();
    throw error;
  }
  return { path: join(folder, `${program}.js`), remove };
}

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => join(ROOT, folder, name));
}

/** Each order's answer. */
interface Answers {
  readonly make: Made;
  readonly check: Checked;
  readonly verify: Verified;
  readonly write: Written;
}

/** A process that measures one row. */
export class RowProcess {
  readonly #child: ChildProcess;

  constructor({ path }: Program) {
    this.#child = fork(path, { execArgv: ["--expose-gc", "--max-old-space-size=12288"] });
  }

  /**
   * Sends an order and waits for its answer.
   * @throws Error when the process fails, or when it takes longer than `timeoutMs` and is ended
   */
  ask<O extends Order>(order: O, timeoutMs: number): Promise<Answers[O["do"]]> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        settle();
      };
      const timer = setTimeout(() => {
        this.end();
        finish(() => reject(new Error(`no answer within ${Math.round(timeoutMs / 1e3)} s`)));
      }, timeoutMs);
      child.once("message", (answer: Answers[O["do"]] | { readonly error: string }) => {
        const failed = "error" in answer;
        finish(() => (failed ? reject(new Error(answer.error)) : resolve(answer)));
      });
      child.once("exit", (code, signal) => {
        finish(() => reject(new Error(`the process of the row ended (${code ?? signal})`)));
      });
      child.send(order);
    });
  }

  /** Ends the process. */
  end(): void {
    this.#child.kill("SIGKILL");
  }
}
