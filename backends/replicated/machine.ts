/**
 * The state machine: the store and the sessions of its clients. It is a function of the entries
 * that were applied, so that all nodes have the same.
 *
 * Sessions make requests happen exactly once (dissertation, section 6.3): a client numbers its
 * commands, and the machine keeps the last number of each session with its answer. A command that
 * comes again gets the answer again. Sessions cannot be kept for ever: the one that was used the
 * longest time ago, as the log counts time, makes room for a new one, and a command of a session
 * that is gone is not carried out.
 */
import type { Value } from "../../src/history/value.js";
import type { Message } from "../../src/world/network.js";
import { listStates } from "../objects/state.js";
import { applyChange, applyCommand, fail, indeterminate, ok } from "../store-commands.js";
import type { Command, StoreAnswer } from "../store-commands.js";
import { decodeAnswer, encodeAnswer } from "../store-client.js";

/** What a client asks of the machine. */
export type ClientOperation =
  /** Opens a session, whose number is the place of this in the log. */
  | { readonly kind: "register" }
  /** A command of a session, with its number within it. */
  | {
      readonly kind: "command";
      readonly session: number;
      readonly sequence: number;
      readonly command: Command;
    };

/** Reads a client's request; undefined when it is none. */
export function operationOf([kind, ...given]: readonly Value[]): ClientOperation | undefined {
  if (kind === "register") return { kind };
  if (kind !== "command") return undefined;
  const [session, sequence, f, key, value] = given as unknown as readonly [
    number,
    number,
    string,
    Value,
    Value,
  ];
  return { kind, session, sequence, command: { f, key, value } };
}

/** Reads a client's request to look at something; undefined when it is none. */
export function readOf([kind, f, key = null, value = null]: readonly Value[]): Command | undefined {
  return kind === "read" && typeof f === "string" ? { f, key, value } : undefined;
}

/** The last command of a client that was answered: what it reads must show that. */
export interface Seen {
  readonly session: number;
  readonly sequence: number;
}

/** What a client that looks at something has seen before; undefined when nothing. */
export function seenOf([, , , , session, sequence]: readonly Value[]): Seen | undefined {
  if (typeof session !== "number" || typeof sequence !== "number") return undefined;
  return { session, sequence };
}

interface Session {
  /** The number of the last command. */
  readonly sequence: number;
  readonly answer: StoreAnswer;
  /** The index of the entry that used it last. */
  readonly usedIndex: number;
}

/** How the machine is made. */
export interface MachineOptions {
  /** Sessions that are kept. */
  readonly sessionsMax: number;
  /** The bug of carrying out repeated requests again. */
  readonly appliesDuplicates: boolean;
  /** The bug of leaving the sessions out of snapshots. */
  readonly snapshotsSessions: boolean;
}

/** What entries are applied to. */
export class Machine {
  readonly #options: MachineOptions;
  #state = new Map<string, Value>();
  #sessions = new Map<number, Session>();
  /** The last entry that a session has used. */
  #lastIndex = 0;

  constructor(options: MachineOptions) {
    this.#options = options;
  }

  /** Applies an entry; gives what its client is told. */
  apply(index: number, operation: ClientOperation): StoreAnswer {
    this.#lastIndex = index;
    return operation.kind === "register" ? this.#register(index) : this.#command(index, operation);
  }

  /**
   * Whether a command that was answered is applied here. Of a session that has gone everything is:
   * it went by an entry that came later.
   */
  hasApplied(seen: Seen | undefined): boolean {
    if (seen === undefined) return true;
    const known = this.#sessions.get(seen.session);
    return known === undefined ? this.#lastIndex >= seen.session : known.sequence >= seen.sequence;
  }

  /** Answers a command that changes nothing; `states` lists those whose keys begin with a text. */
  read(command: Command): StoreAnswer {
    if (command.f === "states") return ok(listStates(this.#state, command.value));
    return applyCommand(this.#state, command).answer;
  }

  #register(index: number): StoreAnswer {
    if (this.#sessions.size >= this.#options.sessionsMax) {
      let oldest = { session: 0, usedIndex: Infinity };
      for (const [session, { usedIndex }] of this.#sessions) {
        if (usedIndex < oldest.usedIndex) oldest = { session, usedIndex };
      }
      this.#sessions.delete(oldest.session);
    }
    this.#sessions.set(index, { sequence: 0, answer: ok(null), usedIndex: index });
    return ok(index);
  }

  #command(
    index: number,
    { session, sequence, command }: Extract<ClientOperation, { readonly kind: "command" }>,
  ): StoreAnswer {
    const known = this.#sessions.get(session);
    if (!this.#options.appliesDuplicates) {
      const lost = !this.#options.snapshotsSessions;
      if (known === undefined && !lost) {
        return indeterminate("expired", `the session ${session} is gone, and what it did with it`);
      }
      if (known !== undefined && sequence === known.sequence) return known.answer;
      if (known !== undefined && sequence < known.sequence) {
        return fail("repeated", "its client has got an answer to this and has gone on");
      }
    }
    const { answer, change } = applyCommand(this.#state, command);
    if (change !== undefined) applyChange(this.#state, change);
    this.#sessions.set(session, { sequence, answer, usedIndex: index });
    return answer;
  }

  /** Everything, as plain JSON. */
  snapshot(): Value {
    const sessions = this.#options.snapshotsSessions ? [...this.#sessions] : [];
    return [
      [...this.#state],
      sessions.map(([session, { sequence, answer, usedIndex }]) => [
        session,
        sequence,
        usedIndex,
        encodeAnswer(answer),
      ]),
    ];
  }

  /** All that it goes by, in its order; see `NodeInstance.memory`. */
  memory(): Message {
    const sessions = [...this.#sessions].map(([session, { sequence, answer, usedIndex }]) => [
      session,
      sequence,
      usedIndex,
      encodeAnswer(answer),
    ]);
    return [[...this.#state], sessions, this.#lastIndex];
  }

  /** Takes a snapshot's place. */
  restore(snapshot: Value): void {
    const [state, sessions] = snapshot as readonly [
      readonly (readonly [string, Value])[],
      readonly (readonly [number, number, number, Value])[],
    ];
    this.#state = new Map(state);
    this.#lastIndex = Math.max(0, ...sessions.map(([, , usedIndex]) => usedIndex));
    this.#sessions = new Map(
      sessions.map(([session, sequence, usedIndex, answer]) => [
        session,
        { sequence, usedIndex, answer: decodeAnswer(answer) },
      ]),
    );
  }
}
