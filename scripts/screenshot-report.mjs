/**
 * Takes a picture of a report: node scripts/screenshot-report.mjs REPORT.html OUT.png [width
 * height] [--dark] [--full] It needs a Chromium; CHROMIUM names another one than /usr/bin/chromium.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const flags = new Set(process.argv.slice(2).filter((argument) => argument.startsWith("--")));
const [report, out, width = "1280", height = "860"] = process.argv
  .slice(2)
  .filter((argument) => !argument.startsWith("--"));
if (report === undefined || out === undefined) {
  console.error(
    "usage: node scripts/screenshot-report.mjs REPORT.html OUT.png [width height] [--dark] [--full]",
  );
  process.exit(254);
}

const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  const page = await browser.newPage({
    viewport: { width: Number(width), height: Number(height) },
    colorScheme: flags.has("--dark") ? "dark" : "light",
  });
  await page.goto(pathToFileURL(resolve(report)).href);
  // The charts are drawn a moment after the page: once their size is known.
  await page.waitForTimeout(400);
  await page.screenshot({ path: out, fullPage: flags.has("--full") });
} finally {
  await browser.close();
}
