/**
 * Checks one history file: reads it, settles what its events mean, finds the model, and asks the
 * checker.
 */
import { askChecker } from "../checker/ask-checker.js";
import { createBudget, type Budget, type Checker } from "../checker/checker.js";
import { HarnessError } from "../errors.js";
import { INVOKE, NEMESIS, type History } from "../history/history.js";
import { canonical, type Value } from "../history/value.js";
import type { Model } from "../model/model.js";
import { judge, type Evidence } from "../runner/judge.js";
import type { RunResult, TestDescription } from "../runner/result.js";
import type { Verdict } from "../verdict/verdict.js";
import { compose } from "../../checkers/compose.js";
import type { CheckReportInput } from "../../reports/index.js";
import { MODELS, makeChecker } from "./catalog.js";
import { namesOf, planOf } from "./plan.js";
import { propertiesFor, propertyWords, type PropertyFlags } from "./check-properties.js";
import { readHistoryFile } from "../store/read-history-file.js";
import { readInput, readRun, type Input } from "./input.js";
import { modelNamed } from "./own-model.js";
import { isFile } from "../runner/own-module.js";
import { printWarning } from "./context.js";
import {
  aroundIsolation,
  ISOLATION,
  isolationFor,
  strongestIsolation,
  withoutIsolation,
} from "./isolation.js";
import { shellCommand } from "./shell-command.js";
import type { Terminal } from "./terminal.js";

/** The options that decide the answer. */
export interface CheckFlags extends PropertyFlags {
  readonly model?: string;
  readonly consistency: string;
  readonly format?: string;
  readonly independent?: boolean;
  readonly initial?: { readonly json: Value };
  readonly nilReads?: "unknown" | "value";
  readonly failedCas?: "observe" | "ignore";
  readonly timeBudget?: number;
  readonly memoryBudget?: number;
}

/** What the events were taken to mean. */
export interface UsedConventions {
  readonly initial: Value;
  readonly nilReads: "unknown" | "value";
  readonly failedCas: "observe" | "ignore";
}

/** One file and the answer to it. */
export interface CheckedFile {
  readonly file: string;
  readonly format: string;
  readonly conventions: UsedConventions;
  readonly warnings: readonly string[];
  /** Undefined when a run's own workload judged it. */
  readonly model: Pick<Model, "name" | "options"> | undefined;
  /** Null when only properties were checked. */
  readonly consistency: string | null;
  readonly verdict: Verdict;
  readonly report: CheckReportInput;
}

/** A history that was read, what its events mean, and who judges it. */
export interface Question extends Judge {
  readonly input: Input;
  readonly conventions: UsedConventions;
}

/**
 * Reads a file and finds its judge.
 * @throws HarnessError when it cannot be read, or is not what the model is about.
 */
export async function questionOf(
  file: string,
  flags: CheckFlags,
  options: JudgeOptions = {},
): Promise<Question> {
  const input = await readInput(file, flags);
  await assertWhole(input, flags);
  // Transactions have their own: null is the initial value, or the empty list.
  const isIsolation =
    isolationFor(flags) !== undefined || isStrongestOfTransactions(flags, input.history);
  const conventions: UsedConventions = {
    initial: (flags.initial === undefined ? input.conventions.initial : flags.initial.json) ?? null,
    nilReads: isIsolation ? "value" : (flags.nilReads ?? input.conventions.nilReads),
    failedCas: flags.failedCas ?? input.conventions.failedCas,
  };
  return { input, ...(await judgeFor(input, flags, { conventions, ...options })), conventions };
}

/**
 * Checks one file.
 * @throws HarnessError when it cannot be read, or is not what the model is about.
 */
export async function checkFile(
  file: string,
  flags: CheckFlags,
  terminal: Terminal,
): Promise<CheckedFile> {
  const { input, conventions, checker, model, evidence } = await questionOf(file, flags, {
    isAround: true,
  });
  const { history, format } = input;
  for (const warning of input.warnings) printWarning(terminal, `${file}: ${warning}`);
  const budget = createBudget({
    ...(flags.timeBudget === undefined ? {} : { timeMs: flags.timeBudget }),
    ...(flags.memoryBudget === undefined ? {} : { memoryBytes: flags.memoryBudget }),
  });
  const verdict = await withNotice(terminal, `checking ${file} …`, async () =>
    evidence === undefined
      ? ask(checker, input, { budget, flags })
      : judge(history, checker, { ...evidence, budget }),
  );
  const replay = file === "-" ? {} : { replay: checkAgain(file, flags) };
  return {
    file,
    format,
    conventions,
    warnings: input.warnings,
    model: model === undefined ? undefined : { name: model.name, options: model.options },
    consistency: isOnlyProperties(flags, { model, history }) ? null : flags.consistency,
    verdict,
    report: { title: file, verdict, history, ...replay },
  };
}

