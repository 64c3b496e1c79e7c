/**
 * A coordinator: asks the participants to prepare, decides, and tells them until all know. It
 * commits when all have voted for it, and the moment at which its disk has that is the moment at
 * which the transaction happens. What it does not know after a crash it has not committed (presumed
 * abort: Mohan, Lindsay, Obermarck, "Transaction Management in the R* Distributed Database", 1986).
 */
import type { Value } from "../../src/history/value.js";
import type { Clock, Timer } from "../../src/world/clock.js";
import type { Message, NodeId } from "../../src/world/network.js";
import type { Journal } from "../file/journal.js";
import { fail, ok, type StoreAnswer } from "../store-commands.js";
import { sorted } from "../replicated/sorted.js";
import type { Step } from "./items.js";
import type { CommitMessage, Outcome } from "./messages.js";
import type { CommitVariant } from "./variants.js";

/** How long votes, and acknowledgements of the middle phase, are waited for. */
const VOTE_MS = 200;
/** How often a decision is repeated to those who have not confirmed it. */
const REPEAT_MS = 150;

interface Running {
  readonly steps: ReadonlyMap<NodeId, readonly Step[]>;
  readonly votes: Map<NodeId, ReadonlyMap<string, Value>>;
  readonly precommitted: Set<NodeId>;
  readonly resolve: (answer: StoreAnswer) => void;
  timer: Timer | undefined;
  /** When the timer is over. */
  untilNs: number;
  phase: "voting" | "precommitting" | "decided";
}

/** What a coordinator works with. */
export interface CoordinatorOptions {
  readonly id: NodeId;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly threePhases: boolean;
  readonly variant: CommitVariant | null;
  readonly send: (to: NodeId, message: CommitMessage) => void;
  /** Told of what is committed, before its client is. */
  readonly onCommitted?: (transaction: string) => void;
}

