/**
 * Confirms that a history breaks causal consistency (in any of its forms), pipelined RAM, or
 * session guarantees: every edge is checked on its own, or by the edges before it, and the path at
 * the end contradicts itself. What an edge may rest on is all that the promises differ in:
 *
 * - causal: what precedes a read causally is visible to it; a read has an order of its own, so that
 *   a contradiction rests on one read;
 * - causal-convergence: the same, with one order for all reads;
 * - causal-memory, pram: one order for all reads of one process, so that edges of its view rest on
 *   one another; for pram the reads of other processes are no causes;
 * - read-your-writes, monotonic-reads: visible to a read is what its process wrote, or read,
 * before;
 * - monotonic-writes, writes-follow-reads: the order of all writes keeps what a process wrote in
 * its
 *   order, and puts what it wrote after what it had read.
 */
import type {
  PrecedenceEdge,
  PrecedenceRefutation,
  PrecedenceViolationCertificate,
  SessionGuarantee,
} from "./certificate.js";
import { claim } from "./claims.js";
import {
  precedesInSession,
  registerHistory,
  type Access,
  type RegisterHistory,
} from "./register-history.js";
import type { VerificationRequest } from "./verify.js";

type Promised = PrecedenceViolationCertificate["promise"];
type Leaf = Extract<PrecedenceRefutation, { readonly edges: unknown }>;

/**
 * Confirms a violation; answers what was confirmed.
 * @throws ClaimRefused
 */
export function verifyPrecedenceViolation(
  certificate: PrecedenceViolationCertificate,
  { history, model }: VerificationRequest,
): string {
  const { promise, refutation } = certificate;
  const named = typeof promise === "string" ? [promise] : promise;
  for (const name of named) {
    claim(PROMISES.has(name), () => `No promise is called ${name}.`);
  }
  const registers = registerHistory(history, model);
  const leaves = confirmCases(refutation, registers, promise);
  const cases = leaves === 1 ? "" : `, for each of ${leaves} ways to read ambiguous values`;
  return `Confirmed: the chain of operations contradicts ${named.join(", ")}${cases}.`;
}

const PROMISES: ReadonlySet<string> = new Set([
  "causal",
  "causal-convergence",
  "causal-memory",
  "pram",
  "read-your-writes",
  "monotonic-reads",
  "monotonic-writes",
  "writes-follow-reads",
]);

function confirmCases(
  refutation: PrecedenceRefutation,
  registers: RegisterHistory,
  promise: Promised,
): number {
  if (!("cases" in refutation)) {
    confirmLeaf(refutation, registers, promise);
    return 1;
  }
  const { read, cases } = refutation;
  const access = registers.at(read);
  claim(registers.happened(access), () => `Operation ${read} need not have happened.`);
  const left = new Set(registers.candidates(access));
  let leaves = 0;
  for (const { source, refutation: inner } of cases) {
    const write = source === null ? null : registers.at(source);
    registers.assume(read, write);
    leaves += confirmCases(inner, registers, promise);
    left.delete(write);
  }
  registers.assume(read, undefined);
  claim(left.size === 0, () => `Not all that operation ${read} may have read is refuted.`);
  return leaves;
}

/** What the edges of one contradiction are checked by. */
interface Rules {
  readonly registers: RegisterHistory;
  readonly promise: Promised;
  /** Whether the reads of an operation are explained by the view in question. */
  isOwn(access: Access): boolean;
}

function confirmLeaf(leaf: Leaf, registers: RegisterHistory, promise: Promised): void {
  const view = leaf.view === undefined ? undefined : registers.at(leaf.view);
  const isOwn = (access: Access): boolean =>
    view !== undefined && (access === view || precedesInSession(access.operation, view.operation));
  if (view !== undefined) {
    claim(registers.happened(view), () => `Operation ${leaf.view} need not have happened.`);
  }
  const rules: Rules = { registers, promise, isOwn };
  const edges: PrecedenceEdge[] = [];
  for (const edge of leaf.edges) {
    confirmEdge(edge, edges, rules);
    edges.push(edge);
  }
  const read = leaf.read === undefined ? undefined : registers.at(leaf.read);
  if (read !== undefined) {
    claim(registers.happened(read), () => `Operation ${leaf.read} need not have happened.`);
    const source = registers.sourceOf(read);
    if (leaf.path.length === 0) {
      claim(
        read.reads !== undefined && source === undefined,
        () => `What operation ${leaf.read} reads was written.`,
      );
      return;
    }
    claim(source === null, () => `Operation ${leaf.read} does not read the initial value.`);
    const path = followed(leaf.path, edges);
    confirmVisible({ path, from: registers.at(path[0]?.from as number), read }, rules);
    return;
  }
  const path = followed(leaf.path, edges);
  claim(path[0]?.from === path.at(-1)?.to, () => "The path is no cycle.");
  if (promise === "causal") {
    const visible = path.filter(({ by }) => by === "visible").length;
    claim(visible <= 1, () => "The cycle rests on several reads, each of which has its own order.");
  }
  if (typeof promise !== "string") for (const edge of path) confirmArbitrated(edge, rules);
}

