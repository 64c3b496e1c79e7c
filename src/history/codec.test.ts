/** The codecs: round trips, independence of chunk boundaries, malformed inputs, the corpus. */
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HarnessError } from "../errors.js";
import { decodeHistory, encodeEvent, FORMATS, formatNamed, type DecodedHistory } from "./codec.js";
import { historyOf, type History, type NewEvent } from "./history.js";
import { MALFORMED_CASES } from "./malformed-cases.js";
import type { HistoryEvent } from "./operation.js";
import { canonical, type Value } from "./value.js";

async function* once(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield chunk;
}

async function decode(text: string | Uint8Array, format?: string): Promise<DecodedHistory> {
  return decodeHistory(once(Buffer.from(text)), { file: "h", format });
}

function eventsOf(history: History): HistoryEvent[] {
  return Array.from({ length: history.length }, (_, index) => history.event(index));
}

function encoded(history: History): string {
  return eventsOf(history)
    .map((event) => `${encodeEvent(event)}\n`)
    .join("");
}

async function messageFrom(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(HarnessError);
  return (error as HarnessError).message;
}

/** The events of processes that each do one thing at a time, and of the nemesis. */
const histories: fc.Arbitrary<History> = fc
  .array(
    fc.record({
      process: fc.oneof(
        { weight: 9, arbitrary: fc.nat(5) },
        { weight: 1, arbitrary: fc.constant(-1) },
      ),
      type: fc.constantFrom("ok", "fail", "info" as const),
      f: fc.oneof(fc.constantFrom("read", "write"), fc.string({ unit: "binary" })),
      key: fc.option(fc.jsonValue(), { nil: undefined }),
      value: fc.jsonValue(),
      error: fc.option(fc.jsonValue(), { nil: undefined }),
      timeNs: fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e15, noNaN: true })),
    }),
    { maxLength: 40 },
  )
  .map((drafts) => {
    const open = new Map<number, NewEvent>();
    return historyOf(
      drafts.map(({ process, type, f, key, value, error, timeNs }): NewEvent => {
        const rest = {
          value: value as Value,
          timeNs: timeNs === 0 ? 0 : timeNs,
          ...(error === undefined ? {} : { error: error as Value }),
        };
        const keyed = key === undefined ? {} : { key: key as Value };
        if (process < 0) return { process: "nemesis", type: "info", f, ...keyed, ...rest };
        const begun = open.get(process);
        if (begun === undefined) {
          const invocation: NewEvent = { process, type: "invoke", f, ...keyed, ...rest };
          open.set(process, invocation);
          return invocation;
        }
        open.delete(process);
        const same = begun.key === undefined ? {} : { key: begun.key };
        return { process, type, f: begun.f, ...same, ...rest };
      }),
    );
  });

