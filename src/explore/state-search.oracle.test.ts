/**
 * The search through states against brute force: small random protocols whose places forget most of
 * what they hear, so that states are met again all the time. It must reach every state that there
 * is, and every outcome of all interleavings.
 */
import { describe, expect, test } from "vitest";
import { createRandom, type Random } from "../random.js";
import type { Chooser } from "./chooser.js";
import { Path } from "./path.js";
import { Search } from "./search.js";
import type { Look } from "./sighting.js";
import { errandOf, StateSearch, type Task } from "./state-search.js";
import type { Candidate } from "./step.js";

/** What happens to a place in some state with some message. */
interface Reaction {
  readonly state: number;
  readonly sends: readonly { readonly to: number; readonly content: number }[];
  /**
   * Messages with this content to the same place are never taken, of those that it sent itself or
   * that were there at the start: so a node cancels its timers.
   */
  readonly cancels: number | undefined;
}

interface Protocol {
  /** By place, state and content. */
  readonly reactions: readonly (readonly (readonly Reaction[])[])[];
  readonly start: readonly { readonly to: number; readonly content: number }[];
  /** How often a message may lead to another one; Infinity for protocols that go round. */
  readonly lives: number;
  readonly lost: number;
  /** Whether some contents begin operations, and others end some. */
  readonly operations: boolean;
}

/** A message that is under way. */
interface Flying {
  readonly from: string;
  readonly to: number;
  readonly content: number;
  readonly lives: number;
}

interface State {
  readonly places: number[];
  flying: Flying[];
  lost: number;
  /** What operations had ended when others began. */
  readonly seen: string[];
  readonly ended: string[];
}

const CONTENTS = 4;
const OPERATIONS = [undefined, "begins", undefined, "ends"] as const;

function nameOf({ from, to, content, lives }: Flying): string {
  return `${from}>p${to} ${content} ${lives}`;
}

function operationOf(protocol: Protocol, { content }: Flying): Candidate["operation"] {
  return protocol.operations ? OPERATIONS[content] : undefined;
}

/** All that the future depends on, and what was seen. */
function digestOf({ places, flying, lost, seen, ended }: State): string {
  const messages = flying.map(nameOf).toSorted();
  return JSON.stringify([places, messages, lost, seen.toSorted(), ended.toSorted()]);
}

/** Whether no place takes notice of it, in any state, and no history. */
function isIdle(protocol: Protocol, message: Flying): boolean {
  if (operationOf(protocol, message) !== undefined) return false;
  const { to, content } = message;
  return (protocol.reactions[to] ?? []).every((byContent, state) => {
    const { state: next, sends, cancels } = byContent[content] as Reaction;
    return next === state && sends.length === 0 && cancels === undefined;
  });
}

/** Lets a message arrive; `send` decides about each message that follows. */
function deliver(
  protocol: Protocol,
  state: State,
  options: { readonly index: number; readonly send: (message: Flying) => boolean },
): readonly Flying[] {
  const [message] = state.flying.splice(options.index, 1) as [Flying];
  const { to, content, lives } = message;
  const reaction = protocol.reactions[to]?.[state.places[to] as number]?.[content] as Reaction;
  const kind = operationOf(protocol, message);
  const name = nameOf(message);
  if (kind === "begins") state.seen.push(`${name} after ${state.ended.toSorted().join()}`);
  if (kind === "ends") state.ended.push(name);
  state.places[to] = reaction.state;
  const gone = state.flying.filter(
    ({ from, ...other }) =>
      other.to === to && other.content === reaction.cancels && (from === "" || from === `p${to}`),
  );
  state.flying = state.flying.filter((other) => !gone.includes(other));
  for (const sent of lives > 0 ? reaction.sends : []) {
    const next = { from: `p${to}`, ...sent, lives: lives - 1 };
    if (options.send(next)) state.flying.push(next);
  }
  return gone;
}

/** How an execution is carried out. */
interface Manner {
  /** Whether what changes nothing happens at once. */
  readonly idles?: boolean;
  /** Draws the order in which events are offered: a state has no order. */
  readonly random?: Random;
}

