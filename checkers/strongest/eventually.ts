/**
 * The eventual levels as `strongest` asks them: of states that reads show whole, at the end of a
 * history that came to rest. What a read shows is told by the type of the model; a read is of the
 * replica that its input names, else of its process, and of the object that its key names.
 *
 * Which updates a read has seen, sets and logs tell themselves, as long as elements are added once
 * and never removed: those that it shows. So a set keeps `strong-eventual` as soon as it keeps
 * `eventual`; in a log, who shows the same entries has to show them in the same order.
 */
import type { Budget, Checker } from "../../src/checker/checker.js";
import { levelOf } from "../../src/consistency/lattice.js";
import type { LevelName } from "../../src/consistency/level.js";
import { FAIL, INVOKE, NEMESIS, NONE, OK, type History } from "../../src/history/history.js";
import { canonical, type Value } from "../../src/history/value.js";
import type { Model } from "../../src/model/model.js";
import type { Verdict } from "../../src/verdict/verdict.js";
import { eventual } from "../eventual.js";
import { callText } from "../everyday/words.js";
import { LimitReached, Meter } from "../linearizable/meter.js";

/** Types whose reads show the whole state. */
const SHOWN_WHOLE: ReadonlySet<string> = new Set(["counter", "log", "multiset", "register", "set"]);

/** An eventual level and who decides it. */
export interface EventualQuestion {
  readonly level: LevelName;
  readonly checker: Checker;
  readonly isOptional: true;
}

/** What may be asked of a model; nothing where no read shows the whole state. */
export function eventualQuestions(model: Model): readonly EventualQuestion[] {
  const { type, options } = model;
  if (type === undefined || !SHOWN_WHOLE.has(type.name)) return [];
  if (options["nilReads"] === "unknown") return [];
  const question = (
    level: LevelName,
    check: (history: History, budget: Budget) => Promise<Verdict>,
  ): EventualQuestion => ({
    level,
    checker: {
      name: level,
      description: levelOf(level).says,
      check: (history, budget) => check(history, budget),
    },
    isOptional: true,
  });
  const plain = question("eventual", (history, budget) => askEventual(history, model, budget));
  if (type.name !== "set" && type.name !== "log") return [plain];
  return [
    question("strong-eventual", (history, budget) => askStrong(history, model, budget)),
    plain,
  ];
}

async function askEventual(history: History, model: Model, budget: Budget): Promise<Verdict> {
  const roles = model.type?.roles ?? {};
  const reads = history.functionNames.filter((f) => roles[f] === "read");
  const updates = new Set<string>();
  let shows = reads.length > 0;
  for (let event = 0; event < history.length; event++) {
    if (history.types[event] !== INVOKE || history.processes[event] === NEMESIS) continue;
    const f = history.functionNames[history.functions[event] as number] as string;
    // An input that is no name says what is read: a slice, several keys.
    if (reads.includes(f)) shows &&= isName(history.valueAt(history.values[event] as number));
    else if (!updates.has(f) && model.readOnly?.(history.operation(event)) !== true) updates.add(f);
  }
  if (!shows) return undecided(history, "eventual", "no read shows the whole state");
  const unordered = model.type?.name === "set" || model.type?.name === "multiset";
  const checker = eventual({ reads, updates: [...updates], replica: "input", unordered });
  return checker.check(history, budget);
}

function isName(input: Value): boolean {
  return input === null || typeof input !== "object";
}

async function askStrong(history: History, model: Model, budget: Budget): Promise<Verdict> {
  const meter = new Meter(budget);
  let conflict: Conflict | undefined;
  try {
    if (!isGrowing(history, model, meter)) {
      return undecided(history, "strong-eventual", "which updates reads have seen is not known");
    }
    if (model.type?.name === "log" && history.lists === undefined) {
      return undecided(history, "strong-eventual", "what is in lists is not known");
    }
    if (model.type?.name === "log") conflict = conflictIn(history, model, meter);
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    return undecided(history, "strong-eventual", `out of ${error.limit}`);
  }
  if (conflict === undefined) {
    const verdict = await askEventual(history, model, budget);
    return { ...verdict, checker: "strong-eventual" };
  }
  const { first, second } = conflict;
  const message = `${callText(history, first)} and ${callText(history, second)} show the same entries in different orders.`;
  const details = { states: [first, second].map((read) => outputOf(history, read)) };
  return {
    checker: "strong-eventual",
    verdict: "invalid",
    reason: message,
    operations: history.invocations().length,
    elapsedMs: meter.elapsedMs(),
    anomalies: [{ kind: "conflicting-states", message, operations: [first, second], details }],
  };
}

function outputOf({ pairs, values, valueAt }: History, invocation: number): Value {
  return valueAt(values[pairs[invocation] as number] as number);
}

function undecided(history: History, checker: string, why: string): Verdict {
  return {
    checker,
    verdict: "unknown",
    reason: `Undecided: ${why}.`,
    operations: history.invocations().length,
    elapsedMs: 0,
    anomalies: [],
  };
}

/** Whether each element is added once, and none is ever removed. */
function isGrowing(history: History, model: Model, meter: Meter): boolean {
  const roles = model.type?.roles ?? {};
  const added = new Set<string>();
  if (canonical(model.initial()) !== "[]") return false;
  for (let event = 0; event < history.length; event++) {
    if (history.types[event] !== INVOKE || history.processes[event] === NEMESIS) continue;
    const completion = history.pairs[event] as number;
    if (completion !== NONE && history.types[completion] === FAIL) continue;
    meter.spend(8);
    const role = roles[history.functionNames[history.functions[event] as number] as string];
    if (role === "add" || role === "append") {
      const name = `${history.keys[event]} ${history.values[event]}`;
      if (added.has(name)) return false;
      added.add(name);
    } else if (role !== "read" && role !== "contains" && role !== "size") return false;
  }
  return true;
}

interface Conflict {
  readonly first: number;
  readonly second: number;
}

/** Two reads of a log that show the same entries in different orders. */
function conflictIn(history: History, model: Model, meter: Meter): Conflict | undefined {
  const roles = model.type?.roles ?? {};
  const { types, processes, functions, functionNames, pairs, keys, values, lists } = history;
  if (lists === undefined) return undefined;
  /** Key and list, and key and entries → the first read that shows them. */
  const known = new Set<string>();
  const byEntries = new Map<string, number>();
  for (let event = 0; event < history.length; event++) {
    const completion = pairs[event] as number;
    if (types[event] !== INVOKE || processes[event] === NEMESIS || completion === NONE) continue;
    if (types[completion] !== OK) continue;
    if (roles[functionNames[functions[event] as number] as string] !== "read") continue;
    const list = values[completion] as number;
    const name = `${keys[event]} ${list}`;
    const start = lists.starts[list] as number;
    if (start < 0 || known.has(name)) continue;
    known.add(name);
    const length = lists.items[start] as number;
    meter.spend(8 * length);
    const entries = lists.items.slice(start + 1, start + 1 + length).sort();
    const shown = `${keys[event]} ${entries.join()}`;
    meter.reserve(2 * shown.length);
    const first = byEntries.get(shown);
    if (first !== undefined) return { first, second: event };
    byEntries.set(shown, event);
  }
  return undefined;
}
