/**
 * The HTML report: one self-contained file that works from a disk, without network. Everything in
 * it that comes from the history is escaped, and its content security policy lets no other script
 * run than ours.
 */
import { createHash } from "node:crypto";
import type { Verdict } from "../src/verdict/verdict.js";
import { anomalyKindsOf, focusOf } from "./anomaly-kinds.js";
import { asciiTimeline } from "./ascii-timeline.js";
import { anomaliesOf, counterexampleOf, VERDICT_ICONS } from "./counterexample.js";
import { cycleOf } from "./cycle.js";
import { excludedOrdersOf } from "./excluded-orders.js";
import { cautionsOf, factsOf, levelAsked } from "./facts.js";
import { browserBundle } from "./html/browser-bundle.generated.js";
import { cycleSection } from "./html/cycle.js";
import { embed, type Embedded } from "./html/embed.js";
import { escapeHtml, jsonForScript } from "./html/escape.js";
import { style } from "./html/style.js";
import { latticeSection } from "./html/lattice.js";
import { messagesSection } from "./html/messages.js";
import { excludedOrdersSection } from "./html/orders.js";
import { counterexampleTable } from "./html/table.js";
import { jsonReport } from "./json.js";
import { isolationSection } from "./html/isolation.js";
import { isolationLevelsOf } from "./isolation-levels.js";
import { levelsOf } from "./levels.js";
import { sequenceOf } from "./messages/sequence.js";
import { hasTimes } from "./moments.js";
import { counted, formatCount } from "./operation-label.js";
import { subjectOf, type ReportInput, type ReportSubject } from "./report-input.js";

/** The JSON of the result is cut to so many characters; its file has all of it. */
const JSON_MAX = 200_000;

/** So many anomalies are told in words. */
const MESSAGES_MAX = 100;

/** Of each kind of anomaly so many are listed beside the first. */
const OTHERS_MAX = 20;

const HEADLINES = {
  valid: "The history keeps its promise.",
  invalid: "The history breaks its promise.",
  unknown: "Nothing was proved.",
} as const;

/** When it was asked which levels hold. */
const LEVEL_HEADLINES = {
  valid: "The history keeps every level.",
  invalid: "The history does not keep every level.",
  unknown: "Not every level was decided.",
} as const;

/** Writes the page. */
export function htmlReport(input: ReportInput): string {
  const subject = subjectOf(input);
  const embedded = embed(subject);
  const { verdict, title } = subject;
  const hash = createHash("sha256").update(browserBundle).digest("base64");
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'`;
  return `<!doctype html>
<html lang="en" class="${verdict.verdict}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${VERDICT_ICONS[verdict.verdict]} ${escapeHtml(`${verdict.verdict}: ${title}`)}</title>
<style>${style}</style>
</head>
<body>
<main>
${verdictSection(subject)}
${factsSection(subject)}
${levelsSection(subject)}
${timelineSection(subject, embedded)}
${messagesOfSubject(subject)}
${cycleOfSubject(subject)}
${ordersSection(subject)}
${kindsSection(subject)}
${chartsSection(subject, embedded)}
${tableSection(subject)}
${commandsSection(subject)}
${rawSection(subject)}
</main>
<footer>Made by ordeal. Everything on this page was taken from the result and its history.</footer>
<div id="tooltip" role="tooltip" hidden></div>
<script type="application/json" id="page-data">${jsonForScript(embedded.data)}</script>
<script>${browserBundle}</script>
</body>
</html>
`;
}

