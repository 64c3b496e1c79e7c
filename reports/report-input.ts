/**
 * What every report is made from: a run with its history, or a verdict about a history that
 * somebody brought. Reports add no facts: all that they show is taken, counted or laid out from
 * this input.
 */
import type { History } from "../src/history/history.js";
import { countsOf } from "../src/runner/judge.js";
import type { RecordedMessage } from "../src/runner/recorded-message.js";
import type { RunCounts, RunResult } from "../src/runner/result.js";
import type { Verdict } from "../src/verdict/verdict.js";

/** A run and the history that it left. */
export interface RunReportInput {
  readonly result: RunResult;
  readonly history: History;
  /** The messages among clients and nodes, where they were recorded, by the time of sending. */
  readonly messages?: readonly RecordedMessage[];
  /** Default: the workload and the system. */
  readonly title?: string;
  /** The command that confirms the verdict. Default: on the files of the run directory. */
  readonly verify?: string;
}

/** A verdict about a history that was not made by a run of ours. */
export interface CheckReportInput {
  readonly result?: undefined;
  readonly title: string;
  readonly verdict: Verdict;
  readonly history: History;
  /** The command that checks it again; left out of the reports when absent. */
  readonly replay?: string;
  /** The command that confirms the verdict; left out of the reports when absent. */
  readonly verify?: string;
}

/** The input of every report. */
export type ReportInput = RunReportInput | CheckReportInput;

/** Both kinds of input in one shape, with what had to be counted. */
export interface ReportSubject {
  readonly title: string;
  readonly verdict: Verdict;
  readonly history: History;
  readonly result: RunResult | undefined;
  readonly messages: readonly RecordedMessage[];
  readonly counts: RunCounts;
  /** Length of the run, or from the first event of the history to the last. */
  readonly durationNs: number;
  readonly replay: string | undefined;
  readonly verify: string | undefined;
}

/** Brings either kind of input into the shape that the reports work on. */
export function subjectOf(input: ReportInput): ReportSubject {
  const { history } = input;
  if (input.result !== undefined) {
    const { result } = input;
    return {
      title: input.title ?? `${result.test.workload} on ${result.test.system}`,
      verdict: result.verdict,
      history,
      result,
      messages: input.messages ?? [],
      counts: result.counts,
      durationNs: result.durationNs,
      replay: result.replay,
      verify: input.verify ?? "ordeal verify results.json history.jsonl",
    };
  }
  return {
    title: input.title,
    verdict: input.verdict,
    history,
    result: undefined,
    messages: [],
    counts: countsOf(history),
    durationNs: spanNs(history),
    replay: input.replay,
    verify: input.verify,
  };
}

function spanNs(history: History): number {
  if (history.length === 0) return 0;
  let first = Infinity;
  let last = -Infinity;
  for (const timeNs of history.timesNs) {
    first = Math.min(first, timeNs);
    last = Math.max(last, timeNs);
  }
  return last - first;
}