describe("jsonl", () => {
  test("what is encoded is decoded, in any history", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const text = encoded(history);
        const { history: again, format } = await decode(text);
        expect(format).toBe("jsonl");
        expect(eventsOf(again).map(encodeEvent)).toEqual(eventsOf(history).map(encodeEvent));
        expect([...again.pairs]).toEqual([...history.pairs]);
        expect(encoded(again)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  test("reads every JSON value as JSON.parse does", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ noUnicodeString: false }), async (json) => {
        // Integers that JSON.parse would round are kept exact.
        fc.pre(!/\d{16}/.test(json));
        const { history } = await decode(`{"type":"invoke","process":0,"f":"f","value":${json}}`);
        expect(canonical(history.event(0).value)).toBe(canonical(JSON.parse(json) as Value));
      }),
      { numRuns: 500 },
    );
  });

  test("refuses what JSON.parse refuses", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.json(),
        fc.nat(),
        fc.constantFrom(...'"\\{}[],:-+.eE0 1tfn'.split("")),
        async (json, where, junk) => {
          const at = where % (json.length + 1);
          const value = json.slice(0, at) + junk + json.slice(at + 1);
          const line = `{"type":"invoke","process":0,"f":"f","value":${value}}`;
          const parses = (text: string): boolean => {
            try {
              JSON.parse(text);
              return true;
            } catch {
              return false;
            }
          };
          const read = await decode(`${line}\n`, "jsonl").then(
            () => true,
            () => false,
          );
          // A field that stands twice is refused here and not there; it can only come from the
          // junk.
          if (read) expect(parses(line)).toBe(true);
          else if (parses(line))
            expect(await messageFrom(decode(`${line}\n`))).toMatch(/twice|too large/);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("has a fixed order of fields and sorted keys", () => {
    const event: HistoryEvent = {
      index: 3,
      timeNs: 12,
      type: "fail",
      process: 1,
      f: "cas",
      key: "x",
      value: { b: 1, a: [2] },
      error: "mismatch",
    };
    expect(encodeEvent(event)).toBe(
      '{"index":3,"time":12,"type":"fail","process":1,"f":"cas","key":"x","value":{"a":[2],"b":1},"error":"mismatch"}',
    );
  });

  test("keeps large integers apart", async () => {
    const line = (value: string): string =>
      `{"type":"info","process":"nemesis","f":"f","value":${value}}\n`;
    const { history } = await decode(
      line("9007199254740993") + line("9007199254740992") + line("9007199254740991"),
    );
    expect([...history.pool]).toEqual(["9007199254740993", "9007199254740992", 9007199254740991]);
  });

  test("index, time and unknown fields are optional; order and white space are free", async () => {
    const { history } = await decode(
      '\n{ "value" : null , "f":"read","x":{"y":[1]},\t"process":4,"type":"invoke" }\r\n\n' +
        '{"__proto__":1,"process":4,"type":"ok","f":"r\\u0065ad","value":"\\ud83d\\ude00é😀"}',
    );
    expect(eventsOf(history)).toEqual([
      { index: 0, timeNs: 0, type: "invoke", process: 4, f: "read", value: null },
      { index: 1, timeNs: 1, type: "ok", process: 4, f: "read", value: "😀é😀" },
    ]);
    expect(history.pairs[0]).toBe(1);
  });

  test("a line of megabytes in small chunks takes linear time; one beyond the limit is refused", async () => {
    const line = `{"type":"invoke","process":0,"f":"f","value":"${"x".repeat(8_000_000)}"}\n`;
    const bytes = Buffer.from(line);
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
    };
    const { history } = await decodeHistory(chunks(), { file: "h" });
    expect(history.event(0).value).toHaveLength(8_000_000);

    const endless = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"value":"');
      for (;;) yield Buffer.alloc(1_000_000, "x");
    };
    expect(await messageFrom(decodeHistory(endless(), { file: "h" }))).toMatch(
      /^h:1:1: this line is longer than 64 MiB; expected/,
    );
  });
});

