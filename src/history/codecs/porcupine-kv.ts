/**
 * The key-value histories of Porcupine's tests (from MIT's 6.824): EDN maps, one a line, with
 * `get`,
 * `put` and `append` on a `:key`. Values are strings and every key holds "" at first.
 */
import { latin1 } from "./byte-strings.js";
import { ednDecoder } from "./edn.js";
import type { Codec } from "./port.js";

/** Porcupine's key-value text. */
export const porcupineKv: Codec = {
  name: "porcupine-kv",
  description: "Porcupine's key-value histories: EDN maps with get, put and append",
  conventions: { initial: "", nilReads: "value", failedCas: "observe" },
  /**
   * The syntax is that of `edn`, so the first operation decides: one of the three functions, with a
   * key of its own.
   */
  detect: (bytes) => {
    const first = /^[\s,]*(\{[^{}]*(?:\}|$))/.exec(latin1(bytes))?.[1] ?? "";
    return /:f\s+:(?:get|put|append)[\s,}]/.test(first) && /:key\s/.test(first);
  },
  decoder: ednDecoder,
};
