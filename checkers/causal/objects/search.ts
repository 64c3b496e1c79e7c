/**
 * Causal consistency of any object, by its definitions (Bouajjani et al. 2017, section 3), for
 * small histories: a search for what each operation sees.
 *
 * What precedes an operation causally is closed under the order of sessions, so that it is a
 * vector: how many operations of each session. Operations are given their vectors one after the
 * other, each seeing some of what has been placed. Only *smallest* vectors that explain an
 * operation have to be tried: in whatever explains the history, a larger one can be replaced by a
 * smaller one, for that only takes constraints away from the others. An operation that its
 * session's own past explains is therefore placed at once. No situation is visited twice.
 *
 * For convergence the order in which updates are placed is the one order for all; for the others it
 * does not matter. Pipelined RAM needs no vectors: one order for each session is looked for.
 */
import type { Model } from "../../../src/model/model.js";
import type { Meter } from "../../linearizable/meter.js";
import type { CausalLevel } from "../decide.js";
import type { Call, Session } from "./operations.js";
import { Replay, type Counts } from "./replay.js";

/** What an operation sees, in an order that explains it. */
export interface Seen {
  readonly of: Call;
  readonly order: readonly Call[];
}

/** What every operation sees, and for convergence the order of updates; undefined: refuted. */
export type Explanation =
  | { readonly sees: readonly Seen[]; readonly arbitration: readonly Call[] }
  | undefined;

/** Decides. @throws LimitReached */
export function searchCausal(
  sessions: readonly Session[],
  about: { readonly model: Model; readonly level: CausalLevel; readonly meter: Meter },
): Explanation {
  const replay = new Replay(about.model, sessions, about.meter);
  if (about.level === "pram") return searchViews(sessions, replay);
  return new Search(sessions, replay, about).run();
}

function searchViews(sessions: readonly Session[], replay: Replay): Explanation {
  const counts = sessions.map(({ calls }) => calls.length);
  const nothing = sessions.map(() => 0);
  const sees: Seen[] = [];
  for (const [own, { calls, parent }] of sessions.entries()) {
    const of = calls.at(-1);
    if (of === undefined || parent !== undefined) continue;
    const order = replay.explain({
      counts,
      before: () => nothing,
      isKept: ({ session }) => session === own,
      isOptional: (session) => sessions[session]?.parent !== undefined,
    });
    if (order === undefined) return undefined;
    sees.push({ of, order });
  }
  return { sees, arbitration: [] };
}

interface Placed {
  readonly vector: Counts;
  readonly order: readonly Call[];
}

class Search {
  readonly #sessions: readonly Session[];
  readonly #replay: Replay;
  readonly #level: CausalLevel;
  readonly #meter: Meter;
  readonly #visited = new Set<string>();
  readonly #placed = new Map<Call, Placed>();
  readonly #arbitration: Call[] = [];

  constructor(
    sessions: readonly Session[],
    replay: Replay,
    { level, meter }: { readonly level: CausalLevel; readonly meter: Meter },
  ) {
    this.#sessions = sessions;
    this.#replay = replay;
    this.#level = level;
    this.#meter = meter;
  }

