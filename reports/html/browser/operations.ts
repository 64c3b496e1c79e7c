/**
 * The operations of the page, unpacked into columns, and the lanes that they lie in.
 */
import type { Outcome } from "../../../src/history/operation.js";
import { formatDuration, labelOf } from "../../operation-label.js";
import { momentText, timeUnitOf } from "../../time-unit.js";
import { unpackColumn } from "../columns.js";
import type { PageData } from "../page-data.js";

const OUTCOMES: readonly Outcome[] = ["ok", "fail", "info"];

/** Everything that the page knows of its operations; a position names one. */
export interface Operations {
  readonly count: number;
  readonly invocation: Float64Array;
  /** Index of the completion, or -1. */
  readonly completion: Float64Array;
  readonly process: Float64Array;
  readonly key: Float64Array;
  /** 0 ok, 1 fail, 2 info. */
  readonly outcome: Uint8Array;
  readonly startNs: Float64Array;
  /** Time of the completion, Infinity when none was recorded. */
  readonly endNs: Float64Array;
  readonly place: Float64Array;
  /** Positions of the counterexample. */
  readonly required: ReadonlySet<number>;
  readonly forgotten: ReadonlySet<number>;
  label(position: number, withKey: boolean): string;
  /** The label, behind its place in the witness order. */
  caption(position: number, withKey: boolean): string;
  /** Name and text of everything about one operation. */
  facts(position: number): readonly (readonly [string, string])[];
}

/** Unpacks the page's data. */
export function unpack(data: PageData): Operations {
  const { count, columns, texts } = data;
  const column = (text: string): Float64Array => unpackColumn(text, count);
  const invocation = sums(column(columns.invocation));
  const startNs = sums(column(columns.invoked));
  const took = column(columns.took);
  const f = column(columns.f);
  const key = column(columns.key);
  const input = column(columns.input);
  const output = column(columns.output);
  const error = column(columns.error);
  const process = column(columns.process);
  const outcome = Uint8Array.from(column(columns.outcome));
  const distance = column(columns.completion);
  const completion = distance.map((by, at) => (by === 0 ? -1 : (invocation[at] as number) + by));
  const endNs = took.map((ns, at) => (ns < 0 ? Infinity : (startNs[at] as number) + ns));
  const place =
    data.witness === undefined ? new Float64Array(count) : unpackColumn(data.witness, count);
  const text = (at: number | undefined): string | undefined => (at ? texts[at - 1] : undefined);

  const captions = new Map(
    data.counterexample?.captions?.map((caption, i) => [
      data.counterexample?.required[i] as number,
      caption,
    ]),
  );

  const label: Operations["label"] = (at, withKey) => {
    const own = captions.get(at);
    const ofKey = withKey ? text(key[at]) : undefined;
    if (own !== undefined) return ofKey === undefined ? own : `${ofKey}: ${own}`;
    const name = f[at] as number;
    return labelOf({
      f: data.functions[name] as string,
      key: ofKey,
      input: text(input[at]),
      output: text(output[at]),
      outcome: OUTCOMES[outcome[at] as number] as Outcome,
      answers: data.answers[name] as boolean,
    });
  };

  const caption: Operations["caption"] = (at, withKey) =>
    place[at] ? `${place[at]}· ${label(at, withKey)}` : label(at, withKey);

  const moment = (ns: number): string =>
    data.timed ? momentText(ns, timeUnitOf(data.endNs), 6) : `event ${ns}`;

  const facts: Operations["facts"] = (at) => {
    const end = endNs[at] as number;
    const rows: (readonly [string, string | undefined])[] = [
      ["process", String(process[at])],
      ["outcome", ["ok", "failed", "indeterminate"][outcome[at] as number]],
      ["key", text(key[at])],
      ["argument", text(input[at])],
      [
        "result",
        outcome[at] === 0 && data.answers[f[at] as number]
          ? (text(output[at]) ?? "null")
          : undefined,
      ],
      ["error", text(error[at])],
      ["invoked", moment(startNs[at] as number)],
      [outcome[at] === 2 ? "given up" : "completed", end < Infinity ? moment(end) : "never"],
      [
        "took",
        end < Infinity && data.timed ? formatDuration(end - (startNs[at] as number)) : undefined,
      ],
      ["index", `${invocation[at]}${completion[at] === -1 ? "" : ` – ${completion[at]}`}`],
      ["witness order", place[at] ? String(place[at]) : undefined],
    ];
    return rows.filter((row): row is readonly [string, string] => row[1] !== undefined);
  };

  return {
    count,
    invocation,
    completion,
    process,
    key,
    outcome,
    startNs,
    endNs,
    place,
    required: new Set(data.counterexample?.required),
    forgotten: new Set(data.counterexample?.forgotten),
    label,
    caption,
    facts,
  };
}

/** One process and its operations, in the order of invocation. */
export interface Lane {
  readonly process: number;
  readonly positions: readonly number[];
}

/** Sorts positions into lanes, by process. */
export function lanesOf(operations: Operations, positions: Iterable<number>): readonly Lane[] {
  const lanes = new Map<number, number[]>();
  for (const position of positions) {
    const process = operations.process[position] as number;
    const lane = lanes.get(process);
    if (lane === undefined) lanes.set(process, [position]);
    else lane.push(position);
  }
  return [...lanes]
    .sort(([a], [b]) => a - b)
    .map(([process, lane]) => ({ process, positions: lane }));
}

function sums(differences: Float64Array): Float64Array {
  let sum = 0;
  return differences.map((difference) => (sum += difference));
}
