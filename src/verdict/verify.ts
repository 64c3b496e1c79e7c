/**
 * The independent verifier: confirms the evidence of a verdict against the history, by code that
 * shares nothing with the checkers. It is written to be read, not to be fast; whoever distrusts a
 * checker needs to trust only this.
 */
import type { History } from "../history/history.js";
import { canonical } from "../history/value.js";
import type { Model } from "../model/model.js";
import type { Certificate, ModelCertificate } from "./certificate.js";
import { ClaimRefused, VerificationUndecided } from "./claims.js";
import { beginningWithNothing } from "./first-values.js";
import { verifyArbitration } from "./verify-arbitration.js";
import { verifyCausalOrder } from "./verify-causal-order.js";
import { verifyCollectionOrder } from "./verify-collection-order.js";
import { verifyCollectionViolation } from "./verify-collection-violation.js";
import { verifyIsolationViolation } from "./verify-isolation-violation.js";
import { verifyLinearization } from "./verify-linearization.js";
import { verifyNonSequential } from "./verify-non-sequential.js";
import { verifyPrecedenceViolation } from "./verify-precedence-violation.js";
import { verifyRefutation } from "./verify-refutation.js";
import { verifySequentialOrder } from "./verify-sequential-order.js";
import { verifyStaleOrder } from "./verify-stale-order.js";
import { verifyStreamCycle } from "./verify-stream-cycle.js";
import { verifyTransactionOrder } from "./verify-transaction-order.js";
import { verifyTooStale } from "./verify-too-stale.js";
import { verifyUnexplained } from "./verify-unexplained.js";
import { verifyViews } from "./verify-views.js";
import { verifyVisibility } from "./verify-visibility.js";

/** What a verification may cost; a `Budget` of a check will do. */
export interface VerificationBudget {
  /** Milliseconds that may pass on `nowMs`. */
  readonly timeMs: number;
  /** Bytes that the situations of a search may take, as estimated. */
  readonly memoryBytes: number;
  nowMs(): number;
}

/** What the verifier says of a certificate. */
export interface Verification {
  /** True only when the evidence proves the verdict. */
  readonly confirmed: boolean;
  /** True when the budget ended first: then it is neither confirmed nor wrong. */
  readonly unknown?: boolean;
  /** One sentence: what was confirmed, or the first thing that is wrong. */
  readonly reason: string;
}

/** Everything that a verification needs. */
export interface VerificationRequest {
  readonly certificate: Certificate;
  readonly history: History;
  /** The model that the certificate names, made again. */
  readonly model: Model;
  readonly budget: VerificationBudget;
}

/** The same where the certificate may be about transactions, for which there is no model. */
export type AnyVerificationRequest = Omit<VerificationRequest, "model"> & {
  readonly model?: Model | undefined;
};

/** Confirms or refuses the evidence of a verdict. */
export function verifyCertificate(request: AnyVerificationRequest): Verification {
  const { certificate, history, model } = request;
  try {
    if (certificate.kind === "transaction-order") {
      return {
        confirmed: true,
        reason: verifyTransactionOrder(certificate, beginningWithNothing(history)),
      };
    }
    if (certificate.kind === "isolation-violation") {
      return {
        confirmed: true,
        reason: verifyIsolationViolation(certificate, beginningWithNothing(history)),
      };
    }
    if (certificate.kind === "stream-cycle") {
      return { confirmed: true, reason: verifyStreamCycle(certificate, history) };
    }
    const named = `${certificate.model.name} ${canonical(certificate.model.options)}`;
    const given = model === undefined ? "none" : `${model.name} ${canonical(model.options)}`;
    if (model === undefined || named !== given) {
      throw new ClaimRefused(`The certificate is about the model ${named}, not ${given}.`);
    }
    return { confirmed: true, reason: confirm(certificate, { ...request, model }) };
  } catch (error) {
    if (error instanceof ClaimRefused) return { confirmed: false, reason: error.message };
    if (error instanceof VerificationUndecided) {
      return { confirmed: false, unknown: true, reason: error.message };
    }
    throw error;
  }
}

/**
 * Answers what was confirmed.
 * @throws ClaimRefused
 * @throws VerificationUndecided
 */
function confirm(certificate: ModelCertificate, request: VerificationRequest): string {
  switch (certificate.kind) {
    case "linearization":
      return verifyLinearization(certificate, request);
    case "non-linearizable":
      return verifyRefutation(certificate, request);
    case "sequential-order":
      return verifySequentialOrder(certificate, request);
    case "non-sequential":
      return verifyNonSequential(certificate, request);
    case "causal-order":
      return verifyCausalOrder(certificate, request);
    case "views":
      return verifyViews(certificate, request);
    case "arbitration":
      return verifyArbitration(certificate, request);
    case "precedence-violation":
      return verifyPrecedenceViolation(certificate, request);
    case "stale-order":
      return verifyStaleOrder(certificate, request);
    case "too-stale":
      return verifyTooStale(certificate, request);
    case "visibility":
      return verifyVisibility(certificate, request);
    case "unexplained":
      return verifyUnexplained(certificate, request);
    case "collection-order":
      return verifyCollectionOrder(certificate, request);
    case "collection-violation":
      return verifyCollectionViolation(certificate, request);
    default: {
      const { kind } = certificate as { readonly kind: string };
      throw new ClaimRefused(`There is no certificate of the kind "${kind}".`);
    }
  }
}
