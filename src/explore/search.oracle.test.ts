/**
 * The search against brute force: small random systems of places that send each other messages, all
 * of whose interleavings are enumerated. What is left after pruning must be one execution of each
 * class of equivalent ones (Mazurkiewicz's traces), and show the same outcomes.
 */
import { describe, expect, test } from "vitest";
import { createRandom } from "../random.js";
import type { Chooser } from "./chooser.js";
import type { Look } from "./sighting.js";
import { Search, type Reduction } from "./search.js";
import { areDependent, type Candidate } from "./step.js";

/** A message that is under way, or something that a client is about to begin. */
interface Waiting extends Candidate {
  readonly content: number;
}

interface Toy {
  readonly places: number;
  /** What is under way at the start, by place. */
  readonly start: readonly (readonly number[])[];
  /** So many steps send something. */
  readonly busy: number;
  /** How many messages may be lost. */
  readonly lost: number;
  /** Whether some messages begin operations, and others end some. */
  readonly operations: boolean;
  /**
   * Whether some messages see to it that others to the same place are never taken: those that it
   * sent itself, as a node cancels its timers, and those that were there at the start.
   */
  readonly cancels: boolean;
}

/** What one execution came to. */
interface Execution {
  readonly steps: readonly Candidate[];
  readonly lost: readonly string[];
  /** What each place has seen, in order, and what had ended when operations began. */
  readonly outcome: string;
}

/** Carries out one execution; undefined when the chooser gave it up. */
function carryOut(toy: Toy, chooser: Chooser): Execution | undefined {
  const waiting: Waiting[] = [];
  const counts = new Map<string, number>();
  const losses: string[] = [];
  let { lost } = toy;
  const send = (from: string, to: number, what: { content: number; creator: number }): void => {
    const link = `${from}>p${to}`;
    const count = (counts.get(link) ?? 0) + 1;
    counts.set(link, count);
    const id = `${link}.${count}`;
    if (lost > 0 && chooser.choose(["", `lose ${id}`]) === 1) {
      lost--;
      losses.push(id);
      return;
    }
    const operation = toy.operations ? OPERATIONS[mixed(what.content, count) % 4] : undefined;
    waiting.push({ id, place: `p${to}`, operation, ...what });
  };
  for (const [to, contents] of toy.start.entries()) {
    for (const content of contents) send("", to, { content, creator: -1 });
  }
  const states = Array.from({ length: toy.places }, () => 1);
  const seen = states.map((): string[] => []);
  const steps: Candidate[] = [];
  const sightings: string[] = [];
  while (waiting.length > 0) {
    const chosen = chooser.schedule(waiting, 0, UNSEEN);
    if (chosen === undefined) return undefined;
    const [event] = waiting.splice(chosen, 1) as [Waiting];
    const place = Number(event.place.slice(1));
    const state = mixed(states[place] as number, event.content);
    states[place] = state;
    seen[place]?.push(event.id);
    if (event.operation === "begins") {
      const ended = steps.filter(({ operation }) => operation === "ends");
      sightings.push(
        `${event.id} after ${ended
          .map(({ id }) => id)
          .toSorted()
          .join(" ")}`,
      );
    }
    steps.push(event);
    const creator = steps.length - 1;
    if (toy.cancels && mixed(event.content, 3) % 3 === 0) {
      for (const other of waiting.filter(({ place: at }) => at === event.place)) {
        const isOwn = other.creator < 0 || other.id.startsWith(`${event.place}>`);
        if (!isOwn || mixed(other.content, 5) % 2 === 0) continue;
        waiting.splice(waiting.indexOf(other), 1);
        chooser.disable(other.id);
      }
    }
    const sends = steps.filter(({ place: at }) => at === event.place).length <= toy.busy;
    for (let i = 0; i < (sends ? state % 3 : 0); i++) {
      const to = mixed(state, i) % toy.places;
      send(event.place, to, { content: mixed(state, 9 + i), creator });
    }
  }
  return {
    steps,
    lost: losses.toSorted(),
    outcome: JSON.stringify([seen, states, sightings.toSorted()]),
  };
}

/** A search without states does not look. */
const UNSEEN: Look = {
  idle: () => undefined,
  sighting: () => {
    throw new Error("nobody looks");
  },
};

const OPERATIONS = [undefined, undefined, "begins", "ends"] as const;

