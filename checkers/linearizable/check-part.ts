/**
 * Decides one part: by a monitor of the model's type where one is suited, else by the general
 * search. What a monitor refutes goes through the general search too, on the few operations that it
 * names: that confirms it, and makes the counterexample minimal.
 */
import type { History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Model } from "../../src/model/model.js";
import type { NonLinearizableCertificate } from "../../src/verdict/certificate.js";
import type { Anomaly } from "../../src/verdict/verdict.js";
import { askMonitors, type MonitorFinding, type Order } from "./ask-monitors.js";
import { Assumptions } from "./assumptions.js";
import type { Progress } from "./attempt.js";
import { decide, withStates } from "./decide.js";
import { anomalyOf } from "./explain.js";
import { excludedOrders, renamed, type Excluded } from "./excluded.js";
import { createKinds } from "./kinds.js";
import { LimitReached, type LimitName, type Meter } from "./meter.js";
import { minimize, type Counterexample } from "./minimize.js";
import type { Part } from "./parts.js";
import { layOut } from "./problem.js";
import { projectTo } from "./projection.js";
import { Transitions } from "./transitions.js";
import { explainUndecided, type Undecided, type Unfinished } from "./undecided.js";

/** What it may cost to confirm, and make small, what a monitor has refuted. */
const CONFIRM_WORK = 1 << 22;

/** The answer for one part. */
export type PartAnswer =
  | { readonly verdict: "valid"; readonly order: Order; readonly search: string }
  | {
      readonly verdict: "invalid";
      readonly certificate: NonLinearizableCertificate;
      readonly anomaly: Anomaly;
      readonly search: string;
    }
  | ({ readonly verdict: "unknown"; readonly limit: LimitName } & Undecided);

/**
 * A part, and the work that it may take to decide it; a counterexample is made small beyond that.
 */
export interface PartQuestion {
  readonly history: History;
  readonly model: Model;
  readonly part: Part;
  readonly meter: Meter;
  readonly work: number;
  readonly overall: Progress;
}

/** Decides a part within its budget. */
export function checkPart(question: PartQuestion): PartAnswer {
  const { history, part, meter, overall } = question;
  const bytesBefore = meter.bytes;
  const search: Search = {
    progress: { levelMax: 0, configurationsMax: 0 },
    problem: undefined,
    transitions: undefined,
    assumptions: undefined,
  };
  try {
    // Even a part of one operation looks at the clock.
    meter.check();
    return decidePart(question, search);
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    const { limit } = error;
    const spent =
      limit === "memory"
        ? `${Math.round(meter.memoryBytes / 2 ** 20)} MiB`
        : `${Math.round(meter.elapsedMs())} ms`;
    const undecided = explainUndecided({ history, part, limit, spent, ...search });
    return { verdict: "unknown", limit, ...undecided };
  } finally {
    // Whatever the part had allocated is garbage now, also when it ended half-way.
    meter.release(meter.bytes - bytesBefore);
    const { configurationsMax } = search.progress;
    overall.configurationsMax = Math.max(overall.configurationsMax, configurationsMax);
  }
}

function decidePart(question: PartQuestion, search: Search): PartAnswer {
  // Monitors cost little more than to read the part: their work is not bounded by rounds.
  const found = askMonitors(question, question.meter);
  if (found?.kind === "linearizable") {
    return { verdict: "valid", order: found.order, search: found.search };
  }
  if (found !== undefined) return refute(question, found, search);
  const answer = searchPart(question, search);
  if (answer.kind === "refuted") return invalid(question, answer);
  return { verdict: "valid", order: answer.order, search: answer.search };
}

/** How far the general search has come; filled in while it runs. */
type Search = {
  -readonly [name in "problem" | "transitions" | "assumptions"]: Unfinished[name];
} & Pick<Unfinished, "progress">;

/** Why a part cannot be explained. */
interface Refutation {
  readonly kind: "refuted";
  /** The first operation that cannot be explained. */
  readonly failing: number;
  /** States that were possible when it had to take effect. */
  readonly states: readonly Value[];
  readonly counterexample: Counterexample;
  readonly excluded: Excluded | undefined;
  readonly values?: readonly Value[];
  readonly search: string;
}

type SearchAnswer =
  | { readonly kind: "explained"; readonly order: readonly number[]; readonly search: string }
  | Refutation;

