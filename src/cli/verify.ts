/**
 * `ordeal verify`: confirm the evidence of a verdict against its history, with code that shares
 * nothing with the search that found it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { createBudget } from "../checker/checker.js";
import { implies, levelNamed } from "../consistency/lattice.js";
import { HarnessError, messageOf } from "../errors.js";
import { formatNamed } from "../history/codec.js";
import { canonical, sameValue } from "../history/value.js";
import type { Model } from "../model/model.js";
import type { Certificate, ModelCertificate } from "../verdict/certificate.js";
import { verifyCertificate } from "../verdict/verify.js";
import { makeModel } from "./catalog.js";
import { print, printJson, type CommandContext } from "./context.js";
import { EXIT_CODES } from "./exit-codes.js";
import { isDirectory, readInput, type Input } from "./input.js";
import { isolationShapeError } from "./isolation-shapes.js";
import { modelNamed } from "./own-model.js";
import { precedenceShapeError } from "./precedence-shapes.js";
import { formatMs, parseDuration, parseSize } from "./quantities.js";
import { streamShapeError } from "./stream-shapes.js";

interface Flags {
  readonly model?: string;
  readonly format?: string;
  readonly independent?: boolean;
  readonly timeBudget?: number;
  readonly memoryBudget?: number;
  readonly json?: boolean;
}

/** What of a result matters here. */
interface Claim {
  readonly verdict: string;
  readonly certificate: Certificate | undefined;
  readonly operations: number | undefined;
  /** The level that was asked about, by whichever name. */
  readonly consistency: string | undefined;
  /** The verdicts that it was merged from. */
  readonly parts: readonly (readonly [name: string, claim: Claim])[];
}

/** The answer, as `--json` prints it. */
interface Answer {
  readonly confirmed: boolean;
  readonly decided: boolean;
  readonly reason: string;
}

const EXAMPLES = `
Examples:
  $ ordeal check history.jsonl --model register --out result.json
  $ ordeal verify result.json history.jsonl
  $ ordeal verify runs/latest           the results and the history of a run

Exit codes: 0 confirmed, 1 refuted (the evidence does not support the verdict),
2 could not decide or nothing to verify, 254 bad arguments or input, 255 the
harness failed.`;

/** The command, for `program.ts`. */
export function verifyCommand(context: CommandContext): Command {
  return new Command("verify")
    .description(
      "confirm the evidence of a verdict against its history, independently of the search",
    )
    .argument("<result>", "what check --json or --out wrote, or a run directory")
    .argument("[history]", "the history file or run directory (default: that of the run directory)")
    .option("-m, --model <file>", "the file of your own model, if the history was checked with one")
    .option("-f, --format <name>", "the format of the history (default: detected)")
    .option("--independent", "take [key value] vectors of EDN for tuples whose tag was lost")
    .option("--time-budget <duration>", "for the verification (default: 60s)", parseDuration)
    .option("--memory-budget <size>", "for the verification (default: 2GiB)", parseSize)
    .option("--json", "print one JSON object on standard output")
    .addHelpText("after", EXAMPLES)
    .action(async (result: string, history: string | undefined, flags: Flags) => {
      if (flags.format !== undefined) formatNamed(flags.format);
      const startedMs = performance.now();
      const answer = await verify(result, history, flags);
      show(answer, performance.now() - startedMs, { flags, context });
      context.setExitCode(exitCodeFor(answer));
    });
}

async function verify(result: string, history: string | undefined, flags: Flags): Promise<Answer> {
  const isRun = isDirectory(result);
  const historyPath = history ?? (isRun ? result : undefined);
  if (historyPath === undefined) {
    throw new HarnessError(
      "bad-argument",
      `say which history ${result} is about: ordeal verify ${result} HISTORY`,
    );
  }
  const resultPath = isRun ? join(result, "results.json") : result;
  const claim = readClaim(resultPath, historyPath);
  if (claim.certificate === undefined) return withoutEvidence(claim);
  const input = await readInput(historyPath, flags);
  const operations = input.history.invocations().length;
  if (claim.operations !== undefined && claim.operations !== operations) {
    const reason = `the result is about ${claim.operations} operations, the history has ${operations}: they do not belong together`;
    return { confirmed: false, decided: true, reason };
  }
  const about = { resultPath, input, flags };
  if (claim.parts.length === 0) return await confirm(claim, claim.certificate, about);
  for (const [name, part] of claim.parts) {
    if (part.certificate === undefined) continue;
    const answer = await confirm(part, part.certificate, about);
    if (!answer.confirmed) return { ...answer, reason: `${name}: ${answer.reason}` };
  }
  const proved = claim.parts.filter(([, { certificate }]) => certificate !== undefined);
  const named = proved.map(([name, { verdict }]) => `${name} (${verdict})`).join(", ");
  return { confirmed: true, decided: true, reason: `The evidence holds of ${named}.` };
}