/** The edges at these positions, each beginning where the one before it ends. */
function followed(
  positions: readonly number[],
  edges: readonly PrecedenceEdge[],
): readonly PrecedenceEdge[] {
  claim(positions.length > 0, () => "A path is empty.");
  const path = positions.map((position) => {
    const edge = edges[position];
    claim(edge !== undefined, () => `There is no edge ${String(position)} before it is used.`);
    return edge;
  });
  for (const [place, edge] of path.entries()) {
    claim(
      place === 0 || path[place - 1]?.to === edge.from,
      () => `The path breaks off at operation ${edge.from}.`,
    );
  }
  return path;
}

function confirmEdge(edge: PrecedenceEdge, before: readonly PrecedenceEdge[], rules: Rules): void {
  const { registers, promise } = rules;
  const from = registers.at(edge.from);
  const to = registers.at(edge.to);
  const about = `${edge.from} → ${edge.to}`;
  switch (edge.by) {
    case "session":
      claim(
        precedesInSession(from.operation, to.operation),
        () => `${about}: their session does not order them.`,
      );
      return;
    case "reads":
      claim(registers.happened(to), () => `${about}: the read need not have happened.`);
      claim(
        to.reads !== undefined && registers.sourceOf(to) === from,
        () => `${about}: the one does not read the other.`,
      );
      claim(
        promise !== "pram" || rules.isOwn(to),
        () => `${about}: what others read is no cause in this view.`,
      );
      return;
    case "visible": {
      const read = registers.at(edge.read);
      claim(registers.happened(read), () => `Operation ${edge.read} need not have happened.`);
      claim(
        read.reads !== undefined && registers.sourceOf(read) === to,
        () => `${about}: operation ${edge.read} does not read what ${edge.to} wrote.`,
      );
      claim(from !== to, () => `${about}: they are one.`);
      const path = followed(edge.path, before);
      claim(path[0]?.from === edge.from, () => `${about}: the path begins elsewhere.`);
      confirmVisible({ path, from, read }, rules);
      return;
    }
    case "follows": {
      const path = followed(edge.path, before);
      claim(
        guarantees(promise).includes("writes-follow-reads") &&
          ["reads", "reads,session"].includes(path.map(({ by }) => by).join()) &&
          path[0]?.from === edge.from &&
          path.at(-1)?.to === edge.to &&
          to.writes !== undefined,
        () => `${about}: the write does not follow a read.`,
      );
      return;
    }
    default:
      claim(false, () => `${about}: there are no such edges.`);
  }
}

/** That a write to the key of a read is visible to it. */
function confirmVisible(
  about: { readonly path: readonly PrecedenceEdge[]; readonly from: Access; readonly read: Access },
  rules: Rules,
): void {
  const { promise } = rules;
  const { path, from, read } = about;
  const { invocation } = read.operation;
  claim(
    from.writes !== undefined && from.key === read.key,
    () => `Operation ${from.operation.invocation} does not write what ${invocation} reads.`,
  );
  claim(path.at(-1)?.to === invocation, () => `The path does not lead to ${invocation}.`);
  const kinds = path.map(({ by }) => by).join();
  if (typeof promise !== "string") {
    const allowed =
      (kinds === "session" && promise.includes("read-your-writes")) ||
      (kinds === "reads,session" && promise.includes("monotonic-reads"));
    claim(allowed, () => `No guarantee makes that visible to operation ${invocation}.`);
  } else if (promise === "causal" || promise === "causal-convergence") {
    claim(
      path.every(({ by }) => by === "session" || by === "reads"),
      () => `What leads to operation ${invocation} is not causal.`,
    );
  } else {
    claim(rules.isOwn(read), () => `Operation ${invocation} does not belong to the view.`);
  }
}

/** That one order of all writes must keep an edge, by the session guarantees. */
function confirmArbitrated(edge: PrecedenceEdge, { registers, promise }: Rules): void {
  const areWrites = [edge.from, edge.to].every((at) => registers.at(at).writes !== undefined);
  const isOrdered =
    edge.by === "visible" ||
    edge.by === "follows" ||
    (edge.by === "session" && areWrites && guarantees(promise).includes("monotonic-writes"));
  claim(isOrdered, () => `${edge.from} → ${edge.to}: no guarantee orders these writes.`);
}

function guarantees(promise: Promised): readonly SessionGuarantee[] {
  return typeof promise === "string" ? [] : promise;
}
