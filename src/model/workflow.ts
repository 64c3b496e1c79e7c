/**
 * Instances of a workflow, each a state machine that many workers move on: a transition is a
 * compare-and-set that is restricted to the edges of the machine.
 *
 * An `ok` whose output is `false` is a refusal: a `create` that found the instance there, a
 * `transition` that found it elsewhere or asked for an edge that the machine has not, a `delete`
 * that found nothing.
 */
import { HarnessError } from "../errors.js";
import { canonical, sameValue, type Value } from "../history/value.js";
import { byKey, type Model, type ModelOperation } from "./model.js";

/** State → the states that may follow it. */
export interface WorkflowTransitions {
  readonly [state: string]: readonly string[];
}

/** The options of a workflow. */
export interface WorkflowOptions {
  /** Default: `DEFAULT_WORKFLOW`. */
  readonly transitions?: WorkflowTransitions;
  /** The state of an instance that was created. Default: the first of `transitions`. */
  readonly initial?: string;
  /**
   * What a `fail` of a transition says: `"ignore"` (default): only that it did not happen;
   * `"observe"`: also that the instance was elsewhere, or the edge is none. Observing is wrong
   * where a `fail` may be a refused connection.
   */
  readonly failedTransitions?: "ignore" | "observe";
}

/** What most engines have: work that waits, is tried again, and ends in one of three ways. */
export const DEFAULT_WORKFLOW: WorkflowTransitions = {
  pending: ["running", "cancelled"],
  running: ["pending", "waiting", "completed", "failed", "cancelled"],
  waiting: ["running", "failed", "cancelled"],
  completed: [],
  failed: [],
  cancelled: [],
};

/**
 * Workflow instances, one a key, with `create` (of a state, null: the initial one), `load` → state
 * (null: there is none), `transition` of `[from, to]`, and `delete`. The state is the instance's.
 */
export function workflow(options: WorkflowOptions = {}): Model {
  const settings = checkedSettings(options);
  const { transitions, initial, failedTransitions } = settings;
  return {
    name: "workflow",
    options: { ...settings },
    origin: { module: import.meta.url, factory: "workflow" },
    functions: ["create", "load", "transition", "delete"],
    initial: () => null,
    step: (state, operation): readonly Value[] => {
      switch (operation.f) {
        case "create": {
          const created = operation.input ?? initial;
          // An instance begins where the machine does.
          return answer(state, operation, state === null && created === initial, created);
        }
        case "load":
          if (operation.outcome !== "ok") return [state];
          return sameValue(operation.output ?? null, state) ? [state] : [];
        case "transition": {
          const [from, to] = edgeOf(operation);
          const legal =
            Object.hasOwn(transitions, from) && transitions[from]?.includes(to) === true;
          return answer(state, operation, legal && state === from, to);
        }
        case "delete":
          // What says nothing deletes what there is.
          if (operation.outcome === "ok" && operation.output !== true && !refuses(operation)) {
            return [null];
          }
          return answer(state, operation, state !== null, null);
        default:
          return [];
      }
    },
    partition: byKey,
    readOnly: (operation) => operation.f === "load" || refuses(operation),
    observesFailure: ({ f }) => f === "transition" && failedTransitions === "observe",
  };
}

function answer(
  state: Value,
  operation: ModelOperation,
  possible: boolean,
  next: Value,
): readonly Value[] {
  if (refuses(operation)) return possible ? [] : [state];
  if (possible) return [next];
  return operation.outcome === "ok" ? [] : [state];
}

function refuses({ f, outcome, output }: ModelOperation): boolean {
  return (outcome === "ok" && output === false) || (outcome === "fail" && f === "transition");
}

function edgeOf({ input }: ModelOperation): readonly [string, string] {
  const [from, to] = Array.isArray(input) && input.length === 2 ? (input as Value[]) : [];
  if (typeof from === "string" && typeof to === "string") return [from, to];
  throw new HarnessError(
    "malformed-input",
    `transition needs the input [from, to] of two states, not ${canonical(input)}`,
  );
}

function checkedSettings(options: WorkflowOptions): Required<WorkflowOptions> {
  const { transitions = DEFAULT_WORKFLOW, failedTransitions = "ignore" } = options;
  const states = Object.keys(transitions);
  const initial = options.initial ?? states[0];
  const refuse = (message: string): never => {
    throw new HarnessError("bad-argument", `model option ${message}`);
  };
  if (initial === undefined) return refuse("transitions names no state");
  if (!states.includes(initial)) return refuse(`initial is no state of the machine: "${initial}"`);
  const foreign = Object.values(transitions)
    .flat()
    .find((to) => !states.includes(to));
  if (foreign !== undefined) {
    return refuse(`transitions leads to "${foreign}", but has no entry for it; [] ends there`);
  }
  if (!["ignore", "observe"].includes(failedTransitions)) {
    return refuse(`failedTransitions is "ignore" or "observe", not "${failedTransitions}"`);
  }
  return { transitions, initial, failedTransitions };
}