/** The general search over one part. @throws LimitReached */
function searchPart(question: PartQuestion, search: Search): SearchAnswer {
  const { history, model, part, meter, work } = question;
  const transitions = new Transitions(model, meter);
  const kinds = createKinds(history, transitions, model.observesProcess);
  const assumptions = new Assumptions(model, transitions, meter);
  const context = { transitions, assumptions, meter };
  const { completed, indeterminate } = part;
  const { progress } = search;
  const laidOut = layOut(history, { required: completed, optional: indeterminate }, kinds, meter);
  Object.assign(search, { problem: laidOut, transitions, assumptions });
  meter.check();
  const decision = meter.within(work, () => decide(laidOut, context, progress));
  if (decision.kind === "linearizable") {
    return { kind: "explained", order: decision.order, search: decision.search };
  }
  const { level, states } = withStates(decision, laidOut, context, progress);
  const end = history.pairs[completed[level] as number] as number;
  const refuted = completed.filter((one) => one < end);
  const others = [...completed.filter((one) => one > end), ...indeterminate];
  // What returned before `end` began before it too, so that the failing one keeps its position.
  const whole = { history, kinds, completed: refuted, returned: level + 1, others };
  const counterexample = minimize(whole, context);
  return {
    kind: "refuted",
    failing: completed[level] as number,
    states: states.map((state) => transitions.stateAt(state)),
    counterexample,
    excluded: excludedOrders({ history, kinds, transitions, meter, ...counterexample }),
    search: decision.search,
  };
}

function invalid({ history, model, part }: PartQuestion, refutation: Refutation): PartAnswer {
  const { counterexample, values, search } = refutation;
  return {
    verdict: "invalid",
    certificate: {
      kind: "non-linearizable",
      model: { name: model.name, options: model.options },
      part: part.part,
      ...(values === undefined ? {} : { values }),
      ...counterexample,
    },
    anomaly: anomalyOf(history, part.part, refutation),
    search,
  };
}

type Refuted = Extract<MonitorFinding, { kind: "not-linearizable" }>;

/**
 * Confirms what a monitor refuted by a search: over the projection that it named, or, when that
 * does not hold what the contradiction rests on (a projection leaves out what saw something else),
 * over the operations that it named, or over all.
 */
function refute(question: PartQuestion, found: Refuted, search: Search): PartAnswer {
  const { history, model, part } = question;
  const suspects = new Set(found.suspects);
  const whole = { history, part };
  const projection =
    found.values === undefined
      ? undefined
      : projectTo(found.values, { history, part, model, named: suspects });
  const known = projection?.part.completed.map((one) => projection.origins[one] as number);
  const kept = new Set(known);
  const keepsAll = found.suspects.every((one) => kept.has(one));
  const refutation =
    (projection !== undefined && keepsAll
      ? refuteWithin(question, { ...projection, suspects, values: found.values }, search)
      : undefined) ??
    refuteWithin(question, { ...whole, suspects }, search) ??
    refuteWithin(question, { ...whole, suspects: new Set(part.completed) }, search);
  if (refutation === undefined) throw new Error(`${found.search} refuted what has an order`);
  return invalid(question, { ...refutation, search: found.search });
}

/** Where a refutation is looked for. */
interface Within {
  readonly history: History;
  readonly part: Part;
  /** In events of the whole history. */
  readonly suspects: ReadonlySet<number>;
  /** Events of the whole history, when this is a projection. */
  readonly origins?: Int32Array;
  readonly values?: readonly Value[] | undefined;
}

/** The refutation of the suspects, the others' completions forgotten; undefined when none. */
function refuteWithin(
  question: PartQuestion,
  within: Within,
  search: Search,
): Refutation | undefined {
  const { part, history, suspects, origins, values } = within;
  const originOf = (event: number): number => origins?.[event] ?? event;
  const completed = part.completed.filter((one) => suspects.has(originOf(one)));
  const others = part.completed.filter(
    (one) => !suspects.has(originOf(one)) && history.operation(one).outcome === "ok",
  );
  const indeterminate = [...others, ...part.indeterminate].sort((a, b) => a - b);
  const refutation = confirm(
    { ...question, history, part: { part: part.part, completed, indeterminate } },
    search,
  );
  if (refutation === undefined) return undefined;
  const { required, forgotten, minimal } = refutation.counterexample;
  return {
    ...refutation,
    failing: originOf(refutation.failing),
    counterexample: {
      required: required.map((one) => originOf(one)),
      forgotten: forgotten.map((one) => originOf(one)),
      minimal,
    },
    excluded: refutation.excluded && renamed(refutation.excluded, originOf),
    ...(values === undefined ? {} : { values }),
  };
}

/**
 * The refutation that the search finds, undefined when there is an order; when the budget does not
 * suffice for either, the operations that were named are it.
 */
function confirm(question: PartQuestion, search: Search): Refutation | undefined {
  const { history, part } = question;
  try {
    const answer = question.meter.within(CONFIRM_WORK, () => searchPart(question, search));
    return answer.kind === "refuted" ? answer : undefined;
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
  }
  const { completed, indeterminate } = part;
  const failing = completed.at(-1) as number;
  const end = history.pairs[failing] as number;
  return {
    kind: "refuted",
    failing,
    states: [],
    counterexample: {
      required: completed.toSorted((a, b) => a - b),
      forgotten: indeterminate.filter((one) => one < end),
      minimal: false,
    },
    excluded: undefined,
    search: "",
  };
}