/** The coordinator of a node. */
export class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #running = new Map<string, Running>();
  /** What was committed, with those who have not confirmed it yet. */
  readonly #committed = new Map<string, Set<NodeId>>();
  /** When a decision is repeated, by transaction. */
  readonly #repeats = new Map<string, number>();
  #count = 0;

  constructor(options: CoordinatorOptions) {
    this.#options = options;
  }

  /** Takes up what the journal says. */
  replay([kind, transaction, participants]: readonly Value[]): void {
    if (kind !== "committed") return;
    this.#committed.set(transaction as string, new Set(participants as readonly NodeId[]));
  }

  /** The records that a journal needs to get here. */
  records(): readonly (readonly Value[])[] {
    return [...this.#committed].map(([transaction, open]) => ["committed", transaction, [...open]]);
  }

  /** Whom it waits for. */
  waitsFor(): readonly string[] {
    const asked = Array.from(this.#running, ([transaction, { phase, steps, votes }]) => {
      const silent = [...steps.keys()].filter((id) => !votes.has(id));
      return phase === "voting"
        ? `asked for ${transaction}, waits for the votes of ${silent.join(", ")}`
        : `carries out ${transaction} (${phase})`;
    });
    const told = [...this.#committed].filter(([, open]) => open.size > 0);
    return [
      ...asked,
      ...told.map(([transaction, open]) => `${transaction}: ${[...open].join(", ")} must confirm`),
    ];
  }

  /** All that it goes by; see `NodeInstance.memory`. */
  memory(): Message {
    return [
      this.#count,
      Array.from(this.#running, ([transaction, running]) => [
        transaction,
        running.phase,
        running.untilNs,
        [...running.steps].map(([id, steps]) => [id, steps as unknown as Message]),
        sorted([...running.votes].map(([id, values]) => [id, [...values]])),
        [...running.precommitted].toSorted(),
      ]),
      sorted(
        [...this.#committed].map(([transaction, open]) => [transaction, [...open].toSorted()]),
      ),
      sorted([...this.#repeats]),
    ];
  }

  /** Goes on with what an earlier incarnation has committed. */
  resume(): void {
    for (const transaction of this.#committed.keys()) this.#tell(transaction);
  }

  /** Carries out a transaction; the answer's value is an object from item to what was found. */
  perform(steps: ReadonlyMap<NodeId, readonly Step[]>): Promise<StoreAnswer> {
    const { id, clock, send } = this.#options;
    // Unique over all incarnations: no two of them start at one time.
    const transaction = `${id}.${clock.nowNs()}.${++this.#count}`;
    const participants = [...steps.keys()];
    return new Promise((resolve) => {
      const running: Running = {
        steps,
        votes: new Map(),
        precommitted: new Set(),
        resolve,
        phase: "voting",
        untilNs: clock.nowNs() + VOTE_MS * 1e6,
        timer: clock.timer(VOTE_MS, () => this.#late(transaction, running)),
      };
      this.#running.set(transaction, running);
      for (const [participant, part] of steps) {
        send(participant, { kind: "prepare", transaction, steps: part, participants });
      }
    });
  }

  onVote(from: NodeId, message: Extract<CommitMessage, { readonly kind: "vote" }>): void {
    const { transaction, yes, reason, values } = message;
    const { variant } = this.#options;
    const running = this.#running.get(transaction);
    if (running?.phase !== "voting") return;
    if (!yes && variant !== "majority-commits") {
      this.#abort(transaction, running, reason);
      return;
    }
    const part = running.steps.get(from) ?? [];
    if (yes) running.votes.set(from, new Map(part.map(({ item }, i) => [item, values[i] ?? null])));
    const needed =
      variant === "majority-commits" ? Math.floor(running.steps.size / 2) + 1 : running.steps.size;
    if (running.votes.size >= needed) this.#agreed(transaction, running);
  }

  onPrecommitted(from: NodeId, transaction: string): void {
    const running = this.#running.get(transaction);
    if (running?.phase !== "precommitting") return;
    running.precommitted.add(from);
    if (running.precommitted.size === running.steps.size) this.#commit(transaction, running);
  }

  onDecided(from: NodeId, transaction: string): void {
    const open = this.#committed.get(transaction);
    if (this.#options.variant !== "applied-again") open?.delete(from);
  }

  /** Three phases: a participant has waited for too long, and wants to know whether it goes on. */
  onStanding(from: NodeId, transaction: string): void {
    const standing = this.#running.has(transaction)
      ? "running"
      : this.#committed.has(transaction)
        ? "commit"
        : "none";
    this.#options.send(from, { kind: "stands", transaction, standing });
  }

  /** A participant has waited for too long. */
  onInquire(from: NodeId, transaction: string): void {
    if (this.#running.has(transaction)) return;
    const outcome: Outcome = this.#committed.has(transaction) ? "commit" : "abort";
    this.#options.send(from, { kind: "decide", transaction, outcome });
  }

  #late(transaction: string, running: Running): void {
    if (running.phase === "precommitting") {
      // Who does not answer is dead, and will learn of it when it is back.
      this.#commit(transaction, running);
    } else if (this.#options.variant === "silence-is-consent" && running.phase === "voting") {
      this.#agreed(transaction, running);
    } else this.#abort(transaction, running, "no-vote");
  }

  #agreed(transaction: string, running: Running): void {
    const { threePhases, clock, send } = this.#options;
    running.timer?.cancel();
    if (!threePhases) {
      this.#commit(transaction, running);
      return;
    }
    running.phase = "precommitting";
    running.untilNs = clock.nowNs() + VOTE_MS * 1e6;
    running.timer = clock.timer(VOTE_MS, () => this.#late(transaction, running));
    for (const participant of running.steps.keys()) {
      send(participant, { kind: "precommit", transaction });
    }
  }

  #commit(transaction: string, running: Running): void {
    const { journal, variant } = this.#options;
    running.phase = "decided";
    running.timer?.cancel();
    const participants = [...running.steps.keys()];
    const decided = (): void => {
      this.#running.delete(transaction);
      this.#committed.set(transaction, new Set(participants));
      const held: { [item: string]: Value } = {};
      for (const values of running.votes.values()) {
        for (const [item, value] of values) held[item] = value;
      }
      this.#options.onCommitted?.(transaction);
      running.resolve(ok(held));
      this.#tell(transaction);
    };
    if (variant === "coordinator-forgets") decided();
    else void journal.append(["committed", transaction, participants]).then(decided);
  }

  #abort(transaction: string, running: Running, reason: string): void {
    const { send } = this.#options;
    running.phase = "decided";
    running.timer?.cancel();
    this.#running.delete(transaction);
    running.resolve(fail(reason, "the transaction was aborted"));
    for (const participant of running.steps.keys()) {
      send(participant, { kind: "decide", transaction, outcome: "abort" });
    }
  }

  /** Tells those who have not confirmed it, until all have. */
  #tell(transaction: string): void {
    const { clock, send, variant } = this.#options;
    const open = this.#committed.get(transaction) ?? new Set();
    for (const participant of open) {
      send(participant, { kind: "decide", transaction, outcome: "commit" });
    }
    const isRepeated = open.size > 0 && variant !== "coordinator-forgets";
    this.#repeats.delete(transaction);
    if (!isRepeated) return;
    this.#repeats.set(transaction, clock.nowNs() + REPEAT_MS * 1e6);
    clock.timer(REPEAT_MS, () => this.#tell(transaction));
  }
}
