/**
 * The end of a run in the terminal: the verdict in plain words, the counterexample, and how to see
 * it again.
 */
import { Chalk, type ChalkInstance } from "chalk";
import type { Verdict, VerdictKind } from "../src/verdict/verdict.js";
import { anomalyKindsOf, focusOf } from "./anomaly-kinds.js";
import { asciiTimeline } from "./ascii-timeline.js";
import { anomaliesOf, counterexampleOf, VERDICT_ICONS } from "./counterexample.js";
import { excludedOrdersOf, orderInWords } from "./excluded-orders.js";
import { cautionsOf, outcomesOf } from "./facts.js";
import { isolationLevelsOf, KEPT_COLUMNS, type IsolationLevels } from "./isolation-levels.js";
import { levelsOf, type LevelsShown } from "./levels.js";
import { hasTimes } from "./moments.js";
import { asciiSequence } from "./messages/ascii.js";
import { sequenceOf } from "./messages/sequence.js";
import { counted, formatDuration } from "./operation-label.js";
import { subjectOf, type ReportInput, type ReportSubject } from "./report-input.js";

/** More excluded orders than these are not for a terminal. */
const ORDERS_MAX = 4;

/** Beside the first kind of anomaly so many others are told. */
const KINDS_MAX = 2;

/** The evidence of so many broken levels is told. */
const LEVELS_TOLD = 4;

/** How to write it. */
export interface TerminalOptions {
  /** Whether to write colour codes. */
  readonly color: boolean;
  /** Columns of the terminal; text is wrapped to it, at least 40. */
  readonly width: number;
}

/** Writes the summary, without a line break at the end. */
export function terminalSummary(input: ReportInput, options: TerminalOptions): string {
  const subject = subjectOf(input);
  const { verdict, title, history, replay } = subject;
  const chalk = new Chalk({ level: options.color ? 1 : 0 });
  const width = Math.max(40, options.width);
  const paragraph = (text: string): string =>
    wrap(printable(text).split(" "), { between: " ", width: width - 2, indent: "  " });
  const blocks = [
    `${badge(chalk, verdict.verdict)} ${chalk.bold(printable(title))}`,
    paragraph(verdict.reason),
    ...cautionsOf(subject).map((caution) => chalk.yellow(paragraph(`Note: ${caution}`))),
  ];
  const levels = levelsOf(verdict, history);
  const isolation = isolationLevelsOf(verdict);
  if (isolation !== undefined) {
    blocks.push(groupBlock(isolation, { chalk, width }));
    if (levels !== undefined) blocks.push(rowsBlock(isolation, chalk));
  }
  if (levels !== undefined) {
    const lines = isolation === undefined ? [levelLines(levels, { chalk, width })] : [];
    blocks.push(...lines, ...brokenBlocks(levels, subject, { chalk, width }));
  }
  const [anomaly] = levels === undefined ? anomaliesOf(verdict) : [];
  if (anomaly !== undefined && !verdict.reason.includes(anomaly.message)) {
    blocks.push(paragraph(anomaly.message));
  }
  const found = levels === undefined ? counterexampleOf(verdict, history) : undefined;
  if (found !== undefined) {
    const drawing = asciiTimeline(history, found.required, {
      forgotten: found.forgotten,
      byIndex: found.byIndex,
      focus: found.anomaly === undefined ? [] : focusOf(found.anomaly),
      width: width - 2,
    });
    blocks.push(coloured(drawing, chalk));
  }
  const kinds = anomalyKindsOf(verdict, history).slice(1);
  for (const { kind, count, first, operations } of kinds.slice(0, KINDS_MAX)) {
    blocks.push(
      paragraph(`Also ${kind}${count === 1 ? "" : ` (${count} times)`}: ${first.message}`),
    );
    const drawing = asciiTimeline(history, operations, { focus: focusOf(first), width: width - 2 });
    if (drawing !== "") blocks.push(coloured(drawing, chalk));
  }
  if (kinds.length > KINDS_MAX) {
    const names = kinds.slice(KINDS_MAX).map(({ kind, count }) => `${kind} (${count})`);
    blocks.push(paragraph(`And ${names.join(", ")}.`));
  }
  const others = levels === undefined ? otherKinds(verdict, kinds.length > 0) : [];
  if (others.length > 0) blocks.push(paragraph(`Also found: ${others.join(", ")}.`));
  const excluded = levels === undefined ? excludedOrdersOf(verdict, history) : undefined;
  const orders = excluded?.orders ?? [];
  // A single operation that nothing explains is told by the reason.
  if (orders.length > 0 && orders.length <= ORDERS_MAX && orders[0]?.after.length !== 0) {
    const lines = orders.map((order) => paragraph(`- ${orderInWords(order)}`));
    blocks.push([paragraph("No order works:"), ...lines].join("\n"));
  }
  blocks.push(...messageBlocks(subject, { chalk, width }));
  blocks.push(wrap(partsOf(subject), { between: " · ", width: width - 2, indent: "  " }));
  if (replay !== undefined)
    blocks.push(`  ${chalk.dim("replay")}  ${chalk.cyan(printable(replay))}`);
  return blocks.join("\n\n");
}

