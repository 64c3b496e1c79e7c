/**
 * Numbers the kinds of operations: those that a model cannot tell apart have one number, so that
 * the search counts equal ones and the transition table has one column for all of them.
 */
import { INFO, NONE, OK, type History } from "../../src/history/history.js";
import type { Outcome } from "../../src/history/operation.js";
import type { Value } from "../../src/history/value.js";
import type { ModelOperation } from "../../src/model/model.js";
import type { Transitions } from "./transitions.js";

/** The kinds of the operations of one history. */
export interface Kinds {
  /** The kind of the operation as the history has it. */
  recorded(invocation: number): number;
  /** Its kind when its completion is forgotten. */
  forgotten(invocation: number): number;
}

/** Words of a row: function, key, input, type, output, process. */
const WORDS = 6;

/** Kinds over one history, entered into the transition table as they come. */
export function createKinds(
  history: History,
  transitions: Transitions,
  observesProcess = false,
): Kinds {
  const known = new Rows();
  const kindOf = (invocation: number, type: number, output: number): number => {
    const { row } = known;
    row[0] = history.functions[invocation] as number;
    row[1] = history.keys[invocation] as number;
    row[2] = history.values[invocation] as number;
    row[3] = type;
    row[4] = output;
    row[5] = observesProcess ? (history.processes[invocation] as number) : NONE;
    const number = known.numberOf();
    const kind = known.tags[number] as number;
    if (kind >= 0) return kind;
    known.tags[number] = transitions.kinds.length;
    return transitions.kinds.push(operationOf(history, row, observesProcess)) - 1;
  };
  return {
    recorded: (invocation) => {
      const completion = history.pairs[invocation] as number;
      const type = completion === NONE ? INFO : (history.types[completion] as number);
      const output = type === INFO ? NONE : (history.values[completion] as number);
      return kindOf(invocation, type, output);
    },
    forgotten: (invocation) => kindOf(invocation, INFO, NONE),
  };
}

/** The same, each operation looked up once: for those who ask about the same ones again. */
export function rememberKinds(kinds: Kinds, invocations: number): Kinds {
  const recorded = new Int32Array(invocations);
  const forgotten = new Int32Array(invocations);
  return {
    recorded: (invocation) => {
      if (recorded[invocation] === 0) recorded[invocation] = 1 + kinds.recorded(invocation);
      return (recorded[invocation] as number) - 1;
    },
    forgotten: (invocation) => {
      if (forgotten[invocation] === 0) forgotten[invocation] = 1 + kinds.forgotten(invocation);
      return (forgotten[invocation] as number) - 1;
    },
  };
}

function operationOf(history: History, row: Int32Array, observesProcess: boolean): ModelOperation {
  const [f, key, input, type, output, process] = row as unknown as number[];
  const outcome: Outcome = type === OK ? "ok" : type === INFO ? "info" : "fail";
  return {
    f: history.functionNames[f as number] as string,
    key: key === NONE ? undefined : history.pool[key as number],
    input: history.pool[input as number] as Value,
    output: output === NONE ? undefined : history.pool[output as number],
    outcome,
    ...(observesProcess ? { process: process as number } : {}),
  };
}

/** A set of rows that numbers them, in open addressing. */
class Rows {
  /** The row that is asked about. */
  readonly row: Int32Array = new Int32Array(WORDS);
  /** By number of a row: for the owner; -1 at first. */
  tags: Int32Array = new Int32Array(32).fill(-1);
  #count = 0;
  #rows = new Int32Array(32 * WORDS);
  /** Slot → 1 + row. */
  #slots = new Int32Array(64);

  /** The number of `row`, which is entered when it is new. */
  numberOf(): number {
    const slot = this.#find(this.row, 0);
    const found = this.#slots[slot] as number;
    if (found !== 0) return found - 1;
    this.#rows.set(this.row, this.#count * WORDS);
    this.#slots[slot] = ++this.#count;
    if (this.#count === this.tags.length) this.#grow();
    return this.#count - 1;
  }

  #find(words: Int32Array, start: number): number {
    let hash = 0x2545f491;
    for (let word = 0; word < WORDS; word++) {
      hash = Math.imul(hash ^ (words[start + word] as number), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = ((this.#slots[slot] as number) - 1) * WORDS;
      if (at < 0) return slot;
      let word = 0;
      while (word < WORDS && this.#rows[at + word] === words[start + word]) word++;
      if (word === WORDS) return slot;
    }
  }

  #grow(): void {
    const tags = new Int32Array(2 * this.tags.length).fill(-1);
    tags.set(this.tags);
    this.tags = tags;
    const rows = new Int32Array(2 * this.#rows.length);
    rows.set(this.#rows);
    this.#rows = rows;
    this.#slots = new Int32Array(2 * this.#slots.length);
    for (let row = 0; row < this.#count; row++) {
      this.#slots[this.#find(rows, row * WORDS)] = row + 1;
    }
  }
}