function mixed(a: number, b: number): number {
  let h = Math.imul(a ^ (b * 0x9e3779b9), 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** All executions that a search carries out to their ends. */
function executions(toy: Toy, reduction: Reduction, most = Infinity): Execution[] | undefined {
  const search = new Search(reduction);
  const all: Execution[] = [];
  let before = 0;
  while (!search.over) {
    const execution = carryOut(toy, search);
    if (execution !== undefined) all.push(execution);
    search.finish();
    if (all.length > most) return undefined;
    if (reduction !== "races") expect(search.share).toBeGreaterThanOrEqual(before - 1e-9);
    before = search.share;
  }
  expect(search.share).toBe(1);
  return all;
}

/** A class of executions that differ in the order of independent steps only, as a name. */
function traceOf({ steps, lost }: Execution): string {
  // Foata's normal form: each step as early as what it depends on lets it be.
  const levels: number[] = [];
  for (const [index, step] of steps.entries()) {
    let level = 0;
    for (let before = 0; before < index; before++) {
      const other = steps[before] as Candidate;
      if (step.creator === before || areDependent(step, other)) {
        level = Math.max(level, (levels[before] as number) + 1);
      }
    }
    levels.push(level);
  }
  const names = steps.map(({ id }, index) => `${levels[index]} ${id}`);
  return [...names.toSorted(), ...lost].join();
}

function drawToy(seed: number): Toy {
  const random = createRandom(seed);
  const places = 2 + random.below(3);
  return {
    places,
    start: Array.from({ length: places }, () =>
      Array.from({ length: random.below(3) }, () => random.below(1000)),
    ),
    busy: random.below(3),
    lost: random.chance(0.3) ? 1 : 0,
    operations: random.chance(0.5),
    cancels: random.chance(0.5),
  };
}

describe("a search of all executions", () => {
  test("leaves one of each class of equivalent ones, and loses no outcome", () => {
    let compared = 0;
    let executed = 0;
    let classes = 0;
    for (let seed = 0; seed < 300; seed++) {
      const toy = drawToy(seed);
      const all = executions(toy, "none", 800);
      if (all === undefined) continue;
      compared++;
      executed += all.length;
      const traces = new Set(all.map(traceOf));
      const outcomes = new Set(all.map(({ outcome }) => outcome));
      classes += traces.size;
      for (const reduction of ["sleep", "races"] as const) {
        const left = executions(toy, reduction) as Execution[];
        const where = `${reduction} of ${seed}: ${JSON.stringify(toy)}`;
        expect(left.length, where).toBe(traces.size);
        expect(new Set(left.map(traceOf)), where).toEqual(traces);
        expect(new Set(left.map(({ outcome }) => outcome)), where).toEqual(outcomes);
      }
    }
    expect(compared).toBeGreaterThan(150);
    expect(executed / classes).toBeGreaterThan(2);
  });

  const independent = (places: number): Toy => ({
    places,
    start: Array.from({ length: places }, () => [7]),
    busy: 0,
    lost: 0,
    operations: false,
    cancels: false,
  });

  test.each([
    [2, 2],
    [4, 24],
    [6, 720],
  ])("of %i messages to as many nodes, there are %i orders and one class", (places, orders) => {
    expect(executions(independent(places), "none")).toHaveLength(orders);
    expect(executions(independent(places), "sleep")).toHaveLength(1);
    expect(executions(independent(places), "races")).toHaveLength(1);
  });

  test("of k messages to one node, there are k! of each", () => {
    const toy: Toy = { ...independent(1), start: [[1, 2, 3, 4, 5]] };
    for (const reduction of ["none", "sleep", "races"] as const) {
      expect(executions(toy, reduction)).toHaveLength(120);
    }
  });

  test("by races begins no execution of independent steps twice, by sleep sets many", () => {
    const begun = (reduction: Reduction): number => {
      const search = new Search(reduction);
      let count = 0;
      for (; !search.over; search.finish()) {
        carryOut(independent(8), search);
        count++;
      }
      return count;
    };
    expect(begun("races")).toBe(1);
    expect(begun("sleep")).toBe(2 ** 7);
  });

  test("with a bound of delays tries the orders that are within it", () => {
    const count = (delays: number): number => {
      const search = new Search("races", delays);
      let number = 0;
      for (; !search.over; search.finish()) {
        carryOut({ ...independent(1), start: [[1, 2, 3, 4]] }, search);
        number++;
      }
      return number;
    };
    // As many as there are permutations with so many inversions: 1, 3, 5, 6, 5, 3, 1.
    expect([0, 1, 2, 3, 4, 5, 6].map(count)).toEqual([1, 4, 9, 15, 20, 23, 24]);
    expect(count(Infinity)).toBe(24);
  });

  test("tries each loss that is allowed, and says how far it is", () => {
    const toy: Toy = { ...independent(3), lost: 1 };
    expect(executions(toy, "races")).toHaveLength(4);
    const search = new Search("none");
    carryOut(toy, search);
    search.finish();
    expect(search.share).toBeGreaterThan(0);
    expect(search.share).toBeLessThan(0.1);
  });

  test("notices that an execution is not the same again", () => {
    const search = new Search("none");
    carryOut(independent(2), search);
    search.finish();
    expect(() => carryOut({ ...independent(2), start: [[7], [7, 8]] }, search)).toThrow(
      "another one",
    );
  });
});
