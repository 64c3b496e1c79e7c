/** What peers of the benchmark are given of histories of single operations. */
import { expect, test } from "vitest";
import { ENCODERS } from "../bench/rows/encode.js";
import { historyOf } from "../src/history/history.js";

test("single reads and writes are transactions for a peer; 0 is what nobody wrote", () => {
  const about = { key: 3, timeNs: 0 } as const;
  const history = historyOf([
    { ...about, process: 0, f: "write", type: "invoke", value: 0 },
    { ...about, process: 0, f: "write", type: "ok", value: 0 },
    { ...about, process: 1, f: "read", type: "invoke", value: null },
    { ...about, process: 1, f: "read", type: "ok", value: null },
    { ...about, process: 1, f: "read", type: "invoke", value: null },
    { ...about, process: 1, f: "read", type: "ok", value: 0 },
    { ...about, process: 2, f: "write", type: "invoke", value: 7 },
    { ...about, process: 2, f: "write", type: "fail", value: 7 },
  ]);
  const lines = [...(ENCODERS["plume"]?.({ history, object: "registers" }) ?? [])];
  expect(lines).toEqual(["w(3,1,0,0)", "r(3,0,1,2)", "r(3,1,1,4)", "w(3,8,2,-1)"]);
});

test("transactions in EDN name their operations by keywords, as Elle reads them", () => {
  const about = { process: 0, f: "txn", timeNs: 5 } as const;
  const history = historyOf([
    {
      ...about,
      type: "invoke",
      value: [
        ["append", 5, 1],
        ["r", 5, null],
      ],
    },
    {
      ...about,
      type: "ok",
      value: [
        ["append", 5, 1],
        ["r", 5, [1]],
      ],
    },
  ]);
  expect([...(ENCODERS["edn"]?.({ history, object: "transactions" }) ?? [])]).toEqual([
    "{:index 0, :time 5, :type :invoke, :process 0, :f :txn, :value [[:append 5 1] [:r 5 nil]]}",
    "{:index 1, :time 5, :type :ok, :process 0, :f :txn, :value [[:append 5 1] [:r 5 [1]]]}",
  ]);
});