function withoutEvidence({ verdict }: Claim): Answer {
  const reason =
    verdict === "unknown"
      ? "the verdict is unknown, so that there is nothing to verify"
      : `the result says ${verdict} but carries no certificate`;
  return { confirmed: false, decided: false, reason };
}

/** Why evidence about one level says nothing of the level of a claim; undefined if it does. */
function isOfAnother(
  { verdict, consistency }: Claim,
  certificate: Certificate,
): string | undefined {
  if (consistency === undefined || !("level" in certificate)) return undefined;
  const asked = levelNamed(consistency);
  if (asked === undefined) return undefined;
  const { level } = certificate;
  const isShown = verdict === "valid" ? implies(level, asked.name) : implies(asked.name, level);
  if (isShown) return undefined;
  return `the certificate is about ${level}, which does not show that ${asked.name} is ${verdict}`;
}

/** Confirms one verdict. */
async function confirm(
  claim: Claim,
  certificate: Certificate,
  about: { readonly resultPath: string; readonly input: Input; readonly flags: Flags },
): Promise<Answer> {
  const { verdict } = claim;
  const { resultPath, input, flags } = about;
  const expected = EXPLANATIONS.has(certificate.kind) ? "valid" : "invalid";
  const answer = verifyCertificate({
    certificate,
    history: input.history,
    model: "model" in certificate ? await modelOf(certificate, resultPath, flags.model) : undefined,
    budget: createBudget({
      ...(flags.timeBudget === undefined ? {} : { timeMs: flags.timeBudget }),
      ...(flags.memoryBudget === undefined ? {} : { memoryBytes: flags.memoryBudget }),
    }),
  });
  const otherwise = isOfAnother(claim, certificate);
  if (answer.confirmed && verdict === expected && otherwise !== undefined) {
    return { confirmed: false, decided: true, reason: otherwise };
  }
  if (answer.confirmed && verdict !== expected) {
    // A run that proved nothing is unknown although its history has an order.
    if (verdict === "unknown") {
      const reason = `the evidence holds (it speaks for ${expected}), but the verdict is unknown`;
      return { confirmed: false, decided: false, reason };
    }
    const reason = `the certificate is one for ${expected}, but the verdict is ${verdict}`;
    return { confirmed: false, decided: true, reason };
  }
  return { confirmed: answer.confirmed, decided: answer.unknown !== true, reason: answer.reason };
}

/** The kinds of evidence for `valid`. */
const EXPLANATIONS: ReadonlySet<Certificate["kind"]> = new Set([
  "linearization",
  "sequential-order",
  "stale-order",
  "causal-order",
  "views",
  "arbitration",
  "visibility",
  "collection-order",
  "transaction-order",
]);

function exitCodeFor({ confirmed, decided }: Answer): number {
  if (confirmed) return EXIT_CODES.valid;
  return decided ? EXIT_CODES.invalid : EXIT_CODES.unknown;
}

function show(
  answer: Answer,
  elapsedMs: number,
  { flags, context }: { readonly flags: Flags; readonly context: CommandContext },
): void {
  const { confirmed, decided, reason } = answer;
  const status = confirmed ? "confirmed" : decided ? "refuted" : "undecided";
  if (flags.json === true) {
    printJson(context, { status, confirmed, reason, elapsedMs });
    return;
  }
  const paint = context.terminal.outPaint;
  const mark = confirmed
    ? paint.green("✓ confirmed")
    : decided
      ? paint.red("✗ refuted")
      : paint.yellow("? undecided");
  print(context, `${mark}  ${reason}  ${paint.dim(formatMs(elapsedMs))}`);
}

/**
 * Reads a result: one object, or of the lines of several files the one that is about this history.
 */
