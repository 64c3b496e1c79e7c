/**
 * Cuts bytes into lines without copying, except for the one line that crosses the end of a chunk;
 * its pieces are joined once, when it is whole, so that a line of any length costs time linear in
 * it.
 */
import { charactersIn, MalformedError, ScanError, UNIT_BYTES_MAX, type Decoder } from "./port.js";

const NEWLINE = 10;
const RETURN = 13;

/**
 * Takes lines: `buffer[start, end)` without its ending; `torn` for a last line without a newline.
 */
export interface LineReader {
  /**
   * Must not keep `buffer`. @throws ScanError for what breaks the format, at an offset of `buffer`.
   */
  line(buffer: Buffer, start: number, end: number, torn: boolean): void;
  end(): void;
}

/** A decoder that hands lines to `reader` and turns its errors into positions of the file. */
export function lineDecoder(reader: LineReader): Decoder {
  let lineNumber = 0;
  let pieces: Buffer[] = [];
  let piecesBytes = 0;

  const read = (buffer: Buffer, start: number, stop: number, torn: boolean): void => {
    lineNumber++;
    const end = stop > start && buffer[stop - 1] === RETURN ? stop - 1 : stop;
    try {
      reader.line(buffer, start, end, torn);
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
      const column = charactersIn(buffer, start, Math.min(error.at, stop)) + 1;
      throw new MalformedError(lineNumber, column, error.message);
    }
  };

  const keep = (piece: Buffer): void => {
    if (piece.length === 0) return;
    // A copy, for a view would hold the whole chunk.
    pieces.push(Buffer.from(piece));
    piecesBytes += piece.length;
    if (piecesBytes > UNIT_BYTES_MAX) {
      throw new MalformedError(
        lineNumber + 1,
        1,
        `this line is longer than ${UNIT_BYTES_MAX / 1024 ** 2} MiB; expected one event a line`,
      );
    }
  };

  const takePieces = (): Buffer => {
    const whole = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, piecesBytes);
    pieces = [];
    piecesBytes = 0;
    return whole;
  };

  return {
    push: (chunk) => {
      let start = 0;
      if (piecesBytes > 0) {
        const newline = chunk.indexOf(NEWLINE);
        keep(newline < 0 ? chunk : chunk.subarray(0, newline));
        if (newline < 0) return;
        const whole = takePieces();
        read(whole, 0, whole.length, false);
        start = newline + 1;
      }
      for (;;) {
        const newline = chunk.indexOf(NEWLINE, start);
        if (newline < 0) break;
        read(chunk, start, newline, false);
        start = newline + 1;
      }
      keep(start === 0 ? chunk : chunk.subarray(start));
    },
    end: () => {
      if (piecesBytes > 0) {
        const whole = takePieces();
        read(whole, 0, whole.length, true);
      }
      reader.end();
    },
  };
}