function verdictSection(subject: ReportSubject): string {
  const { verdict, title } = subject;
  const kind = verdict.verdict;
  const kinds = anomalyKindsOf(verdict, subject.history);
  // What has kinds is told kind by kind, further below.
  const levels = levelsOf(verdict, subject.history);
  const listed =
    levels !== undefined
      ? []
      : kinds.length > 0
        ? kinds.map(({ first }) => first)
        : anomaliesOf(verdict);
  const messages = listed
    .map(({ message }) => message)
    .filter((message) => !verdict.reason.includes(message));
  const shown = messages
    .slice(0, 5)
    .map((message) => `<p class="anomaly">${escapeHtml(message)}</p>`);
  if (messages.length > shown.length) {
    const more = messages.slice(shown.length, MESSAGES_MAX);
    const others = more.map((message) => `<p class="anomaly">${escapeHtml(message)}</p>`);
    const left = messages.length - MESSAGES_MAX;
    if (left > 0) others.push(`<p>… and ${formatCount(left)} more in the JSON below.</p>`);
    const summary = `… and ${formatCount(messages.length - shown.length)} more`;
    shown.push(`<details><summary>${summary}</summary>${others.join("\n")}</details>`);
  }
  const cautions = cautionsOf(subject).map((text) => `<p class="caution">${escapeHtml(text)}</p>`);
  return `<header class="verdict">
<div class="badge" aria-hidden="true">${VERDICT_ICONS[kind]}</div>
<div class="words">
<h1><strong id="verdict">${kind.toUpperCase()}</strong> <span>${escapeHtml(title)}</span></h1>
<p class="headline">${levels === undefined ? headlineOf(verdict) : LEVEL_HEADLINES[kind]}</p>
<p class="reason">${escapeHtml(verdict.reason)}</p>
${shown.join("\n")}
${cautions.join("\n")}
</div>
</header>`;
}

/** The verdict in words, about the level that was asked about, if it is one of isolation. */
function headlineOf(verdict: Verdict): string {
  const level = levelAsked(verdict);
  if (level === undefined || verdict.verdict === "unknown") return HEADLINES[verdict.verdict];
  const said = verdict.verdict === "valid" ? "keeps" : "breaks";
  return `The history ${said} its promise, ${escapeHtml(level)}.`;
}

function levelsSection({ verdict, history }: ReportSubject): string {
  const levels = levelsOf(verdict, history);
  const isolation = isolationLevelsOf(verdict);
  if (levels !== undefined) return latticeSection(levels, history, isolation);
  return isolation === undefined ? "" : isolationSection(isolation);
}

