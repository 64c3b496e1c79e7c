/**
 * Malformed and odd histories as data, with what must come of each: one error line with a position,
 * an empty history, or a history with a warning. The tests of the codecs and of the command line
 * both go through all of them.
 */

/** One input, and what must come of it. */
export interface MalformedCase {
  /** Also a file name, with its extension. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Matches the error (without the file name), or a warning. */
  readonly expected: RegExp;
  /**
   * `error`: refused; `empty`: read, without any event; `tolerated`: read with events and a
   * warning.
   */
  readonly kind: "error" | "empty" | "tolerated";
}

const read = '{"index":0,"time":0,"type":"invoke","process":0,"f":"read","value":null}';
const done = '{"index":1,"time":5,"type":"ok","process":0,"f":"read","value":1}';
const ednRead = "{:type :invoke, :process 0, :f :read, :value nil}";
const ednDone = "{:type :ok, :process 0, :f :read, :value 1}";
const logRead = "INFO  jepsen.util - 0\t:invoke\t:read\tnil";

function text(name: string, content: string, expected: RegExp): MalformedCase {
  return { name, bytes: Buffer.from(content), expected, kind: "error" };
}

function bytes(name: string, content: readonly number[], expected: RegExp): MalformedCase {
  return { name, bytes: Uint8Array.from(content), expected, kind: "error" };
}

function as(kind: MalformedCase["kind"], malformed: MalformedCase): MalformedCase {
  return { ...malformed, kind };
}

/** A line with this field in place of the valid one. */
function lineWith(field: string): string {
  const name = field.slice(0, field.indexOf(":"));
  return read.replace(new RegExp(`${name}:(?:"[^"]*"|[^,}]*)`), () => field);
}

const notHistories: readonly MalformedCase[] = [
  as("empty", text("empty.jsonl", "", /no events/)),
  as("empty", text("blank-lines.jsonl", "\n \n\r\n\n", /no events/)),
  as("empty", bytes("only-a-byte-order-mark.jsonl", [0xef, 0xbb, 0xbf], /no events/)),
  text(
    "prose.txt",
    "Dear reader,\nthis is no history.\n",
    /^1:1: no history in any known format; expected/,
  ),
  text("html.jsonl", "<!doctype html><p>Not found", /^1:1: no history in any known format/),
  text("csv.csv", "index,type,process\n0,invoke,0\n", /^1:1: no history in any known format/),
  bytes(
    "gzip.jsonl.gz",
    [0x1f, 0x8b, 8, 0, 1, 2, 3, 4],
    /^1:1: gzip data; expected UTF-8 text .*gunzip/,
  ),
  bytes("zstd.zst", [0x28, 0xb5, 0x2f, 0xfd, 4, 0], /^1:1: zstd data/),
  bytes("zip.zip", [0x50, 0x4b, 3, 4, 20, 0], /^1:1: zip data/),
  bytes("utf-16-le.jsonl", [0xff, 0xfe, 0x7b, 0, 0x22, 0], /^1:1: UTF-16 data; .*iconv/),
  bytes("utf-16-be.jsonl", [0xfe, 0xff, 0, 0x7b, 0, 0x22], /^1:1: UTF-16 data/),
  bytes("utf-16-unmarked.jsonl", [0x7b, 0, 0x22, 0], /^1:2: a zero byte, so this is binary data/),
  bytes("elf", [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0], /^1:8: a zero byte/),
  bytes("random.bin", [0x9c, 0xf3, 0x81, 0xaa, 0x0b, 0xd7], /^1:1: no history in any known format/),
  text("array.json", `[${read},7]`, /^1:\d+: unexpected "7"; expected an event/),
  text("array-no-comma.json", `[${read}\n${done}]`, /^2:1: unexpected "\{"; expected , or \]/),
  text("array-event.json", `[\n{"type":"invoke",\n"process":-1,"f":"r"}]`, /^3:11: process is -1/),
  text("array-rest.json", `[${read}] []`, /^1:\d+: unexpected "\["; expected the end/),
  text("array-f.json", `[{"type":"invoke","process":1,"value":3}]`, /^1:2: .*no "f"/),
];

