/**
 * The orders of a counterexample that are excluded, each up to the operation that is impossible.
 */
import type { ExcludedOrders } from "../excluded-orders.js";
import { escapeHtml } from "./escape.js";

/** More orders than this are folded away. */
const ORDERS_MAX = 8;

/** Writes the section. */
export function excludedOrdersSection({ orders, realTime, complete }: ExcludedOrders): string {
  const items = orders.map(({ after, refused, states }) => {
    const steps = after.map((step) => `<code>${escapeHtml(step)}</code>`);
    const end = `<code class="refused">${escapeHtml(refused)}</code>`;
    const why = `<span class="why">impossible: the state is <code>${escapeHtml(states)}</code></span>`;
    return `<li>${[...steps, end].join('<span aria-label="then"> → </span>')} ${why}</li>`;
  });
  const shown = `<ol class="orders">${items.slice(0, ORDERS_MAX).join("\n")}</ol>`;
  const folded =
    items.length > ORDERS_MAX
      ? `<details><summary>${items.length - ORDERS_MAX} more</summary>` +
        `<ol class="orders" start="${ORDERS_MAX + 1}">${items.slice(ORDERS_MAX).join("\n")}</ol></details>`
      : "";
  const lead = complete
    ? orders.length === 1
      ? "Real time leaves one order to try, and it gets stuck:"
      : `Real time leaves ${orders.length} orders to try, and each gets stuck:`
    : "Some of the orders that real time leaves, and where each gets stuck:";
  const fixed = realTime.map(
    ([one, other]) => `<code>${escapeHtml(one)}</code> before <code>${escapeHtml(other)}</code>`,
  );
  const because =
    fixed.length === 0
      ? ""
      : `<p class="lead">Fixed by real time, for the one returned before the other was called: ${fixed.join(", ")}.</p>`;
  return `<section aria-labelledby="orders-title">
<h2 id="orders-title">Why no order works</h2>
<p class="lead">${lead}</p>
${shown}${folded}
${because}
</section>`;
}
