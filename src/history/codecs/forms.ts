/**
 * Feeds an EDN stream to a reader form by form. The stream is a vector or list of forms, or forms
 * one after the other. A form that crosses the end of a chunk is read again from its start once the
 * buffer has doubled, so that a form of any length costs time linear in it, however small the
 * chunks are.
 */
import type { EdnScanner } from "./edn-scanner.js";
import { charactersIn, MalformedError, ScanError, UNIT_BYTES_MAX, type Decoder } from "./port.js";

const NEWLINE = 10;
const LIST = 40;
const LIST_END = 41;
const BRACKET = 91;
const BRACKET_END = 93;

/** Reads the form at the scanner's cursor. */
export interface FormReader {
  /** Must change nothing before the form is whole. @throws ScanError */
  read(): void;
}

/** A decoder that hands forms to `reader` and turns its errors into positions of the file. */
export function formDecoder(scanner: EdnScanner, reader: FormReader): Decoder {
  return new FormDecoder(scanner, reader);
}

class FormDecoder implements Decoder {
  private readonly scanner: EdnScanner;
  private readonly reader: FormReader;
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  /** How much must be pending before reading is worth another try. */
  private wantedBytes = 0;
  /** The place of the first pending byte. */
  private line = 1;
  private column = 1;
  /** The byte that closes the vector or list around the forms; 0 without one. */
  private closing = 0;
  private openedAt = { line: 1, column: 1 };
  private begun = false;
  private closed = false;

  constructor(scanner: EdnScanner, reader: FormReader) {
    this.scanner = scanner;
    this.reader = reader;
  }

  push(chunk: Buffer): void {
    this.pending.push(chunk);
    this.pendingBytes += chunk.length;
    if (this.pendingBytes >= this.wantedBytes) this.readPending(false);
  }

  end(): void {
    this.readPending(true);
    if (this.closing !== 0 && !this.closed) {
      const closing = String.fromCharCode(this.closing);
      const { line, column } = this.openedAt;
      throw new MalformedError(
        this.line,
        this.column,
        `the input ends here; expected "${closing}" for the one that opens at ${line}:${column} (the file may be cut off)`,
      );
    }
  }

  private readPending(final: boolean): void {
    const buffer =
      this.pending.length === 1
        ? (this.pending[0] as Buffer)
        : Buffer.concat(this.pending, this.pendingBytes);
    const { scanner } = this;
    scanner.reset(buffer, 0, buffer.length, final);
    let whole = 0;
    try {
      while (this.form()) whole = scanner.at;
      whole = scanner.at;
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
      if (!error.incomplete || final) {
        const { line, column } = this.place(buffer, error.at);
        const start = this.place(buffer, this.formStart);
        const opened =
          error.incomplete && error.at > this.formStart
            ? ` (in the form that begins at ${start.line}:${start.column}; the file may be cut off)`
            : "";
        throw new MalformedError(line, column, error.message + opened);
      }
    }
    ({ line: this.line, column: this.column } = this.place(buffer, whole));
    // A copy, for a view would hold the whole buffer.
    const rest = Buffer.from(buffer.subarray(whole));
    if (rest.length > UNIT_BYTES_MAX) {
      throw new MalformedError(
        this.line,
        this.column,
        `this operation is longer than ${UNIT_BYTES_MAX / 1024 ** 2} MiB; expected smaller ones`,
      );
    }
    this.pending = [rest];
    this.pendingBytes = rest.length;
    this.wantedBytes = rest.length * 2;
  }

  private formStart = 0;

  /** Reads one form or delimiter; false at the end of the buffer. */
  private form(): boolean {
    const { scanner } = this;
    this.formStart = scanner.at;
    const byte = scanner.peek(0);
    if (byte < 0) return false;
    this.formStart = scanner.at;
    if (this.closed) scanner.unexpected("nothing after the end of the history");
    if (!this.begun && (byte === BRACKET || byte === LIST)) {
      this.openedAt = this.place(scanner.buffer, scanner.at);
      this.closing = byte === BRACKET ? BRACKET_END : LIST_END;
      this.begun = true;
      scanner.at++;
      return true;
    }
    this.begun = true;
    if (byte === this.closing) {
      this.closed = true;
      scanner.at++;
      return true;
    }
    this.reader.read();
    return true;
  }

  /**
   * The line and column of an offset in the buffer that starts at `this.line` and `this.column`.
   */
  private place(buffer: Buffer, offset: number): { line: number; column: number } {
    let { line } = this;
    let start = 0;
    for (;;) {
      const newline = buffer.indexOf(NEWLINE, start);
      if (newline < 0 || newline >= offset) break;
      line++;
      start = newline + 1;
    }
    const column = charactersIn(buffer, start, offset) + (line === this.line ? this.column : 1);
    return { line, column };
  }
}
