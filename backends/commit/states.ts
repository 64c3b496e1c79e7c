/**
 * States whose copies are kept in step by transactions: a change is a transaction of all nodes; a
 * look is the node's own, for a copy that is not locked has all that was ever committed: when a
 * change is committed, every copy has voted for it, and is locked until it has it.
 */
import type { NodeId } from "../../src/world/network.js";
import { listStates, onlyLooks } from "../objects/state.js";
import { fail, keyText, ok, type Command, type StoreAnswer } from "../store-commands.js";
import type { Coordinator } from "./coordinator.js";
import { workOf } from "./items.js";
import type { Participant } from "./participant.js";

/** The parts of a node that states need. */
export interface StateParts {
  readonly coordinator: Coordinator;
  readonly participant: Participant;
  readonly nodes: readonly NodeId[];
  readonly readsAnywhere: boolean;
}

/** Carries out a call of a state. */
export async function performOnState(
  { coordinator, participant, nodes, readsAnywhere }: StateParts,
  { key, value: call }: Command,
): Promise<StoreAnswer> {
  const item = keyText(["state", key]);
  if (onlyLooks(call)) {
    if (!readsAnywhere && participant.isLocked(item)) return busy();
    const work = workOf(participant.held(item), { item, call });
    return "refusal" in work ? fail(work.refusal, "no such call") : ok(work.value);
  }
  const steps = new Map(nodes.map((node) => [node, [{ item, call }]]));
  const answer = await coordinator.perform(steps);
  if (answer.outcome !== "ok") return answer;
  const found = answer.value as { readonly [item: string]: StoreAnswerValue };
  return ok(found[item] ?? null);
}

type StoreAnswerValue = Extract<StoreAnswer, { readonly outcome: "ok" }>["value"];

/** Lists the states of this node whose keys begin with a text. */
export function listStatesOf(
  { participant, readsAnywhere }: StateParts,
  { value: prefix }: Command,
): StoreAnswer {
  // Accounts are numbers.
  const states = [...participant.items()].filter(([, held]) => Array.isArray(held));
  const isOpen = !readsAnywhere && states.some(([item]) => participant.isLocked(item));
  return isOpen ? busy() : ok(listStates(states, prefix));
}

function busy(): StoreAnswer {
  return fail("busy", "a transaction is deciding about this; try again");
}