/** Kinds of anomalies beside the first, where they are not told one by one. */
function otherKinds(verdict: Verdict, areTold: boolean): readonly string[] {
  if (areTold) return [];
  const [first, ...others] = anomaliesOf(verdict).map(({ kind }) => kind);
  return [...new Set(others)].filter((kind) => kind !== first);
}

/** Who sent what to whom, where it was recorded and is little enough. */
function messageBlocks(
  subject: ReportSubject,
  { chalk, width }: { readonly chalk: ChalkInstance; readonly width: number },
): readonly string[] {
  const sequence = sequenceOf(subject);
  if (sequence === undefined) return [];
  const drawing = asciiSequence(sequence, width - 2);
  if (drawing === undefined) {
    const many = counted(subject.messages.length, "message");
    return [chalk.dim(`  ${many} were recorded: the HTML report draws them.`)];
  }
  return [drawing.replaceAll(/^(?=.)/gm, "  ")];
}

/** What is ruled out and by what, what holds, what is open; what follows is only counted. */
function groupBlock(
  { groups }: IsolationLevels,
  { chalk, width }: { readonly chalk: ChalkInstance; readonly width: number },
): string {
  const names = groups.flatMap(({ levels }) => levels.map(({ level }) => level.length));
  const margin = Math.max(...names);
  const lines = groups.flatMap(({ verdict, title, levels, others }) => {
    const paint = MARKS[verdict](chalk);
    const told = levels.map(({ level, why }) => {
      const indent = " ".repeat(margin + 8);
      const words = printable(why).split(" ");
      const note = wrap(words, { between: " ", width: Math.max(20, width - margin - 8), indent });
      const padding = " ".repeat(margin - level.length + 2);
      const line = `    ${paint(VERDICT_ICONS[verdict])} ${chalk.bold(level)}${padding}`;
      return `${line}${chalk.dim(note.trimStart())}`.trimEnd();
    });
    return [`  ${title}`, ...told, ...(others === "" ? [] : [`      ${chalk.dim(others)}`])];
  });
  return lines.join("\n");
}

/** Every level: a row alone, with sessions, with real time. */
function rowsBlock({ rows }: IsolationLevels, chalk: ChalkInstance): string {
  const margin = Math.max(...rows.map(({ base }) => base.length));
  const head = `  ${" ".repeat(margin)}  ${KEPT_COLUMNS.join("  ")}`;
  const lines = rows.map(({ base, verdicts }) => {
    const marks = verdicts.map((verdict, at) => {
      const { length } = KEPT_COLUMNS[at] as string;
      const before = " ".repeat(Math.floor((length - 1) / 2));
      const after = " ".repeat(Math.ceil((length - 1) / 2));
      const mark = verdict === undefined ? " " : MARKS[verdict](chalk)(VERDICT_ICONS[verdict]);
      return `${before}${mark}${after}`;
    });
    return `  ${base.padEnd(margin)}  ${marks.join("  ")}`.trimEnd();
  });
  return [chalk.dim(head), ...lines].join("\n");
}

