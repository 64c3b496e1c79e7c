/**
 * What a node must not forget: its term, its vote, its log, and the snapshot that the log starts
 * from. It is kept in a journal (`file/journal.ts`), whose records are
 *
 * - `["vote", term, votedFor]`: both at once, for a vote without its term means nothing;
 * - `["entries", index, entries]`: the log from this index on is now these entries.
 *
 * Everything that is said to others waits for `whenDurable`: the order of the journal then sees to
 * it that nobody is told what a crash could take back. A checkpoint holds the term, the vote, a
 * snapshot, and the entries after it; it replaces all records before it (dissertation, chapter 5).
 */
import type { Value } from "../../src/history/value.js";
import type { Disk } from "../../src/world/disk.js";
import { textOf } from "../../src/world/immutable.js";
import type { Message, NodeId } from "../../src/world/network.js";
import { openJournal } from "../file/journal.js";
import type { Entry, LogBase } from "./log.js";
import type { RaftVariant } from "./variants.js";

/** A snapshot of the state machine. */
export interface Snapshot extends LogBase {
  /** The state of the machine after the entry `index`; null before the first. */
  readonly state: Value;
}

/** What is on the disk. */
export interface Persistent {
  readonly term: number;
  readonly votedFor: NodeId | null;
  readonly snapshot: Snapshot;
  readonly entries: readonly Entry[];
}

/** The disk of a node. */
export interface Storage {
  /** What the last incarnation left. */
  readonly found: Persistent;
  /** The snapshot that the log on the disk starts from. */
  readonly snapshot: Snapshot;
  saveVote(term: number, votedFor: NodeId | null): void;
  saveEntries(firstIndex: number, entries: readonly Entry[]): void;
  /** Replaces everything. */
  saveAll(everything: Persistent): void;
  /** Calls back when all that was saved so far will survive any crash. */
  whenDurable(action: () => void): void;
  /** Whether all that was saved will. */
  isIdle(): boolean;
}

/** Opens what is on the disk, or begins with these members. */
export async function openStorage(
  disk: Disk,
  options: { readonly members: readonly NodeId[]; readonly variant: RaftVariant | null },
): Promise<Storage> {
  const { members, variant } = options;
  const journal = await openJournal(disk, {
    syncs: variant !== "no-fsync",
    ...(variant === "torn-accepted" ? { salvage: salvageTorn } : {}),
  });
  const start = journal.checkpoint === undefined ? beginning(members) : decode(journal.checkpoint);
  const found = replay(start, journal.records);
  await journal.replace(encode(found));
  // No getter: V8 looks fields of objects that have one up in a table.
  const storage = {
    found,
    snapshot: found.snapshot,
    saveVote: (term: number, votedFor: NodeId | null) => {
      if (variant === "vote-not-persisted") return;
      journal.appendText(JSON.stringify(["vote", term, votedFor]));
    },
    saveEntries: (firstIndex: number, entries: readonly Entry[]) => {
      const texts = entries.map((entry) => textOf(entry as unknown as Message));
      journal.appendText(`["entries",${firstIndex},[${texts.join(",")}]]`);
    },
    saveAll: (everything: Persistent) => {
      storage.snapshot = everything.snapshot;
      void journal.replace(encode(everything));
    },
    whenDurable: (action: () => void) => journal.whenDurable(action),
    isIdle: () => journal.isIdle(),
  };
  return storage;
}

/** No term, no vote, no entry. */
function beginning(members: readonly NodeId[]): Persistent {
  return {
    term: 0,
    votedFor: null,
    snapshot: { index: 0, term: 0, members, state: null },
    entries: [],
  };
}

function replay(start: Persistent, records: readonly Value[]): Persistent {
  const { snapshot } = start;
  let { term, votedFor } = start;
  const entries = [...start.entries];
  for (const record of records) {
    const [kind, number, content] = record as readonly [string, number, Value];
    if (kind === "vote") {
      term = number;
      votedFor = content as string | null;
      continue;
    }
    const at = number - snapshot.index - 1;
    entries.length = Math.min(entries.length, Math.max(0, at));
    const added = content as unknown as readonly Entry[];
    for (let i = Math.max(0, -at); i < added.length; i++) entries.push(added[i] as Entry);
  }
  return { term, votedFor, snapshot, entries };
}

function encode({ term, votedFor, snapshot, entries }: Persistent): Value {
  return { term, votedFor, snapshot: { ...snapshot }, entries: entries as unknown as Value };
}

function decode(checkpoint: Value): Persistent {
  return checkpoint as unknown as Persistent;
}

/**
 * The bug of `torn-accepted`: the torn record is cut before its first entry that is not whole, and
 * an entry whose term is still there is kept as one that does nothing.
 */
function salvageTorn(text: string): Value | undefined {
  const begun = /\["entries",(\d+),\[/.exec(text);
  if (begun === null) return undefined;
  const terms = [...text.slice(begun.index).matchAll(/\{"term":(\d+),/g)];
  if (terms.length === 0) return undefined;
  const entries = terms.map((match) => ({ term: Number(match[1]), operation: { kind: "noop" } }));
  return ["entries", Number(begun[1]), entries];
}