function factsSection(subject: ReportSubject): string {
  const items = factsOf(subject).map(
    ({ name, text }) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(text)}</dd></div>`,
  );
  return `<dl class="facts">${items.join("")}</dl>`;
}

function timelineSection(subject: ReportSubject, { data, total }: Embedded): string {
  if (data.count === 0) {
    return `<section><h2>Timeline</h2><p class="lead">The history holds no operations.</p></section>`;
  }
  const { verdict, history } = subject;
  const found = counterexampleOf(verdict, history);
  const [heading, lead] =
    found === undefined
      ? ["Timeline", data.witness === undefined ? "" : WITNESS_LEAD]
      : found.anomaly === undefined
        ? ["Counterexample", counterexampleLead(found)]
        : [`Counterexample: ${found.anomaly.kind}`, escapeHtml(found.anomaly.message)];
  const left =
    total > data.count
      ? `<p class="caution">This page carries ${formatCount(data.count)} of the ` +
        `${formatCount(total)} operations; timeline and charts leave the others out.</p>`
      : "";
  const text =
    found === undefined
      ? ""
      : `<details><summary>The counterexample as text</summary><pre>${escapeHtml(
          asciiTimeline(history, found.required, {
            forgotten: found.forgotten,
            byIndex: found.byIndex,
            focus: found.anomaly === undefined ? [] : focusOf(found.anomaly),
          }),
        )}</pre></details>`;
  return `<section aria-labelledby="timeline-title">
<h2 id="timeline-title">${escapeHtml(heading)}</h2>
<p class="lead">${lead}</p>
${left}
<div id="toolbar" class="toolbar" role="toolbar" aria-label="Timeline"></div>
<div id="timeline" class="timeline"></div>
<p id="legend" class="legend"></p>
<div id="details" class="details-panel" aria-live="polite"></div>
<noscript><p class="caution">The interactive timeline and charts need JavaScript.</p></noscript>
${text}
</section>`;
}

const WITNESS_LEAD =
  "Zoom in: the numbers on the bars are the witness order. Taken one after the other in that order (for " +
  "each key), the operations give exactly the results that the clients saw.";

function counterexampleLead(found: NonNullable<ReturnType<typeof counterexampleOf>>): string {
  const { required, forgotten, minimal } = found;
  const many = required.length === 1 ? "This operation" : `These ${required.length} operations`;
  const claim =
    required.length === 1 ? "cannot be explained" : "cannot be explained together, in any order";
  const least = minimal ? " None of them can be left out." : "";
  const dimmed =
    forgotten.length === 0
      ? ""
      : ` ${counted(forgotten.length, "further operation")}, dimmed, may have happened at any time after ` +
        "beginning, or never; even so nothing fits.";
  return `${many} ${claim}.${least}${dimmed}`;
}

function messagesOfSubject(subject: ReportSubject): string {
  const sequence = sequenceOf(subject);
  return sequence === undefined ? "" : messagesSection(sequence);
}

function cycleOfSubject({ verdict, history }: ReportSubject): string {
  const steps = cycleOf(verdict, history);
  return steps.length === 0 ? "" : cycleSection(steps);
}

function ordersSection({ verdict, history }: ReportSubject): string {
  const excluded = excludedOrdersOf(verdict, history);
  return excluded === undefined ? "" : excludedOrdersSection(excluded);
}

/** The kinds of anomalies beside the first, which the timeline shows: each with one example. */
function kindsSection({ verdict, history }: ReportSubject): string {
  const kinds = anomalyKindsOf(verdict, history);
  const [first] = kinds;
  if (first === undefined || (kinds.length === 1 && first.count === 1)) return "";
  const rows = kinds.map(({ kind, count, others }) => {
    const listed = others
      .slice(0, OTHERS_MAX)
      .map(({ message }) => `<li>${escapeHtml(message)}</li>`);
    const more =
      listed.length === 0
        ? ""
        : `<details><summary>${formatCount(listed.length)} more of them</summary><ul>${listed.join("")}</ul></details>`;
    return `<li><strong>${escapeHtml(kind)}</strong>: ${formatCount(count)}${more}</li>`;
  });
  const examples = kinds.slice(1).map(({ kind, first: example, operations }) => {
    const drawing = asciiTimeline(history, operations, { focus: focusOf(example) });
    const drawn = drawing === "" ? "" : `<pre>${escapeHtml(drawing)}</pre>`;
    return `<h3>${escapeHtml(kind)}</h3><p>${escapeHtml(example.message)}</p>${drawn}`;
  });
  return `<section aria-labelledby="kinds-title">
<h2 id="kinds-title">Anomalies by kind</h2>
<ul class="kinds">${rows.join("")}</ul>
${examples.join("\n")}
</section>`;
}

function tableSection({ verdict, history }: ReportSubject): string {
  const found = counterexampleOf(verdict, history);
  return found === undefined ? "" : counterexampleTable(history, found);
}

function chartsSection({ history }: ReportSubject, { data }: Embedded): string {
  // Latency and rate are nothing without times.
  if (data.count === 0 || !hasTimes(history)) return "";
  return `<section aria-labelledby="latency-title">
<h2 id="latency-title">Latency over time</h2>
<p class="lead">One mark an operation; lines are quantiles. Drag across a chart to show that time in the timeline.</p>
<div id="latency" class="chart"></div>
<h2>Rate over time</h2>
<div id="rate" class="chart"></div>
</section>`;
}

function commandsSection({ replay, verify, verdict, result }: ReportSubject): string {
  const command = (id: string, text: string): string =>
    `<div class="command"><code id="${id}">${escapeHtml(text)}</code>` +
    `<button type="button" data-copy="${id}">Copy</button></div>`;
  const parts: string[] = [];
  if (replay !== undefined) {
    const what =
      result?.test.world === "real"
        ? "Drive the same workload and the same faults again:"
        : result === undefined
          ? "Check it again:"
          : "The seed decides everything; this gives the same history again:";
    parts.push(`<p>${what}</p>${command("replay", replay)}`);
  }
  if (verify !== undefined && verdict.certificate !== undefined) {
    parts.push(
      "<p>The verdict carries its evidence. This confirms it with code that shares nothing with the " +
        `checker:</p>${command("verify", verify)}`,
    );
  }
  return parts.length === 0 ? "" : `<section><h2>See for yourself</h2>${parts.join("")}</section>`;
}

function rawSection({ result, verdict }: ReportSubject): string {
  const json = jsonReport(result ?? verdict);
  const cut = json.length > JSON_MAX;
  const note = cut ? `<p>Cut after ${formatCount(JSON_MAX)} characters.</p>` : "";
  return `<section><details><summary>The result as JSON</summary>${note}<pre>${escapeHtml(
    json.slice(0, JSON_MAX),
  )}</pre></details></section>`;
}
