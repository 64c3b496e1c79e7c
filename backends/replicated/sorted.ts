/** Lists whose order means nothing, in one order: for `NodeInstance.memory`. */
import type { Message } from "../../src/world/network.js";

/** Sorts by the text of what is in it. */
export function sorted(list: readonly Message[]): readonly Message[] {
  return list
    .map((each) => ({ each, text: JSON.stringify(each) }))
    .toSorted((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ each }) => each);
}
