/**
 * The timeline: one lane a process, time to the right, faults as shaded bands. It zooms and pans by
 * wheel, drag, touch, buttons and keys, and draws only what is in view.
 */
import { pointer, zoom, zoomIdentity, type ZoomTransform } from "d3";
import type { PageData } from "../page-data.js";
import { AXIS_HEIGHT, drawAxis, drawFaults, drawLaneNames, FAULT_HEIGHT } from "./backdrop.js";
import { buildFrame, type Frame } from "./frame.js";
import { drawSvg, eachMark, paint, type Mark, type View } from "./marks.js";
import { lanesOf, type Lane, type Operations } from "./operations.js";
import { eventOrder, trueTime, type TimeAxis } from "./time-axis.js";

/** Which operations are shown. */
export type Filter = "counterexample" | "context" | "key" | "all";

/** What the reader chose. */
export interface Choice {
  readonly filter: Filter;
  /** Position in the page's texts plus one, for the filter `key`. */
  readonly key: number;
  /** Spread events out in their order, rather than to scale. */
  readonly ordered: boolean;
}

/** The timeline as the rest of the page uses it. */
export interface Timeline {
  choose(choice: Partial<Choice>): void;
  readonly choice: Choice;
  /** Whether the operations that are shown are few enough to be spread out. */
  readonly canBeOrdered: boolean;
  zoomBy(factor: number): void;
  panBy(share: number): void;
  fit(): void;
  /** Brings a span of time into view. */
  show(startNs: number, endNs: number): void;
  /** Selects the next or previous operation that is shown. */
  step(by: number): void;
}

/** What the timeline tells. */
export interface TimelineListener {
  /** The span of time in view changed. */
  window(startNs: number, endNs: number): void;
  selected(position: number | undefined): void;
  hovered(position: number | undefined, event: PointerEvent | undefined): void;
  chosen(): void;
}

/** More marks than this in view are painted on a canvas. */
const SVG_MAX = 1500;
/** More operations than this are never spread out. */
const ORDERED_MAX = 400;
const LANES_HEIGHT_MAX = 600;

