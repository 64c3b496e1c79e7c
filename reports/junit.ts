/**
 * JUnit XML for CI servers: one suite a run, one test case a checker. `invalid` is a failure, and
 * `unknown` an error, for it is not a pass and must not look like one.
 */
import type { Verdict } from "../src/verdict/verdict.js";
import { focusOf } from "./anomaly-kinds.js";
import { asciiTimeline } from "./ascii-timeline.js";
import { anomaliesOf, counterexampleOf } from "./counterexample.js";
import { cautionsOf, factsOf } from "./facts.js";
import { isolationLevelsOf } from "./isolation-levels.js";
import { subjectOf, type ReportInput, type ReportSubject } from "./report-input.js";

/** Writes the suite. */
export function junitReport(input: ReportInput): string {
  const subject = subjectOf(input);
  const { verdict, result, title } = subject;
  const parts = Object.entries(verdict.parts ?? {});
  // The merged answer is a case of its own: it may know more than its parts (a run that proved
  // nothing).
  const cases: readonly (readonly [string, Verdict])[] = [[verdict.checker, verdict], ...parts];
  const failures = cases.filter(([, { verdict: kind }]) => kind === "invalid").length;
  const errors = cases.filter(([, { verdict: kind }]) => kind === "unknown").length;
  const seconds = ((result?.elapsedMs ?? verdict.elapsedMs) / 1000).toFixed(3);
  const totals =
    `tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="0" ` +
    `time="${seconds}"`;
  const properties = factsOf(subject).map(({ name, text }) => {
    return `      <property name="${attribute(name)}" value="${attribute(text)}"/>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="ordeal" ${totals}>`,
    `  <testsuite name="${attribute(title)}" ${totals}>`,
    "    <properties>",
    ...properties,
    "    </properties>",
    ...cases.flatMap(([name, part]) => testCase({ name, part, subject })),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(options: {
  readonly name: string;
  readonly part: Verdict;
  readonly subject: ReportSubject;
}): readonly string[] {
  const { name, part, subject } = options;
  const { title, replay } = subject;
  const head =
    `    <testcase classname="${attribute(title)}" name="${attribute(name)}" ` +
    `time="${(part.elapsedMs / 1000).toFixed(3)}"`;
  if (part.verdict === "valid") return [`${head}/>`];
  const [element, type] =
    part.verdict === "invalid"
      ? ["failure", anomaliesOf(part)[0]?.kind ?? "invalid"]
      : ["error", "unknown"];
  const body = [
    `${part.verdict.toUpperCase()}: ${part.reason}`,
    ...cautionsOf(subject),
    ...anomaliesOf(part).map(({ message }) => message),
    levelsOf(part),
    drawn(part, subject),
    replay === undefined ? "" : `Replay: ${replay}`,
  ].filter((line) => line !== "");
  return [
    `${head}>`,
    `      <${element} message="${attribute(part.reason)}" type="${attribute(type)}">` +
      `${escapeXml(body.join("\n\n"))}</${element}>`,
    "    </testcase>",
  ];
}

/** What becomes of the levels of isolation, a line for each group. */
function levelsOf(verdict: Verdict): string {
  const groups = isolationLevelsOf(verdict)?.groups ?? [];
  return groups
    .map(({ title, verdict: kind, levels, others }) => {
      const named = levels.map(({ level, why }) =>
        why === "" || kind === "valid" ? level : `${level} (${why})`,
      );
      return `${title}: ${[...named, ...(others === "" ? [] : [others])].join(", ")}`;
    })
    .join("\n");
}

function drawn(verdict: Verdict, { history }: ReportSubject): string {
  const found = counterexampleOf(verdict, history);
  return found === undefined
    ? ""
    : asciiTimeline(history, found.required, {
        forgotten: found.forgotten,
        byIndex: found.byIndex,
        focus: found.anomaly === undefined ? [] : focusOf(found.anomaly),
      });
}

/** Escapes text for XML 1.0; characters that it cannot hold at all become U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\u{FFFD}")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

function attribute(text: string): string {
  return escapeXml(text)
    .replaceAll('"', "&quot;")
    .replaceAll(/[\n\r\t]/g, (character) => `&#${character.codePointAt(0)};`);
}
