/**
 * The controls of the timeline: what is shown, how time is laid out, zoom; and the same by
 * keyboard.
 */
import { select } from "d3";
import { counted } from "../../operation-label.js";
import type { PageData } from "../page-data.js";
import type { Operations } from "./operations.js";
import type { Filter, Timeline } from "./timeline.js";

/** Longer lists of keys are not offered. */
const KEYS_MAX = 1000;
const ZOOM = 1.6;

/** Fills the toolbar; the function that comes back brings it up to date. */
export function createToolbar(
  root: HTMLElement,
  timeline: Timeline,
  { data, operations }: { readonly data: PageData; readonly operations: Operations },
): () => void {
  const bar = select(root);
  const keys = keysOf(operations);
  const ofOneKey = keys.length > 1 && (data.counterexample?.key ?? -1) >= 0;
  const filters = filtersOf(operations, ofOneKey);
  const shown = bar
    .append("div")
    .attr("class", "group")
    .attr("role", "group")
    .attr("aria-label", "Show");
  const filterButtons = shown
    .selectAll("button")
    .data(filters)
    .join("button")
    .attr("type", "button")
    .attr("data-filter", ({ filter }) => filter)
    .text(({ name }) => name)
    .on("click", (_, { filter }) => {
      timeline.choose({ filter, ordered: timeline.choice.ordered && filter !== "all" });
    });
  // One thing to show is no choice.
  shown.property("hidden", filters.length === 1);
  const picker = keys.length > 1 && keys.length <= KEYS_MAX ? bar.append("select") : undefined;
  picker
    ?.attr("aria-label", "Key")
    .on("change", () => {
      const key = Number(picker.property("value"));
      timeline.choose(key === -1 ? { filter: "all", ordered: false } : { filter: "key", key });
    })
    .selectAll("option")
    .data([-1, ...keys])
    .join("option")
    .attr("value", (key) => key)
    .text((key) => (key === -1 ? "every key" : `key ${data.texts[key - 1]}`));

  const time = bar
    .append("div")
    .attr("class", "group")
    .attr("role", "group")
    .attr("aria-label", "Time");
  const spread = time
    .append("button")
    .attr("type", "button")
    .attr("id", "ordered")
    .text("In order");
  spread
    .attr("title", "Every event gets the same room: the order is exact, distances are not")
    .on("click", () => {
      timeline.choose({ ordered: true });
    });
  const scaled = time
    .append("button")
    .attr("type", "button")
    .attr("id", "true-time")
    .text("To scale");
  scaled.attr("title", "Distances are true to time").on("click", () => {
    timeline.choose({ ordered: false });
  });

  const zooms = bar
    .append("div")
    .attr("class", "group")
    .attr("role", "group")
    .attr("aria-label", "Zoom");
  for (const [id, text, name, action] of [
    ["zoom-out", "−", "Zoom out", () => timeline.zoomBy(1 / ZOOM)],
    ["zoom-in", "+", "Zoom in", () => timeline.zoomBy(ZOOM)],
    ["fit", "Fit", "Show all of it", () => timeline.fit()],
  ] as const) {
    const button = zooms.append("button").attr("type", "button").attr("id", id);
    button.text(text).attr("aria-label", name).attr("title", name).on("click", action);
  }
  bar
    .append("span")
    .attr("class", "hint")
    .text("Drag to pan, Ctrl + wheel to zoom. Once clicked: wheel, ← → + − 0, and N or P to step");

  return () => {
    const { filter, key, ordered } = timeline.choice;
    filterButtons.attr("aria-pressed", (each) => String(each.filter === filter));
    spread.attr("aria-pressed", String(ordered)).property("disabled", !timeline.canBeOrdered);
    scaled.attr("aria-pressed", String(!ordered));
    picker?.property("value", filter === "key" ? key : -1);
  };
}

function filtersOf(
  operations: Operations,
  ofOneKey: boolean,
): readonly { readonly filter: Filter; readonly name: string }[] {
  const { required, forgotten, count } = operations;
  const filters: { filter: Filter; name: string }[] = [];
  if (required.size > 0) filters.push({ filter: "counterexample", name: "Counterexample" });
  if (forgotten.size > 0)
    filters.push({ filter: "context", name: `And ${forgotten.size} possible` });
  if (required.size > 0 && ofOneKey) filters.push({ filter: "key", name: "Its key" });
  filters.push({
    filter: "all",
    name: required.size > 0 ? "Everything" : counted(count, "operation"),
  });
  return filters;
}

function keysOf(operations: Operations): readonly number[] {
  return [...new Set(operations.key)].filter((key) => key > 0).sort((a, b) => a - b);
}

/** Lets the timeline be driven by keys while it has the focus. */
export function listenToKeys(root: HTMLElement, timeline: Timeline): void {
  const actions: ReadonlyMap<string, () => void> = new Map([
    ["ArrowLeft", () => timeline.panBy(-0.15)],
    ["ArrowRight", () => timeline.panBy(0.15)],
    ["+", () => timeline.zoomBy(ZOOM)],
    ["=", () => timeline.zoomBy(ZOOM)],
    ["-", () => timeline.zoomBy(1 / ZOOM)],
    ["0", () => timeline.fit()],
    ["n", () => timeline.step(1)],
    ["p", () => timeline.step(-1)],
  ]);
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = actions.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}
