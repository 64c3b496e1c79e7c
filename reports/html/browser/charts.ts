/**
 * Latency and rate over the whole run, with the same faults and the same time axis. A span that is
 * dragged out on either is shown in the timeline, and the span that the timeline shows is framed on
 * both.
 */
import { axisBottom, brushX, scaleLinear, select, type ScaleLinear } from "d3";
import { timeUnitOf } from "../../time-unit.js";
import type { PageData } from "../page-data.js";
import { drawLatency } from "./latency.js";
import type { Operations } from "./operations.js";
import { drawRate } from "./rate.js";

/** Both charts, as one. */
export interface Charts {
  /** Frames the span of time that the timeline shows. */
  frame(startNs: number, endNs: number): void;
}

/** Where a chart draws. */
export interface ChartArea {
  readonly width: number;
  readonly height: number;
  /** Seconds to pixels. */
  readonly x: ScaleLinear<number, number>;
  readonly canvas: HTMLCanvasElement;
  /** For lines above the canvas. */
  readonly lines: SVGGElement;
  /** For the axis at the left. */
  readonly left: SVGGElement;
  readonly legend: HTMLElement;
}

const MARGIN = { top: 10, right: 14, bottom: 26, left: 62 };

/** Draws both charts, and again whenever the page changes its width. */
export function createCharts(
  operations: Operations,
  data: PageData,
  onBrush: (startNs: number, endNs: number) => void,
): Charts {
  const charts = [
    { id: "latency", height: 260, draw: drawLatency },
    { id: "rate", height: 180, draw: drawRate },
  ].flatMap(({ id, height, draw }) => {
    const root = document.querySelector<HTMLElement>(`#${id}`);
    return root === null ? [] : [createChart(root, { height, draw, operations, data, onBrush })];
  });
  return {
    frame: (startNs, endNs) => {
      for (const chart of charts) chart.frame(startNs, endNs);
    },
  };
}

function createChart(
  root: HTMLElement,
  options: {
    readonly height: number;
    readonly draw: (area: ChartArea, operations: Operations, data: PageData) => void;
    readonly operations: Operations;
    readonly data: PageData;
    readonly onBrush: (startNs: number, endNs: number) => void;
  },
): Charts {
  const { height, draw, operations, data, onBrush } = options;
  const narrow = (): boolean => root.clientWidth < 560;
  const legend = select(root).append("p").attr("class", "legend").node() as HTMLElement;
  const stage = select(root).append("div").attr("class", "plot").style("height", `${height}px`);
  const canvas = stage.append("canvas").node() as HTMLCanvasElement;
  const svg = stage.append("svg").attr("height", height);
  const plot = svg.append("g").attr("transform", `translate(${MARGIN.left},${MARGIN.top})`);
  const bands = plot.append("g").attr("class", "faults");
  const left = plot.append("g").attr("class", "chart-axis");
  const bottom = plot.append("g").attr("class", "chart-axis");
  const lines = plot.append("g").attr("class", "lines");
  const brushLayer = plot.append("g").attr("class", "brush");
  const x = scaleLinear().domain([0, Math.max(1e-9, data.endNs / 1e9)]);
  const unit = timeUnitOf(data.endNs);
  /** The same times, in the unit that they are told in. */
  const told = scaleLinear().domain([0, Math.max(1, data.endNs) / unit.ns]);
  const inner = height - MARGIN.top - MARGIN.bottom;
  let drawnAt = 0;
  let framed: readonly [number, number] | undefined;
  const brush = brushX<unknown>().on(
    "end",
    (event: { readonly sourceEvent?: unknown; readonly selection: [number, number] | null }) => {
      if (event.sourceEvent === undefined || event.sourceEvent === null) return;
      const [from, to] = event.selection ?? [x.range()[0] ?? 0, x.range()[1] ?? 1];
      onBrush(x.invert(from) * 1e9, x.invert(to) * 1e9);
    },
  );

  const frame: Charts["frame"] = (startNs, endNs) => {
    framed = [startNs, endNs];
    // Before the first drawing there is nothing to frame.
    if (drawnAt === 0) return;
    const [from, to] = x.range() as [number, number];
    const start = Math.max(from, Math.min(to, x(startNs / 1e9)));
    const end = Math.max(start + 2, Math.min(to, x(endNs / 1e9)));
    const whole = start <= from + 1 && end >= to - 1;
    brushLayer.call((target) => {
      brush.move(target as never, whole ? null : [start, end]);
    });
  };

  const drawAll = (): void => {
    const width = Math.max(80, root.clientWidth - MARGIN.left - MARGIN.right);
    x.range([0, width]);
    told.range([0, width]);
    svg.attr("width", width + MARGIN.left + MARGIN.right);
    const ratio = devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(inner * ratio);
    canvas.style.cssText = `left:${MARGIN.left}px;top:${MARGIN.top}px;width:${width}px;height:${inner}px`;
    bottom.attr("transform", `translate(0,${inner})`).call(
      axisBottom(told)
        .ticks(narrow() ? 4 : 9)
        .tickFormat((time) => `${told.tickFormat(9)(time)} ${unit.name}`),
    );
    bands
      .selectAll("rect")
      .data(data.faults)
      .join("rect")
      .attr("class", "band")
      .attr("x", ({ startNs }) => x(startNs / 1e9))
      .attr("width", ({ startNs, endNs }) =>
        Math.max(1, x((endNs ?? data.endNs) / 1e9) - x(startNs / 1e9)),
      )
      .attr("height", inner);
    lines.selectAll("*").remove();
    draw(
      {
        width,
        height: inner,
        x,
        canvas,
        lines: lines.node() as SVGGElement,
        left: left.node() as SVGGElement,
        legend,
      },
      operations,
      data,
    );
    brush.extent([
      [0, 0],
      [width, inner],
    ]);
    brushLayer.call((target) => {
      brush(target as never);
    });
    if (framed !== undefined) frame(...framed);
  };
  new ResizeObserver(() => {
    if (root.clientWidth === drawnAt) return;
    drawnAt = root.clientWidth;
    drawAll();
  }).observe(root);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  return { frame };
}