function readClaim(path: string, history: string): Claim {
  let text: string;
  try {
    text = readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    throw new HarnessError("unreadable-input", `cannot read ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const whole = parsed(text);
  if (whole !== undefined) return claimOf(whole, path);
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const objects = lines.map((line) => parsed(line));
  if (lines.length < 2 || objects.includes(undefined)) {
    throw new HarnessError(
      "malformed-input",
      `${path} is not JSON; expected what ordeal check --json or --out writes`,
    );
  }
  const found = objects.find((object) => isObject(object) && object["file"] === history);
  if (found !== undefined) return claimOf(found, path);
  throw new HarnessError(
    "bad-argument",
    `${path} has results of ${lines.length} files, but none of ${history}; name the history as check was given it`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * Takes the claim out of a result of `check`, or of a run, whose verdict is an object of its own.
 */
function claimOf(value: unknown, path: string): Claim {
  const outer = isObject(value) ? value : {};
  const inner = isObject(outer["verdict"]) ? outer["verdict"] : outer;
  const { verdict, certificate, operations, consistency, parts } = inner;
  if (verdict !== "valid" && verdict !== "invalid" && verdict !== "unknown") {
    throw new HarnessError(
      "malformed-input",
      `${path} holds no verdict; expected what ordeal check --json or --out writes, or the results.json of a run`,
    );
  }
  return {
    verdict,
    certificate: certificateOf(certificate, path),
    operations: typeof operations === "number" ? operations : undefined,
    consistency: typeof consistency === "string" ? consistency : undefined,
    parts: isObject(parts)
      ? Object.entries(parts).map(([name, part]) => [name, claimOf(part, path)])
      : [],
  };
}

/** Looks at the shape only; whether it is true is the verifier's question. */
function certificateOf(value: unknown, path: string): Certificate | undefined {
  if (value === undefined || value === null) return undefined;
  const malformed = (what: string): HarnessError =>
    new HarnessError("malformed-input", `${path}: its certificate ${what}`);
  if (!isObject(value)) throw malformed("is not an object");
  const isolation = streamShapeError(value) ?? isolationShapeError(value);
  if (isolation === "") return value as unknown as Certificate;
  if (isolation !== undefined) throw malformed(isolation);
  const { model } = value;
  if (!isObject(model) || typeof model["name"] !== "string" || !isObject(model["options"])) {
    throw malformed("names no model");
  }
  if (value["kind"] === "linearization") {
    const { parts } = value;
    const isPart = (part: unknown): boolean =>
      isObject(part) && part["part"] !== undefined && isIndexList(part["order"]);
    if (!Array.isArray(parts) || !parts.every(isPart))
      throw malformed("has no list of parts with their order");
    return value as unknown as Certificate;
  }
  if (value["kind"] === "sequential-order") {
    if (!isIndexList(value["order"])) throw malformed("has no order");
    return value as unknown as Certificate;
  }
  if (value["kind"] === "non-linearizable" || value["kind"] === "non-sequential") {
    const { kind, part, required, forgotten, minimal } = value;
    const sound = isIndexList(required) && isIndexList(forgotten) && typeof minimal === "boolean";
    if ((part === undefined && kind === "non-linearizable") || !sound) {
      throw malformed("lacks part, required, forgotten or minimal");
    }
    return value as unknown as Certificate;
  }
  const error = precedenceShapeError(value);
  if (error === "") return value as unknown as Certificate;
  if (error !== undefined) throw malformed(error);
  throw malformed(`is of a kind that this version does not know: ${JSON.stringify(value["kind"])}`);
}

async function modelOf(
  certificate: ModelCertificate,
  path: string,
  file: string | undefined,
): Promise<Model> {
  const { name, options } = certificate.model;
  let model: Model;
  try {
    // What a result says is never loaded as a module.
    model = file === undefined ? makeModel(name, options) : await modelNamed(file, options);
  } catch (error) {
    throw new HarnessError(
      "malformed-input",
      `${path}: ${messageOf(error)}; for a model of your own, name its file: --model FILE`,
      { cause: error },
    );
  }
  if (model.name === name && sameValue(model.options, options)) return model;
  throw new HarnessError(
    "bad-argument",
    `${path} is about the model ${name} with options ${canonical(options)}, ${file} is ${model.name} with ${canonical(model.options)}`,
  );
}

function isIndexList(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((index) => Number.isSafeInteger(index) && index >= 0);
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
