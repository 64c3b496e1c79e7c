/**
 * A cycle of transactions as a diagram: a box each with its micro-operations, an arrow to the next
 * with the reason, and a rail on the side that leads from the last back to the first. It is plain
 * HTML, so that it prints, wraps on a small screen and reads aloud in its order.
 */
import type { CycleStep } from "../cycle-step.js";
import { escapeHtml } from "./escape.js";

/** Longer cycles are cut. */
const STEPS_MAX = 40;
/** Of a long transaction so many micro-operations that do not matter are shown. */
const IDLE_MAX = 4;

/** Writes the section. */
export function cycleSection(steps: readonly CycleStep[]): string {
  const items = steps.slice(0, STEPS_MAX).map((step, place) => {
    const isLast = place === steps.length - 1;
    const arrow = isLast ? "↰ back to" : "↓";
    return `<li><div class="transaction"><strong>${step.transaction}</strong> <span>${escapeHtml(step.process)}</span>
<ul>${microItems(step)}</ul></div>
<p class="step"><span class="arrow">${arrow}${isLast ? ` ${step.next}` : ""}</span> <b class="${step.by}">${escapeHtml(step.by)}</b> <span class="kind">${escapeHtml(step.dependency)}</span> ${escapeHtml(step.why)}</p></li>`;
  });
  const cut =
    steps.length > STEPS_MAX ? `<p>The first ${STEPS_MAX} of ${steps.length} steps.</p>` : "";
  return `<section aria-labelledby="cycle-title">
<h2 id="cycle-title">Why no order works: a cycle of ${steps.length === 1 ? "one step" : `${steps.length} steps`}</h2>
<p class="lead">Each transaction has to come before the next one, and the last before the first. Transactions are named by the index of their invocation; what a step is about is in bold.</p>
<ol class="cycle">${items.join("\n")}</ol>${cut}
</section>`;
}

function microItems({ micros }: CycleStep): string {
  let idle = 0;
  const shown = micros.filter(({ matters }) => matters || ++idle <= IDLE_MAX);
  const items = shown.map(({ text, matters }) => {
    const code = `<code>${escapeHtml(text)}</code>`;
    return matters ? `<li class="matters">${code}</li>` : `<li>${code}</li>`;
  });
  const left = micros.length - shown.length;
  if (left > 0) items.push(`<li>… and ${left} more</li>`);
  return items.join("");
}
