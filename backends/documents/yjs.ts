/** The program of `yjs`: loaded where its nodes run, so that nobody else needs the library. */
import * as Y from "yjs";
import type { NodeProgram } from "../../src/world/world.js";
import type { Value } from "../../src/history/value.js";
import { toBytes, toText, type MakeDocument } from "./document.js";
import { replicaProgram } from "./replica.js";

/** What runs on each node. */
export function yjsProgram(options: { readonly repairs: boolean }): NodeProgram {
  return replicaProgram(makeDocument, options);
}

const makeDocument: MakeDocument = ({ number }) => {
  const doc = new Y.Doc({ guid: "ordeal" });
  // Drawn by the library itself it would differ from run to run.
  doc.clientID = number;
  const map = doc.getMap<Value>("map");
  let news: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array, origin: unknown) => {
    if (origin !== "peer") news.push(update);
  });
  return {
    get: (name) => map.get(name),
    set: (name, value) => void map.set(name, value),
    delete: (name) => map.delete(name),
    names: () => map.keys(),
    takeNews: () => {
      if (news.length === 0) return undefined;
      const all = Y.mergeUpdates(news);
      news = [];
      return toText(all);
    },
    summary: () => toText(Y.encodeStateVector(doc)),
    missingFor: (summary) => toText(Y.encodeStateAsUpdate(doc, toBytes(summary))),
    merge: (update) => Y.applyUpdate(doc, toBytes(update), "peer"),
  };
};