describe("edn", () => {
  const value = async (edn: string): Promise<Value> => {
    const { history } = await decode(`{:type :info :process :nemesis :f :x :value ${edn}}`, "edn");
    return history.event(0).value;
  };

  test.each<[string, Value]>([
    ["nil", null],
    ["true", true],
    [":cas/x", "cas/x"],
    ["sym.bol", "sym.bol"],
    ["-", "-"],
    [String.raw`"a\"\\\n\t\u0041\101é"`, 'a"\\\n\tAAé'],
    [String.raw`[\a \newline \u0041 \( \\]`, ["a", "\n", "A", "(", "\\"]],
    ["12", 12],
    ["-0", 0],
    ["+7", 7],
    ["12N", 12],
    ["9007199254740993", "9007199254740993"],
    ["123456789012345678901234567890N", "123456789012345678901234567890"],
    ["1.50M", 1.5],
    ["1.0000000000000000001M", "1.0000000000000000001"],
    ["1e3", 1000],
    ["1/2", "1/2"],
    ["2/4", "1/2"],
    ["4/2", 2],
    ["##Inf", "##Inf"],
    ["[1, (2 3) [] ]", [1, [2, 3], []]],
    ["#{3 1 2}", [1, 2, 3]],
    ["{:a 1, 2 {nil [x]}}", { a: 1, 2: { null: ["x"] } }],
    ['#inst "2020-01-01"', "2020-01-01"],
    ['#uuid "f81d"', "f81d"],
    ["#my.ns/tag [1]", { "#my.ns/tag": [1] }],
    ["#my.db.Account{:id 1}", { id: 1 }],
    ["[1 #_ 2 #_ #_ 3 4 5 ; six\n 7]", [1, 5, 7]],
  ])("reads %s", async (edn, expected) => {
    expect(await value(edn)).toEqual(expected);
  });

  test("records, lists, nemesis, missing fields, independent tuples", async () => {
    const { history, conventions } = await decode(`
      ; a comment
      (#jepsen.history.Op{:index 7, :time 12, :type :invoke, :process 3, :f :read, :value #jepsen.independent/Tuple [5 nil]}
       {:process :nemesis :type :info :f :start, :error nil}
       #jepsen.history.Op{:time 99 :type :info :process 3 :f :read, :error :timeout}
       {:type :invoke, :process 3, :value [[:append 1 2]], :unknown {:x #{1}}})`);
    expect(conventions).toEqual({ nilReads: "unknown", failedCas: "ignore" });
    expect(eventsOf(history)).toEqual([
      { index: 0, timeNs: 12, type: "invoke", process: 3, f: "read", key: 5, value: null },
      { index: 1, timeNs: 1, type: "info", process: "nemesis", f: "start", value: null },
      {
        index: 2,
        timeNs: 99,
        type: "info",
        process: 3,
        f: "read",
        key: 5,
        value: null,
        error: "timeout",
      },
      { index: 3, timeNs: 3, type: "invoke", process: 3, f: "txn", value: [["append", 1, 2]] },
    ]);
  });

  test("plain pairs are tuples only when asked", async () => {
    const text = "{:type :invoke, :process 0, :f :cas, :value [1 [2 3]]}";
    expect((await decode(text)).history.event(0)).toMatchObject({ value: [1, [2, 3]] });
    const options = { file: "h", independent: true };
    const { history } = await decodeHistory(once(Buffer.from(text)), options);
    expect(history.event(0)).toMatchObject({ key: 1, value: [2, 3] });
  });

  test("errors count lines and columns over chunks", async () => {
    const good = "{:type :info, :process :nemesis, :f :é}";
    const text = `[${good} ${good}\n\n  ${good} {:type :what}]`;
    const bytes = Buffer.from(text);
    for (const size of [1, 2, 3, 7, 50, 1000]) {
      const chunks = async function* (): AsyncGenerator<Uint8Array> {
        // Detection gathers what comes first, so fill it.
        yield Buffer.from(`;${"x".repeat(70_000)}\n`);
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      };
      expect(await messageFrom(decodeHistory(chunks(), { file: "h", format: "edn" }))).toBe(
        `h:4:50: unknown type ":what"; expected :invoke, :ok, :fail or :info`,
      );
    }
  });
});

describe("porcupine-etcd", () => {
  test("time-outs are indeterminate, but for reads", async () => {
    const { history, conventions, format, warnings } = await decode(
      [
        "2020-01-01 INFO [worker] jepsen.util: 0\t:invoke\t:write\t3",
        "INFO  jepsen.core - starting",
        "INFO  jepsen.util - 0\t:fail\t:write\t:timed-out",
        "INFO  jepsen.util - 1\t:invoke\t:read\tnil",
        "INFO  jepsen.util - 1\t:fail\t:read\t:timed-out",
        "INFO  jepsen.util - 1\t:invoke\t:cas\t[1 2]",
        "INFO  jepsen.util - 1\t:fail\t:cas\t[1 2]",
      ].join("\n"),
    );
    expect({ format, conventions }).toEqual({
      format: "porcupine-etcd",
      conventions: { initial: null, nilReads: "value", failedCas: "observe" },
    });
    expect(warnings).toHaveLength(1);
    expect(eventsOf(history).map(({ type, f, error }) => [type, f, error])).toEqual([
      ["invoke", "write", undefined],
      ["info", "write", "timed-out"],
      ["invoke", "read", undefined],
      ["fail", "read", "timed-out"],
      ["invoke", "cas", undefined],
      ["fail", "cas", undefined],
    ]);
  });
});

