/** What a failing test says: the reason, and the operations that it is about as a small drawing. */
import type { History } from "../../history/history.js";
import type { Verdict } from "../../verdict/verdict.js";
import { asciiTimeline } from "../../../reports/index.js";

/** Columns that test runners show without wrapping. */
const WIDTH = 90;

/** The text, without a line break at the end. */
export function failureText(verdict: Verdict, history: History): string {
  const [anomaly] = verdict.anomalies;
  const lines = [anomaly?.message ?? verdict.reason];
  if (anomaly !== undefined && anomaly.operations.length > 0) {
    lines.push("", asciiTimeline(history, anomaly.operations, { width: WIDTH }));
  }
  return lines.join("\n").trimEnd();
}
