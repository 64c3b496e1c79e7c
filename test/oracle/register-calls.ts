/** Reads and writes of a register, for random histories in which every value is written once. */
import type { CallShape } from "./random-history.js";

export const READ_KNOWN: CallShape = {
  f: "read",
  weight: 2,
  input: () => null,
  outputs: ({ known }) => [null, known(), known(), known()],
};

export const WRITE_FRESH: CallShape = {
  f: "write",
  input: ({ fresh }) => fresh(),
  outputs: (_, input) => [input],
};