function isOnlyProperties(
  flags: CheckFlags,
  { model, history }: { readonly model: Model | undefined; readonly history: History },
): boolean {
  if (flags.checker === undefined || model !== undefined) return false;
  return isolationFor(flags) === undefined && !isStrongestOfTransactions(flags, history);
}

/** How a history is judged. */
interface JudgeOptions {
  /** Whether a verdict on a level of isolation says what it means for all others; default false. */
  readonly isAround?: boolean;
}

/** Who judges a history, and for a run what it must have shown. */
export interface Judge {
  readonly checker: Checker;
  readonly model?: Model;
  readonly evidence?: Evidence;
}

/** The checker of the model that was named, or of the workload whose run this is. */
async function judgeFor(
  { history, file }: Input,
  flags: CheckFlags,
  about: JudgeOptions & { readonly conventions: UsedConventions },
): Promise<Judge> {
  const { conventions, isAround } = about;
  const level = isolationFor(flags);
  const byLevel = level === undefined || isAround !== true ? level : aroundIsolation(flags, level);
  const isolation = byLevel ?? strongestFor(flags, history);
  const promised = isolation === undefined ? undefined : ISOLATION;
  const others = isolation === undefined || byLevel !== undefined ? flags : withoutIsolation(flags);
  const properties = propertiesFor(others, { input: file, promised });
  const asked = Object.values(properties);
  if (isolation !== undefined) {
    if (asked.length === 0) return { checker: isolation.checker };
    return { checker: compose({ [isolation.name]: isolation.checker, ...properties }) };
  }
  if (flags.model !== undefined) {
    const variant = variantFor(functionsOf(history));
    const options = await optionsFor(flags.model, flags, conventions);
    const model = await modelNamed(flags.model, { ...options, ...variant });
    assertFlagsApply(flags, model);
    assertFits(model, history, file);
    const promised = makeChecker(flags.consistency, model);
    if (asked.length === 0) return { checker: promised, model };
    return { checker: compose({ [flags.consistency]: promised, ...properties }), model };
  }
  const [only] = asked;
  if (only !== undefined) return { checker: asked.length === 1 ? only : compose(properties) };
  const run = await readRun(file);
  if (run !== undefined && run.test.file === undefined)
    return await judgeOfRun(run.test, run.result);
  const fitting = modelsFor(functionsOf(history));
  const choices = fitting.length > 0 ? fitting : MODELS.map(({ name }) => name);
  const own = run?.test.file;
  const levels = functionsOf(history).includes("txn") ? "--consistency serializable, or " : "";
  throw new HarnessError(
    "bad-argument",
    `${file}: say what its operations mean: ${levels}--model ${choices.join(" or --model ")}, or --checker NAME` +
      (own === undefined ? "" : `; or let ${own} judge it again: ordeal replay ${file}`),
  );
}

/** Transactions need no model; with one, or other functions, it is about single operations. */
function strongestFor(flags: CheckFlags, history: History): ReturnType<typeof isolationFor> {
  return isStrongestOfTransactions(flags, history) ? strongestIsolation(flags) : undefined;
}

function isStrongestOfTransactions(flags: CheckFlags, history: History): boolean {
  const isAsked = flags.consistency === "strongest" && flags.model === undefined;
  return isAsked && functionsOf(history).includes("txn");
}

/**
 * What the format says of a value at first, of reads and of cas is about registers; other models
 * get what was asked for.
 */
async function optionsFor(
  word: string,
  flags: CheckFlags,
  conventions: UsedConventions,
): Promise<Partial<UsedConventions>> {
  const { options } = await modelNamed(word);
  if (!isFile(word) && Object.hasOwn(options, "nilReads")) return conventions;
  const given = (["initial", "nilReads", "failedCas"] as const).filter(
    (name) => flags[name] !== undefined,
  );
  return Object.fromEntries(given.map((name) => [name, conventions[name]]));
}

/** A flag that the model has no use for is a misunderstanding, which the verdict would hide. */
function assertFlagsApply(flags: CheckFlags, model: Model): void {
  const words = {
    initial: "--initial",
    nilReads: "--nil-reads",
    failedCas: "--failed-cas",
  } as const;
  for (const [name, word] of Object.entries(words)) {
    if (flags[name as keyof typeof words] === undefined || Object.hasOwn(model.options, name))
      continue;
    throw new HarnessError("bad-argument", `${word} does not apply to the model ${model.name}`);
  }
}

