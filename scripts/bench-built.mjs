/**
 * `npm run bench:built -- NAME [options]`: a benchmark as compiled code, which is how users run
 * ordeal. What runs from the sources keeps the names of all functions by extra calls, which makes
 * small closures dear: a simulated run takes about a third longer.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const out = `${root}node_modules/.cache/ordeal-bench`;

const compiled = spawnSync(
  process.execPath,
  [`${root}node_modules/typescript/bin/tsc`, "-p", "tsconfig.bench.json", "--outDir", out],
  { cwd: root, stdio: "inherit" },
);
const { status } =
  compiled.status === 0
    ? spawnSync(process.execPath, [`${out}/bench/main.js`, ...process.argv.slice(2)], {
        cwd: root,
        stdio: "inherit",
      })
    : compiled;
process.exitCode = status ?? 1;
