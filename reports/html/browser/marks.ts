/**
 * The marks of operations: which are in view and where, and their drawing. Few are SVG; many are
 * painted on a canvas, where marks that share a pixel are painted once, so that 200,000 take
 * milliseconds.
 */
import { bisector, type Selection } from "d3";
import type { Lane, Operations } from "./operations.js";
import type { TimeAxis } from "./time-axis.js";

/** One operation on the screen, in pixels of the plot. */
export interface Mark {
  readonly position: number;
  readonly x: number;
  readonly width: number;
  /** Where the fading tail of an indeterminate operation ends; 0 when it has none. */
  readonly tail: number;
  readonly y: number;
  readonly height: number;
  /** Free pixels between its end and the next mark of the lane. */
  readonly free: number;
}

/** What decides where marks are. */
export interface View {
  readonly axis: TimeAxis;
  readonly lanes: readonly Lane[];
  readonly laneHeight: number;
  /** Pixels that are scrolled away at the top. */
  readonly scrollTop: number;
  readonly width: number;
  readonly height: number;
  x(unit: number): number;
  unit(x: number): number;
}

/** Calls back for each operation in view; marks that nobody could tell apart are passed once. */
export function eachMark(operations: Operations, view: View, visit: (mark: Mark) => void): void {
  const { axis, lanes, laneHeight, scrollTop, width } = view;
  const firstLane = Math.max(0, Math.floor(scrollTop / laneHeight));
  const lastLane = Math.min(lanes.length, Math.ceil((scrollTop + view.height) / laneHeight));
  const leftUnit = view.unit(-4);
  const byEnd = bisector<number, number>((position) =>
    operations.outcome[position] === 2 ? Infinity : axis.endOf(position),
  );
  const thickness = Math.max(2, Math.min(22, Math.round(laneHeight * 0.72)));
  for (let at = firstLane; at < lastLane; at++) {
    const { positions } = lanes[at] as Lane;
    const y = at * laneHeight - scrollTop + (laneHeight - thickness) / 2;
    let paintedTo = -Infinity;
    // A process does one thing at a time, so that ends ascend as starts do.
    for (let index = byEnd.left(positions, leftUnit); index < positions.length; index++) {
      const position = positions[index] as number;
      const x = view.x(axis.startOf(position));
      if (x > width) break;
      const end = view.x(axis.endOf(position));
      const info = operations.outcome[position] === 2;
      if (end < paintedTo && !info && !operations.required.has(position)) continue;
      paintedTo = Math.max(end, x + 1);
      const next = positions[index + 1];
      const nextX = next === undefined ? width : view.x(axis.startOf(next));
      visit({
        position,
        x,
        width: Math.max(2, end - x),
        tail: info ? Math.max(end, nextX < width && next !== undefined ? nextX : width) : 0,
        y,
        height: thickness,
        free: nextX - end,
      });
    }
  }
}

/** The classes of a mark. */
function classesOf(operations: Operations, position: number): string {
  const outcome = ["ok", "fail", "info"][operations.outcome[position] as number] as string;
  const role = operations.required.has(position)
    ? " required"
    : operations.forgotten.has(position)
      ? " forgotten"
      : "";
  return `operation ${outcome}${role}`;
}

const CHARACTER = 6.7;

/** How marks are labelled. */
export interface Labelling {
  readonly withKey: boolean;
  readonly selected: number | undefined;
}

/** Draws marks as SVG, each a group with bar, tail and label. */
export function drawSvg(
  layer: Selection<SVGGElement, unknown, null, undefined>,
  marks: readonly Mark[],
  operations: Operations,
  { withKey, selected }: Labelling,
): void {
  const groups = layer
    .selectAll<SVGGElement, Mark>("g.operation")
    .data(marks, ({ position }) => position)
    .join((enter) => {
      const group = enter.append("g");
      group.append("rect").attr("class", "tail");
      group.append("rect").attr("class", "bar");
      group.append("text");
      return group;
    })
    .attr("class", ({ position }) => {
      return classesOf(operations, position) + (position === selected ? " selected" : "");
    })
    .attr("data-index", ({ position }) => operations.invocation[position] as number)
    .attr("transform", ({ x, y }) => `translate(${x.toFixed(2)},${y})`);
  groups
    .select(".bar")
    .attr("width", ({ width }) => width.toFixed(2))
    .attr("rx", ({ width }) => Math.min(4, width / 3))
    .attr("height", ({ height }) => height);
  groups
    .select(".tail")
    // The fading begins where the eye does: at the bar, or at the edge of the plot.
    .attr("x", ({ x, width }) => Math.max(width, -x))
    .attr("width", ({ tail, x, width }) => Math.max(0, tail - Math.max(0, x + width)))
    .attr("height", ({ height }) => height);
  groups.each(function label(mark) {
    const text = this.querySelector("text") as SVGTextElement;
    const { content, x, outside } = place(mark, operations.caption(mark.position, withKey));
    text.textContent = content;
    text.setAttribute("x", String(x));
    text.setAttribute("y", String(mark.height / 2));
    text.setAttribute("class", outside ? "outside" : "");
  });
}

/** The label inside of the bar, or behind it, or cut, or left out. */
function place(
  mark: Mark,
  label: string,
): { readonly content: string; readonly x: number; readonly outside: boolean } {
  const nothing = { content: "", x: 0, outside: false };
  if (mark.height < 11) return nothing;
  // Of a bar that begins left of the plot the visible rest carries the label.
  const hidden = Math.max(0, -mark.x);
  const needed = label.length * CHARACTER + 12;
  const inside = mark.tail > 0 ? mark.tail - mark.x - hidden : mark.width - hidden;
  if (inside >= needed) return { content: label, x: hidden + 7, outside: false };
  if (mark.tail === 0 && mark.free >= needed) {
    return { content: label, x: mark.width + 5, outside: true };
  }
  const letters = Math.floor((inside - 12) / CHARACTER);
  if (letters < 3) return nothing;
  return { content: `${label.slice(0, letters - 1)}…`, x: hidden + 7, outside: false };
}

/** Paints marks on a canvas; colours come from the style sheet. */
export function paint(
  canvas: HTMLCanvasElement,
  operations: Operations,
  view: View,
): readonly Mark[] {
  const context = canvas.getContext("2d");
  const onTop: Mark[] = [];
  if (context === null) return onTop;
  const style = getComputedStyle(canvas);
  const colours = ["--ok-bar", "--fail-bar", "--info-bar"].map((name) =>
    style.getPropertyValue(name),
  );
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(view.width * ratio);
  canvas.height = Math.round(view.height * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, view.width, view.height);
  eachMark(operations, view, (mark) => {
    if (operations.required.has(mark.position)) onTop.push(mark);
    const outcome = operations.outcome[mark.position] as number;
    context.fillStyle = colours[outcome] as string;
    context.globalAlpha = operations.forgotten.has(mark.position) ? 0.45 : 0.9;
    const gap = mark.width > 4 ? 0.5 : 0;
    context.fillRect(mark.x, mark.y, mark.width - gap, mark.height);
    if (mark.tail === 0) return;
    const end = Math.max(0, mark.x + mark.width);
    const fade = context.createLinearGradient(end, 0, mark.tail, 0);
    fade.addColorStop(0, colours[outcome] as string);
    fade.addColorStop(1, "transparent");
    context.globalAlpha = 0.4;
    context.fillStyle = fade;
    context.fillRect(end, mark.y, mark.tail - end, mark.height);
  });
  return onTop;
}
