/**
 * Clients that try again what lost against others, as programs on such databases have to: the same
 * steps in a new transaction. In the history that is an operation of its own, and where it matters
 * it writes values of its own, so that what a transaction left that failed can be told from what
 * the next one wrote.
 *
 * A worker tries again when its turn comes, which leaves some time to the others; until then it
 * does nothing else.
 */
import { HarnessError } from "../../src/errors.js";
import type { Generator, Invocation } from "../../src/generator/generator.js";
import { recall, repeat } from "../../src/generator/index.js";
import type { SourceContext } from "../../src/generator/source.js";
import type { HistoryEvent, Process } from "../../src/history/operation.js";
import type { Value } from "../../src/history/value.js";

/**
 * What the clients of this house say of transactions that were undone for the sake of others;
 * PostgreSQL's `40001` and `40P01` are `conflict`, SQLite's `SQLITE_BUSY` is `locked`, and its
 * `SQLITE_BUSY_SNAPSHOT` a `write-conflict`.
 */
const LOST: ReadonlySet<Value> = new Set([
  "conflict",
  "deadlock",
  "locked",
  "pivot",
  "write-conflict",
]);

/** @throws HarnessError `bad-argument` for a number of retries that is none */
export function assertRetries(retries: number): void {
  if (Number.isInteger(retries) && retries >= 0) return;
  throw new HarnessError("bad-argument", `retries is a whole number from 0 on, not ${retries}`);
}

/** What a worker does. */
interface Doing {
  readonly invocation: Invocation;
  /** How often it may try that again. */
  readonly left: number;
  /** Whether it has lost. */
  readonly isLost: boolean;
}

/** Operations for ever, some of them once more. */
export function tryingAgain({
  draw,
  again,
  retries,
}: {
  readonly draw: (context: SourceContext) => Invocation;
  /** What lost, as the operation with this number. */
  readonly again: (lost: Invocation, index: number) => Invocation;
  readonly retries: number;
}): Generator {
  assertRetries(retries);
  if (retries === 0) return repeat(draw);
  return recall<ReadonlyMap<Process, Doing>>({
    initial: new Map(),
    observe: (all, event) => noted(all, event, retries),
    source: (all, context) => {
      const doing = all.get(context.process);
      return doing?.isLost === true ? again(doing.invocation, context.index) : draw(context);
    },
  });
}

function noted(
  all: ReadonlyMap<Process, Doing>,
  { type, process, f, value, error }: HistoryEvent,
  retries: number,
): ReadonlyMap<Process, Doing> {
  const before = all.get(process);
  if (type === "invoke") {
    const left = before?.isLost === true ? before.left - 1 : retries;
    return new Map(all).set(process, { invocation: { f, value }, left, isLost: false });
  }
  if (before === undefined) return all;
  const [code = null] = Array.isArray(error) ? (error as readonly Value[]) : [];
  if (type === "fail" && before.left > 0 && LOST.has(code)) {
    return new Map(all).set(process, { ...before, isLost: true });
  }
  const others = new Map(all);
  others.delete(process);
  return others;
}
