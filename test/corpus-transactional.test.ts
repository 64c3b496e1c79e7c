/**
 * Histories of transactions with known verdicts: Elle's own cases and simulated databases, with the
 * answer of Elle for several levels. We must be invalid wherever Elle is, name every anomaly that
 * it names or a graver one, and confirm every certificate.
 *
 * The files are not part of this repository; `ORDEAL_CORPUS` is the folder that holds them.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { transactional, type VersionRule } from "../checkers/transactional.js";
import { createBudget } from "../src/checker/checker.js";
import { verifyCertificate } from "../src/verdict/verify.js";
import { historyOfCase, type CaseEvent } from "./corpus/elle-history.js";

const FOLDER = join(process.env["ORDEAL_CORPUS"] ?? "../shared/corpus", "transactional");

interface Case {
  readonly id: string;
  readonly workload: string;
  readonly kind?: string;
  readonly history: readonly CaseEvent[];
  readonly opts: { readonly [option: string]: unknown };
  /** Null where Elle gave no answer. */
  readonly by_level?: {
    readonly [level: string]: readonly [boolean | "unknown", readonly string[] | null] | null;
  };
}

/** Names that Elle gives beside: a cycle exists, or nothing depended on anything. */
const NO_ANOMALY = /cycle-exists$|^empty-transaction-graph$/;

/** What may stand for an anomaly: one that needs less time, or is graver. */
function standsFor(kind: string, given: string): boolean {
  if (kind === given) return true;
  const gravity = (name: string): number =>
    ["G0", "G1c", "G-single", "G-nonadjacent", "G2"].findIndex((each) =>
      new RegExp(`^${each}(-item)?(-process|-realtime)?$`).test(name),
    );
  const time = (name: string): number =>
    name.endsWith("-realtime") ? 2 : name.endsWith("-process") ? 1 : 0;
  if (gravity(kind) < 0 || gravity(given) < 0) return false;
  return gravity(kind) <= gravity(given) && time(kind) <= time(given);
}

/**
 * Where we are sharper: a read of what nobody wrote rules out every level, a transaction that
 * contradicts itself also repeatable read, and where no order of versions is known to Elle, each of
 * them may be a cycle.
 */
function isSharper(level: string, kinds: readonly string[]): boolean {
  if (kinds[0] === "no-version-order") return true;
  return kinds[0] === "garbage-read" || (level === "repeatable-read" && kinds[0] === "internal");
}

/** The same as our options. */
function versionRules(opts: Case["opts"]): readonly VersionRule[] {
  return [
    ...(opts["wfr-keys?"] === true ? (["writes-follow-reads"] as const) : []),
    ...(opts["sequential-keys?"] === true ? (["sessions"] as const) : []),
    ...(opts["linearizable-keys?"] === true ? (["realtime"] as const) : []),
  ];
}

const FILES = ["elle-cases.jsonl", "elle-simulated.jsonl"] as const;
const WORKLOADS = ["list-append", "rw-register"] as const;

test.each(FILES.flatMap((file) => WORKLOADS.map((workload) => [file, workload] as const)))(
  "%s: %s, at every level",
  async (file, workload) => {
    const path = join(FOLDER, file);
    if (!existsSync(path)) {
      process.stdout.write(`no corpus at ${path}: set ORDEAL_CORPUS; not tested\n`);
      return;
    }
    let answers = 0;
    for (const line of readFileSync(path, "utf8").split("\n")) {
      if (line === "") continue;
      const given = JSON.parse(line) as Case;
      if (given.workload !== workload || (given.kind ?? "check") !== "check") continue;
      const { history } = historyOfCase(given.history);
      const versions = versionRules(given.opts);
      for (const [level, expected] of Object.entries(given.by_level ?? {})) {
        const about = `${given.id} at ${level}`;
        const checker = transactional({ level, versions });
        const verdict = await checker.check(history, createBudget());
        answers++;
        const kinds = verdict.anomalies.map(({ kind }) => kind);
        const said = expected?.[0];
        // Of registers Elle says valid where it found nothing; we say so only when it is shown.
        const isOpen = workload === "rw-register" && said === true && verdict.verdict === "unknown";
        if (typeof said === "boolean" && !isOpen && !(said && isSharper(level, kinds))) {
          expect(`${about}: ${verdict.verdict}`).toBe(`${about}: ${said ? "valid" : "invalid"}`);
        }
        for (const name of expected?.[1] ?? []) {
          if (NO_ANOMALY.test(name) || workload === "rw-register") continue;
          const isNamed = kinds.some((kind) => standsFor(kind, name));
          expect(isNamed, `${about}: ${name} among ${kinds.join()}`).toBe(true);
        }
        const { certificate } = verdict;
        expect(certificate === undefined, about).toBe(verdict.verdict === "unknown");
        if (certificate === undefined) continue;
        const verified = verifyCertificate({ certificate, history, budget: createBudget() });
        expect(verified, `${about}: ${verdict.reason}`).toMatchObject({ confirmed: true });
      }
    }
    expect(answers).toBeGreaterThan(100);
  },
  120_000,
);
