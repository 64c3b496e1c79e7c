/**
 * The elements that a timeline is drawn into: a scroller, in it a stage that sticks while lanes
 * scroll by, and on the stage a canvas for many marks below an SVG for few.
 */
import { select, type Selection } from "d3";

/** A group of the drawing. */
export type Group = Selection<SVGGElement, unknown, null, undefined>;

/** The elements, outermost first. */
export interface Frame {
  readonly scroller: HTMLElement;
  readonly spacer: HTMLElement;
  readonly stage: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly svg: Selection<SVGSVGElement, unknown, null, undefined>;
  readonly plot: Group;
  readonly names: Group;
  readonly faults: Group;
  readonly axis: Group;
  readonly lanes: Group;
  readonly marks: Group;
  readonly clip: Selection<SVGRectElement, unknown, null, undefined>;
  readonly headClip: Selection<SVGRectElement, unknown, null, undefined>;
}

/** Makes the elements. */
export function buildFrame(root: HTMLElement): Frame {
  const scroller = select(root).append("div").attr("class", "scroller");
  const spacer = scroller.append("div").attr("class", "spacer");
  const stage = spacer
    .append("div")
    .attr("class", "stage")
    .attr("tabindex", 0)
    .attr("role", "application")
    .attr(
      "aria-label",
      "Timeline of operations. Left and right pan, plus and minus zoom, 0 fits everything, " +
        "N and P step through the operations.",
    );
  const canvas = stage.append("canvas");
  const svg = stage.append("svg");
  const definitions = svg.append("defs");
  gradient(definitions, "fade-info", "info-stop");
  gradient(definitions, "fade-required", "required-stop");
  hatch(definitions);
  const clip = definitions.append("clipPath").attr("id", "plot-clip").append("rect");
  const headClip = definitions.append("clipPath").attr("id", "head-clip").append("rect");
  const names = svg.append("g").attr("class", "names");
  const plot = svg.append("g");
  const faults = plot.append("g").attr("class", "faults").attr("clip-path", "url(#head-clip)");
  const axis = plot.append("g").attr("class", "axis").attr("clip-path", "url(#head-clip)");
  const lanes = plot.append("g");
  const marks = lanes.append("g").attr("class", "marks").attr("clip-path", "url(#plot-clip)");
  return {
    scroller: scroller.node() as HTMLElement,
    spacer: spacer.node() as HTMLElement,
    stage: stage.node() as HTMLElement,
    canvas: canvas.node() as HTMLCanvasElement,
    svg: svg,
    plot: plot,
    names: names,
    faults: faults,
    axis: axis,
    lanes: lanes,
    marks: marks,
    clip: clip,
    headClip: headClip,
  };
}

type Definitions = Selection<SVGDefsElement, unknown, null, undefined>;

function gradient(definitions: Definitions, id: string, stopClass: string): void {
  const made = definitions.append("linearGradient").attr("id", id);
  made.append("stop").attr("class", stopClass).attr("offset", 0).attr("stop-opacity", 0.32);
  made.append("stop").attr("class", stopClass).attr("offset", 1).attr("stop-opacity", 0.04);
}

function hatch(definitions: Definitions): void {
  const pattern = definitions
    .append("pattern")
    .attr("id", "hatch")
    .attr("width", 7)
    .attr("height", 7)
    .attr("patternUnits", "userSpaceOnUse")
    .attr("patternTransform", "rotate(45)");
  pattern.append("rect").attr("width", 7).attr("height", 7).attr("class", "hatch-ground");
  pattern.append("rect").attr("width", 2).attr("height", 7).attr("class", "hatch-line");
}
