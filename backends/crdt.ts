/**
 * Replicas of data types that always come to the same state: sets that grow (`grow-set`), sets with
 * removals (`set`), counters (`counter`), and a map whose last writer wins (`get`, `put`,
 * `delete`). Each type is a file in `crdt/`.
 *
 * Shapiro, Preguiça, Baquero, Zawirski, "Conflict-free Replicated Data Types", SSS 2011. Every node
 * answers at once from what it has; it tells the others of each change, and now and then of all
 * that it has, for messages may be lost. The weak strategy tells of each change only, and never
 * makes up for what was lost.
 */
import type { Value } from "../src/history/value.js";
import type { System } from "../src/runner/system.js";
import type { Clock, Timer } from "../src/world/clock.js";
import { createRpc } from "../src/world/rpc.js";
import type { NodeContext, NodeInstance, NodeProgram } from "../src/world/world.js";
import type { Crdt } from "./crdt/crdt.js";
import { createGrowSet } from "./crdt/grow-set.js";
import { createLwwRegister } from "./crdt/lww-register.js";
import { createOrSet } from "./crdt/or-set.js";
import { createPnCounter } from "./crdt/pn-counter.js";
import { CRDT_VARIANTS, type CrdtVariant } from "./crdt/variants.js";
import { assertStrategy } from "./replicated/synchronization.js";
import { splitNetwork } from "./replicated/split-network.js";
import { memoryPromise } from "./replicated/memory-promise.js";
import { connectStore, decodeRequest, encodeAnswer } from "./store-client.js";
import {
  fail,
  keyText,
  ok,
  unsupported,
  type Command,
  type StoreAnswer,
} from "./store-commands.js";

export { CRDT_VARIANTS, type CrdtVariant } from "./crdt/variants.js";

/** Options of `crdt`. */
export interface CrdtOptions {
  /** The bug to have. Default none. */
  readonly variant?: CrdtVariant;
  /**
   * Whether nodes come to the same state in the end, or `weak`: they tell of each change once, and
   * what is lost on its way stays so until the object changes again. Default `eventual`.
   */
  readonly strategy?: "eventual" | "weak";
}

/**
 * Replicated data types.
 * @throws HarnessError `bad-argument` for a strategy that it cannot have
 */
export function crdt(options: CrdtOptions = {}): System {
  const { variant, strategy = "eventual" } = options;
  assertStrategy("crdt", strategy);
  const suffix = variant ?? (strategy === "weak" ? strategy : undefined);
  return {
    name: suffix === undefined ? "crdt" : `crdt:${suffix}`,
    description:
      variant === undefined
        ? DESCRIPTIONS[strategy]
        : `the crdt store with a bug: ${CRDT_VARIANTS[variant].description}`,
    worlds: ["simulated", "real"],
    functions: ["get", "put", "delete", "set", "grow-set", "counter"],
    nodes: { min: 1, default: 3, max: 9 },
    promise:
      variant === undefined
        ? memoryPromise(strategy)
        : { consistency: "none", under: [], deviation: `it has a bug: ${variant}` },
    deployment: (nodeCount) => ({
      program: {
        module: import.meta.url,
        export: "crdtProgram",
        options: { variant: variant ?? null, repairs: suffix !== "weak" },
      },
      nodeCount,
    }),
    connect: connectStore,
  };
}

const DESCRIPTIONS = {
  eventual: "replicated sets, counters and a map (CRDTs): answer at once, come to the same state",
  weak: "replicated sets, counters and a map (CRDTs) that tell each other once; what is lost stays lost",
} as const;

/** How often a node tells another one all that it has. */
const REPAIR_MS = 200;

/** The objects of a node, or a part of them, as they travel. */
type State = readonly [tick: number, objects: readonly (readonly [name: string, state: Value])[]];