async function judgeOfRun(test: TestDescription, result: RunResult | undefined): Promise<Judge> {
  const { workload, system } = await planOf({ ...namesOf(test), nemesis: "none" });
  const has = system.functions;
  const functions = new Set(
    [...workload.requires, ...workload.optional].filter((f) => has.includes(f)),
  );
  // A run that was cut short need not have got to its faults.
  const whole = result !== undefined && result.endedEarly === undefined;
  return {
    checker: workload.checker({ functions, concurrency: test.concurrency }),
    evidence: { observes: workload.observes ?? [], nemeses: whole ? test.nemeses : [] },
  };
}

function assertFits(model: Model, history: History, file: string): void {
  const known = model.functions;
  if (known === undefined) return;
  const functions = functionsOf(history);
  const foreign = functions.filter((f) => !known.includes(f));
  if (foreign.length === 0) return;
  const fitting = modelsFor(functions);
  throw new HarnessError(
    "bad-argument",
    `${file}: the ${model.name} model knows ${known.join(", ")}, but the history has ${foreign.slice(0, 5).join(", ")}; ` +
      (fitting.length > 0
        ? `use --model ${fitting.join(" or --model ")}`
        : "none of the models here knows these (see: ordeal list models)"),
  );
}

/** A store needs another state when there are ranges over its keys. */
function variantFor(functions: readonly string[]): { readonly ranges?: true } {
  return functions.includes("range") ? { ranges: true } : {};
}

function modelsFor(functions: readonly string[]): readonly string[] {
  return MODELS.filter((entry) => {
    const known = entry.make(variantFor(functions)).functions;
    return known !== undefined && functions.every((f) => known.includes(f));
  }).map(({ name }) => name);
}

/** The functions that clients invoke. */
function functionsOf(history: History): readonly string[] {
  const seen = new Set<number>();
  for (let i = 0; i < history.length; i++) {
    if (history.types[i] === INVOKE && history.processes[i] !== NEMESIS) {
      seen.add(history.functions[i] as number);
    }
  }
  return [...seen].map((f) => history.functionNames[f] as string);
}

/** Asks the checker; its errors name the file, and the line of the event that they are about. */
async function ask(
  checker: Checker,
  input: Input,
  { budget, flags }: { readonly budget: Budget; readonly flags: CheckFlags },
): Promise<Verdict> {
  try {
    return await askChecker(checker, input.history, budget);
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    const { event, message } = error;
    const given = event === undefined ? undefined : (input.completed?.given[event] ?? event);
    if (given !== undefined) await refuse(input, flags, { event: given, reason: message });
    throw new HarnessError(error.code, `${input.file}: ${message}`, { cause: error });
  }
}

/** Reads the file once more up to the event that is refused: so the error says where it stands. */
async function refuse(
  { file, format }: Input,
  { independent }: CheckFlags,
  refused: { readonly event: number; readonly reason: string },
): Promise<void> {
  if (file !== "-") await readHistoryFile(file, { format, independent, refused });
}

/** A model asks when each operation began, which a completion alone does not say. */
async function assertWhole(input: Input, flags: CheckFlags): Promise<void> {
  const { completed, file } = input;
  if (completed === undefined || flags.model === undefined) return;
  const reason = `a completion without an invocation, and --model ${flags.model} asks when each operation began; expected an invocation before it, or a level of transactions instead of a model (--consistency serializable)`;
  await refuse(input, flags, { event: completed.first, reason });
  throw new HarnessError("malformed-input", `${file}: ${reason}`);
}

/** Shows a line while something takes its time; only on a terminal, and gone afterwards. */
async function withNotice<T>(
  { err }: Terminal,
  notice: string,
  action: () => Promise<T>,
): Promise<T> {
  if (err.isTTY !== true) return action();
  err.write(notice.slice(0, (err.columns ?? 80) - 1));
  try {
    return await action();
  } finally {
    err.write("\r\u001B[2K");
  }
}

/** The command that checks a file in the same way. */
export function checkAgain(file: string, flags: CheckFlags): string {
  const given = (option: string, value: string | undefined): readonly string[] =>
    value === undefined ? [] : [option, value];
  return shellCommand([
    "ordeal",
    "check",
    file,
    ...given("--model", flags.model),
    ...given("--consistency", flags.consistency === "linearizable" ? undefined : flags.consistency),
    ...propertyWords(flags),
    ...given("--format", flags.format),
    ...(flags.independent === true ? ["--independent"] : []),
    ...given("--initial", flags.initial === undefined ? undefined : canonical(flags.initial.json)),
    ...given("--nil-reads", flags.nilReads),
    ...given("--failed-cas", flags.failedCas),
  ]);
}
