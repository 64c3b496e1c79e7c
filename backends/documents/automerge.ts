/**
 * The program of `automerge`: loaded where its nodes run, so that nobody else needs the library.
 */
import * as Automerge from "@automerge/automerge";
import type { NodeProgram } from "../../src/world/world.js";
import type { Value } from "../../src/history/value.js";
import { toBytes, toText, type MakeDocument } from "./document.js";
import { replicaProgram } from "./replica.js";

interface Fields {
  map: { [name: string]: Value };
}

/** What runs on each node. */
export function automergeProgram(options: {
  readonly variant: "own-beginning" | null;
  readonly repairs: boolean;
}): NodeProgram {
  const beginsAlone = options.variant === "own-beginning";
  return replicaProgram((replica) => makeDocument(replica, beginsAlone), options);
}

/** Changes carry no time, or they would differ from run to run. */
const NO_TIME = { time: 0 };
const FOUNDER = "00".repeat(16);

function makeDocument(
  { number }: Parameters<MakeDocument>[0],
  beginsAlone: boolean,
): ReturnType<MakeDocument> {
  const actor = number.toString(16).padStart(32, "f");
  // All replicas begin with the same change. Had each made a map of its own, only one of these
  // maps would stay, and what was put into the others would be gone.
  const begun = Automerge.change<Fields>(
    Automerge.init<Fields>({ actor: beginsAlone ? actor : FOUNDER }),
    NO_TIME,
    (fields) => {
      fields.map = {};
    },
  );
  let doc = beginsAlone ? begun : Automerge.clone(begun, { actor });
  let news: Uint8Array[] = beginsAlone ? [Automerge.save(begun)] : [];
  const change = (action: (map: Fields["map"]) => void): void => {
    const before = Automerge.getHeads(doc);
    doc = Automerge.change(doc, NO_TIME, ({ map }) => action(map));
    news.push(Automerge.saveSince(doc, before));
  };
  return {
    get: (name) => doc.map[name],
    set: (name, value) => change((map) => (map[name] = value)),
    delete: (name) => {
      if (name in doc.map) change((map) => delete map[name]);
    },
    names: () => Object.keys(doc.map),
    takeNews: () => {
      const [first, ...rest] = news;
      if (first === undefined) return undefined;
      news = rest;
      return toText(first);
    },
    summary: () => JSON.stringify(Automerge.getHeads(doc)),
    missingFor: (summary) => {
      const heads = JSON.parse(summary) as string[];
      // Of a replica that knows what this one does not, nothing is known.
      const since = Automerge.hasHeads(doc, heads) ? heads : [];
      return toText(Automerge.saveSince(doc, since));
    },
    merge: (update) => {
      doc = Automerge.loadIncremental(doc, toBytes(update));
    },
  };
}
