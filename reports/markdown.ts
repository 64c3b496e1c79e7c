/**
 * A short summary in Markdown, for the page of a CI run (`$GITHUB_STEP_SUMMARY`) or a pull request.
 */
import { anomalyKindsOf, focusOf } from "./anomaly-kinds.js";
import { asciiTimeline } from "./ascii-timeline.js";
import { anomaliesOf, counterexampleOf } from "./counterexample.js";
import { excludedOrdersOf, orderInWords } from "./excluded-orders.js";
import { cautionsOf, factsOf } from "./facts.js";
import { isolationLevelsOf, KEPT_COLUMNS, type IsolationLevels } from "./isolation-levels.js";
import { levelsOf } from "./levels.js";
import { asciiSequence } from "./messages/ascii.js";
import { sequenceOf } from "./messages/sequence.js";
import { momentsOf } from "./moments.js";
import { counted } from "./operation-label.js";
import { subjectOf, type ReportInput } from "./report-input.js";

/** So many excluded orders are listed. */
const ORDERS_MAX = 6;

const ICONS = { valid: "✅", invalid: "❌", unknown: "❔" } as const;

/** Writes the summary. */
export function markdownReport(input: ReportInput): string {
  const subject = subjectOf(input);
  const { verdict, history, title, replay, verify } = subject;
  const sections = [
    `## ${ICONS[verdict.verdict]} ${verdict.verdict.toUpperCase()}: ${escapeMarkdown(title)}`,
    escapeMarkdown(verdict.reason),
    ...cautionsOf(subject).map((caution) => `> **Note:** ${escapeMarkdown(caution)}`),
  ];
  const isolation = isolationLevelsOf(verdict);
  if (isolation !== undefined) sections.push(...isolationSections(isolation));
  const shownLevels = isolation === undefined ? levelsOf(verdict, history) : undefined;
  const levels = shownLevels?.levels.map(
    ({ level, measured, verdict: kind, note }) =>
      `| ${ICONS[kind]} | ${level}${measured === "" ? "" : `, ${measured}`} | ${escapeMarkdown(note)} |`,
  );
  if (levels !== undefined) {
    sections.push(["| | level | how it is known |", "|---|---|---|", ...levels].join("\n"));
  }
  const anomalies = anomaliesOf(verdict);
  if (anomalies.length > 0) {
    const shown = anomalies.slice(0, 10);
    const lines = shown.map(({ kind, message }) => {
      return `- **${escapeMarkdown(kind)}**: ${escapeMarkdown(message)}`;
    });
    if (anomalies.length > shown.length) lines.push(`- … ${anomalies.length - shown.length} more`);
    sections.push(lines.join("\n"));
  }
  const found = counterexampleOf(verdict, history);
  if (found !== undefined) {
    const [first = 0] = found.required;
    sections.push(
      `### Counterexample: ${counted(found.required.length, "operation")}, ` +
        `from ${momentsOf(history).at(first)}`,
      fenced(
        asciiTimeline(history, found.required, {
          forgotten: found.forgotten,
          byIndex: found.byIndex,
          focus: found.anomaly === undefined ? [] : focusOf(found.anomaly),
        }),
      ),
      "Time runs to the right; the order of events is exact, distances are not to scale. " +
        "Dotted: the operation may have happened at any later time, or never.",
    );
  }
  // The first kind is the counterexample above.
  for (const { kind, count, first, operations } of anomalyKindsOf(verdict, history).slice(1)) {
    const times = count === 1 ? "" : `, ${count} times`;
    const drawing = asciiTimeline(history, operations, { focus: focusOf(first) });
    sections.push(`### ${escapeMarkdown(kind)}${times}`, escapeMarkdown(first.message));
    if (drawing !== "") sections.push(fenced(drawing));
  }
  const excluded = excludedOrdersOf(verdict, history);
  if (excluded !== undefined) {
    const shown = excluded.orders.slice(0, ORDERS_MAX).map(orderInWords);
    const more = excluded.orders.length - shown.length;
    if (more > 0) shown.push(`… ${more} more`);
    sections.push(
      `No order works:\n\n${shown.map((line) => `- ${escapeMarkdown(line)}`).join("\n")}`,
    );
  }
  const sequence = sequenceOf(subject);
  const messages = sequence === undefined ? undefined : asciiSequence(sequence);
  if (messages !== undefined) sections.push("### Messages", fenced(messages));
  const rows = factsOf(subject).map(({ name, text }) => `| ${name} | ${escapeMarkdown(text)} |`);
  sections.push(["| | |", "|---|---|", ...rows].join("\n"));
  if (replay !== undefined) sections.push(`Replay it:\n\n${fenced(replay, "sh")}`);
  if (verify !== undefined && verdict.certificate !== undefined) {
    sections.push(`Confirm the evidence:\n\n${fenced(verify, "sh")}`);
  }
  return `${sections.join("\n\n")}\n`;
}

/** What is ruled out, holds, and is open, and every level in a table that unfolds. */
function isolationSections({ groups, rows }: IsolationLevels): readonly string[] {
  const told = groups.map(({ verdict, title, levels, others }) => {
    const names = levels.map(({ level, why }) =>
      why === "" ? `**${level}**` : `**${level}** (${escapeMarkdown(why)})`,
    );
    const more = others === "" ? "" : `, ${others}`;
    return `- ${ICONS[verdict]} ${title}: ${names.join(", ")}${more}`;
  });
  const table = rows.map(({ base, verdicts }) => {
    const marks = verdicts.map((verdict) => (verdict === undefined ? "" : ICONS[verdict]));
    return `| ${base} | ${marks.join(" | ")} |`;
  });
  const head = `| level | ${KEPT_COLUMNS.join(" | ")} |\n|---|:-:|:-:|:-:|`;
  return [
    "### Levels of isolation",
    told.join("\n"),
    `<details><summary>Every level</summary>\n\n${head}\n${table.join("\n")}\n\n</details>`,
  ];
}

/** Text that Markdown and the HTML in it leave alone, on one line. */
function escapeMarkdown(text: string): string {
  return text
    .replaceAll(/\s*[\n\r]+\s*/g, " ")
    .replaceAll(/[\\`*_~|[\]]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** A code block whose fence is longer than any in the text. */
function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
