/**
 * The script of the HTML report: unpacks the page's data and brings timeline, charts and buttons to
 * life.
 */
import type { PageData } from "../page-data.js";
import { createCharts } from "./charts.js";
import { createDetails } from "./details.js";
import { writeLegend, type LegendItem } from "./legend.js";
import { listenToMessageToggles } from "./messages.js";
import { unpack, type Operations } from "./operations.js";
import { createTimeline } from "./timeline.js";
import { createToolbar, listenToKeys } from "./toolbar.js";

function start(): void {
  listenToCopyButtons();
  listenToMessageToggles();
  const source = document.querySelector("#page-data")?.textContent;
  const root = document.querySelector<HTMLElement>("#timeline");
  const bar = document.querySelector<HTMLElement>("#toolbar");
  if (source === undefined || source === null || root === null || bar === null) return;
  const data = JSON.parse(source) as PageData;
  const operations = unpack(data);
  const details = createDetails(operations);
  const charts = createCharts(operations, data, (startNs, endNs) => {
    timeline.show(startNs, endNs);
  });
  let update = (): void => undefined;
  const timeline = createTimeline(root, data, operations, {
    window: (startNs, endNs) => {
      charts.frame(startNs, endNs);
    },
    selected: (position) => {
      details.select(position);
    },
    hovered: (position, event) => {
      details.hover(position, event);
    },
    chosen: () => {
      update();
    },
  });
  update = createToolbar(bar, timeline, { data, operations });
  update();
  listenToKeys(root, timeline);
  const legend = document.querySelector<HTMLElement>("#legend");
  if (legend !== null) writeLegend(legend, legendOf(operations, data));
  document.documentElement.dataset["ready"] = "true";
}

function legendOf(operations: Operations, data: PageData): readonly LegendItem[] {
  const items: LegendItem[] = [];
  if (operations.required.size > 0) items.push({ shape: "required-bar", text: "counterexample" });
  if (operations.forgotten.size > 0)
    items.push({ shape: "forgotten-bar", text: "possible: may have happened" });
  items.push(
    { shape: "ok-bar", text: "ok" },
    { shape: "fail-bar", text: "✗ failed: did not happen" },
    { shape: "info-bar", text: "? indeterminate: may happen at any later time, or never" },
  );
  if (data.faults.length > 0) items.push({ shape: "band", text: "fault" });
  return items;
}

function listenToCopyButtons(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    const source = document.querySelector<HTMLElement>(`#${button.dataset["copy"]}`);
    button.addEventListener("click", () => {
      void (async () => {
        const done = await copy(source);
        button.textContent = done ? "Copied ✓" : "Selected: press Ctrl+C";
        setTimeout(() => {
          button.textContent = "Copy";
        }, 2500);
      })();
    });
  }
}

/** Copies the text; where a browser forbids it, selects the text instead. */
async function copy(source: HTMLElement | null): Promise<boolean> {
  if (source === null) return false;
  try {
    await navigator.clipboard.writeText(source.textContent);
    return true;
  } catch {
    getSelection()?.selectAllChildren(source);
    return false;
  }
}

start();
