/**
 * The faults of a recorded run as a generator: each at its recorded time, with what it did then as
 * its value, so that a nemesis does the same again.
 */
import { HarnessError, messageOf } from "../errors.js";
import { timetable } from "../generator/index.js";
import type { Generator } from "../generator/generator.js";
import { faultsOf } from "../shrink/script.js";
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
  return timetable(faultsOf(history));
}
