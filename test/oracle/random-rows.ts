/**
 * Random histories of a few transactions on rows, by predicates or on sets, most of them sensible.
 */
import { historyOf, type History, type NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { createRandom, type Random } from "../../src/random.js";

type Rows = Map<string, Value>;

type Kind = "predicates" | "sets";

/**
 * Transactions that take effect one after the other, but now and then see an earlier state, or what
 * another writes, whatever becomes of it; `areForgetful`: and miss what they wrote themselves.
 */
export function randomRows(seed: number, kind: Kind, areForgetful: boolean = false): History {
  // Made twice, alike but for what is read: the second time it is known what all write.
  const { written } = make(createRandom(seed), kind, { others: [], areForgetful });
  return make(createRandom(seed), kind, { others: written, areForgetful }).history;
}

function make(
  random: Random,
  kind: Kind,
  about: {
    readonly others: readonly (readonly [string, Value])[];
    readonly areForgetful: boolean;
  },
): { readonly history: History; readonly written: readonly (readonly [string, Value])[] } {
  const { others, areForgetful } = about;
  const written: (readonly [string, Value])[] = [];
  const count = 2 + random.below(3);
  const events: { readonly at: number; readonly event: NewEvent }[] = [];
  const now: Rows = new Map();
  const hasInit = kind === "predicates" && random.chance(0.7);
  if (hasInit) {
    for (const key of ["x", "y"]) if (random.chance(0.7)) now.set(key, random.below(3));
    const about = { process: 9, f: "init", timeNs: 0, value: Object.fromEntries(now) } as const;
    events.push({ at: -2, event: { ...about, type: "invoke" } });
    events.push({ at: -1, event: { ...about, type: "ok" } });
  }
  const strange = random.float() * 0.6;
  const states: Rows[] = [];
  const busy = new Map<number, number>();
  let event = 0;
  let fresh = 10;
  for (let each = 0; each < count; each++) {
    states.push(new Map(now));
    const process = random.below(3);
    const outcome = random.chance(0.8) ? "ok" : random.chance(0.5) ? "info" : "fail";
    const earliest = random.chance(0.4) ? event - random.below(5) : event;
    const begin = Math.max(busy.get(process) ?? 0, earliest) + 0.001 * random.float();
    const own: Rows = new Map(random.chance(strange) ? random.pick(states) : now);
    const writes: Rows = new Map();
    const asked: Value[] = [];
    const got: Value[] = [];
    const length = 1 + random.below(3);
    for (let step = 0; step < length; step++) {
      if (random.chance(strange / 2)) {
        const forgets = areForgetful && random.chance(0.5);
        for (const [key, value] of random.pick(states)) {
          if (forgets || !writes.has(key)) own.set(key, value);
        }
      }
      const isDirty = random.chance(strange / 3);
      const other = others[Math.floor(random.float() * others.length)];
      if (isDirty && other !== undefined && !writes.has(other[0])) own.set(...other);
      if (random.chance(strange / 30)) own.set("x", 99);
      const micro =
        kind === "sets"
          ? stepOfSet(random, own, fresh++)
          : stepOfRows(random, own, random.chance(0.7) ? random.below(3) : fresh++);
      if (micro.writes !== undefined) {
        writes.set(...micro.writes);
        written.push(micro.writes);
      }
      asked.push(micro.asked);
      got.push(micro.got);
    }
    const isApplied = outcome === "ok" || (outcome === "info" && random.chance(0.6));
    if (isApplied || random.chance(strange / 3)) {
      for (const [key, value] of writes) {
        if (value === null) now.delete(key);
        else now.set(key, value);
      }
    }
    event += 2;
    const returned = Math.max(begin + 0.1, event + 3 * random.float());
    busy.set(process, outcome === "ok" ? returned + 0.1 : begin + 0.2);
    const about = { process, f: "txn", timeNs: 0 } as const;
    events.push({ at: begin, event: { ...about, type: "invoke", value: asked } });
    const at = outcome === "ok" ? returned : begin + 0.1;
    events.push({ at, event: { ...about, type: outcome, value: outcome === "ok" ? got : asked } });
  }
  const sorted = events.toSorted((a, b) => a.at - b.at);
  return { history: historyOf(sorted.map(({ event: each }) => each)), written };
}

interface Micro {
  readonly asked: Value;
  readonly got: Value;
  readonly writes?: [string, Value];
}

function stepOfSet(random: Random, own: Rows, fresh: number): Micro {
  const key = random.pick(["s", "t"]);
  if (random.chance(0.5)) {
    own.set(`${key}${fresh}`, fresh);
    const micro = ["add", key, fresh];
    return { asked: micro, got: micro, writes: [`${key}${fresh}`, fresh] };
  }
  const isOf = ([name]: readonly [string, Value]): boolean => name.startsWith(key) || name === "x";
  const elements = [...own].filter(isOf).map(([, value]) => value);
  const isEmpty = elements.length === 0 && random.chance(0.5);
  return { asked: ["r", key, null], got: ["r", key, isEmpty ? null : elements] };
}

function stepOfRows(random: Random, own: Rows, value: number): Micro {
  const key = random.pick(["x", "y"]);
  if (random.chance(0.3)) {
    own.set(key, value);
    const micro = [random.chance(0.5) ? "w" : "insert", key, value];
    return { asked: micro, got: micro, writes: [key, value] };
  }
  if (random.chance(0.2)) {
    own.delete(key);
    const micro = value % 2 === 0 ? ["delete", key] : ["w", key, null];
    return { asked: micro, got: micro, writes: [key, null] };
  }
  if (random.chance(0.4)) return { asked: ["r", key, null], got: ["r", key, own.get(key) ?? null] };
  const predicate: Value = random.pick<Value>(["true", ["=", random.below(3)], ["mod", 2, 0]]);
  const isMeant = (each: Value): boolean =>
    predicate === "true" ||
    (Array.isArray(predicate) && predicate[0] === "="
      ? each === predicate[1]
      : Number(each) % 2 === 0);
  const isShown = ([, each]: readonly [string, Value]): boolean => each !== null && isMeant(each);
  const shown = Object.fromEntries([...own].filter(isShown));
  return { asked: ["rp", predicate, null], got: ["rp", predicate, shown] };
}
