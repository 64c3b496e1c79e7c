/**
 * What lies behind the marks: the names of the lanes, the faults as bands, and the time axis.
 */
import { scaleLinear } from "d3";
import { momentText } from "../../time-unit.js";
import type { PageFault } from "../page-data.js";
import type { Group } from "./frame.js";
import type { View } from "./marks.js";

/** Height of the strip with the times. */
export const AXIS_HEIGHT = 26;
/** Height of a row of fault names. */
export const FAULT_HEIGHT = 20;

/** Writes the names of the processes and the lines between their lanes. */
export function drawLaneNames(
  group: Group,
  view: View,
  { gutter, headHeight }: { readonly gutter: number; readonly headHeight: number },
): void {
  const { lanes, laneHeight, scrollTop, height, width } = view;
  const inView = lanes
    .map(({ process }, at) => ({ process, y: at * laneHeight - scrollTop }))
    .filter(({ y }) => y > -laneHeight / 2 && y < height);
  const rows = group
    .selectAll<SVGGElement, { process: number; y: number }>("g.lane")
    .data(inView, ({ process }) => process)
    .join((enter) => {
      const row = enter.append("g").attr("class", "lane");
      row.append("line");
      row.append("text");
      return row;
    })
    .attr("transform", ({ y }) => `translate(0,${headHeight + y})`);
  rows.select("line").attr("x2", gutter + width);
  rows
    .select("text")
    .attr("x", gutter - 10)
    .attr("y", laneHeight / 2)
    .style("font-size", `${Math.min(12, laneHeight)}px`)
    .text(({ process }) => (gutter < 80 ? `p${process}` : `process ${process}`));
}

/** Shades the faults, each with its name in the strip at the top. */
export function drawFaults(
  group: Group,
  faults: readonly PageFault[],
  view: View,
  { rows, headHeight }: { readonly rows: readonly string[]; readonly headHeight: number },
): void {
  const bands = faults
    .map((fault, at) => {
      const x = Math.max(-10, view.x(view.axis.faultStart(fault)));
      const end = Math.min(view.width + 10, view.x(view.axis.faultEnd(fault)));
      return { fault, at, x, width: end - x };
    })
    .filter(({ x, width }) => width > 0 && x < view.width);
  const groups = group
    .selectAll<SVGGElement, (typeof bands)[number]>("g.fault")
    .data(bands, ({ at }) => at)
    .join((enter) => {
      const made = enter.append("g").attr("class", "fault");
      made.append("rect").attr("class", "band");
      made.append("rect").attr("class", "name").attr("rx", 3);
      made.append("text");
      made.append("title");
      return made;
    });
  groups
    .select(".band")
    .attr("x", ({ x }) => x)
    .attr("y", AXIS_HEIGHT)
    .attr("width", ({ width }) => Math.max(1, width))
    .attr("height", headHeight - AXIS_HEIGHT + view.height);
  const top = ({ fault }: { readonly fault: PageFault }): number =>
    AXIS_HEIGHT + 3 + rows.indexOf(fault.name) * FAULT_HEIGHT;
  groups
    .select(".name")
    .attr("x", ({ x }) => x)
    .attr("y", top)
    .attr("width", ({ width }) => Math.max(2, width))
    .attr("height", FAULT_HEIGHT - 3);
  groups
    .select("text")
    .attr("x", ({ x }) => Math.max(0, x) + 6)
    .attr("y", (band) => top(band) + (FAULT_HEIGHT - 3) / 2)
    .text(({ fault, x, width }) => {
      const letters = Math.floor((Math.min(width, width + x) - 10) / 6.7);
      if (letters >= fault.name.length) return fault.name;
      return letters < 2 ? "" : `${fault.name.slice(0, letters - 1)}…`;
    });
  const { unit } = view.axis;
  groups.select("title").text(({ fault }) => {
    const end = fault.endNs === null ? "not ended" : `to ${momentText(fault.endNs, unit)}`;
    const span = `${momentText(fault.startNs, unit)} ${end}`;
    return `${fault.name}: ${span}${fault.detail === "" ? "" : `\n${fault.detail}`}`;
  });
}

/** Writes the times: on round numbers to scale, at the events when they are spread out. */
export function drawAxis(group: Group, view: View, headHeight: number): void {
  const ticks = view.axis.knots === undefined ? roundTicks(view) : eventTicks(view);
  const groups = group
    .selectAll<SVGGElement, Tick>("g.tick")
    .data(ticks, ({ key }) => key)
    .join((enter) => {
      const made = enter.append("g").attr("class", "tick");
      made.append("line").attr("y1", AXIS_HEIGHT - 5);
      made.append("text").attr("y", AXIS_HEIGHT / 2);
      return made;
    })
    .attr("transform", ({ x }) => `translate(${x.toFixed(2)},0)`);
  groups.select("line").attr("y2", headHeight + view.height);
  groups
    .select("text")
    // At the edges half of it would be cut off.
    .attr("dx", ({ x, text }) => {
      const half = text.length * 3.4;
      return Math.max(0, half - x) - Math.max(0, x + half - view.width);
    })
    .text(({ text }) => text);
}

interface Tick {
  readonly key: string;
  readonly x: number;
  readonly text: string;
}

function roundTicks(view: View): readonly Tick[] {
  if (!view.axis.timed) return placeTicks(view);
  const { unit } = view.axis;
  const range = scaleLinear()
    .domain([view.unit(0) / unit.ns, view.unit(view.width) / unit.ns])
    .range([0, view.width]);
  const count = Math.max(2, Math.floor(view.width / 110));
  const format = range.tickFormat(count);
  return range
    .ticks(count)
    .map((time) => ({ key: String(time), x: range(time), text: `${format(time)} ${unit.name}` }));
}

/** Of a history without times: the places of events. */
function placeTicks(view: View): readonly Tick[] {
  const range = scaleLinear()
    .domain([view.unit(0), view.unit(view.width)])
    .range([0, view.width]);
  return range
    .ticks(Math.max(2, Math.floor(view.width / 110)))
    .filter((place) => Number.isInteger(place))
    .map((place) => ({ key: String(place), x: range(place), text: `event ${place}` }));
}

function eventTicks(view: View): readonly Tick[] {
  const knots = view.axis.knots ?? [];
  const first = knots[0]?.timeNs ?? 0;
  const last = knots.at(-1)?.timeNs ?? 0;
  const { unit, timed } = view.axis;
  const magnitude = Math.floor(Math.log10(Math.max(1, last - first) / unit.ns));
  const decimals = Math.max(0, Math.min(6, 3 - magnitude));
  let writtenTo = -Infinity;
  return knots
    .map((knot) => ({ timeNs: knot.timeNs, x: view.x(knot.unit) }))
    .filter(({ x }) => x >= -40 && x <= view.width + 40)
    .map(({ timeNs, x }) => {
      const text = timed ? momentText(timeNs, unit, decimals) : `event ${timeNs}`;
      const half = text.length * 3.4;
      const fits = x - half > writtenTo + 6 && x - half > 0 && x + half < view.width;
      if (fits) writtenTo = x + half;
      return { key: `${timeNs}@${Math.round(x)}`, x, text: fits ? text : "" };
    });
}
