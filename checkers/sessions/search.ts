/**
 * Session guarantees of any object, by their definitions (Viotti & Vukolić 2016, section 3.3), for
 * small histories: a search for one order of all updates, *arbitration*, and what of it each
 * operation sees.
 *
 * Updates are placed one after the other. Whoever is to see one decides so when it is placed, for
 * what the guarantees say of that only depends on what has been placed:
 *
 * - read-your-writes: all that its session does later sees it;
 * - monotonic-reads: who sees it is followed, in its session, by operations that see it too;
 * - monotonic-writes: updates that its session did before have been placed;
 * - writes-follow-reads: who sees it has not been followed by an update that has been placed.
 *
 * So sessions (and without monotonic-reads, operations) decide independently of one another, and
 * what matters of their decisions is the states that their operations have come to. All that these
 * may be are kept together; only the order is searched, no situation twice. When few updates are
 * left, a state is given up from which no choice and order of them explains the operation.
 */
import { canonical, type Value } from "../../src/history/value.js";
import type { Model } from "../../src/model/model.js";
import { stateOf } from "../../src/model/state.js";
import type { SessionGuarantee } from "../../src/verdict/certificate.js";
import { Prospects } from "./prospects.js";
import { hidden, type Call, type Session } from "../causal/objects/operations.js";
import type { Explanation, Seen } from "../causal/objects/search.js";
import type { Meter } from "../linearizable/meter.js";

/** Decides. @throws LimitReached */
export function searchGuarantees(
  sessions: readonly Session[],
  about: {
    readonly model: Model;
    readonly guarantees: readonly SessionGuarantee[];
    readonly meter: Meter;
  },
): Explanation {
  return new Search(sessions, about).run();
}

/** Operations that decide together, and what they may have come to. */
interface Group {
  readonly calls: readonly Call[];
  /** By name. */
  readonly situations: ReadonlyMap<string, Situation>;
}

/** The state of each operation of a group, and how it came about. */
interface Situation {
  readonly states: readonly Value[];
  /** By operation of the group: what it has seen, last first. */
  readonly seen: readonly (Chain | undefined)[];
}

interface Chain {
  readonly update: Call;
  readonly before: Chain | undefined;
}

class Search {
  readonly #sessions: readonly Session[];
  readonly #model: Model;
  readonly #guarantees: ReadonlySet<SessionGuarantee>;
  readonly #meter: Meter;
  readonly #updates: readonly Call[];
  readonly #visited = new Set<string>();
  readonly #prospects: Prospects;

