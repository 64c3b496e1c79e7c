/**
 * The independent verifier: confirms the evidence of a verdict against the history, by code that
 * shares nothing with the checkers. It is written to be read, not to be fast; whoever distrusts a
 * checker needs to trust only this.
 */
import type { History } from "../history/history.js";
import { canonical } from "../history/value.js";
import type { Model } from "../model/model.js";
import type { Certificate } from "./certificate.js";
import { ClaimRefused, VerificationUndecided } from "./claims.js";
import { verifyLinearization } from "./verify-linearization.js";
import { verifyNonSequential } from "./verify-non-sequential.js";
import { verifyRefutation } from "./verify-refutation.js";
import { verifySequentialOrder } from "./verify-sequential-order.js";

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

/** Confirms or refuses the evidence of a verdict. */
export function verifyCertificate(request: VerificationRequest): Verification {
  const { certificate, model } = request;
  try {
    const named = `${certificate.model.name} ${canonical(certificate.model.options)}`;
    const given = `${model.name} ${canonical(model.options)}`;
    if (named !== given) {
      throw new ClaimRefused(`The certificate is about the model ${named}, not ${given}.`);
    }
    if (certificate.kind === "linearization") {
      return { confirmed: true, reason: verifyLinearization(certificate, request) };
    }
    if (certificate.kind === "non-linearizable") {
      return { confirmed: true, reason: verifyRefutation(certificate, request) };
    }
    if (certificate.kind === "sequential-order") {
      return { confirmed: true, reason: verifySequentialOrder(certificate, request) };
    }
    if (certificate.kind === "non-sequential") {
      return { confirmed: true, reason: verifyNonSequential(certificate, request) };
    }
    const { kind } = certificate as { readonly kind: string };
    throw new ClaimRefused(`There is no certificate of the kind "${kind}".`);
  } catch (error) {
    if (error instanceof ClaimRefused) return { confirmed: false, reason: error.message };
    if (error instanceof VerificationUndecided) {
      return { confirmed: false, unknown: true, reason: error.message };
    }
    throw error;
  }
}