  run(): Explanation {
    if (!this.#extend(this.#sessions.map(() => 0))) return undefined;
    const sees = [...this.#placed].map(([of, { order }]) => ({ of, order }));
    return { sees, arbitration: this.#arbitration };
  }

  #extend(counts: Counts): boolean {
    const isDone = this.#sessions.every(
      ({ calls, parent }, session) => parent !== undefined || counts[session] === calls.length,
    );
    if (isDone) return true;
    const name = this.#name(counts);
    this.#meter.spend(name.length >> 2);
    if (this.#visited.has(name)) return false;
    this.#meter.reserve(2 * name.length + 60);
    this.#visited.add(name);
    const next = this.#next(counts);
    for (const call of next) {
      const own = this.#ownPast(call);
      const order = this.#explains(call, own);
      // Nothing is better than that, and for convergence only updates have a place in the order.
      const isForced = this.#level !== "causal-convergence" || !call.isUpdate;
      if (order !== undefined && isForced) return this.#with(call, { vector: own, order }, counts);
    }
    for (const call of next) {
      for (const placed of this.#smallest(call, counts)) {
        if (this.#with(call, placed, counts)) return true;
      }
    }
    return false;
  }

  /** Operations that may come next, the first to be invoked first. */
  #next(counts: Counts): readonly Call[] {
    return this.#sessions
      .flatMap(({ calls, parent }, session) => {
        const call = calls[counts[session] as number];
        const isReady = parent === undefined || (counts[parent.session] as number) >= parent.after;
        return call !== undefined && isReady ? [call] : [];
      })
      .toSorted((a, b) => a.operation.invocation - b.operation.invocation);
  }

  #with(call: Call, placed: Placed, counts: Counts): boolean {
    this.#placed.set(call, placed);
    if (call.isUpdate) this.#arbitration.push(call);
    if (this.#extend(counts.with(call.session, call.place + 1))) return true;
    if (call.isUpdate) this.#arbitration.pop();
    this.#placed.delete(call);
    return false;
  }

  /** The vectors that explain a call, without those that contain another that does. */
  #smallest(call: Call, counts: Counts): readonly Placed[] {
    const found: Placed[] = [];
    const least = this.#ownPast(call);
    const held = this.#meter.bytes;
    const vectors = this.#vectors(least, call.session, counts).toSorted(
      (a, b) => sumOf(a) - sumOf(b),
    );
    for (const vector of vectors) {
      this.#meter.spend(vector.length * (found.length + 1));
      if (found.some((each) => isWithin(each.vector, vector))) continue;
      const order = this.#explains(call, vector);
      if (order !== undefined) found.push({ vector, order });
    }
    this.#meter.release(this.#meter.bytes - held);
    return found;
  }

  /** All closed vectors from a least one to what was placed. */
  #vectors(least: Counts, own: number, counts: Counts): readonly Counts[] {
    let vectors: Counts[] = [least];
    for (const [session, { calls }] of this.#sessions.entries()) {
      if (session === own) continue;
      const further: Counts[] = [];
      for (
        let count = (least[session] as number) + 1;
        count <= (counts[session] as number);
        count++
      ) {
        const last = calls[count - 1] as Call;
        if (!last.isUpdate) continue;
        const past = this.#placed.get(last)?.vector as Counts;
        this.#meter.spend(vectors.length * least.length);
        this.#meter.reserve(8 * vectors.length * least.length);
        for (const vector of vectors) {
          further.push(
            vector
              .map((each, at) => Math.max(each, past[at] as number))
              .with(session, Math.max(count, vector[session] as number)),
          );
        }
      }
      vectors = vectors.concat(further);
    }
    return [...new Map(vectors.map((vector) => [vector.join(), vector])).values()];
  }

  /** What its session did before, and what that saw. */
  #ownPast({ session, place }: Call): Counts {
    const { calls, parent } = this.#sessions[session] as Session;
    const [from, count] = parent === undefined ? [session, place] : [parent.session, parent.after];
    const last = (from === session ? calls : (this.#sessions[from] as Session).calls)[count - 1];
    if (last === undefined) return this.#sessions.map(() => 0);
    return (this.#placed.get(last) as Placed).vector.with(from, count);
  }

  #explains(call: Call, vector: Counts): readonly Call[] | undefined {
    const { parent } = this.#sessions[call.session] as Session;
    if (this.#level === "causal-convergence") {
      const order = this.#arbitration.filter(
        ({ session, place }) => place < (vector[session] as number),
      );
      // What may have happened returned anything.
      return parent !== undefined || this.#replay.explainsInOrder(order, call) ? order : undefined;
    }
    return this.#replay.explain({
      counts: vector,
      before: (other) => this.#placed.get(other)?.vector as Counts,
      isKept: ({ session }) => this.#level === "causal-memory" && session === call.session,
      ...(parent === undefined ? { last: call } : {}),
    });
  }

  #name(counts: Counts): string {
    const vectors = this.#sessions.map(({ calls }, session) =>
      calls
        .slice(0, counts[session])
        .map((call) => this.#placed.get(call)?.vector.join())
        .join(" "),
    );
    const isOrdered = this.#level === "causal-convergence";
    const order = isOrdered ? this.#arbitration.map(({ operation }) => operation.invocation) : [];
    return `${vectors.join("/")} ${order.join()}`;
  }
}

function sumOf(vector: Counts): number {
  return vector.reduce((sum, count) => sum + count, 0);
}

function isWithin(small: Counts, large: Counts): boolean {
  return small.every((count, session) => count <= (large[session] as number));
}