describe("sessions of transactions", () => {
  test("are processes; what was rolled back failed, and the initial transaction is left out", async () => {
    const text =
      "w(1,0,0,0)\nw(2,0,0,0)\nr(1,0,1,5)\nw(1,7,2,6)\nw(2,3,1,5)\nw(1,9,2,-1)\nr(1,9007199254740993,1,8)\n";
    const { history, warnings } = await decode(text);
    const events = eventsOf(history).map(({ type, process, value }) => [type, process, value]);
    expect(events).toEqual([
      [
        "invoke",
        1,
        [
          ["r", 1, null],
          ["w", 2, 3],
        ],
      ],
      [
        "ok",
        1,
        [
          ["r", 1, null],
          ["w", 2, 3],
        ],
      ],
      ["invoke", 1, [["r", 1, "9007199254740993"]]],
      ["ok", 1, [["r", 1, "9007199254740993"]]],
      ["invoke", 2, [["w", 1, 7]]],
      ["ok", 2, [["w", 1, 7]]],
      ["invoke", 3, [["w", 1, 9]]],
      ["fail", 3, [["w", 1, 9]]],
    ]);
    expect(warnings).toEqual([
      expect.stringContaining("the initial one"),
      expect.stringContaining("no times"),
    ]);
  });
});

describe("sessions", () => {
  const told = async (text: string) => {
    const { history, warnings } = await decode(text);
    return {
      events: eventsOf(history).map(({ type, process, f, key, value }) => [
        type,
        process,
        f,
        key,
        value,
      ]),
      warnings,
    };
  };

  test("0 is what was there at first, unless somebody writes it", async () => {
    const sessions = [
      [
        [
          ["w", 1, 0],
          ["w", 2, 0],
        ],
      ],
      [
        [
          ["r", 1, 0],
          ["r", 2, 0],
        ],
      ],
      [[["w", 2, 0]], [["w", 1, 3]]],
    ];
    const { events, warnings } = await told(JSON.stringify({ sessions, aborted: [[1, 5]] }));
    const seen = [
      ["r", 1, null],
      ["r", 2, 0],
    ];
    expect(events.filter(([type]) => type !== "invoke")).toEqual([
      ["ok", 0, "txn", undefined, seen],
      ["ok", 1, "txn", undefined, [["w", 2, 0]]],
      ["ok", 1, "txn", undefined, [["w", 1, 3]]],
      ["fail", 2, "txn", undefined, [["w", 1, 5]]],
    ]);
    expect(warnings).toEqual([
      expect.stringContaining("the initial one"),
      expect.stringContaining("no times"),
    ]);
  });

  test("of single operations they are reads and writes of keys", async () => {
    const { events } = await told('{"sessions":[[["w",0,1],["r",0,0]],[["r",0,1]]]}');
    expect(events).toEqual([
      ["invoke", 0, "write", 0, 1],
      ["ok", 0, "write", 0, 1],
      ["invoke", 0, "read", 0, null],
      ["ok", 0, "read", 0, null],
      ["invoke", 1, "read", 0, null],
      ["ok", 1, "read", 0, 1],
    ]);
  });

  test("dbcop's: 0 is a version as any, and what is not committed failed", async () => {
    const write = { Write: { variable: 1, version: 0 } };
    const read = { Read: { variable: 1, version: null } };
    const data = [[{ events: [write], committed: false }], [{ events: [read], committed: true }]];
    const both = await told(JSON.stringify({ params: {}, data }));
    expect(both.events).toEqual((await told(JSON.stringify(data))).events);
    expect(both.events).toEqual([
      ["invoke", 0, "txn", undefined, [["w", 1, 0]]],
      ["fail", 0, "txn", undefined, [["w", 1, 0]]],
      ["invoke", 1, "txn", undefined, [["r", 1, null]]],
      ["ok", 1, "txn", undefined, [["r", 1, null]]],
    ]);
  });
});

