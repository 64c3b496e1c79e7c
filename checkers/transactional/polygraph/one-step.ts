/**
 * What an order of commits does not explain where a transaction sees whom it reads from, whoever
 * wrote one of its keys before it, and whom time puts before it, but not what these saw: as update
 * atomicity has it (Cerone et al. 2015, section 3: every two that write the same see one another).
 * A read of x misses what was written over it exactly when its transaction sees the writer in one
 * such step:
 *
 * ```
 * r reads x of w … v overwrites x of w … v → r by one ww, wr or step of time
 * ```
 *
 * Each key is gone through once in its order, with the last version of every other key that its
 * writers so far have left; of two sets of keys the smaller is looked up in the larger. So it takes
 * O(n^1.5) for n reads and writes, as for atomic views (Møldrup & Pavlogiannis 2025).
 */
import { NONE } from "../../../src/history/history.js";
import type { Meter } from "../../linearizable/meter.js";
import { RW, WW } from "../dependencies.js";
import {
  COMPLETES,
  ON_LIST,
  OVERWRITES,
  READS,
  SESSION,
  WRITES_OVER,
  type KeptTime,
} from "./known-graph.js";
import type { OrderedGraph } from "./ordered-graph.js";
import type { Objection } from "./objection.js";
import type { Pairs } from "./pairs.js";
import { NEVER, versionOf } from "./problem.js";

/** So many are answered at a time. */
const OBJECTIONS_MAX = 1024;
/** Who wrote fewer keys is never looked at alone. */
const WIDE_MIN = 64;

/** How somebody is seen: the kind of the edge, and the version of the seen one that it is about. */
type Step = readonly [kind: number, version: number];

/** Looks at the order of a graph again and again. */
export class OneStep {
  readonly #ordered: OrderedGraph;
  readonly #pairs: Pairs;
  readonly #meter: Meter;
  readonly #time: KeptTime;
  /** Member → its first entry in `reads`, versions. */
  readonly #readStarts: Int32Array;
  readonly #reads: Int32Array;
  /** Who wrote so many keys that it is looked at alone. */
  readonly #wide: Uint8Array;
  /** Version → its place among those of its key; the initial one is 0. */
  readonly #ranks: Int32Array;
  /** Key → a version, valid where the stamp is the present one. */
  readonly #stamps: Int32Array;
  readonly #found: Int32Array;
  #stamp = 0;
  /** Key → the version that who is looked at alone wrote last, valid with this number of it. */
  readonly #wideStamps: Int32Array;
  readonly #written: Int32Array;
  #wideStamp = 0;
  #objections: Objection[] = [];

