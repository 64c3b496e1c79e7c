/**
 * Who carries operations out: generators for some of the workers, and for groups of them.
 *
 * Workers are told apart by their position among the client processes that a generator may use (0,
 * 1, 2 …), never by process number: a worker whose operation was indeterminate goes on as another
 * process, at the same position. Which process is whose is remembered from the last question, for
 * an event names only the process; that is enough, because a worker changes its process only after
 * the event that ends its operation.
 */
import { HarnessError } from "../errors.js";
import type { Process } from "../history/operation.js";
import { DONE, ask, dispatched, earlier, pending } from "./ask.js";
import type { Generator, GeneratorContext, Step } from "./generator.js";
import { stands, type Standing } from "./standing.js";

/** A client worker's position (from 0), or the nemesis. */
export type Worker = number | "nemesis";

/** For the clients only, not for the nemesis. */
export function clients(generator: Generator): Generator {
  return onWorkers((worker) => worker !== "nemesis", generator);
}

/** For the nemesis only. */
export function nemesis(generator: Generator): Generator {
  return onWorkers((worker) => worker === "nemesis", generator);
}

/**
 * For the workers that the predicate accepts; it sees and is told of no others. Done at once when
 * there is none.
 */
export function onWorkers(predicate: (worker: Worker) => boolean, generator: Generator): Generator {
  return divide({
    groupOf: (worker) => (predicate(worker) ? 0 : undefined),
    groupCount: () => 1,
    take: (index) => (index === 0 ? generator : undefined),
  });
}

/**
 * Reserves workers: `reserve([2, writes], [3, scans], reads)` gives the first two clients to
 * `writes`, the next three to `scans` and all others (and the nemesis) to `reads`.
 * @throws HarnessError `bad-argument` when first asked, if there are fewer clients than are
 *   reserved.
 */
export function reserve(
  ...parts: readonly [
    ...groups: (readonly [count: number, generator: Generator])[],
    rest: Generator,
  ]
): Generator {
  const groups = parts.slice(0, -1) as (readonly [number, Generator])[];
  const rest = parts.at(-1) as Generator;
  const bounds: number[] = [];
  for (const [count] of groups) {
    if (!Number.isInteger(count) || count < 1) {
      throw new HarnessError("bad-argument", `reserve takes numbers of workers, not ${count}`);
    }
    bounds.push((bounds.at(-1) ?? 0) + count);
  }
  const reserved = bounds.at(-1) ?? 0;
  return divide({
    groupOf: (worker) => {
      const group = worker === "nemesis" ? -1 : bounds.findIndex((bound) => worker < bound);
      return group === -1 ? groups.length : group;
    },
    groupCount: (clientCount) => {
      if (clientCount < reserved) {
        const message = `reserve needs ${reserved} workers but has ${clientCount}; raise the concurrency`;
        throw new HarnessError("bad-argument", message);
      }
      return groups.length + 1;
    },
    take: (index) => (index === groups.length ? rest : groups[index]?.[1]),
  });
}

/**
 * A copy for each worker (the nemesis too, when it is among them), which sees and is told of that
 * worker only.
 */
export function eachWorker(generator: Generator): Generator {
  return divide({
    // The nemesis, when there, is the last group.
    groupOf: (worker, clientCount) => (worker === "nemesis" ? clientCount : worker),
    groupCount: (clientCount) => clientCount + 1,
    take: (index, groupCount) => (index < groupCount ? generator : undefined),
  });
}

/** How workers are divided into groups, and what each group does. */
export interface Division {
  /** The group of a worker, from 0; undefined for a worker that is left out. */
  readonly groupOf: (worker: Worker, clientCount: number) => number | undefined;
  readonly groupCount: (clientCount: number) => number;
  /**
   * The generators by number: group n begins with the n-th, and a group whose generator is done
   * goes on with the first that nobody has had. Undefined when there are no more.
   */
  readonly take: (index: number, groupCount: number) => Generator | undefined;
}

/**
 * After so many generators in a row that are done at once, a group concludes that there is nothing
 * to do.
 */
const EMPTY_LIMIT = 10_000;

interface DivisionState {
  /** What each group does; undefined when it is done. */
  readonly parts: readonly (Generator | undefined)[];
  /** How many generators have been taken. */
  readonly taken: number;
  /** Who is in which group, as of the last question. */
  readonly membership: Membership;
}

/**
 * Groups of workers side by side, each with a generator of its own. The next operation is for the
 * group of a free worker that is drawn uniformly, so that groups are busy in proportion to their
 * size.
 */
export function divide(division: Division, state?: DivisionState): Generator {
  const self: Generator = {
    step: (context) => stepDivided(question, context),
    update: (event) => {
      const group = state?.membership.groups.get(event.process);
      const part = group === undefined ? undefined : state?.parts[group];
      if (state === undefined || group === undefined || part === undefined) return self;
      const next = part.update(event);
      if (next === part) return self;
      return divide(division, { ...state, parts: state.parts.with(group, next) });
    },
  };
  const question: Divided = { division, state, self, standing: undefined };
  return self;
}

interface Divided {
  readonly division: Division;
  readonly state: DivisionState | undefined;
  readonly self: Generator;
  /** What a group of one waits for: the nemesis, nearly always. */
  standing: Standing | undefined;
}