describe("formats", () => {
  const samples: readonly (readonly [string, string])[] = [
    ["jsonl", ' {"type":"invoke","process":0,"f":"r","value":"é😀"}\n'],
    [
      "json-array",
      '[{"index":4,"type":"invoke","process":0,"f":"r","value":{"é😀":"\\"}{"}},\n {"type":"ok","process":0,\n"f":"r"}]\n',
    ],
    ["json-array", '\n[ {"type":"invoke","process":1,"value":[["r",1,null]]} ]'],
    ["edn", '\n#jepsen.history.Op{:type :invoke :process 0 :f :r :value "é😀\\u0041"}\n'],
    ["edn", "; note\n[{:type :invoke, :process 0, :f :r, :value #{1 [2 :é] 1.5M}} #_ 3 ]"],
    ["porcupine-kv", '{:process 0, :type :invoke, :f :append, :key "0", :value "x 0 0 é"}\n'],
    [
      "porcupine-etcd",
      "INFO  jepsen.util - 3\t:invoke\t:cas\t[1 4]\r\nINFO jepsen.util - 3\t:ok\t:cas\t[1 4]\n",
    ],
    [
      "sessions",
      '{"id":"é😀","sessions":[[[["w",1,0]]],[[["w",1,2],["r",2,0]],[]],[[["r",1,2]]]],\n"aborted":[[1,7]]}\n',
    ],
    [
      "sessions",
      '{"params":{"id":0},"info":"x","data":[[{"events":[{"Write":{"variable":0,"version":1}}],"committed":true}]]}',
    ],
    ["sessions", ' [[],[{"committed":false,"events":[["r",0,null]]}]]'],
    ["plume", "w(1,2,0,0)\r\nr(1,2,1,1)\nw(3,4,0,0)\n\nr(3,0,1,1)\nw(1,5,1,-1)"],
  ];

  test.each(samples)(
    "%s is recognised, and cut anywhere it is the same",
    async (format, sample) => {
      const bytes = Buffer.from(sample);
      const whole = await decode(bytes);
      expect(whole.format).toBe(format);
      // Detection gathers the beginning; white space pushes the sample behind it.
      const padding = Buffer.alloc(70_000, "\n");
      for (let cut = 0; cut <= bytes.length; cut++) {
        for (const first of cut % 2 === 0 ? [padding] : []) {
          const chunks = once(first, bytes.subarray(0, cut), bytes.subarray(cut));
          const { history } = await decodeHistory(chunks, { file: "h", format });
          expect(eventsOf(history)).toEqual(eventsOf(whole.history));
        }
      }
      const single = await decodeHistory(
        once(padding, ...[...bytes].map((byte) => Uint8Array.of(byte))),
        {
          file: "h",
          format,
        },
      );
      expect(eventsOf(single.history)).toEqual(eventsOf(whole.history));
    },
  );

  test("are listed, and an unknown one gets a suggestion", async () => {
    expect(FORMATS.map(({ name }) => name).sort()).toEqual([
      "edn",
      "json-array",
      "jsonl",
      "plume",
      "porcupine-etcd",
      "porcupine-kv",
      "sessions",
    ]);
    expect(() => formatNamed("jsnl")).toThrow(/unknown format "jsnl".*formats: sessions, jsonl/);
    expect(() => formatNamed("jepsen")).toThrow(/did you mean edn\?/);
    expect(await messageFrom(decode("", "json"))).toMatch(/did you mean jsonl\?/);
  });

  test("a guess that fails says how to override it; a stated format does not", async () => {
    expect(await messageFrom(decode("[1]"))).toMatch(
      /--format sessions\|jsonl\|json-array\|porcupine-kv\|porcupine-etcd\|plume\)$/,
    );
    expect(await messageFrom(decode("[1]", "edn"))).not.toMatch(/--format/);
    expect(await messageFrom(decode(`{:type :ok}`, "jsonl"))).toMatch(/^h:1:2: unexpected/);
  });
});

