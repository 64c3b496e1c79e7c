/**
 * The faults of a recorded run as a generator: each at its recorded time, with what it did then as
 * its value, so that a nemesis does the same again.
 */
import { HarnessError, messageOf } from "../errors.js";
import { timetable } from "../generator/index.js";
import type { Generator, Invocation } from "../generator/generator.js";
import { NEMESIS } from "../history/history.js";
import { readHistoryFile } from "../store/read-history-file.js";

/** Reads the schedule of a run directory. */
export async function recordedSchedule(directory: string): Promise<Generator> {
  let history;
  try {
    ({ history } = await readHistoryFile(directory, { format: "jsonl" }));
  } catch (error) {
    throw new HarnessError(
      "unreadable-input",
      `no recorded faults in ${directory}: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
  const faults: Fault[] = [];
  /** Where in `faults` the open fault of each function is: two events make one. */
  const open = new Map<string, number>();
  for (let index = 0; index < history.length; index++) {
    if (history.processes[index] !== NEMESIS) continue;
    const { f, value, timeNs, error } = history.event(index);
    // The runner heals by itself at the end.
    if (f === "heal") continue;
    const begun = open.get(f);
    if (begun === undefined) {
      open.set(f, faults.length);
      faults.push({ atNs: timeNs, invocation: { f, value } });
      continue;
    }
    open.delete(f);
    const { atNs } = faults[begun] as Fault;
    if (error === undefined) faults[begun] = { atNs, invocation: { f, value } };
  }
  return timetable(faults);
}

interface Fault {
  readonly atNs: number;
  readonly invocation: Invocation;
}
