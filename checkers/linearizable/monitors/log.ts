/**
 * Append-only logs whose entries are appended at most once: linearizable or not, in O(n log n), n
 * being the operations and the entries that reads return.
 *
 * Everything that is seen of such a log says where an entry is (an offset that an append answers, a
 * read that returns the entry) or how long the log is: `log/places.ts`. Whether a log can have
 * grown like that is decided by one sweep, whatever is indeterminate: `growth/sweep.ts`.
 *
 * A refutation is about the places of a few entries. All others are replaced by null, which nobody
 * minds (data independence, see the model): the search that confirms it then need not tell them
 * apart.
 */
import { fewCalls } from "./growth/few-calls.js";
import { sweep } from "./growth/sweep.js";
import { placesIn } from "./log/places.js";
import type { Monitor, MonitorAnswer, MonitorQuestion } from "./monitor.js";
import { timelineOf } from "./timeline.js";

/** Decides logs that are empty at first. */
export const logPlaces: Monitor = {
  name: "log-places",
  type: "log",
  roles: ["append", "read", "size"],
  decide,
};

function decide({ calls, model, meter }: MonitorQuestion): MonitorAnswer {
  const initial = model.initial();
  if (!Array.isArray(initial) || initial.length > 0) {
    return { kind: "unsuitable", reason: "the log is not empty at first" };
  }
  const found = placesIn(calls, meter);
  if (found.kind !== "growth") return found;
  const { growth } = found;
  const timeline = timelineOf(calls, meter);
  const swept = sweep(growth, timeline, meter);
  if (swept.kind === "order") return { kind: "linearizable", order: swept.order };
  const { completed, steps } = fewCalls({ calls, growth, timeline }, swept);
  const values = steps.map((step) => calls.inputs[step] as number);
  return { kind: "not-linearizable", calls: completed, values };
}
