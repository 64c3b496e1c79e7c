/**
 * What workers say, as calls of a store's function `state`: a load, and a change on the condition
 * that the state has the version that was loaded. When somebody was faster, it begins anew.
 */
import type { Invocation } from "../../src/generator/generator.js";
import type { Value } from "../../src/history/value.js";
import type {
  TransitionRequest,
  WorkflowInstance,
  WorkflowMachine,
} from "../../src/model/workflow-instances.js";
import { OperationError, type Client } from "../../src/runner/client.js";

/** A worker that does not get through after so many conflicts gives up; nothing has happened. */
const ATTEMPTS = 5;

/** What is in the store. */
interface Loaded {
  readonly value: WorkflowInstance;
  readonly version: number;
}

/** Turns what workers say into calls of the store. */
export function workflowClient(client: Client, machine: WorkflowMachine): Client {
  const call = async (key: Value, name: string, argument: Value): Promise<Value> =>
    client.invoke({ f: "state", key, value: [name, argument] });

  /** What an operation makes of an instance; its answer where it changes nothing. */
  const change = async (
    key: Value,
    decide: (loaded: Loaded | null) => readonly [name: string, argument: Value] | boolean,
  ): Promise<Value> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const decided = decide((await definitely(call(key, "load", null))) as Loaded | null);
      if (typeof decided === "boolean") return decided;
      const answer = (await call(key, ...decided)) as { readonly conflict?: number } | null;
      if (answer !== null && answer.conflict === undefined) return true;
    }
    throw new OperationError("fail", "conflict", `others were faster, ${ATTEMPTS} times`);
  };

  const perform = async ({ f, key = null, value }: Invocation): Promise<Value> => {
    if (f === "load") {
      return ((await call(key, "load", null)) as Loaded | null)?.value ?? null;
    }
    const { life } = value as { readonly life: string };
    if (f === "create") {
      return change(key, (loaded) =>
        loaded === null ? ["save", { value: machine.create(life), expected: 0 }] : false,
      );
    }
    if (f === "delete") {
      return change(key, (loaded) =>
        loaded?.value.life === life ? ["delete", { expected: loaded.version }] : false,
      );
    }
    return change(key, (loaded) => {
      const moved = machine.move(loaded?.value ?? null, value as TransitionRequest);
      if (loaded === null || moved === undefined) return false;
      // An earlier attempt has had its effect.
      if (moved === loaded.value) return true;
      return ["save", { value: moved, expected: loaded.version }];
    });
  };

  return { invoke: perform, close: async () => client.close() };
}

/** A look that was not answered has changed nothing. */
async function definitely(look: Promise<Value>): Promise<Value> {
  try {
    return await look;
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    const { code, message } = error;
    throw new OperationError("fail", code, message, { cause: error });
  }
}