function stepDivided(question: Divided, context: GeneratorContext): Step {
  const { division, state, standing } = question;
  const known = state?.membership;
  const membership =
    known?.processes === context.processes ? known : membershipOf(division, context.processes);
  const { members, groupCount } = membership;
  const before = state?.parts;
  // Asked at every event of a run: the same list as before while all parts are as they were.
  let parts: Parts = before ?? NO_PARTS;
  let taken = state?.taken ?? 0;
  while (taken < groupCount) {
    const index = taken++;
    parts = withPart(parts, before, { index, part: division.take(index, groupCount) });
  }
  const free = freeOf(membership, context);
  if (standing !== undefined && stands(standing, context, free[0])) return standing.step;
  const { timeNs, random } = context;
  const isOfOne = groupCount === 1 && members[0]?.length === 1;
  const drawn = random.drawn();

  let wakeNs: number | undefined;
  const order = turns(membership, context);
  for (let turn = 0; turn < order.length; turn++) {
    const index = order[turn] as number;
    const processes = members[index] ?? [];
    if (processes.length === 0) {
      parts = withPart(parts, before, { index, part: undefined });
      continue;
    }
    let empty = 0;
    for (let part = parts[index]; part !== undefined; part = parts[index]) {
      const step = ask(part, { timeNs, free: free[index] ?? [], processes, random });
      if (step.kind === "done") {
        const next = ++empty > EMPTY_LIMIT ? undefined : division.take(taken++, groupCount);
        parts = withPart(parts, before, { index, part: next });
        continue;
      }
      if (step.next !== part) parts = withPart(parts, before, { index, part: step.next });
      if (step.kind === "dispatch") {
        return dispatched(step.dispatch, divide(division, { parts, taken, membership }));
      }
      wakeNs = earlier(wakeNs, step.wakeNs);
      break;
    }
  }
  if (areDone(parts)) return DONE;
  const unchanged = membership === known && parts === before;
  if (!unchanged) return pending(divide(division, { parts, taken, membership }), wakeNs);
  const answer = pending(question.self, wakeNs);
  if (isOfOne && random.drawn() === drawn) {
    const { processes } = context;
    const untilNs = wakeNs ?? Infinity;
    question.standing = { step: answer, processes, free: free[0], fromNs: timeNs, untilNs };
  }
  return answer;
}

type Parts = readonly (Generator | undefined)[];

const NO_PARTS: Parts = [];

/** With one part in the place of another; a list that is not `before` may be changed for that. */
function withPart(
  parts: Parts,
  before: Parts | undefined,
  { index, part }: { readonly index: number; readonly part: Generator | undefined },
): Parts {
  if (index < parts.length && parts[index] === part) return parts;
  const changed = parts === before || parts === NO_PARTS ? parts.slice() : (parts as Writable);
  changed[index] = part;
  return changed;
}

type Writable = (Generator | undefined)[];

function areDone(parts: Parts): boolean {
  for (let i = 0; i < parts.length; i++) if (parts[i] !== undefined) return false;
  return true;
}

/**
 * The groups in the order in which they are asked: of free workers in a random order, then those
 * without a free worker, for they may have come to their end, or count time.
 */
function turns(
  { groups, groupCount }: Membership,
  { free, random }: GeneratorContext,
): readonly number[] {
  if (groupCount === 1) return ONLY_GROUP;
  const drawn = new Set<number>();
  for (const process of random.shuffle(free)) {
    const group = groups.get(process);
    if (group !== undefined) drawn.add(group);
  }
  for (let group = 0; group < groupCount; group++) drawn.add(group);
  return [...drawn];
}

const ONLY_GROUP: readonly number[] = [0];

const NOBODY: readonly Process[] = [];
const NOBODY_OF_ONE: readonly (readonly Process[])[] = [NOBODY];

/** The free workers of each group. */
function freeOf(
  { groups, members, outsiders }: Membership,
  { free: all, processes }: GeneratorContext,
): readonly (readonly Process[])[] {
  if (all.length === processes.length) return members;
  const [only = NOBODY] = members;
  if (members.length === 1) {
    if (all.length === 0) return NOBODY_OF_ONE;
    // The nemesis is such a group, and is looked for at every event of a run.
    if (only.length === 1) return all.includes(only[0] as Process) ? members : NOBODY_OF_ONE;
    // The clients are all but the nemesis.
    if (outsiders.length === 1) {
      const insiders = without(all, outsiders[0] as Process);
      return insiders.length === only.length ? members : [insiders];
    }
  }
  const free: Process[][] = members.map(() => []);
  for (let i = 0; i < all.length; i++) {
    const process = all[i] as Process;
    const group = groups.get(process);
    if (group !== undefined) free[group]?.push(process);
  }
  return free;
}

function without(all: readonly Process[], outsider: Process): readonly Process[] {
  const others: Process[] = [];
  for (let i = 0; i < all.length; i++) {
    const process = all[i] as Process;
    if (process !== outsider) others.push(process);
  }
  return others;
}

interface Membership {
  /** The processes that are divided so. */
  readonly processes: readonly Process[];
  readonly groups: ReadonlyMap<Process, number>;
  readonly members: readonly (readonly Process[])[];
  /** Those in no group. */
  readonly outsiders: readonly Process[];
  readonly groupCount: number;
}

function membershipOf(division: Division, processes: readonly Process[]): Membership {
  let clientCount = 0;
  for (const process of processes) if (process !== "nemesis") clientCount++;
  const groupCount = division.groupCount(clientCount);
  const groups = new Map<Process, number>();
  const members: Process[][] = Array.from({ length: groupCount }, () => []);
  const outsiders: Process[] = [];
  let position = 0;
  for (const process of processes) {
    const worker = process === "nemesis" ? process : position++;
    const group = division.groupOf(worker, clientCount);
    if (group === undefined) {
      outsiders.push(process);
      continue;
    }
    groups.set(process, group);
    members[group]?.push(process);
  }
  return { processes, groups, members, outsiders, groupCount };
}
