/**
 * Confirms causal memory (Ahamad et al. 1995) and pipelined RAM (Lipton & Sandberg 1988), given the
 * order that each process may have seen. Linear in the orders.
 */
import type { ViewsCertificate } from "./certificate.js";
import { claim } from "./claims.js";
import {
  precedesInSession,
  registerHistory,
  type Access,
  type RegisterHistory,
} from "./register-history.js";
import type { VerificationRequest } from "./verify.js";

/**
 * Confirms all views; answers what was confirmed.
 * @throws ClaimRefused
 */
export function verifyViews(
  certificate: ViewsCertificate,
  { history, model }: VerificationRequest,
): string {
  const registers = registerHistory(history, model, certificate.sources);
  registers.claimWhole();
  const before = predecessors(registers);
  /** Reads that some view explains. */
  const explained = new Set<Access>();
  const present = new Set<Access>();
  const isCausal = certificate.promise === "causal-memory";
  for (const { of, order } of certificate.views) {
    confirmView({ registers, before, isCausal, explained, present, of: registers.at(of), order });
  }
  for (const access of registers.accesses) {
    const { invocation, outcome } = access.operation;
    claim(
      access.reads === undefined ||
        explained.has(access) ||
        (outcome !== "ok" && !present.has(access)),
      () => `No view explains the read ${invocation}.`,
    );
  }
  return `${certificate.views.length} views explain what their processes read, and each keeps ${isCausal ? "the causal order" : "the order of every process"}.`;
}

/** The last thing that its process had completed before each operation. */
function predecessors({ accesses }: RegisterHistory): ReadonlyMap<Access, Access> {
  const last = new Map<unknown, Access>();
  const before = new Map<Access, Access>();
  for (const access of accesses) {
    const { process, outcome } = access.operation;
    const previous = last.get(process);
    if (previous !== undefined) before.set(access, previous);
    if (outcome === "ok") last.set(process, access);
  }
  return before;
}

function confirmView(view: {
  readonly registers: RegisterHistory;
  readonly before: ReadonlyMap<Access, Access>;
  readonly isCausal: boolean;
  readonly explained: Set<Access>;
  readonly present: Set<Access>;
  readonly of: Access;
  readonly order: readonly number[];
}): void {
  const { registers, before, isCausal, explained, present, of, order } = view;
  const isOwn = (access: Access): boolean =>
    access === of || precedesInSession(access.operation, of.operation);
  /** For pipelined RAM what others read is not there. */
  const belongs = (access: Access): boolean =>
    isCausal || access.writes !== undefined || isOwn(access);
  const done = new Set<Access>();
  /** Key → the last write. */
  const state = new Map<string, Access>();
  for (const invocation of order) {
    const access = registers.at(invocation);
    const late = (cause: Access): string =>
      `In the view of ${of.operation.invocation}, operation ${invocation} lacks ${cause.operation.invocation} before it.`;
    claim(!done.has(access), () => `Operation ${invocation} is in one view twice.`);
    let previous = before.get(access);
    while (previous !== undefined && !belongs(previous)) previous = before.get(previous);
    if (previous !== undefined) claim(done.has(previous), () => late(previous));
    if (access.reads !== undefined && (isCausal || isOwn(access))) {
      const source = registers.sourceOf(access);
      claim(source !== undefined, () => `Operation ${invocation} reads what nobody wrote.`);
      if (source !== null) claim(done.has(source), () => late(source));
      if (isOwn(access)) {
        const last = state.get(access.key) ?? null;
        claim(
          last === source,
          () => `Operation ${invocation} does not read the last write of its view.`,
        );
        explained.add(access);
      }
    }
    done.add(access);
    present.add(access);
    if (access.writes !== undefined) state.set(access.key, access);
  }
  claim(done.has(of), () => `The view of ${of.operation.invocation} does not hold it.`);
}