  constructor(
    sessions: readonly Session[],
    about: {
      readonly model: Model;
      readonly guarantees: readonly SessionGuarantee[];
      readonly meter: Meter;
    },
  ) {
    this.#sessions = sessions;
    this.#model = about.model;
    this.#guarantees = new Set(about.guarantees);
    this.#meter = about.meter;
    this.#updates = sessions
      .flatMap(({ calls }) => calls.filter(({ isUpdate }) => isUpdate))
      .toSorted((a, b) => a.operation.invocation - b.operation.invocation);
    this.#prospects = new Prospects(this.#updates, {
      step: (state, operation) => this.#step(state, operation),
      meter: this.#meter,
    });
  }

  run(): Explanation {
    const readers = this.#sessions.map(({ calls, parent }) =>
      parent === undefined ? calls.filter((call) => this.#isReader(call)) : [],
    );
    const together = this.#guarantees.has("monotonic-reads")
      ? readers
      : readers.flatMap((calls) => calls.map((call) => [call]));
    const initial = stateOf(this.#model, this.#model.initial());
    const groups = together.map((calls): Group => {
      const states = calls.map(() => initial);
      const seen = calls.map(() => undefined);
      return { calls, situations: new Map([[canonical(states), { states, seen }]]) };
    });
    return this.#extend([], groups);
  }

  /**
   * What may return anything (see `LookAhead`) can see whatever it must, so that nothing has to be
   * decided for it. Only where what it sees would be all that keeps own updates in order it counts.
   */
  #isReader({ operation }: Call): boolean {
    const { lookAhead } = this.#model;
    const has = (guarantee: SessionGuarantee): boolean => this.#guarantees.has(guarantee);
    const isForced =
      has("read-your-writes") && has("writes-follow-reads") && !has("monotonic-writes");
    if (isForced) return true;
    return lookAhead === undefined || lookAhead.observes(operation);
  }

  #extend(placed: readonly Call[], groups: readonly Group[]): Explanation {
    if (placed.length === this.#updates.length) return this.#finish(placed, groups);
    const there = new Set(placed);
    const names = groups.map(({ situations }) => [...situations.keys()].toSorted().join(" "));
    const which = this.#updates.map((update) => (there.has(update) ? "1" : "0")).join("");
    const name = `${which} ${names.join("/")}`;
    this.#meter.spend(name.length >> 2);
    if (this.#visited.has(name)) return undefined;
    this.#meter.reserve(2 * name.length + 60);
    this.#visited.add(name);
    for (const update of this.#updates) {
      if (there.has(update) || !this.#isNext(update, there)) continue;
      const further: Group[] = [];
      for (const group of groups) {
        const next = this.#decide(group, update, placed);
        if (next.situations.size === 0) break;
        further.push(next);
      }
      if (further.length < groups.length) continue;
      const found = this.#extend([...placed, update], further);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** With monotonic-writes: whether what its session did before has been placed. */
  #isNext(update: Call, there: ReadonlySet<Call>): boolean {
    if (!this.#guarantees.has("monotonic-writes")) return true;
    const [session, place] = this.#after(update);
    const calls = (this.#sessions[session] as Session).calls.slice(0, place);
    return calls.every((call) => !call.isUpdate || there.has(call));
  }

  /** The session that it follows, and after how many operations of it. */
  #after({ session, place }: Call): readonly [session: number, place: number] {
    const { parent } = this.#sessions[session] as Session;
    return parent === undefined ? [session, place] : [parent.session, parent.after];
  }

  /** All that a group may come to when an update is placed. */
  #decide({ calls, situations }: Group, update: Call, placed: readonly Call[]): Group {
    const [own, place] = this.#after(update);
    const isLone = own !== update.session;
    const session = calls[0]?.session;
    const isWithin = this.#guarantees.has("writes-follow-reads");
    /** The last update of the session that has been placed, or is this one: where it stands. */
    let floor = -1;
    for (const other of isWithin ? [...placed, update] : []) {
      const [follows, at] = this.#after(other);
      if (follows === session) floor = Math.max(floor, other.session === session ? at : at - 1);
    }
    const may = calls.map((call) => call !== update && call.place > floor);
    const isOwn = this.#guarantees.has("read-your-writes") && own === session && !isLone;
    const must = calls.map((call) => isOwn && call.place > place);
    // Who sees it: from one operation of the session on all, or nobody. A group of one is as good.
    const choices: boolean[][] = [];
    for (let first = 0; first <= calls.length; first++) {
      const sees = calls.map((call, at) => at >= first && call !== update);
      if (first < calls.length && !sees[first]) continue;
      if (sees.every((each, at) => (each ? may[at] : !must[at]))) choices.push(sees);
    }
    const left = this.#prospects.without(new Set([...placed, update]));
    const isHopeless = ({ states }: Situation): boolean =>
      left !== undefined &&
      calls.some((call, at) => !this.#prospects.has(call, states[at] as Value, left));
    const next = new Map<string, Situation>();
    for (const situation of situations.values()) {
      for (const sees of choices) {
        for (const each of this.#seen(situation, update, sees)) {
          const name = canonical(each.states);
          this.#meter.spend(name.length >> 2);
          if (!next.has(name) && !isHopeless(each)) next.set(name, each);
        }
      }
    }
    return { calls, situations: next };
  }

  #seen({ states, seen }: Situation, update: Call, sees: readonly boolean[]): readonly Situation[] {
    const operation = hidden(update.operation);
    let all: readonly (readonly Value[])[] = [[]];
    for (const [at, state] of states.entries()) {
      const next = sees[at] === true ? this.#step(state, operation) : [state];
      this.#meter.spend(all.length * (next.length + 1));
      all = all.flatMap((before) => next.map((each) => before.concat([each])));
    }
    const chains = seen.map((before, at) => (sees[at] === true ? { update, before } : before));
    return all.map((each) => ({ states: each, seen: chains }));
  }

  #step(state: Value, operation: Call["operation"]): readonly Value[] {
    this.#meter.spend(8);
    return this.#model.step(state, operation).map((next) => stateOf(this.#model, next));
  }

  /** Whether every operation has come to a state that explains it. */
  #finish(arbitration: readonly Call[], groups: readonly Group[]): Explanation {
    const sees: Seen[] = [];
    for (const { calls, situations } of groups) {
      const found = [...situations.values()].find(({ states }) =>
        calls.every(({ operation }, at) => this.#step(states[at] as Value, operation).length > 0),
      );
      if (found === undefined) return undefined;
      for (const [at, of] of calls.entries()) sees.push({ of, order: ordered(found.seen[at]) });
    }
    return { sees, arbitration };
  }
}

function ordered(chain: Chain | undefined): readonly Call[] {
  const order: Call[] = [];
  for (let at = chain; at !== undefined; at = at.before) order.push(at.update);
  return order.reverse();
}
