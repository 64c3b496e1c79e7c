/**
 * What is known of one operation: beside the pointer while it hovers, and below the timeline once
 * it is selected.
 */
import { select } from "d3";
import type { Operations } from "./operations.js";

/** Shows operations in words. */
export interface Details {
  hover(position: number | undefined, event: PointerEvent | undefined): void;
  select(position: number | undefined): void;
}

/** Finds the page's elements for details. */
export function createDetails(operations: Operations): Details {
  const tooltip = document.querySelector<HTMLElement>("#tooltip");
  const panel = document.querySelector<HTMLElement>("#details");
  let hovered: number | undefined;
  return {
    hover: (position, event) => {
      if (tooltip === null) return;
      tooltip.hidden = position === undefined;
      if (position === undefined || event === undefined) {
        hovered = undefined;
        return;
      }
      if (position !== hovered) write(tooltip, operations, position);
      hovered = position;
      const { width, height } = tooltip.getBoundingClientRect();
      const left = Math.min(event.clientX + 14, innerWidth - width - 8);
      const below = event.clientY + 18;
      const top = below + height > innerHeight - 8 ? event.clientY - height - 12 : below;
      tooltip.style.left = `${Math.max(8, left)}px`;
      tooltip.style.top = `${Math.max(8, top)}px`;
    },
    select: (position) => {
      if (panel === null) return;
      panel.replaceChildren();
      if (position !== undefined) write(panel, operations, position);
    },
  };
}

/** Always as text, never as HTML: it comes from the history. */
function write(element: HTMLElement, operations: Operations, position: number): void {
  element.replaceChildren();
  const root = select(element);
  const role = operations.required.has(position)
    ? "part of the counterexample"
    : operations.forgotten.has(position)
      ? "may have happened, does not help"
      : "";
  const title = root.append("p").attr("class", "title");
  title.append("strong").text(operations.label(position, true));
  if (role !== "") title.append("span").text(role);
  const rows = root.append("dl").selectAll("div").data(operations.facts(position)).join("div");
  rows.append("dt").text(([name]) => name);
  rows.append("dd").text(([, text]) => text);
}