/** Carries out one execution; undefined when the chooser gave it up. */
function carryOut(
  protocol: Protocol,
  chooser: Chooser,
  { idles = false, random }: Manner = {},
): string | undefined {
  const state = startOf(protocol);
  let step = 0;
  const creators = new Map<Flying, number>();
  const ids = new Map<Flying, string>(state.flying.map((each, index) => [each, `start.${index}`]));
  while (state.flying.length > 0) {
    if (random !== undefined) state.flying = random.shuffle(state.flying);
    const { flying } = state;
    const names = flying.map(nameOf);
    const look: Look = {
      idle: () => {
        const index = flying.findIndex((each) => isIdle(protocol, each));
        return !idles || index < 0 ? undefined : index;
      },
      sighting: () => ({
        digest: digestOf(state),
        situation: state.places.join(),
        names: names.map((name) =>
          names.filter((other) => other === name).length > 1 ? undefined : name,
        ),
      }),
    };
    const candidates = flying.map((message) => ({
      id: ids.get(message) as string,
      place: `p${message.to}`,
      operation: operationOf(protocol, message),
      creator: creators.get(message) ?? -1,
    }));
    const index = chooser.schedule(candidates, 0, look);
    if (index === undefined) return undefined;
    const { id } = candidates[index] as Candidate;
    let sent = 0;
    const gone = deliver(protocol, state, {
      index,
      send: (message) => {
        const name = `${id}/${sent++}`;
        if (state.lost > 0 && chooser.choose(["", `lose ${name}`]) === 1) {
          state.lost--;
          return false;
        }
        ids.set(message, name);
        creators.set(message, step);
        return true;
      },
    });
    for (const message of gone) chooser.disable(ids.get(message) as string);
    step++;
  }
  return digestOf(state);
}

function startOf(protocol: Protocol): State {
  const { reactions, start, lives, lost } = protocol;
  const flying = start.map(({ to, content }) => ({ from: "", to, content, lives }));
  return { places: reactions.map(() => 0), flying, lost, seen: [], ended: [] };
}

function copyOf(state: State): State {
  const { places, flying, seen, ended } = state;
  return {
    ...state,
    places: [...places],
    flying: [...flying],
    seen: [...seen],
    ended: [...ended],
  };
}

/** All states that there are, by going through all of them; undefined for too many. */
function statesOf(protocol: Protocol, most: number): ReadonlyMap<string, State> | undefined {
  const start = startOf(protocol);
  const known = new Map([[digestOf(start), start]]);
  const waiting = [start];
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    for (let index = 0; index < state.flying.length; index++) {
      // Each set of losses that is possible, by counting in binary.
      for (let losses = 0, more = true; more; losses++) {
        const next = copyOf(state);
        let sent = 0;
        more = false;
        deliver(protocol, next, {
          index,
          send: () => {
            const isLost = next.lost > 0 && ((losses >> sent) & 1) === 1;
            sent++;
            if (isLost) next.lost--;
            return !isLost;
          },
        });
        more = state.lost > 0 && losses + 1 < 2 ** sent;
        const digest = digestOf(next);
        if (known.has(digest)) continue;
        known.set(digest, next);
        waiting.push(next);
        if (known.size > most || next.flying.length > 12) return undefined;
      }
    }
  }
  return known;
}

/** What a search through states came to. */
interface Searched {
  readonly outcomes: ReadonlySet<string>;
  readonly states: ReadonlySet<string>;
  readonly executions: number;
}

