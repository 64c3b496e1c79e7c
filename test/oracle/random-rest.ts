/**
 * Small random histories that come to rest, or nearly so: clients change objects and read them
 * while a fault comes and goes, and then replicas are read, too early or late enough.
 */
import type { NewEvent } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import type { Dice } from "./random-history.js";

/** The object that clients change. */
export interface RestShape {
  update(
    dice: Dice,
    fresh: () => number,
  ): { readonly f: string; readonly input: Value; readonly output: Value };
  /** What a read shows of what was written so far, right or wrong; at last, or on the way. */
  shows(dice: Dice, written: readonly Value[], isFinal: boolean): Value;
}

const PROCESSES = 3;
/** Times are multiples of this, so that bounds are met exactly. */
const STEP_NS = 200e6;

interface Open {
  readonly f: string;
  readonly key: Value | undefined;
  readonly input: Value;
  readonly output: () => Value;
}

/** The events of one history. */
export function randomRest(dice: Dice, shape: RestShape): readonly NewEvent[] {
  const events: NewEvent[] = [];
  const keys = dice(3) === 0 ? ["x", "y"] : [undefined];
  const places = dice(2) === 0 ? ["n1", "n2", "n3"].slice(0, 2 + dice(2)) : [null];
  const troubled = dice(2) === 0;
  const written = new Map<Value | undefined, Value[]>();
  let [timeNs, last] = [0, 0];
  const add = (event: Omit<NewEvent, "timeNs">): void => {
    timeNs += dice(3) * STEP_NS;
    events.push({ ...event, timeNs });
  };
  const fault = (): void => {
    const f = dice(3) === 0 ? "start-x" : "stop-x";
    add({ type: "info", process: "nemesis", f, value: null });
  };
  const writtenTo = (key: Value | undefined): Value[] => {
    const known = written.get(key) ?? [];
    written.set(key, known);
    return known;
  };
  const read = (isFinal: boolean): Open => {
    const key = keys[dice(keys.length)];
    const output = (): Value => shape.shows(dice, writtenTo(key), isFinal);
    return { f: "read", key, input: places[dice(places.length)] ?? null, output };
  };
  const update = (): Open => {
    const key = keys[dice(keys.length)];
    const { f, input, output } = shape.update(dice, () => ++last);
    writtenTo(key).push(input);
    return { f, key, input, output: () => output };
  };
  const names = Array.from({ length: PROCESSES }, (_, process) => process);
  const open = new Map<number, Open>();
  const run = (count: number, next: () => Open): void => {
    for (let begun = 0; begun < count || open.size > 0;) {
      if (troubled && dice(12) === 0) fault();
      const at = dice(PROCESSES);
      const process = names[at] as number;
      const call = open.get(at);
      if (call === undefined) {
        if (begun === count) continue;
        begun++;
        const made = next();
        open.set(at, made);
        add({ ...aboutOf(process, made), type: "invoke", value: made.input });
        continue;
      }
      open.delete(at);
      const kind = troubled ? dice(24) : 3;
      // One that never ends: its process is not heard of again.
      if (kind === 0 && call.f !== "read") names[at] = process + PROCESSES;
      else if (kind > 2) add({ ...aboutOf(process, call), type: "ok", value: call.output() });
      else {
        const type = kind === 1 ? "fail" : "info";
        add({ ...aboutOf(process, call), type, value: call.input });
      }
    }
  };
  run(1 + dice(4), () => (dice(3) === 0 ? read(false) : update()));
  if (troubled && dice(2) === 0) fault();
  timeNs += dice(6) * STEP_NS;
  run(2 + dice(5), () => read(dice(10) > 0));
  return events;
}

function aboutOf(process: number, { f, key }: Open): Pick<NewEvent, "f" | "key" | "process"> {
  return { process, f, ...(key === undefined ? {} : { key }) };
}
