/**
 * The numbers of logs and of messages: found by what they are, or, which is much faster, by where
 * they stand in the pool of the history, whose equal values have equal positions.
 */
import { NONE } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { identityOf } from "./identity.js";
import { NumberTable } from "./number-table.js";
import { logName, wantedBy, type Wanted } from "./stream-shapes.js";

/** A message: a value in a log. Several sends of one value are one message with several copies. */
export interface Message {
  readonly log: number;
  readonly value: Value;
  /** Sends that did not fail. */
  copies: number;
  /** Invocation of the first send that did not fail, and of the first that did; or `NONE`. */
  firstSend: number;
  failedSend: number;
  /** Completion of the first ok poll that shows it; `NONE` for none. */
  polledAt: number;
}

/** Messages of one log, by value: numbers, and all others. */
interface Table {
  readonly numbers: NumberTable;
  readonly others: Map<Value, number>;
}

/** Numbers of logs and messages, by what they are and by where it stands in the pool. */
export class StreamNumbers {
  readonly logs: string[] = [];
  readonly messages: Message[] = [];
  readonly #pool: readonly Value[];
  readonly #logs = new Map<string, number>();
  /** By log: messages that are numbers, and the others; made when they are first asked for. */
  #tables: Table[] | undefined;
  /** Position of a key in the pool → log, and what a poll of it asks for. */
  readonly #logsAt = new Map<number, number>();
  readonly #wantedAt = new Map<number, Wanted>();
  /** Position of a value in the pool → the last message that was it, or `NONE`. */
  readonly #messagesAt: Int32Array;

  constructor(pool: readonly Value[]) {
    this.#pool = pool;
    this.#messagesAt = new Int32Array(pool.length).fill(NONE);
  }

  log(name: string): number {
    const known = this.#logs.get(name);
    if (known !== undefined) return known;
    this.#logs.set(name, this.logs.length);
    return this.logs.push(name) - 1;
  }

  logAt(key: number): number {
    const known = this.#logsAt.get(key);
    if (known !== undefined) return known;
    const log = this.log(logName(this.#pool[key] as Value));
    this.#logsAt.set(key, log);
    return log;
  }

  wantedAt(key: number): Wanted {
    const known = this.#wantedAt.get(key);
    if (known !== undefined) return known;
    const call = { f: "poll", key: this.#pool[key] as Value, input: null, output: undefined };
    const wanted = wantedBy(call);
    this.#wantedAt.set(key, wanted);
    return wanted;
  }

  messageAt(log: number, position: number): number {
    const near = this.#messagesAt[position] as number;
    if (near !== NONE && (this.messages[near] as Message).log === log) return near;
    const value = this.#pool[position] as Value;
    // As long as nobody asks for a value by what it is, one that is new here is new.
    const isNew = near === NONE && this.#tables === undefined;
    const number = isNew ? this.#add(log, value) : this.message(log, value);
    this.#messagesAt[position] = number;
    return number;
  }

  message(log: number, value: Value): number {
    if (this.#tables === undefined) {
      this.#tables = [];
      for (const [number, message] of this.messages.entries()) this.#enter(message, number);
    }
    const table = this.#tables[log];
    const known =
      typeof value === "number"
        ? (table?.numbers.find(value) ?? NONE)
        : (table?.others.get(identityOf(value)) ?? NONE);
    return known === NONE ? this.#add(log, value) : known;
  }

  #add(log: number, value: Value): number {
    const fresh = { firstSend: NONE, failedSend: NONE, polledAt: NONE };
    const message: Message = { log, value, copies: 0, ...fresh };
    const number = this.messages.push(message) - 1;
    if (this.#tables !== undefined) this.#enter(message, number);
    return number;
  }

  #enter({ log, value }: Message, number: number): void {
    const tables = (this.#tables ??= []);
    while (tables.length <= log) tables.push({ numbers: new NumberTable(), others: new Map() });
    const { numbers, others } = tables[log] as Table;
    if (typeof value === "number") numbers.set(value, number);
    else others.set(identityOf(value), number);
  }
}
