/**
 * The port of history formats. A codec is a name, a way to recognise itself, and a decoder that is
 * fed bytes as they arrive: it keeps no more of the input than the line or form that it stands in.
 */
import type { HistoryBuilder } from "../history.js";
import { canonical, type Value } from "../value.js";

/** What the events of a format mean where formats disagree; checkers choose their model by it. */
export interface Conventions {
  /** The state before the first operation, when the format fixes one. */
  readonly initial?: Value;
  /** Whether an `ok` read of null returned null, or says nothing about what was read. */
  readonly nilReads: "value" | "unknown";
  /** Whether a failed compare-and-set saw another value, or merely did not happen. */
  readonly failedCas: "observe" | "ignore";
}

/** One format of history files. */
export interface Codec {
  readonly name: string;
  /** One line for `ordeal list formats`. */
  readonly description: string;
  readonly conventions: Conventions;
  /**
   * Whether a file that begins with these bytes (up to 64 KiB, byte order mark removed) looks like
   * this format.
   */
  detect(firstBytes: Uint8Array): boolean;
  decoder(sink: DecoderSink): Decoder;
}

/** Is fed a file piece by piece; how it is cut makes no difference. */
export interface Decoder {
  /**
   * Takes the next bytes, which the decoder may keep but must not change.
   * @throws MalformedError
   */
  push(chunk: Buffer): void;
  /**
   * Says that there are no more.
   * @throws MalformedError
   */
  end(): void;
}

/** Where a decoder puts what it reads. */
export interface DecoderSink {
  readonly builder: HistoryBuilder;
  /** Says something that a reader should know but that does not spoil the history. */
  warn(message: string): void;
  /** Whether `[key value]` vectors are the tuples of Jepsen's independent generators. */
  readonly independent: boolean;
}

/** A place where the input breaks its format, and how: "what is wrong; expected what". */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;

  constructor(line: number, column: number, message: string) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/** The same, as a scanner throws it: at an offset of its buffer. */
export class ScanError extends Error {
  override readonly name = "ScanError";
  readonly at: number;
  /** The input ended where more was needed: it may have been cut off. */
  readonly incomplete: boolean;

  constructor(at: number, message: string, incomplete = false) {
    super(message);
    this.at = at;
    this.incomplete = incomplete;
  }
}

/** No line and no form may be longer: 64 MiB. */
export const UNIT_BYTES_MAX: number = 64 * 1024 ** 2;

/** No value may be nested deeper. */
export const DEPTH_MAX = 500;

/** How many characters these bytes of UTF-8 are. */
export function charactersIn(buffer: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) if (((buffer[i] as number) & 0xc0) !== 0x80) count++;
  return count;
}

/** A value as it may stand in a message: as JSON, on one line, short. */
export function shown(value: Value): string {
  const text = canonical(value);
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return short.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

/** A piece of the input as it may stand in a message: quoted, on one line, short. */
export function quoted(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return JSON.stringify(short).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
