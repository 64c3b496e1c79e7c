/**
 * The faults of a recorded run as a generator: each at its recorded time, with what it did then as its value, so
 * that a nemesis does the same again.
 */
import { HarnessError, messageOf } from "../errors.js";
import type { Dispatch, Generator } from "../generator/generator.js";
import { NEMESIS, NONE } from "../history/history.js";
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
  const faults: Dispatch[] = [];
  /** Where in `faults` the open fault of each function is: two events make one. */
  const open = new Map<string, number>();
  for (let index = 0; index < history.length; index++) {
    if (history.processes[index] !== NEMESIS) continue;
    const event = history.event(index);
    // The runner heals by itself at the end.
    if (event.f === "heal") continue;
    const begun = open.get(event.f);
    if (begun === undefined) {
      open.set(event.f, faults.length);
      faults.push({ process: "nemesis", timeNs: event.timeNs, f: event.f, value: event.value });
      continue;
    }
    open.delete(event.f);
    if (history.errors[index] === NONE) {
      faults[begun] = { ...(faults[begun] as Dispatch), value: event.value };
    }
  }
  return follow(faults, 0);
}

function follow(faults: readonly Dispatch[], position: number): Generator {
  const generator: Generator = {
    step: ({ timeNs, free }) => {
      const next = faults[position];
      if (next === undefined) return { kind: "done" };
      if (!free.includes("nemesis")) return { kind: "pending", next: generator };
      const dispatch = { ...next, timeNs: Math.max(next.timeNs, timeNs) };
      return { kind: "dispatch", dispatch, next: follow(faults, position + 1) };
    },
    update: () => generator,
  };
  return generator;
}
