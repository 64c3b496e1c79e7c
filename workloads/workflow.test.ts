/**
 * The workloads of states and of workflows against the contract, on systems that are plain
 * functions; and the client of workflows on a store where others are faster.
 */
import { describe, expect, test } from "vitest";
import { stateObject } from "../backends/objects/state.js";
import { canonical, type Value } from "../src/history/value.js";
import {
  workflowMachine,
  type TransitionRequest,
  type WorkflowInstance,
} from "../src/model/workflow-instances.js";
import { OperationError, type Client } from "../src/runner/client.js";
import { createReference } from "../src/testing/reference-store.js";
import { workloadContract, type SequentialSystem } from "../src/testing/workload-contract.js";
import { states, workflow } from "./index.js";
import { workflowClient } from "./workflow/client.js";

const machine = workflowMachine();

/** What an engine may do wrong, every so many changes. */
interface Flaws {
  /** Acknowledges and does nothing. */
  readonly loses?: "create" | "transition" | "delete";
  /** Has the effect of the last request once more. */
  readonly repeats?: boolean;
  /** Moves the instance wherever it is. */
  readonly ignoresFrom?: boolean;
  /** Looks at what was before the last change. */
  readonly looksBack?: boolean;
}

function engine(flaws: Flaws = {}): SequentialSystem {
  return () => {
    const instances = new Map<string, WorkflowInstance | null>();
    const before = new Map<string, WorkflowInstance | null>();
    let count = 0;
    return ({ f, key = null, value }) => {
      const name = canonical(key);
      const instance = instances.get(name) ?? null;
      const isFlawed = ++count % 7 === 0;
      const set = (next: WorkflowInstance | null): { type: "ok"; value: Value } => {
        if (isFlawed && flaws.loses === f) return { type: "ok", value: true };
        before.set(name, instance);
        instances.set(name, next);
        return { type: "ok", value: true };
      };
      if (f === "load") {
        const old = before.get(name) ?? null;
        return { type: "ok", value: isFlawed && flaws.looksBack === true ? old : instance };
      }
      const { life } = value as { readonly life: string };
      if (f === "create") {
        return instance === null ? set(machine.create(life)) : { type: "ok", value: false };
      }
      if (f === "delete") return instance?.life === life ? set(null) : { type: "ok", value: false };
      const request = value as TransitionRequest;
      let moved = machine.move(instance, request);
      if (
        moved === undefined &&
        isFlawed &&
        flaws.ignoresFrom === true &&
        instance?.life === life
      ) {
        moved = { ...instance, status: request.to, effects: [...instance.effects, request.id] };
      }
      if (moved === undefined) return { type: "ok", value: false };
      const twice = isFlawed && flaws.repeats === true && moved !== instance;
      return set(twice ? { ...moved, effects: [...moved.effects, request.id] } : moved);
    };
  };
}

const store: SequentialSystem = () => {
  const reference = createReference();
  return (invocation) => reference.apply(invocation);
};
const losing: SequentialSystem = () => {
  const apply = store();
  let count = 0;
  return (invocation) =>
    invocation.f === "put" && ++count % 7 === 0
      ? { type: "ok", value: invocation.value }
      : apply(invocation);
};

describe.each([
  [
    "workflow",
    workflow(),
    engine(),
    {
      "transitions that are lost": engine({ loses: "transition" }),
      "instances that are lost": engine({ loses: "create" }),
      "instances that are not deleted": engine({ loses: "delete" }),
      "effects that happen twice": engine({ repeats: true }),
      "transitions from anywhere": engine({ ignoresFrom: true }),
      "loads of the past": engine({ looksBack: true }),
    },
  ],
  ["workflow of few workers", workflow({ groupSize: 2, operationsPerInstance: 20 }), engine(), {}],
  ["states", states(), store, { "saves that are lost": losing }],
  [
    "states with read-your-writes",
    states({ level: "read-your-writes" }),
    store,
    { "saves that are lost": losing },
  ],
] as const)("%s", (_, workload, correct, broken) => {
  for (const { name, run } of workloadContract({ workload, correct, broken })) test(name, run);
});

/** A store with one state, where somebody else does something before each save. */
function contested(before: (save: (value: Value) => void, saves: number) => void): Client {
  let kept: Value = null;
  let saves = 0;
  const call = (f: string, argument: Value): Value => {
    const answer = stateObject(kept, { f, argument });
    if (answer === undefined || "refusal" in answer) throw new Error("no such call");
    kept = answer.next ?? kept;
    return answer.value;
  };
  return {
    invoke: async ({ value }) => {
      const [f, argument] = value as unknown as readonly [string, Value];
      if (f === "save") before((other) => void call("save", { value: other }), saves++);
      return call(f, argument);
    },
    close: async () => undefined,
  };
}

describe("a worker", () => {
  const pending = machine.create("a");
  const request: TransitionRequest = { id: "1", life: "a", from: "pending", to: "running" };
  const transition = { f: "transition", key: "w", value: request } as const;

  test("begins anew when somebody was faster", async () => {
    const client = workflowClient(
      contested((save, saves) => {
        if (saves === 1) save(pending);
      }),
      machine,
    );
    expect(await client.invoke({ f: "create", key: "w", value: { life: "a" } })).toBe(true);
    expect(await client.invoke(transition)).toBe(true);
    expect(await client.invoke({ f: "load", key: "w", value: null })).toMatchObject({
      status: "running",
      effects: ["1"],
    });
  });

  test("is refused when somebody has moved the instance away", async () => {
    const client = workflowClient(
      contested((save, saves) => {
        if (saves === 1) save({ ...pending, status: "cancelled", effects: ["0"] });
      }),
      machine,
    );
    await client.invoke({ f: "create", key: "w", value: { life: "a" } });
    expect(await client.invoke(transition)).toBe(false);
    expect(await client.invoke({ f: "delete", key: "w", value: { life: "b" } })).toBe(false);
    expect(await client.invoke({ f: "delete", key: "w", value: { life: "a" } })).toBe(true);
    expect(await client.invoke({ f: "load", key: "w", value: null })).toBe(null);
  });

  test("has a request's effect once, however often it is made", async () => {
    const client = workflowClient(
      contested(() => undefined),
      machine,
    );
    await client.invoke({ f: "create", key: "w", value: { life: "a" } });
    for (let i = 0; i < 3; i++) expect(await client.invoke(transition)).toBe(true);
    expect(await client.invoke({ f: "load", key: "w", value: null })).toMatchObject({
      effects: ["1"],
    });
  });

  test("gives up when others are always faster, and nothing has happened", async () => {
    const client = workflowClient(
      contested((save, saves) => saves > 0 && save(pending)),
      machine,
    );
    await client.invoke({ f: "create", key: "w", value: { life: "a" } });
    await expect(client.invoke(transition)).rejects.toMatchObject({
      outcome: "fail",
      code: "conflict",
    });
  });

  test("has done nothing when its load was not answered", async () => {
    const client = workflowClient(
      {
        invoke: async () => {
          throw new OperationError("info", "timeout", "no answer");
        },
        close: async () => undefined,
      },
      machine,
    );
    await expect(client.invoke(transition)).rejects.toMatchObject({ outcome: "fail" });
    await expect(client.invoke({ f: "load", key: "w", value: null })).rejects.toMatchObject({
      outcome: "info",
    });
  });
});
