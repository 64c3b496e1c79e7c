/** One cycle of transactions on logs of each kind, one after the other, on logs of their own. */
import type { NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";

/** Who does it, what it sends (log and offset), and up to where it is shown each log. */
interface Does {
  readonly by: number;
  readonly sends?: readonly (readonly [log: string, offset: number])[];
  readonly sees?: { readonly [log: string]: number };
}

/** Begins an operation, or ends the one that its process has begun. */
type Moment = Does | number;

/** Both logs have a message that is older than the rest. */
const OLD: readonly Moment[] = [
  {
    by: 9,
    sends: [
      ["x", 0],
      ["y", 0],
    ],
  },
  9,
];

const first: Does = { by: 0, sends: [["x", 1]] };
const second: Does = { by: 1, sends: [["y", 1]] };

/** Of `-process` and `-realtime` cycles: what the process, or another one, does next. */
const KINDS: { readonly [kind: string]: (next: number) => readonly Moment[] } = {
  // First, for it is looked for in few parts only of a graph, among them all others with rw.
  G2: (next) => [
    ...OLD,
    { by: 1, sends: [["y", 1]], sees: { x: 0 } },
    first,
    0,
    { by: next, sees: { y: 0 } },
    next,
    1,
  ],
  G0: (next) => [
    {
      by: 1,
      sends: [
        ["x", 0],
        ["y", 1],
      ],
    },
    { by: 0, sends: [["x", 1]] },
    0,
    { by: next, sends: [["y", 0]] },
    next,
    1,
  ],
  G1c: (next) => [
    { by: 1, sends: [["x", 0]], sees: { y: 0 } },
    { by: 0, sees: { x: 0 } },
    0,
    { by: next, sends: [["y", 0]] },
    next,
    1,
  ],
  "G-single": (next) => [...OLD, first, 0, { by: next, sees: { x: 0 } }, next],
  "G-nonadjacent": (next) => [
    ...OLD,
    { by: 1, sends: [["x", 1]] },
    { by: 2, sees: { x: 1, y: 0 } },
    { by: 0, sends: [["y", 1]] },
    0,
    { by: next, sees: { x: 0 } },
    next,
    1,
    2,
  ],
};

const ALONE: readonly (readonly Moment[])[] = [
  [
    {
      by: 0,
      sends: [
        ["x", 0],
        ["y", 1],
      ],
    },
    {
      by: 1,
      sends: [
        ["x", 1],
        ["y", 0],
      ],
    },
    0,
    1,
  ],
  [
    { by: 0, sends: [["x", 0]], sees: { y: 0 } },
    { by: 1, sends: [["y", 0]], sees: { x: 0 } },
    0,
    1,
  ],
  [
    ...OLD,
    {
      by: 0,
      sends: [
        ["x", 1],
        ["y", 1],
      ],
    },
    { by: 1, sees: { x: 1, y: 0 } },
    0,
    1,
  ],
  [
    ...OLD,
    first,
    second,
    { by: 2, sees: { x: 1, y: 0 } },
    { by: 3, sees: { x: 0, y: 1 } },
    0,
    1,
    2,
    3,
  ],
  [...OLD, { ...first, sees: { y: 0 } }, { ...second, sees: { x: 0 } }, 0, 1],
];

/** The names of all kinds. */
export const LOG_CYCLES: readonly string[] = Object.keys(KINDS).flatMap((kind) => [
  kind,
  `${kind}-process`,
  `${kind}-realtime`,
]);

/** A history with one of each, from this time on. */
export function logCycles(startMs: number): readonly NewEvent[] {
  const timed = Object.values(KINDS).flatMap((make) => [make(0), make(8)]);
  const found: NewEvent[] = [];
  for (const [place, moments] of [...timed, ...ALONE].entries()) {
    const open = new Map<number, Does>();
    for (const moment of moments) {
      const by = typeof moment === "number" ? moment : moment.by;
      const does = typeof moment === "number" ? (open.get(by) as Does) : moment;
      open.set(by, does);
      found.push({
        type: typeof moment === "number" ? "ok" : "invoke",
        process: 1000 + 10 * place + by,
        f: "txn",
        value: stepsOf(does, `cycle${place}`, typeof moment === "number"),
        timeNs: (startMs + found.length) * 1e6,
      });
    }
  }
  return found;
}

function stepsOf({ sends = [], sees }: Does, name: string, isAnswered: boolean): Value {
  const log = (of: string): string => `${name}.${of}`;
  const sent = sends.map(([of, offset]): Value => {
    return ["send", log(of), isAnswered ? [offset, offset] : offset];
  });
  if (sees === undefined) return sent;
  const shown = Object.entries(sees).map(([of, end]) => {
    return [log(of), Array.from({ length: end + 1 }, (_, offset) => [offset, offset])] as const;
  });
  return [...sent, isAnswered ? ["poll", Object.fromEntries(shown)] : ["poll"]];
}
