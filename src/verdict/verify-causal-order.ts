/**
 * Confirms causal consistency and causal convergence (Bouajjani et al. 2017), given an order that
 * extends the causal order. What precedes an operation causally is counted anew here: for each
 * session, how many of its operations do.
 *
 * An indeterminate operation that its process went on after is a session of its own, for it
 * precedes nothing that its process did.
 */
import { createAccount, type Account } from "./account.js";
import type { CausalOrderCertificate } from "./certificate.js";
import { claim } from "./claims.js";
import { registerHistory, type Access, type RegisterHistory } from "./register-history.js";
import type { VerificationRequest } from "./verify.js";

/** An operation in the order. */
interface Node {
  readonly access: Access;
  /** Its place in the order. */
  readonly place: number;
  readonly session: number;
  /** Its place in its session. */
  readonly index: number;
  /** What its session, or its process, did before it. */
  readonly before: Node | undefined;
  /** By session: how many operations precede it, itself among them. */
  past?: Int32Array;
}

/**
 * Confirms the order; answers what was confirmed. Time and memory: operations × sessions.
 * @throws ClaimRefused
 * @throws VerificationUndecided
 */
export function verifyCausalOrder(
  certificate: CausalOrderCertificate,
  { history, model, budget }: VerificationRequest,
): string {
  const account = createAccount(budget);
  const registers = registerHistory(history, model, certificate.sources);
  registers.claimWhole();
  const { nodes, sessions } = place(registers, certificate.order);
  /** Key and session → its writes so far, in order. */
  const writes = new Map<string, Map<number, Node[]>>();
  const converges = certificate.promise === "causal-convergence";
  for (const invocation of certificate.order) {
    account.tick();
    const node = nodes.get(invocation) as Node;
    const { access } = node;
    const source = sourceNode(registers, nodes, access);
    node.past = pastOf(node, source ?? undefined, { sessions, account });
    const ofKey = writes.get(access.key) ?? new Map<number, Node[]>();
    if (source !== undefined) {
      for (const [session, list] of ofKey) {
        const last = lastBefore(list, node.past[session] as number, node);
        if (last === undefined || last === source) continue;
        claim(
          source !== null,
          () => `Operation ${invocation} reads the initial value after ${nameOf(last)}.`,
        );
        const overwrites = converges
          ? last.place > source.place
          : ((last.past as Int32Array)[source.session] as number) > source.index;
        claim(
          !overwrites,
          () => `Operation ${invocation} reads ${nameOf(source)}, which ${nameOf(last)} overwrote.`,
        );
      }
    }
    if (access.writes === undefined) continue;
    writes.set(access.key, ofKey);
    const mine = ofKey.get(node.session);
    if (mine === undefined) ofKey.set(node.session, [node]);
    else mine.push(node);
  }
  const arbitrated = converges ? ", with one order of writes for all" : "";
  return `An order of ${nodes.size} operations keeps sessions and reads, and no read reads what was overwritten before it${arbitrated}.`;
}

/** Gives each operation its places; every operation that completed must have one. */
function place(
  registers: RegisterHistory,
  order: readonly number[],
): { readonly nodes: ReadonlyMap<number, Node>; readonly sessions: number } {
  const places = new Map<number, number>();
  for (const [position, invocation] of order.entries()) {
    registers.at(invocation);
    claim(!places.has(invocation), () => `Operation ${invocation} is in the order twice.`);
    places.set(invocation, position);
  }
  const present = registers.accesses.filter(({ operation: { invocation, outcome } }) => {
    const isThere = places.has(invocation);
    claim(isThere || outcome !== "ok", () => `Operation ${invocation} is not in the order.`);
    return isThere;
  });
  /** Process → its last operation of all. */
  const lasts = new Map(present.map((access) => [access.operation.process, access]));
  const chains = new Map<unknown, { readonly session: number; last: Node }>();
  const nodes = new Map<number, Node>();
  let sessions = 0;
  for (const access of present) {
    const { process, invocation, outcome } = access.operation;
    const chain = chains.get(process);
    const isAlone = outcome !== "ok" && lasts.get(process) !== access;
    const session = chain === undefined || isAlone ? sessions++ : chain.session;
    const index = chain === undefined || isAlone ? 0 : chain.last.index + 1;
    const position = places.get(invocation) as number;
    const node: Node = { access, place: position, session, index, before: chain?.last };
    nodes.set(invocation, node);
    if (isAlone) continue;
    if (chain === undefined) chains.set(process, { session, last: node });
    else chain.last = node;
  }
  return { nodes, sessions };
}

/** What a read reads; undefined for what is no read. */
function sourceNode(
  registers: RegisterHistory,
  nodes: ReadonlyMap<number, Node>,
  access: Access,
): Node | null | undefined {
  if (access.reads === undefined) return undefined;
  const { invocation } = access.operation;
  const source = registers.sourceOf(access);
  if (source === null) return null;
  claim(source !== undefined, () => `Operation ${invocation} reads what nobody wrote.`);
  const node = nodes.get(source.operation.invocation);
  claim(node !== undefined, () => `What operation ${invocation} reads is not in the order.`);
  return node;
}

function pastOf(
  node: Node,
  source: Node | undefined,
  { sessions, account }: { readonly sessions: number; readonly account: Account },
): Int32Array {
  account.remember(4 * sessions);
  const past = new Int32Array(sessions);
  for (const cause of [node.before, source]) {
    if (cause === undefined) continue;
    claim(
      cause.past !== undefined,
      () => `${nameOf(node)} comes before ${nameOf(cause)}, which precedes it.`,
    );
    for (let session = 0; session < sessions; session++) {
      const count = cause.past[session] as number;
      if (count > (past[session] as number)) past[session] = count;
    }
  }
  past[node.session] = node.index + 1;
  return past;
}

/** The last of these writes among the first `count` operations of its session, but for `reader`. */
function lastBefore(list: readonly Node[], count: number, reader: Node): Node | undefined {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const node = list[middle] as Node;
    if (node !== reader && node.index < count) low = middle + 1;
    else high = middle;
  }
  return list[low - 1];
}

function nameOf({ access }: Node): string {
  return `operation ${access.operation.invocation}`;
}
