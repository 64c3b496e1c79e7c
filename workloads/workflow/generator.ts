/**
 * What the workers of one instance do: create it, look at it, move it from where they believe it to
 * be, let its timer go off, ask again for what was not answered, delete it, and begin another life.
 * What they believe comes from their own results, and is often behind: that is what conditions are
 * for.
 */
import { recall } from "../../src/generator/index.js";
import type { Generator, Invocation } from "../../src/generator/generator.js";
import type { SourceContext } from "../../src/generator/source.js";
import type { HistoryEvent, Process } from "../../src/history/operation.js";
import type { Value } from "../../src/history/value.js";
import type {
  TransitionRequest,
  WorkflowInstance,
  WorkflowMachine,
} from "../../src/model/workflow-instances.js";

const LOAD_SHARE = 0.35;
const AGAIN_SHARE = 0.5;
/** Of transitions, where there is a choice. */
const END_SHARE = 0.15;
/** Of what has ended, and of what has not. */
const DELETE_SHARES = { ended: 0.4, going: 0.02 } as const;

/** What the workers of an instance know. */
interface Known {
  /** As it was believed to be; null when there was none. */
  readonly instance: WorkflowInstance | null;
  /** What each worker is about. */
  readonly under: ReadonlyMap<Process, Value>;
  /** Requests that were not answered, the oldest first. */
  readonly open: readonly TransitionRequest[];
}

/** The operations on one instance. */
export function liveThrough(machine: WorkflowMachine): Generator {
  return recall<Known>({
    initial: { instance: null, under: new Map(), open: [] },
    observe: (known, event) => observe(known, event, machine),
    source: (known, context) => next(known, context, machine),
  });
}

function next(
  { instance, open }: Known,
  { random, index }: SourceContext,
  machine: WorkflowMachine,
): Invocation {
  if (random.chance(LOAD_SHARE)) return { f: "load", value: null };
  const [again] = open;
  if (again !== undefined && random.chance(AGAIN_SHARE)) return { f: "transition", value: again };
  if (instance === null) return { f: "create", value: { life: `life-${index}` } };
  const { life, status, effects } = instance;
  const edges = machine.transitions[status] ?? [];
  if (random.chance(DELETE_SHARES[edges.length === 0 ? "ended" : "going"])) {
    return { f: "delete", value: { life } };
  }
  if (edges.length === 0) return { f: "load", value: null };
  const isEnd = (to: string): boolean => machine.transitions[to]?.length === 0;
  const ends = random.chance(END_SHARE);
  const wanted = edges.filter((to) => isEnd(to) === ends);
  const to = random.pick(wanted.length === 0 ? edges : wanted);
  const timer = effects.at(-1);
  // In the order in which people want to read it.
  const request: TransitionRequest = { from: status, to, id: `e${index}`, life };
  // Who waits goes on when its timer goes off.
  const isWoken = status === "waiting" && to === "running" && timer !== undefined;
  return { f: "transition", value: isWoken ? { ...request, timer } : request };
}

function observe(known: Known, event: HistoryEvent, machine: WorkflowMachine): Known {
  const { type, f, process, value } = event;
  const under = new Map(known.under);
  if (type === "invoke") {
    under.set(process, value);
    const open = known.open.filter(({ id }) => id !== (value as TransitionRequest | null)?.id);
    return { ...known, under, open };
  }
  const asked = known.under.get(process) ?? null;
  under.delete(process);
  if (type === "info" && f === "transition") {
    return { ...known, under, open: [...known.open, asked as TransitionRequest] };
  }
  if (type !== "ok") return { ...known, under };
  if (f === "load") return { ...known, under, instance: value as WorkflowInstance | null };
  if (value === false) return { ...known, under };
  if (f === "create") {
    return { ...known, under, instance: machine.create((asked as { life: string }).life) };
  }
  if (f === "delete") return { ...known, under, instance: null, open: [] };
  const moved = machine.move(known.instance, asked as TransitionRequest);
  return { ...known, under, instance: moved ?? known.instance };
}
