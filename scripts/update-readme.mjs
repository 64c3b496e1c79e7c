/**
 * Writes the table of the README, between its two markers, from the catalog of the built program. A
 * test holds the README to it.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const table = execFileSync(
  process.execPath,
  [`${root}dist/src/cli/main.js`, "list", "--markdown"],
  {
    encoding: "utf8",
  },
);
const readme = readFileSync(`${root}README.md`, "utf8");
const markers = /(<!-- catalog:begin -->\n)[\s\S]*?(<!-- catalog:end -->)/;
if (markers.test(readme)) {
  writeFileSync(
    `${root}README.md`,
    readme.replace(markers, (_, begin, end) => `${begin}\n${table}\n${end}`),
  );
} else {
  process.stderr.write("README.md has no <!-- catalog:begin --> and <!-- catalog:end -->\n");
  process.exitCode = 1;
}
