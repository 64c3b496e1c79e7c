/**
 * Changes of the members while the system works: nodes are taken out, two at once, and put back.
 * Finds majorities that no longer have a node in common, and members that nobody has told.
 *
 * Every node is asked at the same time, for whoever takes itself for the leader has to do it; a
 * system that changes one member at a time refuses the second. A cluster is given its members back
 * at the end of each fault, and always when it heals.
 */
import type { Value } from "../src/history/value.js";
import { HarnessError } from "../src/errors.js";
import type { MemberControl } from "../src/runner/members.js";
import type { Nemesis, NemesisContext } from "../src/runner/nemesis.js";
import type { NodeId } from "../src/world/network.js";
import { alternate } from "./alternate.js";
import { unknownFunction } from "./node-fault.js";

/** How long is tried to put members back, at the end of a fault and when healing. */
const ROUNDS = 10;
const HEALING_ROUNDS = 100;
const PAUSE_MS = 100;

/** Who was asked to remove whom; the value of a completed `start-membership`. */
interface Removals {
  readonly [name: string]: Value;
  readonly requests: readonly { readonly at: NodeId; readonly remove: NodeId }[];
  /** Those that were acknowledged. */
  readonly removed: readonly NodeId[];
}

/** Removes members (`start-membership`), and adds all that are missing (`stop-membership`). */
export function membership(): Nemesis {
  return {
    name: "membership",
    description: "takes nodes out of the cluster while it works, two at once, and puts them back",
    needs: ["members"],
    available: (nodeCount) =>
      nodeCount >= 3
        ? { available: true }
        : {
            available: false,
            reason: `of ${nodeCount} nodes none can be spared`,
            alternative: "run on more nodes (--nodes 3), or use crash",
          },
    functions: ["start-membership", "stop-membership"],
    schedule: (schedule) => alternate("membership", schedule),
    invoke: async ({ f, value }, context) => {
      if (f === "start-membership") return remove(requestsIn(value, context), controlOf(context));
      if (f === "stop-membership") return { added: (await addMissing(context, ROUNDS)).added };
      throw unknownFunction("membership", f);
    },
    heal: async (context) => {
      const { missing } = await addMissing(context, HEALING_ROUNDS);
      if (missing === undefined) return;
      throw new HarnessError("harness-failure", `${missing} could not be made a member again`);
    },
  };
}

function controlOf({ members }: NemesisContext): MemberControl {
  if (members !== undefined) return members;
  throw new HarnessError(
    "harness-failure",
    "this system cannot change its members; choose one that can, such as raft",
  );
}

/** Those of a recorded fault, or two for each node. */
function requestsIn(value: Value, { cluster, random }: NemesisContext): Removals["requests"] {
  if (value !== null) {
    const { requests } = value as unknown as Removals;
    for (const { at, remove: node } of requests) {
      if (cluster.nodes.includes(at) && cluster.nodes.includes(node)) continue;
      throw new HarnessError(
        "bad-argument",
        `a request of ${at} to remove ${node} names no two nodes of ${cluster.nodes.join(", ")}`,
      );
    }
    return requests;
  }
  return cluster.nodes.flatMap((at) =>
    random
      .shuffle(cluster.nodes)
      .slice(0, 2)
      .map((removed) => ({ at, remove: removed })),
  );
}

async function remove(requests: Removals["requests"], control: MemberControl): Promise<Removals> {
  const done = await Promise.all(
    requests.map(async ({ at, remove: node }) => control.change(at, { kind: "remove", node })),
  );
  return { requests, removed: requests.filter((_, i) => done[i]).map((each) => each.remove) };
}

interface Additions {
  readonly added: readonly NodeId[];
  /** One that is still missing, as far as anyone says. */
  readonly missing: NodeId | undefined;
}

/** Adds nodes until all are members, or for so many rounds. */
async function addMissing(context: NemesisContext, rounds: number): Promise<Additions> {
  const { cluster } = context;
  const control = controlOf(context);
  const added: NodeId[] = [];
  let missing: NodeId | undefined;
  for (let round = 0; round < rounds; round++) {
    for (const at of cluster.nodes) {
      const members = await control.list(at);
      if (members === undefined) continue;
      missing = cluster.nodes.find((node) => !members.includes(node));
      if (missing === undefined) return { added, missing };
      if (await control.change(at, { kind: "add", node: missing })) added.push(missing);
    }
    await control.sleep(PAUSE_MS);
  }
  return { added, missing };
}
