/**
 * Bundles the script of the HTML report (d3 included) into a module that exports it as text:
 * reports/html/browser-bundle.generated.ts. Same sources, same bytes; written only when it changed.
 */
import { readFile, rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = `${root}reports/html/browser-bundle.generated.ts`;

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ["reports/html/browser/main.ts"],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "ascii",
  legalComments: "none",
  write: false,
});
// Inside a <script> element these would end it or change how it is read; in strings the backslash
// is harmless.
const script = (outputFiles[0]?.text ?? "")
  .replaceAll(/<\/(script)/gi, "<\\/$1")
  .replaceAll("<!--", "<\\!--");
const module = `/** Made by scripts/bundle-report.mjs from reports/html/browser. Do not edit. */
export const browserBundle: string = ${JSON.stringify(script)};
`;
const known = await readFile(target, "utf8").catch(() => "");
if (known !== module) {
  // Renamed into place: a test that starts meanwhile reads the old one or the new one, never half
  // of it.
  await writeFile(`${target}.${process.pid}`, module);
  await rename(`${target}.${process.pid}`, target);
}
