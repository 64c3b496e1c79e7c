/**
 * What went wrong, in the words of whoever ran the test.
 */
import type { History } from "../../src/history/history.js";
import { canonical } from "../../src/history/value.js";
import type { Anomaly } from "../../src/verdict/verdict.js";
import type { Reduced } from "./reduce.js";

/** At most so many operations are told one by one. */
const TOLD_MAX = 8;

/**
 * ```
 * process 0   write x 1   read y → null
 * process 1   write y 1   read x → null      nobody can have come first
 * ```
 */
export function anomalyOf(history: History, { required, minimal }: Reduced): Anomaly {
  const processes = new Map<unknown, string[]>();
  for (const invocation of required.slice(0, TOLD_MAX)) {
    const { process } = history.operation(invocation);
    const told = processes.get(process) ?? [];
    told.push(describe(history, invocation));
    processes.set(process, told);
  }
  const each = [...processes].map(
    ([process, told]) => `process ${String(process)}: ${told.join(", then ")}`,
  );
  const more = required.length - TOLD_MAX;
  const rest = more > 0 ? `; and ${more} more` : "";
  const fewer = minimal ? "" : " (fewer may be enough)";
  return {
    kind: "not-sequentially-consistent",
    message:
      `No order that keeps what each process did in its own order explains ${required.length} operations${fewer}: ` +
      `${each.join("; ")}${rest}.`,
    operations: required,
    details: { required, minimal },
  };
}

function describe(history: History, invocation: number): string {
  const { f, key, input, output, outcome } = history.operation(invocation);
  const about = key === undefined ? "" : ` ${canonical(key)}`;
  const given = input === null ? "" : ` ${canonical(input)}`;
  const got =
    outcome === "fail"
      ? " failed"
      : output === undefined || (input !== null && canonical(output) === canonical(input))
        ? ""
        : ` → ${canonical(output)}`;
  return `${f}${about}${given}${got} (event ${invocation})`;
}
