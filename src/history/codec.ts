/**
 * History files of every known format, read as streams: `decodeHistory` finds out the format, feeds
 * its codec, and turns what is wrong into one line with file, line and column.
 */
import { HarnessError } from "../errors.js";
import { latin1 } from "./codecs/byte-strings.js";
import { edn } from "./codecs/edn.js";
import { jsonArray } from "./codecs/json-array.js";
import { jsonLines } from "./codecs/json-lines.js";
import { plume } from "./codecs/plume.js";
import { porcupineEtcd } from "./codecs/porcupine-etcd.js";
import { porcupineKv } from "./codecs/porcupine-kv.js";
import { sessions } from "./codecs/sessions.js";
import { MalformedError, type Codec, type Conventions } from "./codecs/port.js";
import { WHOLE, withInvocations, type Completed } from "./completions-alone.js";
import {
  createHistoryBuilder,
  HistoryError,
  type History,
  type HistoryBuilder,
} from "./history.js";

export { encodeEvent } from "./codecs/json-lines.js";
export type { Codec, Conventions, Decoder, DecoderSink } from "./codecs/port.js";

/** Every format, in the order in which they are tried: the more special before the more general. */
export const FORMATS: readonly Codec[] = [
  sessions,
  jsonLines,
  jsonArray,
  porcupineKv,
  edn,
  porcupineEtcd,
  plume,
];

/** A history, and what its format says about it. */
export interface DecodedHistory {
  readonly history: History;
  /** The name of the format that it was read as. */
  readonly format: string;
  readonly conventions: Conventions;
  /** What a reader should know: a torn last line, lines left out, an empty history. */
  readonly warnings: readonly string[];
  /** Where completions stood alone: the history with their invocations, and without. */
  readonly completed?: Completed | undefined;
}

/** How to read a history. */
export interface DecodeOptions {
  /** The name that errors begin with. */
  readonly file: string;
  /** A format's name; found out from the content when absent. */
  readonly format?: string | undefined;
  /**
   * Whether `[key value]` vectors are the tuples of Jepsen's independent generators, where their
   * tag was lost. Default false: tagged tuples are always understood. Only for EDN.
   */
  readonly independent?: boolean | undefined;
  /** An event of the file that is refused, with the reason: the error then says where it stands. */
  readonly refused?: { readonly event: number; readonly reason: string } | undefined;
}

/** How many bytes are looked at to find out the format. */
const DETECT_BYTES = 65_536;

/**
 * Reads a history from its bytes.
 * @throws HarnessError `malformed-input` with "FILE:LINE:COLUMN: what is wrong; expected what", or
 *   `bad-argument` for an unknown format.
 */
export async function decodeHistory(
  chunks: AsyncIterable<Uint8Array>,
  options: DecodeOptions,
): Promise<DecodedHistory> {
  const named = options.format === undefined ? undefined : formatNamed(options.format);
  const warnings: string[] = [];
  const builder = refusing(createHistoryBuilder({ completionsAlone: WHOLE }), options.refused);
  const sink = {
    builder,
    warn: (message: string) => warnings.push(message),
    independent: options.independent ?? false,
  };
  let codec = named;
  let decoder = codec?.decoder(sink);
  const head: Buffer[] = [];
  let headBytes = 0;
  let open = true;

  const begin = (): void => {
    open = false;
    const first = withoutMark(Buffer.concat(head, headBytes));
    refuseBinary(first);
    codec ??= detect(first);
    decoder ??= codec.decoder(sink);
    if (first.length > 0) decoder.push(first);
    head.length = 0;
  };

  try {
    for await (const chunk of chunks) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      if (open) {
        // Copied in `begin`, but not before more has arrived.
        head.push(Buffer.from(bytes));
        headBytes += bytes.length;
        if (headBytes >= DETECT_BYTES) begin();
      } else {
        decoder?.push(bytes);
      }
    }
    if (open) begin();
    decoder?.end();
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    const guess =
      named === undefined && codec !== undefined
        ? ` (read as ${codec.name}; if it is another format, say so with --format ${others(codec)})`
        : "";
    throw malformed(options.file, error, guess);
  }
  if (builder.length === 0) warnings.push("no events: an empty history proves nothing");
  const { name: format, conventions } = codec as Codec;
  const history = builder.build();
  const completed = withInvocations(history);
  if (completed === undefined) return { history, format, conventions, warnings };
  warnings.push(tellPutIn(completed));
  return { history: completed.history, format, conventions, warnings, completed };
}

