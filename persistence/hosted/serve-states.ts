/**
 * A store of states behind the requests of a node: it answers calls of the function `state` as
 * `backends/objects/state.ts` means them, and `states` with what is listed.
 */
import type { Value } from "../../src/history/value.js";
import type { StatePersistence } from "../../src/state/persistence.js";
import { isStateError, StateError } from "../../src/state/state-error.js";
import { createRpc } from "../../src/world/rpc.js";
import type { NodeContext } from "../../src/world/world.js";
import { decodeRequest, encodeAnswer } from "../../backends/store-client.js";
import {
  fail,
  indeterminate,
  ok,
  unsupported,
  type Command,
  type StoreAnswer,
} from "../../backends/store-commands.js";

/** Answers the node's clients from the store. */
export function serveStates(node: NodeContext, store: StatePersistence): void {
  createRpc(node.network, node.clock).serve(async (_from, message) => {
    const request = decodeRequest(message);
    if (request === undefined) return encodeAnswer(fail("bad-request", "no such request"));
    const answer = await performStateCall(store, request);
    if (answer.outcome === "info") node.log(`${request.f}: ${answer.message}`);
    return encodeAnswer(answer);
  });
}

/** Carries out a call of `state` or `states`. */
export async function performStateCall(
  store: StatePersistence,
  command: Command,
): Promise<StoreAnswer> {
  try {
    const value = await call(store, command);
    return value === undefined ? unsupported(command.f) : ok(value);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    const { code, message } = error;
    return code === "indeterminate" ? indeterminate(code, message) : fail(code, message);
  }
}

/** Undefined when there is no such call. */
async function call(
  store: StatePersistence,
  { f, key, value }: Command,
): Promise<Value | undefined> {
  if (f === "states") {
    const listed = await store.listStates(typeof value === "string" ? { prefix: value } : {});
    return listed.map(({ key: each, version }) => [each, version]);
  }
  if (f !== "state" || typeof key !== "string" || !Array.isArray(value)) return undefined;
  const [name, argument] = value as unknown as readonly [string, Argument | null];
  const { value: saved = null, expected } = argument ?? {};
  const condition = typeof expected === "number" ? { expected } : {};
  if (name === "load") {
    const found = await orNull(store.loadState(key));
    return found === null ? null : { value: found.value, version: found.version };
  }
  if (name === "save") {
    return orConflict(async () => ({ version: await store.saveState(key, saved, condition) }));
  }
  if (name !== "delete") return undefined;
  return orConflict(async () => {
    await store.deleteState(key, condition);
    // What version it had, nobody needs to know.
    return { version: 0 };
  });
}

interface Argument {
  readonly value?: Value;
  readonly expected?: number | null;
}

async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (isStateError(error, "not-found")) return null;
    throw error;
  }
}

async function orConflict(change: () => Promise<Value>): Promise<Value> {
  try {
    return await orNull(change());
  } catch (error) {
    if (isStateError(error, "conflict")) return { conflict: error.version ?? 0 };
    throw error;
  }
}