/** Each level on a line. */
function levelLines(
  { levels }: LevelsShown,
  { chalk, width }: { readonly chalk: ChalkInstance; readonly width: number },
): string {
  const margin = Math.max(...levels.map(({ level }) => level.length));
  const lines = levels.map(({ level, measured, verdict, note: how, isEdge }) => {
    const note = measured === "" ? how : `${measured}; ${how}`;
    const mark = MARKS[verdict](chalk)(VERDICT_ICONS[verdict]);
    const name = isEdge ? chalk.bold(level) : level;
    const indent = " ".repeat(margin + 6);
    const told = wrap(printable(note).split(" "), {
      between: " ",
      width: Math.max(20, width - indent.length),
      indent,
    });
    const padding = " ".repeat(margin - level.length + 2);
    return `  ${mark} ${name}${padding}${chalk.dim(told.trimStart())}`;
  });
  return lines.join("\n");
}

/** What breaks the levels that are broken first. */
function brokenBlocks(
  { broken }: LevelsShown,
  { history }: ReportSubject,
  { chalk, width }: { readonly chalk: ChalkInstance; readonly width: number },
): readonly string[] {
  const evidence = broken.slice(0, LEVELS_TOLD).flatMap(({ level, anomaly, operations }) => {
    const words = printable(`${VERDICT_ICONS.invalid} ${level}: ${anomaly.message}`).split(" ");
    const drawing = asciiTimeline(history, operations, { width: width - 2 });
    const told = wrap(words, { between: " ", width: width - 2, indent: "  " });
    return drawing === "" ? [told] : [told, coloured(drawing, chalk)];
  });
  if (broken.length > LEVELS_TOLD) {
    evidence.push(`  … and ${broken.length - LEVELS_TOLD} more in the report.`);
  }
  return evidence;
}

const MARKS: { readonly [kind in VerdictKind]: (chalk: ChalkInstance) => ChalkInstance } = {
  valid: (chalk) => chalk.green,
  invalid: (chalk) => chalk.red,
  unknown: (chalk) => chalk.yellow,
};

function badge(chalk: ChalkInstance, kind: VerdictKind): string {
  const word = ` ${VERDICT_ICONS[kind]} ${kind.toUpperCase()} `;
  if (chalk.level === 0) return word.trim();
  if (kind === "valid") return chalk.bgGreen.black.bold(word);
  return kind === "invalid" ? chalk.bgRed.white.bold(word) : chalk.bgYellow.black.bold(word);
}

/** The facts of the summary; a line breaks between them only. */
function partsOf(subject: ReportSubject): readonly string[] {
  const { counts, durationNs, result, history } = subject;
  const parts = [`${counted(counts.invoked, "operation")} (${outcomesOf(subject)})`];
  // A history from elsewhere may have neither faults nor times.
  const faults = counted(counts.faults, "fault");
  if (hasTimes(history)) parts.push(`${faults} in ${formatDuration(durationNs)}`);
  else if (counts.faults > 0) parts.push(faults);
  if (result !== undefined) parts.push(`${result.test.world} world`, `seed ${result.test.seed}`);
  return parts.map(printable);
}

/** Lines of a drawing indented, with faults and process names in colour. */
function coloured(drawing: string, chalk: ChalkInstance): string {
  return drawing
    .split("\n")
    .map((line) => {
      if (line.startsWith("faults ")) return `  ${chalk.yellow(line)}`;
      const name = /^process \d+/.exec(line)?.[0] ?? "";
      return `  ${chalk.dim(name)}${line.slice(name.length)}`;
    })
    .join("\n");
}

/** No control characters: a history must not be able to steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "\u{FFFD}");
}

/** Joins words to lines. */
function wrap(
  words: readonly string[],
  layout: { readonly between: string; readonly width: number; readonly indent: string },
): string {
  const { between, width, indent } = layout;
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    if (line !== "" && line.length + between.length + word.length > width) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : between + word;
  }
  lines.push(line);
  return lines.map((each) => indent + each).join("\n");
}
