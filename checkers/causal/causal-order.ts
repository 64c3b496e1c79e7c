/**
 * The causal order: session order, and each write before the reads that read it. Everything here is
 * linear; a cycle (CyclicCO in Bouajjani et al. 2017) is a contradiction at every causal level.
 *
 * Of all such orders it is one near that of invocations, and that one if no read began before what
 * it reads: whoever goes through it finds what is needed together near one another in memory,
 * and is done early with what later operations cannot see.
 */
import type { Registers } from "./layout.js";
import { NOTHING } from "./sources.js";

/** All operations, each after those that precede it causally; or one that precedes itself. */
export type CausalOrder =
  | { readonly kind: "order"; readonly order: Int32Array }
  | { readonly kind: "cyclic"; readonly on: number };

/** Orders the operations. */
export function causalOrder(registers: Registers): CausalOrder {
  const { byInvocation, invocations, sources } = registers;
  for (const operation of byInvocation) {
    const source = sources[operation] as number;
    if (source < 0) continue;
    if ((invocations[source] as number) >= (invocations[operation] as number)) {
      return orderAfterSources(registers);
    }
  }
  return { kind: "order", order: byInvocation };
}

/** By invocation, but sessions wait for what they read, and catch up when it is there. */
function orderAfterSources(registers: Registers): CausalOrder {
  const { count, sessions, starts, parents, sources, byInvocation, invocations } = registers;
  const sessionCount = starts.length - 1;
  const order = new Int32Array(count);
  const isDone = new Uint8Array(count);
  const next = starts.slice(0, sessionCount);
  /** Operation → session that waits for it, and session → the next one that does. */
  const waiting = new Int32Array(count).fill(NOTHING);
  const nextWaiting = new Int32Array(sessionCount).fill(NOTHING);
  const isWaiting = new Uint8Array(sessionCount);
  const ready: number[] = [];
  let end = 0;
  for (const due of byInvocation) {
    const now = invocations[due] as number;
    const owner = sessions[due] as number;
    if (isWaiting[owner] === 0) ready.push(owner);
    while (ready.length > 0) {
      const session = ready.pop() as number;
      const last = starts[session + 1] as number;
      const parent = parents[session] as number;
      let at = next[session] as number;
      for (; at < last && (invocations[at] as number) <= now; at++) {
        const source = sources[at] as number;
        const awaited =
          at === starts[session] && parent >= 0 && isDone[parent] === 0
            ? parent
            : source >= 0 && isDone[source] === 0
              ? source
              : NOTHING;
        if (awaited !== NOTHING) {
          nextWaiting[session] = waiting[awaited] as number;
          waiting[awaited] = session;
          isWaiting[session] = 1;
          break;
        }
        isDone[at] = 1;
        order[end++] = at;
        let woken = waiting[at] as number;
        for (; woken !== NOTHING; woken = nextWaiting[woken] as number) {
          isWaiting[woken] = 0;
          ready.push(woken);
        }
      }
      next[session] = at;
    }
  }
  if (end === count) return { kind: "order", order };
  return { kind: "cyclic", on: onCycle(registers, next, isDone) };
}

/** Walks back over what each stuck session waits for, until it meets itself. */
function onCycle(registers: Registers, next: Int32Array, isDone: Uint8Array): number {
  const { sessions, starts, parents, sources } = registers;
  const seen = new Set<number>();
  let at = next.find((first, session) => first < (starts[session + 1] as number)) as number;
  while (!seen.has(at)) {
    seen.add(at);
    const session = sessions[at] as number;
    const parent = at === starts[session] ? (parents[session] as number) : NOTHING;
    const awaited = parent >= 0 && isDone[parent] === 0 ? parent : (sources[at] as number);
    at = next[sessions[awaited] as number] as number;
  }
  return at;
}
