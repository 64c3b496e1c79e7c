/**
 * The levels of isolation as a section: in groups what is ruled out, holds and is open, and every
 * level in a table.
 */
import { VERDICT_ICONS } from "../counterexample.js";
import { KEPT_COLUMNS, type IsolationLevels } from "../isolation-levels.js";
import { escapeHtml } from "./escape.js";

/** Writes what stands in the section, after its title. */
export function isolationPart(
  { groups, rows }: IsolationLevels,
  { isOpen }: { readonly isOpen: boolean },
): string {
  const told = groups.map(({ verdict, title, levels, others }) => {
    const items = levels.map(
      ({ level, why }) =>
        `<li class="${verdict} edge"><code>${VERDICT_ICONS[verdict]} ${escapeHtml(level)}</code>` +
        `${why === "" ? "" : ` <span class="note">${escapeHtml(why)}</span>`}</li>`,
    );
    if (others !== "") items.push(`<li class="note">${escapeHtml(others)}</li>`);
    return `<div><h3>${escapeHtml(title)}</h3><ul>${items.join("")}</ul></div>`;
  });
  const table = rows.map(({ base, verdicts }) => {
    const cells = verdicts.map((verdict) =>
      verdict === undefined
        ? "<td></td>"
        : `<td class="${verdict}" title="${verdict}">${VERDICT_ICONS[verdict]}</td>`,
    );
    return `<tr><th scope="row">${escapeHtml(base)}</th>${cells.join("")}</tr>`;
  });
  const head = KEPT_COLUMNS.map((column) => `<th scope="col">${column}</th>`);
  return `<div class="isolation-groups">${told.join("")}</div>
<details${isOpen ? " open" : ""}><summary>Every level</summary>
<div class="scroll"><table class="isolation"><tr><th></th>${head.join("")}</tr>${table.join("")}</table></div></details>`;
}

/** Writes the section, of a verdict on one level. */
export function isolationSection(levels: IsolationLevels): string {
  return `<section aria-labelledby="levels-title">
<h2 id="levels-title">Levels of isolation</h2>
<p class="lead">What rules out a level rules out all that imply it; what holds implies all that is weaker. What is not ruled out was asked, as far as time went.</p>
${isolationPart(levels, { isOpen: false })}
</section>`;
}
