import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sent, splitReport } from "./fixtures/messages.js";
import {
  emptyReport,
  hostileReport,
  staleReadReport,
  unknownReport,
  validReport,
} from "./fixtures/reports.js";
import { htmlReport } from "./html.js";
import { embed } from "./html/embed.js";
import { escapeHtml, jsonForScript } from "./html/escape.js";
import { subjectOf, type ReportInput } from "./report-input.js";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const present = existsSync(CHROMIUM);
if (!present && process.env["CI"] === "true") throw new Error(`no Chromium at ${CHROMIUM}`);

/** Waits until what the page shows is what is expected; long, for machines that are busy. */
const soon = <T>(look: () => Promise<T>): ReturnType<typeof expect.poll<T>> =>
  expect.poll(look, { timeout: 20_000 });

describe("the text of the page", () => {
  test("is the same for the same input", () => {
    expect(htmlReport(staleReadReport())).toBe(htmlReport(staleReadReport()));
  });

  test.each([
    ["INVALID", staleReadReport()],
    ["VALID", validReport()],
    ["UNKNOWN", unknownReport()],
    ["UNKNOWN", emptyReport()],
  ])("says %s in words", (word, input) => {
    const page = htmlReport(input);
    expect(page).toContain(`<strong id="verdict">${word}</strong>`);
    expect(page).toContain(escapeHtml(input.result.verdict.reason));
    expect(page).toContain(escapeHtml(input.result.replay));
  });

  test("loads nothing", () => {
    expect(htmlReport(validReport())).not.toMatch(/\b(?:src|href)\s*=\s*["']?(?:https?:)?\/\//);
  });

  test("has no messages where none were recorded", () => {
    expect(htmlReport(staleReadReport())).not.toContain("messages-title");
  });

  test("shows messages without scripts, and nothing that they hold is taken for markup", () => {
    const evil = sent(["n1", "n2"], 12, { body: "<img src=x>", label: '"><script>' });
    const page = htmlReport(splitReport([evil]));
    expect(page).toContain('aria-labelledby="messages-title"');
    expect(page).toContain("n1 → n2, sent at 12 ms: delivered, took 1 ms");
    expect(page).not.toContain("<img");
    expect(page.match(/<script/gi)).toHaveLength(2);
  });

  test("holds exactly two script elements, whatever the history holds", () => {
    const page = htmlReport(hostileReport());
    expect(page.match(/<script/gi)).toHaveLength(2);
    expect(page.match(/<\/script/gi)).toHaveLength(2);
    expect(page).not.toContain("<img");
  });

  test("works for a history without a run", () => {
    const { history, result } = staleReadReport();
    const page = htmlReport({ title: "a <history>", verdict: result.verdict, history });
    expect(page).toContain("a &lt;history&gt;");
    expect(page).not.toContain("See for yourself");
  });

  test("says what it leaves out, and keeps the counterexample", () => {
    const input = staleReadReport();
    const { data, total } = embed(subjectOf(input), 50);
    expect(total).toBe(300);
    expect(data.count).toBeLessThan(60);
    expect(data.counterexample?.required).toHaveLength(3);
  });
});

test("JSON in a script element cannot end it", () => {
  const value = { "</script>": "<!--\u2028" };
  const text = jsonForScript(value);
  expect(text).not.toContain("<");
  expect(JSON.parse(text)).toEqual(value);
});

describe.skipIf(!present)(`in a browser (skipped without a Chromium at ${CHROMIUM})`, () => {
  let browser: Browser;
  let folder: string;
  let opened = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ordeal-report-"));
    browser = await chromium.launch({
      executablePath: CHROMIUM,
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
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  /** Opens the report from the disk; whatever goes wrong in it ends up in `errors`. */
  async function open(input: ReportInput, width = 1280): Promise<{ page: Page; errors: string[] }> {
    const file = join(folder, `${++opened}.html`);
    await writeFile(file, htmlReport(input));
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
    });
    page.on("request", (request) => {
      if (!request.url().startsWith("file:")) errors.push(`asks for ${request.url()}`);
    });
    page.on("dialog", (dialog) => {
      errors.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(pathToFileURL(file).href);
    return { page, errors };
  }

  const ready = async (page: Page): Promise<void> => {
    await page.waitForSelector("html[data-ready]", { state: "attached" });
    await page.waitForSelector("#latency .quantile", { state: "attached" });
  };

  test("messages are drawn in any width; background and kinds are shown and hidden", async () => {
    const beats = Array.from({ length: 9 }, (_, index) => sent(["n1", "n2"], 20 + index));
    const { page, errors } = await open(splitReport(beats), 400);
    await page.waitForSelector("html[data-ready]", { state: "attached" });
    const shown = page.locator("svg.sequence g.message:visible");
    const repeated = page.getByRole("button", { name: "Show 7 background messages" });
    await soon(async () => shown.count()).toBe(7);
    await repeated.click();
    await soon(async () => shown.count()).toBe(14);
    expect(await repeated.getAttribute("aria-pressed")).toBe("true");
    await page.getByText("Kinds of messages").click();
    await page.getByRole("button", { name: "peer(beat) 9" }).click();
    await soon(async () => shown.count()).toBe(5);
    expect(await page.locator("svg.sequence .span.required").count()).toBe(2);
    // The picture scrolls, the page does not.
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(400);
    expect(errors).toEqual([]);
    await page.close();
  });

  test("the counterexample is drawn, zooms, and can be widened to everything", async () => {
    const input = staleReadReport();
    const { page, errors } = await open(input);
    await ready(page);
    expect(await page.locator("#verdict").isVisible()).toBe(true);
    const required = page.locator("g.operation.required");
    expect(await required.count()).toBe(3);
    const labels = await required.locator("text").allTextContents();
    expect(labels.toSorted()).toEqual([
      expect.stringMatching(/^read → \d+$/),
      expect.stringMatching(/^write \d+$/),
      expect.stringMatching(/^write \d+$/),
    ]);
    expect(await page.locator("g.fault").count()).toBeGreaterThan(0);

    const width = async (): Promise<number> =>
      (await required.first().locator(".bar").boundingBox())?.width ?? 0;
    const before = await width();
    await page.click("#zoom-in");
    await soon(width).toBeGreaterThan(before * 1.2);
    await page.click("#fit");
    await soon(width).toBeCloseTo(before, 0);
    await page.focus(".stage");
    await page.keyboard.press("+");
    await soon(width).toBeGreaterThan(before * 1.2);
    await page.keyboard.press("0");
    await page.hover(".stage");
    await page.mouse.wheel(0, -300);
    await soon(width).toBeGreaterThan(before * 1.2);

    await page.click("[data-filter=all]");
    await soon(async () => page.locator("g.operation").count()).toBeGreaterThan(250);
    expect(await page.locator("[data-filter=all]").getAttribute("aria-pressed")).toBe("true");
    await page.click("[data-filter=counterexample]");
    await soon(async () => page.locator("g.operation").count()).toBe(3);
    expect(errors).toEqual([]);
    await page.close();
  });

  test("keys step through the operations and tell about them", async () => {
    const { page, errors } = await open(staleReadReport());
    await ready(page);
    await page.click("[data-filter=counterexample]");
    await page.focus(".stage");
    await page.keyboard.press("n");
    await soon(async () => page.locator("#details").textContent()).toContain("write");
    await page.keyboard.press("p");
    await page.keyboard.press("n");
    await page.hover("g.operation.required >> nth=0");
    await soon(async () => page.locator("#tooltip").isVisible()).toBe(true);
    expect(await page.locator("#tooltip").textContent()).toContain("part of the counterexample");
    expect(errors).toEqual([]);
    await page.close();
  });

  test("a valid run shows its witness order", async () => {
    const { page, errors } = await open(validReport({ operations: 12, partitions: 0 }));
    await ready(page);
    await page.click("#ordered");
    await soon(async () => page.locator("g.operation text").first().textContent()).toMatch(
      /^\d+· /,
    );
    expect(errors).toEqual([]);
    await page.close();
  });

  test("a page of 400 pixels does not scroll sideways", async () => {
    const { page, errors } = await open(staleReadReport(), 400);
    await ready(page);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(400);
    expect(errors).toEqual([]);
    await page.close();
  });

  test("an unknown and an empty history open without an error", async () => {
    for (const input of [unknownReport(), emptyReport()]) {
      const { page, errors } = await open(input);
      expect(await page.locator("#verdict").textContent()).toBe("UNKNOWN");
      expect(errors).toEqual([]);
      await page.close();
    }
  });

  test("nothing in a hostile history runs", async () => {
    const { page, errors } = await open(hostileReport());
    await ready(page);
    await page.focus(".stage");
    await page.keyboard.press("n");
    await soon(async () => page.locator("#details").textContent()).toContain("<img");
    expect(await page.locator("img").count()).toBe(0);
    expect(errors).toEqual([]);
    await page.close();
  });

  test("30,000 operations are painted on the canvas, and zooming in brings the marks back", async () => {
    const input = staleReadReport({ operations: 30_000, concurrency: 20, keys: 20, partitions: 0 });
    const { page, errors } = await open(input);
    await ready(page);
    await page.click("[data-filter=all]");
    await soon(async () => page.locator(".stage canvas").isVisible()).toBe(true);
    for (let times = 0; times < 12; times++) await page.click("#zoom-in");
    await soon(async () => page.locator(".stage canvas").isVisible()).toBe(false);
    await soon(async () => page.locator("g.operation").count()).toBeGreaterThan(0);
    expect(errors).toEqual([]);
    await page.close();
  });
});