const jsonLines: readonly MalformedCase[] = [
  as(
    "tolerated",
    text("torn-last-line.jsonl", `${read}\n${done.slice(0, 40)}`, /last line is torn/),
  ),
  as("empty", text("torn-only-line.jsonl", read.slice(0, 30), /last line is torn/)),
  text(
    "torn-line-in-the-middle.jsonl",
    `${read.slice(0, 30)}\n${done}\n`,
    /^1:31: the input ends here; expected/,
  ),
  text(
    "junk-in-the-middle.jsonl",
    `${read}\n<<<<<<< HEAD\n${done}\n`,
    /^2:1: unexpected "<<<<<<<"; expected an event/,
  ),
  text("zero-byte-line.jsonl", `${read}\n\u0000\u0000\n${done}\n`, /^2:1: a zero byte/),
  text("no-type.jsonl", '{"process":0,"f":"read"}\n', /^1:1: this event has no "type"; expected/),
  text(
    "no-process.jsonl",
    '{"type":"ok","f":"read"}\n',
    /^1:1: this event has no "process"; expected/,
  ),
  text("no-f.jsonl", '{"type":"ok","process":1}\n', /^1:1: this event has no "f"; expected/),
  text("empty-object.jsonl", "{}\n", /^1:1: this event has no "type"; expected/),
  text(
    "unknown-type.jsonl",
    lineWith('"type":"invok"'),
    /^1:28: unknown type "invok"; expected "invoke"/,
  ),
  text("type-number.jsonl", lineWith('"type":1'), /^1:28: unknown type 1; expected/),
  text(
    "process-negative.jsonl",
    lineWith('"process":-1'),
    /^1:47: process is -1; expected an integer/,
  ),
  text(
    "process-fraction.jsonl",
    lineWith('"process":0.5'),
    /^1:47: process is 0\.5; expected an integer/,
  ),
  text("process-huge.jsonl", lineWith('"process":99999999999'), /process is 99999999999; expected/),
  text(
    "process-name.jsonl",
    lineWith('"process":"worker 3"'),
    /process is "worker 3"; expected .*nemesis/,
  ),
  text(
    "time-negative.jsonl",
    lineWith('"time":-5'),
    /^1:19: time is -5; expected a number of nanoseconds/,
  ),
  text("time-text.jsonl", lineWith('"time":"noon"'), /^1:19: time is "noon"; expected/),
  text("f-null.jsonl", lineWith('"f":null'), /unexpected "null"; expected a function name/),
  text("index-gap.jsonl", `${read}\n${done.replace("1", "2")}\n`, /^2:10: index is 2; expected 1/),
  text("index-text.jsonl", lineWith('"index":"0"'), /^1:10: index is "0"; expected 0/),
  text(
    "field-twice.jsonl",
    '{"type":"ok","type":"ok"}\n',
    /^1:14: field "type" stands twice; expected/,
  ),
  text(
    "two-events-a-line.jsonl",
    `${read}${done}\n`,
    /unexpected "\{.*; expected nothing after the event/,
  ),
  text(
    "completion-first.jsonl",
    `${done.replace("1", "0")}\n`,
    /^1:1: process 0 completes read \(ok\) that it never invoked/,
  ),
  text(
    "invoked-twice.jsonl",
    `${read}\n${read.replace("0", "1")}\n`,
    /^2:1: process 0 invokes read while its read/,
  ),
  text(
    "other-function.jsonl",
    `${read}\n${done.replace("read", "cas")}\n`,
    /^2:1: process 0 completes cas but its open/,
  ),
  text(
    "other-key.jsonl",
    '{"type":"invoke","process":0,"f":"get","key":"a"}\n{"type":"ok","process":0,"f":"get","key":"b"}\n',
    /^2:1: process 0 completes get with another key than its invocation \(index 0\) has; expected/,
  ),
  text(
    "single-quotes.jsonl",
    "{'type':'ok'}\n",
    /^1:1: no history|^1:2: unexpected .*; expected a quoted field name/,
  ),
  text(
    "trailing-comma.jsonl",
    `${read.slice(0, -1)},}\n`,
    /^1:73: unexpected "}"; expected a quoted field name/,
  ),
  text("missing-colon.jsonl", '{"type" "ok"}\n', /^1:9: unexpected .*; expected ":"/),
  text("leading-zero.jsonl", lineWith('"value":007'), /"007" is not a JSON number; expected/),
  text("number-too-large.jsonl", lineWith('"value":1e999'), /"1e999" is too large; expected/),
  text("not-a-number.jsonl", lineWith('"value":NaN'), /unexpected "NaN.*; expected a JSON value/),
  text("bad-escape.jsonl", lineWith('"value":"\\x"'), /no escape \\x in JSON; expected/),
  text(
    "bad-unicode-escape.jsonl",
    lineWith('"value":"\\u12g4"'),
    /\\u12g4 is no escape; expected four/,
  ),
  text(
    "control-character.jsonl",
    lineWith('"value":"\u0001"'),
    /a control character in a string; expected/,
  ),
  text(
    "unclosed-string.jsonl",
    `{"type":"ok\n${done}\n`,
    /^1:12: the input ends here; expected the closing quote/,
  ),
  text(
    "deep.jsonl",
    lineWith(`"value":${"[".repeat(9999)}`),
    /nested more than 500 deep; expected/,
  ),
  bytes(
    "not-utf-8.jsonl",
    [...Buffer.from('{"f":"'), 0xc3, 0x28, ...Buffer.from('"}\n')],
    /^1:7: these bytes are not UTF-8; expected/,
  ),
];

const ednForms: readonly MalformedCase[] = [
  as("empty", text("empty-vector.edn", "[]", /no events/)),
  as("empty", text("only-comments.edn", "; nothing here\n", /no events/)),
  text(
    "cut-off.edn",
    `[${ednRead}\n {:type :ok, :process 0`,
    /^2:24: the input ends here; expected .*begins at 2:2/,
  ),
  text("unclosed-vector.edn", `[${ednRead}\n`, /expected "\]" for the one that opens at 1:1/),
  text("wrong-bracket.edn", `[${ednRead})`, /^1:51: unexpected "\)"; expected/),
  text(
    "after-the-end.edn",
    `[${ednRead}]\n${ednDone}`,
    /^2:1: unexpected "\{.*; expected nothing after/,
  ),
  text("not-an-operation.edn", "[1 2 3]", /^1:2: unexpected "1"; expected an operation/),
  text(
    "unknown-type.edn",
    "{:type :maybe, :process 0, :f :read}",
    /^1:8: unknown type ":maybe"; expected/,
  ),
  text("no-type.edn", "{:process 0, :f :read}", /^1:1: this operation has no :type; expected/),
  text("no-process.edn", "{:type :ok, :f :read}", /^1:1: this operation has no :process; expected/),
  text("no-f.edn", "{:type :ok, :process 0, :value 1}", /^1:1: this operation has no :f; expected/),
  text("process-negative.edn", "{:type :ok, :process -3, :f :read}", /process is -3; expected/),
  text(
    "odd-map.edn",
    "{:type :ok, :process}",
    /^1:21: unexpected "}"; expected a value for :process/,
  ),
  text("key-twice.edn", "{:type :ok, :type :ok}", /^1:13: :type stands twice; expected/),
  text("bad-number.edn", `{:f :read, :value 1x2}`, /^1:19: "1x2" is not an EDN number; expected/),
  text("bad-escape.edn", '{:f :read, :value "a\\qb"}  ', /no escape \\q in EDN; expected/),
  text(
    "unclosed-string.edn",
    '[{:f :read, :value "abc}]',
    /the input ends here; expected the closing quote/,
  ),
  text(
    "keys-collide.edn",
    '{:f :read, :value {1 :a "1" :b}}',
    /key "1" stands twice in a map; expected/,
  ),
  text(
    "completion-first.edn",
    `\n[${ednDone}]`,
    /^2:2: process 0 completes read \(ok\) that it never invoked/,
  ),
  text("deep.edn", `{:f :read, :value ${"[".repeat(9999)}`, /nested more than 500 deep; expected/),
];

const logs: readonly MalformedCase[] = [
  as(
    "tolerated",
    text("other-lines.log", `WARN  jepsen.core - hi\n${logRead}\n`, /1 line without an operation/),
  ),
  as("tolerated", text("torn.log", `${logRead}\nINFO  jepsen.util - 1\t:inv`, /last line is torn/)),
  text(
    "unknown-type.log",
    "INFO  jepsen.util - 1\t:invok\t:read\tnil\n",
    /^1:23: unknown type ":invok"; expected/,
  ),
  text(
    "no-value.log",
    "INFO  jepsen.util - 1\t:invoke\t:read\n",
    /^1:36: the input ends here; expected a value/,
  ),
  text(
    "completion-first.log",
    "INFO  jepsen.util - 1\t:ok\t:read\t1\n",
    /^1:21: process 1 completes read/,
  ),
];

const sessions: readonly MalformedCase[] = [
  text("word.txt", "w(1,1,0,0)\nx(1,1,0,1)\n", /^2:1: "x\(1,1,0,1\)" is no operation; expected r/),
  text("four-numbers.txt", "w(1,1,0,0)\n\nr(1,1,0)\n", /^3:1: "r\(1,1,0\)" is no operation/),
  text("session.txt", "r(1,1,9999999999,0)\n", /^1:1: session 9999999999; expected a number/),
  text(
    "in-two-pieces.txt",
    "w(1,1,0,0)\nw(1,2,0,1)\nw(2,1,0,0)\n",
    /^3:1: transaction 0 goes on after others of its session; expected it in one piece/,
  ),
  as("tolerated", text("torn.txt", "w(1,1,0,0)\nw(1,2,0", /the last line is torn/)),
];

const documents: readonly MalformedCase[] = [
  text(
    "cut-off.json",
    '{"sessions":[[[["w",0,1],\n["w',
    /^2:4: the input ends here; expected the closing quote of this string \(the file may be cut off\)/,
  ),
  text(
    "two-documents.json",
    '{"sessions":[]}\n{"sessions":[]}\n',
    /^2:1: a second document begins here; expected one history a file/,
  ),
  text(
    "sessions-twice.json",
    '{"sessions":[],"data":[]}',
    /^1:23: sessions stand here twice; expected them once/,
  ),
  text(
    "no-operation.json",
    '{"sessions":[[\n[["w",0,1],["x",0,1]]]]}',
    /^2:12: \["x",0,1\] is no operation; expected \["r", key, value\]/,
  ),
  text("no-session.json", '{"sessions":[7]}', /^1:14: unexpected "7"; expected a session: a list/),
  text(
    "no-pair.json",
    '{"sessions":[],"aborted":[7]}',
    /^1:27: 7 was rolled back; expected \[key, value\]/,
  ),
  text(
    "no-version.json",
    '[[{"events":[{"Write":{"variable":0}}],"committed":true}]]',
    /^1:14: \{"Write":\{"variable":0\}\} is no operation; expected/,
  ),
  text(
    "committed-text.json",
    '[[{"events":[],"committed":"yes"}]]',
    /^1:3: committed is "yes"; expected true or false/,
  ),
  text("no-events.json", '[[{"committed":true}]]', /^1:3: this transaction has no events/),
  text("no-separator.json", '{"sessions":[[] []]}', /^1:17: unexpected "\["; expected "," or "\]"/),
];

/** Every case. */
export const MALFORMED_CASES: readonly MalformedCase[] = [
  ...notHistories,
  ...jsonLines,
  ...ednForms,
  ...logs,
  ...sessions,
  ...documents,
];
