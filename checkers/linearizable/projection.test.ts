/**
 * Projections of small histories, event by event: what stays, what is left out, and when there is
 * none.
 */
import { describe, expect, test } from "vitest";
import type { History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { casRegister } from "../../src/model/cas-register.js";
import { fifoQueue } from "../../src/model/fifo-queue.js";
import type { Model } from "../../src/model/model.js";
import { set } from "../../src/model/set.js";
import { historyOfText, searched } from "../../test/oracle/prepared-search.js";
import { splitIntoParts, type Part } from "./parts.js";
import { projectTo, type Projection } from "./projection.js";

function partOf(history: History, model: Model): Part {
  return splitIntoParts(history, model).parts[0] as Part;
}

function project(model: Model, words: string, ...values: Value[]): Projection | undefined {
  const history = historyOfText(words);
  return projectTo(values, { history, part: partOf(history, model), model });
}

/** The events of a projection as words, and its part as words of the whole history. */
function told(projection: Projection | undefined, words: string): unknown {
  if (projection === undefined) return undefined;
  const { history, part, origins } = projection;
  const all = words.trim().split(/\s+/u);
  const signs = { invoke: "", ok: "!", fail: "x", info: "?" };
  const events = Array.from({ length: history.length }, (_, at) => {
    const { type, f, process, value } = history.event(at);
    return `${signs[type]}${f}${process}${value === null ? "" : `=${JSON.stringify(value)}`}`;
  });
  const original = (at: number): string => all[origins[at] as number] as string;
  return {
    events: events.join(" "),
    part: part.part,
    completed: part.completed.map(original),
    indeterminate: part.indeterminate.map(original),
  };
}

const words = `enqueue0=1 enqueue1=2 !enqueue1=2 dequeue2 enqueue3=3 !dequeue2=2 dequeue4 dequeue5
  !enqueue0=1 !dequeue4=1 ?dequeue5 dequeue6 dequeue7 !dequeue7`;

describe("a queue", () => {
  test("keeps what is about the values, and what may be about any", () => {
    const projection = project(fifoQueue(), words, 2);
    expect(told(projection, words)).toEqual({
      events:
        "enqueue1=2 !enqueue1=2 dequeue2 !dequeue2=2 dequeue5 ?dequeue5 dequeue6 dequeue7 !dequeue7",
      part: null,
      completed: ["enqueue1=2", "dequeue2", "dequeue7"],
      indeterminate: ["dequeue5", "dequeue6"],
    });
    expect([...(projection?.origins ?? [])]).toEqual([1, 2, 3, 5, 7, 10, 11, 12, 13]);
  });

  test("of several values, in the order of completions", () => {
    expect(told(project(fifoQueue(), words, 1, 2), words)).toMatchObject({
      completed: ["enqueue1=2", "dequeue2", "enqueue0=1", "dequeue4", "dequeue7"],
    });
    expect(told(project(fifoQueue(), words, 3), words)).toMatchObject({
      events: "enqueue3=3 dequeue5 ?dequeue5 dequeue6 dequeue7 !dequeue7",
      completed: ["dequeue7"],
      indeterminate: ["enqueue3=3", "dequeue5", "dequeue6"],
    });
  });

  test("of composite values, which are compared as such", () => {
    const composite = `enqueue0={"a":1,"b":[2]} !enqueue0 enqueue0={"a":1} !enqueue0 dequeue1
      !dequeue1={"b":[2],"a":1}`;
    const projection = project(fifoQueue(), composite, 5, { b: [2], a: 1 });
    expect([...(projection?.origins ?? [])]).toEqual([0, 1, 4, 5]);
    expect([...(project(fifoQueue(), composite, 5)?.origins ?? [])]).toEqual([]);
    // A text is none of them.
    const text = `enqueue0="[1]" !enqueue0 enqueue0=[1] !enqueue0`;
    expect([...(project(fifoQueue(), text, [1])?.origins ?? [])]).toEqual([2, 3]);
    expect([...(project(fifoQueue(), text, "[1]")?.origins ?? [])]).toEqual([0, 1]);
  });

  test("none where nothing may be left out", () => {
    const empty = "enqueue0=1 !enqueue0 enqueue0 !enqueue0";
    expect(project(fifoQueue(), empty, 1)).toBeUndefined();
  });
});

describe("a register", () => {
  const model = casRegister();
  const swaps = "write0=1 !write0=1 cas1=[1,2] !cas1=[1,2] read2 !read2=2 read2 !read2=3 read3";

  test("leaves out reads of other values and of unknown ones", () => {
    expect(told(project(model, swaps, 1, 2), swaps)).toEqual({
      events: "write0=1 !write0=1 cas1=[1,2] !cas1=[1,2] read2 !read2=2",
      part: null,
      completed: ["write0=1", "cas1=[1,2]", "read2"],
      indeterminate: [],
    });
    expect(told(project(model, swaps, 3), swaps)).toMatchObject({ events: "read2 !read2=3" });
  });

  test("none where an operation is about some of the values and others too", () => {
    expect(project(model, swaps, 1)).toBeUndefined();
    expect(project(model, swaps, 2, 3)).toBeUndefined();
  });

  test("a failure that says something keeps what the client said", () => {
    const observing: Model = {
      ...casRegister({ failedCas: "observe" }),
      values: ({ input }) => [(input as Value[] | null)?.[0] ?? 9],
    };
    const failed = 'cas0=[1,2] xcas0="no" cas0=[2,1] !cas0=[2,1]';
    expect(told(project(observing, failed, 1), failed)).toEqual({
      events: 'cas0=[1,2] xcas0="no"',
      part: null,
      completed: ["cas0=[1,2]"],
      indeterminate: [],
    });
  });
});

describe("restrictions", () => {
  test("a read of a whole set shows the members that are kept", () => {
    const reads = "add0=1 !add0 add0=2 !add0 read1 !read1=[1,2] contains0=2 !contains0=true";
    expect(told(project(set(), reads, 2), reads)).toMatchObject({
      events: "add0=2 !add0 read1 !read1=[2] contains0=2 !contains0=true",
      completed: ["add0=2", "read1", "contains0=2"],
    });
  });

  test("may know less than the operation did", () => {
    const vague: Model = {
      name: "vague",
      options: {},
      initial: () => 0,
      step: (state) => [state],
      values: () => [],
      restrict: ({ f, input }) => ({
        f,
        key: undefined,
        input,
        output: undefined,
        outcome: f === "guess" ? "info" : "ok",
      }),
    };
    const guesses = "guess0 look1 !guess0=4 !look1=5";
    expect(told(project(vague, guesses, 1), guesses)).toEqual({
      events: "guess0 look1 ?guess0=4 !look1",
      part: null,
      completed: ["look1"],
      indeterminate: ["guess0"],
    });
  });
});

test("none for models that allow none", () => {
  expect(project(searched(fifoQueue(), ["values"]), words, 2)).toBeUndefined();
});

test("a part keeps its name", () => {
  const history = historyOfText("write0=1 !write0=1");
  const part: Part = { part: "k", completed: [0], indeterminate: [] };
  const projection = projectTo([1], { history, part, model: casRegister() });
  expect(projection?.part).toEqual({ part: "k", completed: [0], indeterminate: [] });
});