describe("malformed input", () => {
  test("there are at least 40 cases, each with its own name", () => {
    expect(MALFORMED_CASES.length).toBeGreaterThanOrEqual(40);
    expect(new Set(MALFORMED_CASES.map(({ name }) => name)).size).toBe(MALFORMED_CASES.length);
  });

  test.each(MALFORMED_CASES)("$name", async ({ bytes, expected, kind }) => {
    const decoded = decodeHistory(once(bytes), { file: "dir/some\nfile" });
    if (kind === "error") {
      const message = await messageFrom(decoded);
      expect(message.startsWith("dir/some?file:")).toBe(true);
      expect(message.slice("dir/some?file:".length)).toMatch(expected);
      expect(message).toMatch(/; expected /);
      expect(message).not.toMatch(/[\r\n\u2028]/);
      expect(message.length).toBeLessThan(400);
      return;
    }
    const { history, warnings } = await decoded;
    expect(warnings.join("\n")).toMatch(expected);
    expect(history.length === 0).toBe(kind === "empty");
  });

  test("any truncation of a good history is an error, an empty history or a shorter one", async () => {
    const event = (index: number, type: "invoke" | "ok"): HistoryEvent => ({
      index,
      timeNs: index,
      type,
      process: 0,
      f: "write",
      value: "é",
    });
    const bytes = Buffer.from(
      `${encodeEvent(event(0, "invoke"))}\n${encodeEvent(event(1, "ok"))}\n`,
    );
    const lineEnd = bytes.indexOf(10);
    for (let end = 1; end < bytes.length; end++) {
      const { history, warnings } = await decode(bytes.subarray(0, end));
      expect(history.length).toBe(end < lineEnd ? 0 : end < bytes.length - 1 ? 1 : 2);
      const torn = end !== lineEnd && end !== lineEnd + 1 && end !== bytes.length - 1;
      expect(warnings.some((warning) => warning.includes("torn"))).toBe(torn);
    }
  });
});

const corpus = join(process.env["ORDEAL_CORPUS"] ?? "../shared/corpus", "linearizability");
const present = existsSync(join(corpus, "verdicts.tsv"));
if (!present && process.env["CI"] === "true")
  throw new Error(`no corpus in ${corpus}; set ORDEAL_CORPUS`);

describe.skipIf(!present)(
  `corpus${present ? "" : ` (not found in ${corpus}; set ORDEAL_CORPUS)`}`,
  () => {
    const rows = present
      ? readFileSync(join(corpus, "verdicts.tsv"), "utf8")
          .trim()
          .split("\n")
          .slice(1)
          .map((row) => row.split("\t"))
      : [];

    test.each(rows)("%s", async (file, model, _initial, operations, indeterminate) => {
      const { history } = await decodeHistory(createReadStream(join(corpus, file)), {
        file,
      });
      let counted = 0;
      let open = 0;
      const knossos = file.startsWith("knossos");
      for (const invocation of history.invocations()) {
        const { f, outcome, output } = history.operation(invocation);
        // For Knossos the labels leave out what says nothing: failures, and reads without a result
        // …
        if (knossos && outcome === "fail") continue;
        if (knossos && f === "read" && (outcome === "info" || output === null)) continue;
        counted++;
        if (outcome === "info") open++;
      }
      // … and count the write of the initial value.
      if (knossos && model === "cas-register") counted++;
      expect(history.length).toBeGreaterThan(0);
      if (operations === "") return;
      // Two `:fail` operations of these carry a server's error that their labels take for
      // indeterminate; the file says that they did not happen, and invalid they are either way.
      const relabelled = /rethink-fail(?:-smaller)?\.edn$/.test(file) ? 2 : 0;
      expect({ counted, open }).toEqual({
        counted: Number(operations) - relabelled,
        open: Number(indeterminate) - relabelled,
      });
    });
  },
);