function tellPutIn({ count }: Completed): string {
  const [have, their] =
    count === 1 ? ["1 completion has", "its"] : [`${count} completions have`, "their"];
  return `${have} no invocation: when it came is not known but that ${their} process had done what it did before, so real time says little; events are numbered with the invocations put in`;
}

/** The builder, but for one event that it does not take. */
function refusing(builder: HistoryBuilder, refused: DecodeOptions["refused"]): HistoryBuilder {
  if (refused === undefined) return builder;
  const check = (): void => {
    if (builder.length === refused.event) throw new HistoryError(refused.reason);
  };
  return {
    ...builder,
    get length() {
      return builder.length;
    },
    append: (...event) => {
      check();
      builder.append(...event);
    },
    appendAt: (...event) => {
      check();
      builder.appendAt(...event);
    },
  };
}

function malformed(file: string, error: MalformedError, guess: string): HarnessError {
  const { line, column, message } = error;
  // A file name may hold anything, but an error is one line.
  const text = `${file}:${line}:${column}: ${message}${guess}`.replaceAll(/\p{Cc}/gu, "?");
  return new HarnessError("malformed-input", text, { cause: error });
}

function others(codec: Codec): string {
  return FORMATS.filter((other) => other !== codec)
    .map(({ name }) => name)
    .join("|");
}

/**
 * The codec of this name.
 * @throws HarnessError `bad-argument` with the list of names.
 */
export function formatNamed(name: string): Codec {
  const found = FORMATS.find((codec) => codec.name === name);
  if (found !== undefined) return found;
  const near = suggestion(name.toLowerCase());
  throw new HarnessError(
    "bad-argument",
    `unknown format ${JSON.stringify(name)}${near === undefined ? "" : `; did you mean ${near}?`} ` +
      `(formats: ${FORMATS.map((codec) => codec.name).join(", ")})`,
  );
}

/** What people call the formats. */
const ALIASES: { readonly [alias: string]: string } = {
  json: "jsonl",
  ndjson: "jsonl",
  ldjson: "jsonl",
  ordeal: "jsonl",
  jepsen: "edn",
  knossos: "edn",
  clojure: "edn",
  elle: "edn",
  etcd: "porcupine-etcd",
  log: "porcupine-etcd",
  porcupine: "porcupine-etcd",
  kv: "porcupine-kv",
  polysi: "plume",
  isovista: "plume",
  awdit: "plume",
  dbcop: "sessions",
};

function suggestion(name: string): string | undefined {
  if (Object.hasOwn(ALIASES, name)) return ALIASES[name];
  const near = FORMATS.find(
    (codec) =>
      codec.name.startsWith(name.slice(0, 3)) || (name.length > 2 && codec.name.includes(name)),
  );
  return near?.name;
}

function detect(first: Buffer): Codec {
  if (/^[\s,]*$/.test(latin1(first))) return jsonLines;
  const found = FORMATS.find((codec) => codec.detect(first));
  if (found !== undefined) return found;
  throw new MalformedError(
    1,
    1,
    `no history in any known format; expected one of ${FORMATS.map(({ name }) => name).join(", ")} ` +
      "(if it is one, say so with --format NAME)",
  );
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

const SIGNATURES: readonly (readonly [string, readonly number[], string])[] = [
  ["gzip", [0x1f, 0x8b], "unpack it first: gunzip -c FILE | ordeal check -"],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd], "unpack it first: zstd -dc FILE | ordeal check -"],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a], "unpack it first: xz -dc FILE | ordeal check -"],
  ["bzip2", [0x42, 0x5a, 0x68], "unpack it first: bzip2 -dc FILE | ordeal check -"],
  ["zip", [0x50, 0x4b, 0x03, 0x04], "unpack it first"],
  ["UTF-16", [0xff, 0xfe], "convert it first: iconv -f utf-16 -t utf-8 FILE"],
  ["UTF-16", [0xfe, 0xff], "convert it first: iconv -f utf-16 -t utf-8 FILE"],
];

function refuseBinary(bytes: Buffer): void {
  for (const [name, signature, advice] of SIGNATURES) {
    if (signature.every((byte, i) => bytes[i] === byte)) {
      throw new MalformedError(1, 1, `${name} data; expected UTF-8 text (${advice})`);
    }
  }
  const nul = bytes.indexOf(0);
  if (nul < 0) return;
  const before = bytes.subarray(0, nul);
  const line = before.filter((byte) => byte === 10).length + 1;
  throw new MalformedError(
    line,
    nul - before.lastIndexOf(10),
    "a zero byte, so this is binary data or UTF-16; expected UTF-8 text",
  );
}
