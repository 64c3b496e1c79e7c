/** Completions without invocations, in each format that may have them. */
import { describe, expect, test } from "vitest";
import { decodeHistory, type DecodedHistory } from "./codec.js";
import type { History } from "./history.js";

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function decode(text: string): Promise<DecodedHistory> {
  return decodeHistory(once(text), { file: "h" });
}

/** Each event in short: its type, its process, the first element that it is about, its pair. */
function told(history: History): readonly string[] {
  return Array.from({ length: history.length }, (_, at) => {
    const { type, process, value } = history.event(at);
    const micro = Array.isArray(value) ? JSON.stringify(value) : "";
    return `${type} ${process} ${/\d+/.exec(micro)?.[0] ?? "-"} ${history.pairs[at]}`;
  });
}

const EDN = `
{:index 0 :type :ok :process 0 :time -1 :value [[:append :x 1]]}
{:index 1 :type :fail :process 1 :time -1 :value [[:append :x 2]]}
{:index 2 :type :invoke :process 2 :time -1 :value [[:append :x 3]]}
{:index 3 :type :info :process 0 :time -1 :value [[:append :x 4]]}
{:index 4 :type :ok :process 2 :time -1 :value [[:append :x 3]]}
{:index 5 :type :ok :process 1 :time -1 :value [[:append :x 5]]}
`;

const EVENTS = EDN.trim()
  .split("\n")
  .map((line) => {
    const field = (name: string): string => new RegExp(`:${name} :?(\\w+)`).exec(line)?.[1] ?? "";
    const element = Number(/:x (\d)/.exec(line)?.[1]);
    const [index, process] = [Number(field("index")), Number(field("process"))];
    return {
      index,
      time: -1,
      type: field("type"),
      process,
      f: "txn",
      value: [["append", "x", element]],
    };
  });

const FORMS: readonly (readonly [string, string])[] = [
  ["EDN", EDN],
  ["JSON Lines", EVENTS.map((event) => `${JSON.stringify(event)}\n`).join("")],
  ["a JSON array", JSON.stringify(EVENTS)],
];

describe.each(FORMS)("%s", (_, text) => {
  test("begin as early as their process may have begun them", async () => {
    const { history, completed, warnings } = await decode(text);
    expect(told(history)).toEqual([
      "invoke 0 1 2",
      "invoke 1 2 4",
      "ok 0 1 0",
      "invoke 0 4 7",
      "fail 1 2 1",
      "invoke 1 5 9",
      "invoke 2 3 8",
      "info 0 4 3",
      "ok 2 3 6",
      "ok 1 5 5",
    ]);
    expect(completed).toMatchObject({ count: 4, first: 0 });
    expect([...(completed?.given ?? [])]).toEqual([0, 1, 0, 3, 1, 5, 2, 3, 4, 5]);
    expect(warnings).toEqual([expect.stringMatching(/^4 completions have no invocation/)]);
    expect(history.operation(3)).toMatchObject({ outcome: "info", input: [["append", "x", 4]] });
    expect(history.operation(0)).toMatchObject({ outcome: "ok", output: [["append", "x", 1]] });
    const times = Array.from(history.timesNs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });
});

test("what is there at first stays before all transactions", async () => {
  const init = '{"type":"ok","process":0,"f":"init","value":{"x":5}}';
  const reads = [0, 1].map(
    (process) => `{"type":"ok","process":${process},"f":"txn","value":[["r","x",5]]}`,
  );
  const { history } = await decode([init, ...reads].join("\n"));
  expect(told(history)).toEqual([
    "invoke 0 - 1",
    "ok 0 - 0",
    "invoke 0 5 4",
    "invoke 1 5 5",
    "ok 0 5 2",
    "ok 1 5 3",
  ]);
});

test("a history with all invocations is as it was", async () => {
  const text = `{:type :invoke :process 0 :f :txn :value [[:r :x nil]]}
{:type :ok :process 0 :f :txn :value [[:r :x []]]}
{:type :info :process :nemesis :f :txn :value nil}`;
  const { history, completed, warnings } = await decode(text);
  expect(told(history)).toEqual(["invoke 0 - 1", "ok 0 - 0", "info nemesis - -1"]);
  expect({ completed, warnings }).toEqual({ completed: undefined, warnings: [] });
});

test("what is no transaction needs its invocation", async () => {
  const text = '{"type":"ok","process":0,"f":"write","value":1}\n';
  await expect(decode(text)).rejects.toThrow(
    "h:1:1: process 0 completes write (ok) that it never invoked; expected an invocation before it",
  );
  const other = `{"type":"invoke","process":0,"f":"write","value":1}
{"type":"ok","process":0,"f":"txn","value":[]}`;
  await expect(decode(other)).rejects.toThrow(/h:2:1: .* expected write/);
});

test("-1 is no time", async () => {
  const jsonl = '{"type":"invoke","process":0,"f":"read","time":-1}\n';
  const edn = "{:type :invoke, :process 0, :f :read, :time -1}";
  for (const text of [jsonl, edn]) {
    const { history } = await decode(text);
    expect([...history.timesNs]).toEqual([0]);
  }
  await expect(decode(jsonl.replace("-1", "-2"))).rejects.toThrow(/time is -2; expected/);
});

test("a function that is null is none: a list of micro-operations is a transaction", async () => {
  const edn = "{:type :ok, :process 0, :f nil, :value [[:append :x 1]]}";
  const array = '[{"type":"ok","process":0,"f":null,"value":[["append","x",1]]}]';
  for (const text of [edn, array]) {
    const { history } = await decode(text);
    expect(history.functionNames).toEqual(["txn"]);
  }
  const other = '[{"type":"ok","process":0,"f":null,"value":1}]';
  await expect(decode(other)).rejects.toThrow(/h:1:2: this event has no "f"/);
  await expect(decode(edn.replace("[[:append :x 1]]", "1"))).rejects.toThrow(/has no :f/);
});