/** What runs on each node of `crdt`. */
export function crdtProgram({
  variant,
  repairs,
}: {
  readonly variant: CrdtVariant | null;
  readonly repairs: boolean;
}): NodeProgram {
  return {
    start: async (node) => {
      const { peers, clients } = splitNetwork(node.network);
      const replica = new Replica(node, variant);
      const others = node.nodes.filter((other) => other !== node.id);
      const tell = (other: string, names: readonly string[]): void =>
        peers.send(other, replica.stateOf(names));
      peers.onMessage((_from, state) => replica.merge(state as unknown as State));
      createRpc(clients, node.clock).serve((_from, message) => {
        const request = decodeRequest(message);
        if (request === undefined) return encodeAnswer(fail("bad-request", "no such request"));
        const { answer, changed } = replica.perform(request);
        if (changed !== undefined) for (const other of others) tell(other, [changed]);
        return encodeAnswer(answer);
      });
      if (!repairs || variant === "no-repair") return undefined;
      return repeat(node, () => {
        if (others.length > 0) tell(node.random.pick(others), replica.names());
      });
    },
  };
}

function repeat({ clock }: NodeContext, action: () => void): NodeInstance {
  let timer: Timer | undefined;
  const again = (): void => {
    action();
    timer = clock.timer(REPAIR_MS, again);
  };
  timer = clock.timer(REPAIR_MS, again);
  return { stop: async () => timer?.cancel() };
}

class Replica {
  readonly #variant: CrdtVariant | null;
  readonly #slot: string;
  readonly #clock: Clock;
  readonly #objects = new Map<string, Crdt>();
  #tick = 0;

  constructor({ id, clock }: NodeContext, variant: CrdtVariant | null) {
    this.#variant = variant;
    this.#clock = clock;
    // What an earlier incarnation has counted, others may still know.
    this.#slot = `${id}.${clock.nowNs()}`;
  }

  perform(command: Command): { readonly answer: StoreAnswer; readonly changed?: string } {
    const { f, key, value } = command;
    const isMap = f === "get" || f === "put" || f === "delete";
    const name = keyText([isMap ? "map" : f, key]);
    const [call, argument = null] = isMap
      ? [f, value]
      : Array.isArray(value)
        ? (value as readonly Value[])
        : [];
    const object = this.#object(name);
    const done =
      typeof call === "string" ? object?.call(call, argument, this.#caller()) : undefined;
    if (done === undefined) return { answer: unsupported(f) };
    const isRead = call === "get" || call === "read";
    return { answer: ok(done.value), ...(isRead ? {} : { changed: name }) };
  }

  names(): readonly string[] {
    return [...this.#objects.keys()];
  }

  stateOf(names: readonly string[]): State {
    return [this.#tick, names.map((name) => [name, this.#object(name)?.state() ?? null])];
  }

  merge([tick, objects]: State): void {
    this.#tick = Math.max(this.#tick, tick);
    for (const [name, state] of objects) {
      if (this.#variant === "merge-replaces") this.#objects.delete(name);
      this.#object(name)?.merge(state);
    }
  }

  #caller() {
    const tick = (): number =>
      this.#variant === "wall-clock" ? this.#clock.wallMs() : ++this.#tick;
    return { slot: this.#slot, variant: this.#variant, tick };
  }

  /** The object of a name, which tells its kind. */
  #object(name: string): Crdt | undefined {
    let object = this.#objects.get(name);
    if (object !== undefined) return object;
    const [kind] = JSON.parse(name) as readonly [string];
    const variant = this.#variant;
    if (kind === "map") object = createLwwRegister({ breaksTies: variant !== "ties-unbroken" });
    else if (kind === "set") object = createOrSet();
    else if (kind === "grow-set") object = createGrowSet();
    else if (kind === "counter") {
      object = createPnCounter({ merges: variant === "counter-merged-by-sum" ? "sum" : "max" });
    } else return undefined;
    this.#objects.set(name, object);
    return object;
  }
}
