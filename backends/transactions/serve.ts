/** A node that carries out transactions: one request each, with pauses in which others go on. */
import { createRpc } from "../../src/world/rpc.js";
import type { NodeContext } from "../../src/world/world.js";
import { decodeRequest, encodeAnswer, type StoreRequest } from "../store-client.js";
import { fail, ok, type StoreAnswer } from "../store-commands.js";
import { carryOut } from "./procedures.js";
import { Abort, type Transact } from "./transaction.js";

/** The longest pause between two steps, in milliseconds. */
const PAUSE_MS = 10;
/** So often a client rolls back what it has done, as after a constraint that it finds violated. */
const ROLLBACK_PROBABILITY = 0.05;

/** Serves the functions of `procedures.ts` as transactions. */
export function serveTransactions(node: NodeContext, transact: Transact): void {
  createRpc(node.network, node.clock).serve(async (_from, message) => {
    const request = decodeRequest(message);
    if (request === undefined) return encodeAnswer(fail("bad-request", "no such request"));
    return encodeAnswer(await perform(node, request, transact));
  });
}

async function perform(
  { clock, random }: NodeContext,
  request: StoreRequest,
  transact: Transact,
): Promise<StoreAnswer> {
  const pause = (): Promise<void> => clock.sleep(random.float() * PAUSE_MS);
  try {
    const value = await transact(async (statements) => {
      const result = await carryOut(request, { statements, pause });
      await pause();
      if (random.chance(ROLLBACK_PROBABILITY)) throw new Abort("rolled-back", "by its client");
      return result;
    });
    return ok(value);
  } catch (error) {
    if (!(error instanceof Abort)) throw error;
    const { outcome, code, message } = error;
    return { outcome, code, message };
  }
}
