/**
 * Legends: a small picture of each kind of mark, with its name.
 */
import { select } from "d3";

/** One kind of mark. */
export interface LegendItem {
  /** Names the style of its picture. */
  readonly shape:
    | "ok-dot"
    | "fail-dot"
    | "info-dot"
    | "ok-line"
    | "fail-line"
    | "info-line"
    | "ok-bar"
    | "fail-bar"
    | "info-bar"
    | "required-bar"
    | "forgotten-bar"
    | "line"
    | "band";
  readonly text: string;
  readonly dash?: string;
}

/** Writes a legend. */
export function writeLegend(element: HTMLElement, items: readonly LegendItem[]): void {
  element.replaceChildren();
  for (const { shape, text, dash } of items) {
    const item = select(element).append("span").attr("class", "key");
    const picture = item.append("svg").attr("width", 22).attr("height", 12).attr("class", shape);
    if (shape === "ok-dot") picture.append("circle").attr("cx", 11).attr("cy", 6).attr("r", 3);
    else if (shape === "fail-dot") picture.append("path").attr("d", "M8 3l6 6M14 3l-6 6");
    else if (shape === "info-dot") picture.append("path").attr("d", "M11 2l4.5 8h-9z");
    else if (shape.endsWith("line")) {
      picture
        .append("path")
        .attr("d", "M1 6H21")
        .attr("stroke-dasharray", dash ?? null);
    } else picture.append("rect").attr("width", 22).attr("height", 12).attr("rx", 3);
    item.append("span").text(text);
  }
}
