/**
 * The counterexample as a table: what the timeline shows, for reading, printing and screen readers.
 */
import { NONE, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Counterexample } from "../counterexample.js";
import { focusOf } from "../anomaly-kinds.js";
import { momentsOf } from "../moments.js";
import { clip, createLabeller, formatValue } from "../operation-label.js";
import { escapeHtml } from "./escape.js";

/** Longer tables are cut. */
const ROWS_MAX = 60;

/** Writes the section with the operations of the counterexample. */
export function counterexampleTable(history: History, found: Counterexample): string {
  const { label } = createLabeller(history);
  const focus = found.anomaly === undefined ? [] : focusOf(found.anomaly);
  const dimmed = new Set(found.forgotten);
  // Those that matter first: what may have happened can be long.
  const all = [...new Set([...found.required, ...found.forgotten])];
  const moments = momentsOf(history);
  const rows = all.slice(0, ROWS_MAX).map((invocation) => {
    const { process, outcome, error, completion } = history.operation(invocation);
    const cells = [
      String(invocation),
      String(process),
      `<code>${escapeHtml(label(invocation, { focus }))}</code>`,
      outcomeText(outcome),
      moments.at(invocation, 6),
      completion === undefined ? "—" : moments.at(completion, 6),
      (completion === undefined ? undefined : moments.between(invocation, completion)) ?? "—",
      error === undefined ? "" : escapeHtml(clip(formatValue(error, 200), 200)),
    ];
    const role = dimmed.has(invocation) ? "may have happened" : "required";
    const kind = dimmed.has(invocation) ? ' class="dimmed"' : "";
    return `<tr${kind}>${cells.map((cell) => `<td>${cell}</td>`).join("")}<td>${role}</td></tr>`;
  });
  const key = keyText(history, found);
  const cut = all.length > ROWS_MAX ? `<p>The first ${ROWS_MAX} of ${all.length}.</p>` : "";
  const heads = "Index,Process,Operation,Outcome,Invoked,Completed,Took,Error,Role".split(",");
  return `<section aria-labelledby="table-title">
<h2 id="table-title">Operations of the counterexample${key}</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="table-title"><table id="operations">
<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div>${cut}
</section>`;
}

function keyText(history: History, found: Counterexample): string {
  const keys = new Set(found.required.map((one) => history.keys[one] as number));
  const [key = NONE] = keys;
  // Several keys stand beside the operations.
  if (key === NONE || keys.size > 1) return "";
  return `, on key <code>${escapeHtml(formatValue(history.pool[key] as Value))}</code>`;
}

function outcomeText(outcome: "ok" | "fail" | "info"): string {
  if (outcome === "ok") return "✓ ok";
  return outcome === "fail" ? "✗ failed" : "? indeterminate";
}