/** Builds the timeline inside an element. */
export function createTimeline(
  root: HTMLElement,
  data: PageData,
  operations: Operations,
  listener: TimelineListener,
): Timeline {
  const parts = buildFrame(root);
  const { stage, svg, canvas, scroller } = parts;
  let choice: Choice = initialChoice(data, operations);
  let shown: readonly number[] = [];
  let lanes: readonly Lane[] = [];
  let axis: TimeAxis = trueTime(operations, data);
  let transform: ZoomTransform = zoomIdentity;
  let selected: number | undefined;
  let marks: readonly Mark[] = [];
  let frame = 0;

  const faultRows = [...new Set(data.faults.map(({ name }) => name))];
  const headHeight = AXIS_HEIGHT + faultRows.length * FAULT_HEIGHT + 6;
  const gutter = (): number => {
    const digits = Math.max(1, ...lanes.slice(-1).map(({ process }) => String(process).length));
    return (root.clientWidth < 560 ? 26 : 78) + 7.4 * digits;
  };
  const plotWidth = (): number => Math.max(80, root.clientWidth - gutter() - 2);
  const laneHeight = (): number =>
    Math.max(14, Math.min(32, Math.floor(LANES_HEIGHT_MAX / Math.max(1, lanes.length))));
  const lanesHeight = (): number => Math.min(LANES_HEIGHT_MAX, laneHeight() * lanes.length);
  const scale = (): number => plotWidth() / axis.size;

  const view = (): View => {
    const factor = scale();
    return {
      axis,
      lanes,
      laneHeight: laneHeight(),
      scrollTop: scroller.scrollTop,
      width: plotWidth(),
      height: lanesHeight(),
      x: (unit) => transform.applyX(unit * factor),
      unit: (x) => transform.invertX(x) / factor,
    };
  };

  const zoomer = zoom<SVGSVGElement, unknown>()
    .filter((event: MouseEvent & { readonly type: string }) => {
      // A page must scroll past: the wheel zooms only with Ctrl, or once the timeline has the
      // focus.
      if (event.type === "wheel") return event.ctrlKey || stage.contains(document.activeElement);
      return event.button === 0;
    })
    .on("zoom", (event: { readonly transform: ZoomTransform }) => {
      transform = event.transform;
      request();
    });
  svg.call(zoomer).on("dblclick.zoom", null);

  const request = (): void => {
    if (frame === 0) frame = requestAnimationFrame(draw);
  };

  const draw = (): void => {
    frame = 0;
    const current = view();
    const { width, height } = current;
    svg.attr("width", gutter() + width).attr("height", headHeight + height + 1);
    parts.plot.attr("transform", `translate(${gutter()},0)`);
    parts.lanes.attr("transform", `translate(0,${headHeight})`);
    parts.clip.attr("width", width).attr("height", height);
    parts.headClip.attr("width", width).attr("height", headHeight + height);
    canvas.style.left = `${gutter()}px`;
    canvas.style.top = `${headHeight}px`;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    drawLaneNames(parts.names, current, { gutter: gutter(), headHeight });
    drawFaults(parts.faults, data.faults, current, { rows: faultRows, headHeight });
    drawAxis(parts.axis, current, headHeight);
    const inView: Mark[] = [];
    eachMark(operations, current, (mark) => {
      inView.push(mark);
    });
    const many = inView.length > SVG_MAX;
    canvas.hidden = !many;
    marks = inView;
    const drawn = many ? paint(canvas, operations, current) : inView;
    drawSvg(parts.marks, drawn, operations, { withKey: showsKeys(), selected });
    const from = axis.timeOf(current.unit(0));
    const to = axis.timeOf(current.unit(width));
    listener.window(from, to);
  };

  const layOutAll = (): void => {
    shown = positionsOf(operations, choice);
    lanes = lanesOf(operations, shown);
    if (choice.ordered && shown.length > ORDERED_MAX) choice = { ...choice, ordered: false };
    axis =
      choice.ordered && shown.length > 0
        ? eventOrder(operations, data, { positions: shown, withKey: showsKeys() })
        : trueTime(operations, data);
    const width = plotWidth();
    const height = headHeight + lanesHeight();
    parts.spacer.style.height = `${headHeight + laneHeight() * lanes.length + 1}px`;
    scroller.style.maxHeight = `${height + 2}px`;
    stage.style.height = `${height + 1}px`;
    zoomer
      .extent([
        [0, 0],
        [width, height],
      ])
      .translateExtent([
        [0, 0],
        [width, height],
      ])
      .scaleExtent([1, choice.ordered ? 20 : Math.max(100, axis.size / 1e3)]);
  };

  const moveTo = (x0: number, x1: number): void => {
    const factor = scale();
    const span = Math.max(1e-9, (x1 - x0) * factor);
    const k = Math.max(1, plotWidth() / span);
    svg.call((target) => {
      zoomer.transform(target, zoomIdentity.scale(k).translate(-x0 * factor, 0));
    });
  };

  /** Labels name their key where not all are of one: then also in the counterexample. */
  const showsKeys = (): boolean =>
    choice.filter === "all" || (choice.filter !== "key" && data.counterexample?.key === -1);

  const fit = (): void => {
    const marked = [...operations.required];
    const focus = choice.filter === "counterexample" || choice.filter === "context";
    if (axis.knots !== undefined || !focus || marked.length === 0) return moveTo(0, axis.size);
    const start = Math.min(...marked.map((position) => axis.startOf(position)));
    const end = Math.max(...marked.map((position) => axis.endOf(position)));
    const margin = (end - start) * 0.08;
    moveTo(Math.max(0, start - margin), Math.min(axis.size, end + margin));
  };

  const choose = (wanted: Partial<Choice>): void => {
    choice = { ...choice, ...wanted };
    layOutAll();
    // Among many lanes the counterexample's must not have to be looked for.
    const lane = lanes.findIndex(({ positions }) => {
      return positions.some((position) => operations.required.has(position));
    });
    scroller.scrollTop = lane * laneHeight() - lanesHeight() / 3;
    fit();
    request();
    listener.chosen();
  };

  const pick = (position: number | undefined): void => {
    selected = position;
    listener.selected(position);
    request();
  };

  const reveal = (position: number): void => {
    const current = view();
    const lane = lanes.findIndex(({ process }) => process === operations.process[position]);
    const top = lane * current.laneHeight;
    if (top < current.scrollTop || top > current.scrollTop + current.height - current.laneHeight) {
      scroller.scrollTop = top - current.height / 2;
    }
    const x = current.x(axis.startOf(position));
    if (x < 0 || x > current.width - 40) {
      svg.call((target) => {
        zoomer.translateBy(target, (current.width / 3 - x) / transform.k, 0);
      });
    }
  };

  const step = (by: number): void => {
    const at = selected === undefined ? -1 : shown.indexOf(selected);
    const next = at === -1 ? (by > 0 ? 0 : shown.length - 1) : at + by;
    const position = shown[next];
    if (position === undefined) return;
    pick(position);
    reveal(position);
  };

  scroller.addEventListener("scroll", request, { passive: true });
  listenToPointer(parts, {
    find: (x, y) => find(marks, x - gutter(), y - headHeight),
    hovered: (position, event) => {
      listener.hovered(position, event);
    },
    pick,
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", request);
  let laidOutAt = root.clientWidth;
  new ResizeObserver(() => {
    if (root.clientWidth === laidOutAt) return;
    laidOutAt = root.clientWidth;
    layOutAll();
    fit();
  }).observe(root);
  layOutAll();
  fit();
  draw();
  return {
    choose,
    get choice() {
      return choice;
    },
    get canBeOrdered() {
      return shown.length > 0 && shown.length <= ORDERED_MAX;
    },
    zoomBy: (factor) => {
      svg.call((target) => {
        zoomer.scaleBy(target, factor);
      });
    },
    panBy: (share) => {
      svg.call((target) => {
        zoomer.translateBy(target, (-share * plotWidth()) / transform.k, 0);
      });
    },
    fit,
    show: (startNs, endNs) => {
      moveTo(axis.unitOf(startNs), axis.unitOf(endNs));
    },
    step,
  };
}

function initialChoice(data: PageData, operations: Operations): Choice {
  const { required, forgotten } = operations;
  const few = forgotten.size <= 12;
  const filter =
    required.size === 0 ? "all" : few && forgotten.size > 0 ? "context" : "counterexample";
  const key = (data.counterexample?.key ?? -1) + 1;
  return { filter, key, ordered: required.size > 0 };
}

/** The operations that are shown, in the order of invocation. */
function positionsOf(operations: Operations, { filter, key }: Choice): readonly number[] {
  const positions: number[] = [];
  for (let position = 0; position < operations.count; position++) {
    const required = operations.required.has(position);
    const wanted =
      filter === "all" ||
      (filter === "key" && operations.key[position] === key) ||
      (filter === "counterexample" && required) ||
      (filter === "context" && (required || operations.forgotten.has(position)));
    if (wanted) positions.push(position);
  }
  return positions;
}

/** The mark under a point of the plot; the last drawn lies on top. */
function find(marks: readonly Mark[], x: number, y: number): number | undefined {
  return marks.findLast((mark) => {
    const right = Math.max(mark.x + mark.width, mark.tail);
    return x >= mark.x - 2 && x <= right + 2 && y >= mark.y && y <= mark.y + mark.height;
  })?.position;
}

function listenToPointer(
  { svg, stage }: Frame,
  listener: {
    readonly find: (x: number, y: number) => number | undefined;
    readonly hovered: TimelineListener["hovered"];
    readonly pick: (position: number | undefined) => void;
  },
): void {
  svg
    .on("pointermove", (event: PointerEvent) => {
      const position = event.buttons === 0 ? listener.find(...pointer(event)) : undefined;
      svg.classed("pointing", position !== undefined);
      listener.hovered(position, event);
    })
    .on("pointerleave", () => {
      listener.hovered(undefined, undefined);
    })
    .on("click", (event: PointerEvent) => {
      stage.focus({ preventScroll: true });
      listener.pick(listener.find(...pointer(event)));
    });
}
