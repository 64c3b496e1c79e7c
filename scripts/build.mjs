/**
 * Builds `dist` from scratch: compiles, and makes the command executable. What a removed source
 * left behind must not end up in the package, hence the clean start.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));

rmSync(`${root}dist`, { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  [`${root}node_modules/typescript/bin/tsc`, "-p", "tsconfig.build.json"],
  { cwd: root, stdio: "inherit" },
);
if (status === 0) chmodSync(`${root}dist/src/cli/main.js`, 0o755);
process.exitCode = status ?? 1;