  constructor(ordered: OrderedGraph, pairs: Pairs, meter: Meter) {
    const { problem, time } = ordered.graph;
    const { members, keys, keyOf, writeStarts, writeCount, otherReads } = problem;
    this.#ordered = ordered;
    this.#pairs = pairs;
    this.#meter = meter;
    this.#time = time;
    this.#readStarts = new Int32Array(members.length + 1);
    this.#reads = new Int32Array(otherReads.length);
    this.#sortReads();
    const widest = Math.max(WIDE_MIN, Math.sqrt(writeCount + otherReads.length));
    this.#wide = Uint8Array.from(members, (_, member) =>
      (writeStarts[member + 1] as number) - (writeStarts[member] as number) > widest ? 1 : 0,
    );
    this.#ranks = new Int32Array(keyOf.length);
    this.#stamps = new Int32Array(keys.length);
    this.#found = new Int32Array(keys.length);
    const isAnyWide = this.#wide.includes(1);
    this.#wideStamps = new Int32Array(isAnyWide ? keys.length : 0);
    this.#written = new Int32Array(isAnyWide ? keys.length : 0);
  }

  /** Some reads that the order does not explain; none when it explains all. @throws LimitReached */
  find(): readonly Objection[] {
    const { members, writeCount } = this.#ordered.graph.problem;
    this.#objections = [];
    this.#meter.spend(members.length + writeCount + this.#reads.length);
    const byKey = this.#rank();
    for (let member = 0; member < members.length; member++) this.#lookAtSources(member);
    if (this.#time === "process") this.#lookAtSessions();
    if (this.#time === "realtime") this.#lookAtTime();
    this.#lookAtKeys(byKey);
    for (let member = 0; member < members.length; member++) {
      if (this.#wide[member] === 1) this.#lookAtWide(member);
    }
    return this.#objections;
  }

  #sortReads(): void {
    const { otherReads, otherReaders, members } = this.#ordered.graph.problem;
    const starts = this.#readStarts;
    for (const reader of otherReaders) starts[reader + 1] = (starts[reader + 1] as number) + 1;
    for (let member = 0; member < members.length; member++) {
      starts[member + 1] = (starts[member + 1] as number) + (starts[member] as number);
    }
    const places = starts.slice();
    for (let at = 0; at < otherReads.length; at++) {
      const reader = otherReaders[at] as number;
      const place = places[reader] as number;
      places[reader] = place + 1;
      this.#reads[place] = otherReads[at] as number;
    }
  }

  /** Writes every key in the present order; answers the versions, key by key. */
  #rank(): { readonly starts: Int32Array; readonly versions: Int32Array } {
    const { graph, nodes } = this.#ordered;
    const { keys, keyOf, writeCount, writeStarts } = graph.problem;
    const starts = new Int32Array(keys.length + 1);
    for (let version = 0; version < writeCount; version++) {
      const key = keyOf[version] as number;
      starts[key + 1] = (starts[key + 1] as number) + 1;
    }
    for (let key = 0; key < keys.length; key++) {
      starts[key + 1] = (starts[key + 1] as number) + (starts[key] as number);
    }
    const places = starts.slice();
    const versions = new Int32Array(writeCount);
    for (const node of nodes) {
      if (node >= graph.memberNodes) continue;
      const end = writeStarts[node + 1] as number;
      for (let version = writeStarts[node] as number; version < end; version++) {
        const key = keyOf[version] as number;
        const place = places[key] as number;
        places[key] = place + 1;
        versions[place] = version;
        this.#ranks[version] = place + 1 - (starts[key] as number);
      }
    }
    return { starts, versions };
  }

  /** Whom a member reads from, each with all that it wrote. */
  #lookAtSources(member: number): void {
    const { problem } = this.#ordered.graph;
    const { keyOf, writerOf, writeStarts } = problem;
    const first = this.#readStarts[member] as number;
    const end = this.#readStarts[member + 1] as number;
    if (end - first < 2) return;
    const stamp = this.#noteReads(member);
    const sources = new Set<number>();
    for (let at = first; at < end; at++) {
      const source = this.#reads[at] as number;
      const writer = writerOf[source] as number;
      if (writer === NONE || sources.has(writer)) continue;
      sources.add(writer);
      const step: Step = [READS, source];
      const from = writeStarts[writer] as number;
      const to = writeStarts[writer + 1] as number;
      this.#meter.spend(Math.min(end - first, to - from));
      if (to - from <= end - first) {
        for (let version = from; version < to; version++) {
          const key = keyOf[version] as number;
          if (this.#stamps[key] !== stamp) continue;
          this.#compare(member, this.#found[key] as number, { version, step });
        }
        continue;
      }
      for (let read = first; read < end; read++) {
        const missed = this.#reads[read] as number;
        const version = versionOf(writer, keyOf[missed] as number, problem);
        if (version !== NONE) this.#compare(member, missed, { version, step });
      }
    }
  }

  #noteReads(member: number): number {
    const { keyOf } = this.#ordered.graph.problem;
    const stamp = ++this.#stamp;
    const end = this.#readStarts[member + 1] as number;
    for (let at = this.#readStarts[member] as number; at < end; at++) {
      const version = this.#reads[at] as number;
      const key = keyOf[version] as number;
      this.#stamps[key] = stamp;
      this.#found[key] = version;
    }
    return stamp;
  }

  #lookAtSessions(): void {
    const { members, processes, completions } = this.#ordered.graph.problem;
    const sessions = new Map<number, number[]>();
    for (let member = 0; member < members.length; member++) {
      const process = processes[member] as number;
      const session = sessions.get(process);
      if (session === undefined) sessions.set(process, [member]);
      else session.push(member);
    }
    for (const session of sessions.values()) {
      const stamp = ++this.#stamp;
      for (const member of session) {
        this.#compareAll(member, stamp, SESSION);
        if (completions[member] !== NEVER) this.#leave(member, stamp);
      }
    }
  }

  #lookAtTime(): void {
    const { problem, ended } = this.#ordered.graph;
    const { members, invocations, completions } = problem;
    const stamp = ++this.#stamp;
    let place = 0;
    for (let member = 0; member < members.length; member++) {
      for (; place < ended.length; place++) {
        const before = ended[place] as number;
        if ((completions[before] as number) > (invocations[member] as number)) break;
        this.#leave(before, stamp);
      }
      this.#compareAll(member, stamp, COMPLETES);
    }
  }

  /** Whoever wrote a key sees all that wrote it before. */
  #lookAtKeys({
    starts,
    versions,
  }: {
    readonly starts: Int32Array;
    readonly versions: Int32Array;
  }): void {
    const { keys, writerOf, writeStarts } = this.#ordered.graph.problem;
    for (let key = 0; key < keys.length; key++) {
      const end = starts[key + 1] as number;
      if (end - (starts[key] as number) < 2) continue;
      const stamp = ++this.#stamp;
      for (let place = starts[key] as number; place < end; place++) {
        const writer = writerOf[versions[place] as number] as number;
        if (this.#wide[writer] === 1) continue;
        const writes = (writeStarts[writer + 1] as number) - (writeStarts[writer] as number);
        const reads =
          (this.#readStarts[writer + 1] as number) - (this.#readStarts[writer] as number);
        this.#meter.spend(writes + reads);
        this.#compareAll(writer, stamp, WRITES_OVER, key);
        this.#leave(writer, stamp);
      }
    }
  }

  /** One that wrote many keys, and each that wrote one of them. */
  #lookAtWide(wide: number): void {
    const { graph, places } = this.#ordered;
    const { members, writeCount, writeStarts, keyOf } = graph.problem;
    this.#meter.spend(writeCount + this.#reads.length);
    const written = this.#written;
    const wideStamps = this.#wideStamps;
    const wideStamp = ++this.#wideStamp;
    const end = writeStarts[wide + 1] as number;
    for (let version = writeStarts[wide] as number; version < end; version++) {
      const key = keyOf[version] as number;
      wideStamps[key] = wideStamp;
      written[key] = version;
    }
    const stamp = this.#noteReads(wide);
    for (let member = 0; member < members.length; member++) {
      if (member === wide) continue;
      const from = writeStarts[member] as number;
      const to = writeStarts[member + 1] as number;
      let shared = from;
      while (shared < to && wideStamps[keyOf[shared] as number] !== wideStamp) shared++;
      if (shared === to) continue;
      if ((places[member] as number) < (places[wide] as number)) {
        const step: Step = [WRITES_OVER, shared];
        for (let version = from; version < to; version++) {
          const key = keyOf[version] as number;
          if (this.#stamps[key] !== stamp) continue;
          this.#compare(wide, this.#found[key] as number, { version, step });
        }
        continue;
      }
      const step: Step = [WRITES_OVER, written[keyOf[shared] as number] as number];
      const last = this.#readStarts[member + 1] as number;
      for (let at = this.#readStarts[member] as number; at < last; at++) {
        const missed = this.#reads[at] as number;
        const key = keyOf[missed] as number;
        if (wideStamps[key] !== wideStamp) continue;
        this.#compare(member, missed, { version: written[key] as number, step });
      }
    }
  }

  /** What a member leaves, as far as nothing later was left of it. */
  #leave(member: number, stamp: number): void {
    const { keyOf, writeStarts } = this.#ordered.graph.problem;
    const end = writeStarts[member + 1] as number;
    for (let version = writeStarts[member] as number; version < end; version++) {
      const key = keyOf[version] as number;
      const isNew = this.#stamps[key] !== stamp;
      const rank = this.#ranks[version] as number;
      if (!isNew && (this.#ranks[this.#found[key] as number] as number) > rank) continue;
      this.#stamps[key] = stamp;
      this.#found[key] = version;
    }
  }

  /** The reads of a member with what was left of their keys. */
  #compareAll(member: number, stamp: number, kind: number, about: number = NONE): void {
    const { problem } = this.#ordered.graph;
    const { keyOf, writerOf } = problem;
    const end = this.#readStarts[member + 1] as number;
    for (let at = this.#readStarts[member] as number; at < end; at++) {
      const missed = this.#reads[at] as number;
      const key = keyOf[missed] as number;
      if (this.#stamps[key] !== stamp) continue;
      const version = this.#found[key] as number;
      if ((this.#ranks[version] as number) <= (this.#ranks[missed] as number)) continue;
      const writer = writerOf[version] as number;
      const seen = about === NONE ? NONE : versionOf(writer, about, problem);
      this.#compare(member, missed, { version, step: [kind, seen] });
    }
  }

  /** Objects when a version that was read comes before one of somebody who is seen. */
  #compare(
    reader: number,
    missed: number,
    { version, step }: { readonly version: number; readonly step: Step },
  ): void {
    const { keyOf, writerOf } = this.#ordered.graph.problem;
    const writer = writerOf[version] as number;
    const isEarlier = (this.#ranks[missed] as number) < (this.#ranks[version] as number);
    if (!isEarlier || writer === reader || this.#objections.length >= OBJECTIONS_MAX) return;
    const literals: number[] = [];
    const proof = (
      [from, to]: readonly [number, number],
      [kind, about]: Step,
      literal: number = NONE,
    ): number => {
      if (literal !== NONE) literals.push(literal);
      return this.#pairs.proof([from, to], { kind, about, literal });
    };
    const [kind, seen] = step;
    const isOver = kind === WRITES_OVER;
    const { lists } = this.#ordered.graph;
    const place = lists?.placeOf(writer, keyOf[seen] as number) ?? NONE;
    const sight =
      isOver && place !== NONE
        ? proof([writer, reader], [ON_LIST, WW])
        : proof(
            [writer, reader],
            [kind, seen],
            isOver ? this.#pairs.literal(writer, reader) : NONE,
          );
    const first = writerOf[missed] as number;
    const miss =
      lists?.isList(keyOf[missed] as number) === true
        ? proof([reader, writer], [ON_LIST, RW])
        : proof(
            [reader, writer],
            [OVERWRITES, missed],
            first === NONE ? NONE : this.#pairs.literal(first, writer),
          );
    this.#objections.push({ literals: [...new Set(literals)], cycle: [sight, miss] });
  }
}