/** Carries out errands in an order that is drawn, some at once, as many workers do. */
function searchStates(protocol: Protocol, seed: number, idles = false): Searched {
  const random = createRandom(seed);
  const search = new StateSearch(seed);
  const pool: Task[] = [];
  const outcomes = new Set<string>();
  const states = new Set<string>();
  let executions = 0;
  let share = 0;
  while (search.waiting + pool.length > 0) {
    pool.push(...search.next(Infinity));
    const atOnce = random.shuffle(pool).slice(0, 1 + (seed % 4));
    const known = new Set(states);
    const done = atOnce.map((task) => {
      pool.splice(pool.indexOf(task), 1);
      const path = new Path(errandOf(task), (digest) => known.has(digest));
      return { task, path, outcome: carryOut(protocol, path, { idles, random }) };
    });
    for (const { task, path, outcome } of done) {
      executions++;
      const counts = search.take(task, path.trace, (digest) => states.add(digest));
      if (counts && outcome !== undefined) outcomes.add(outcome);
    }
    if (pool.length > 0) continue;
    expect(search.share).toBeGreaterThanOrEqual(share - 1e-9);
    share = search.share;
  }
  expect(search.share).toBe(1);
  return { outcomes, states, executions };
}

function drawReaction(random: Random, places: number, states: number): Reaction {
  return {
    state: random.below(states),
    sends: Array.from({ length: random.below(3) }, () => ({
      to: random.below(places),
      content: random.below(CONTENTS),
    })),
    cancels: random.chance(0.15) ? random.below(CONTENTS) : undefined,
  };
}

function draw(seed: number, goesRound: boolean): Protocol {
  const random = createRandom(seed);
  const places = 2 + random.below(3);
  const states = 1 + random.below(3);
  return {
    reactions: Array.from({ length: places }, () =>
      Array.from({ length: states }, (_, state) =>
        Array.from({ length: CONTENTS }, () =>
          random.chance(0.2)
            ? { state, sends: [], cancels: undefined }
            : drawReaction(random, places, states),
        ),
      ),
    ),
    start: Array.from({ length: 1 + random.below(4) }, () => ({
      to: random.below(places),
      content: random.below(CONTENTS),
    })),
    lives: goesRound ? Infinity : random.below(4),
    lost: goesRound || random.chance(0.6) ? 0 : 1,
    operations: !goesRound && random.chance(0.5),
  };
}

describe("a search through states", () => {
  test("reaches every state, and saves executions", () => {
    let compared = 0;
    let reached = 0;
    let transitions = 0;
    let executed = 0;
    for (let seed = 0; seed < 3_000; seed++) {
      const protocol = draw(seed, seed % 4 === 0);
      const all = statesOf(protocol, 400);
      if (all === undefined) continue;
      compared++;
      const finals = [...all].filter(([, { flying }]) => flying.length === 0);
      const expected = new Set(finals.map(([digest]) => digest));
      const where = `${seed}: ${JSON.stringify(protocol)}`;
      const { outcomes, states, executions } = searchStates(protocol, seed);
      expect(outcomes, where).toEqual(expected);
      // The last states are where executions end, and are looked at by nobody.
      expect(states.size, where).toBe(all.size - finals.length);
      reached += states.size;
      executed += executions;
      for (const { flying } of all.values()) transitions += flying.length;
    }
    expect(compared).toBeGreaterThan(2_000);
    expect(reached).toBeGreaterThan(20_000);
    // An execution for each event of each state is what there is without sleep sets.
    expect(executed / (transitions - reached)).toBeLessThan(0.9);
  });

  test("comes to the outcomes of all interleavings, with what changes nothing left out", () => {
    let compared = 0;
    let saved = 0;
    for (let seed = 0; seed < 800; seed++) {
      const protocol = draw(seed, false);
      const search = new Search("none");
      const outcomes = new Set<string>();
      let executions = 0;
      for (; !search.over && executions <= 1_000; executions++) {
        outcomes.add(carryOut(protocol, search) as string);
        search.finish();
      }
      if (!search.over) continue;
      compared++;
      const where = `${seed}: ${JSON.stringify(protocol)}`;
      expect(searchStates(protocol, seed).outcomes, where).toEqual(outcomes);
      const without = searchStates(protocol, seed, true);
      expect(without.outcomes, where).toEqual(outcomes);
      if (without.executions < executions) saved++;
    }
    expect(compared).toBeGreaterThan(400);
    expect(saved).toBeGreaterThan(100);
  });
});
