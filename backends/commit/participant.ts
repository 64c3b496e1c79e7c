/**
 * A participant: holds items, locks what a transaction touches from its vote to the
 * decision (strict two-phase locking), and makes durable what it has promised before it votes.
 *
 * With two phases a participant that has voted yes can only wait for the coordinator: it blocks,
 * and its locks with it. With three the participants that are up decide (Skeen, "Nonblocking Commit
 * Protocols", SIGMOD 1981, section 5, termination): the first of them is the backup coordinator,
 * brings the others to the phase that it is in itself, and then commits if it knows that all have
 * voted yes, else aborts; so another backup, should it die, decides the same. Who was down since it
 * has voted decides nothing, but asks, until somebody knows; only when all of them were down, and
 * all are there again, do they decide by what all of them know (section 6, recovery). That is right
 * when the silent ones are dead, and wrong when they are only cut off or late.
 */
import type { Value } from "../../src/history/value.js";
import type { Clock, Timer } from "../../src/world/clock.js";
import type { Message, NodeId } from "../../src/world/network.js";
import type { Journal } from "../file/journal.js";
import { sorted } from "../replicated/sorted.js";
import { workOf, type Step } from "./items.js";
import type { CommitMessage, Outcome, Phase, Standing } from "./messages.js";
import type { CommitVariant } from "./variants.js";

/** How long a participant waits for a decision before it asks. */
const PATIENCE_MS = 300;
/** How long it waits for the answers of the others. */
const ANSWER_MS = 100;

/** A transaction that this participant has voted for. */
interface Prepared {
  readonly coordinator: NodeId;
  readonly participants: readonly NodeId[];
  readonly steps: readonly Step[];
  phase: "prepared" | "precommitted";
  timer: Timer | undefined;
  /** When the timer is over, and what it is for. */
  untilNs: number;
  task: "waits" | "asks" | "aligns";
  /** Whether this node was down since it has voted. */
  readonly recovered: boolean;
  /** What the participants have said, while they are asked; the last word of each. */
  readonly answers: Map<NodeId, Answer>;
  /** What the coordinator has said. */
  standing: Standing | undefined;
  /** While this is the backup coordinator: those who have not come to where it is. */
  readonly behind: Set<NodeId>;
}

interface Answer {
  readonly phase: Phase;
  readonly recovered: boolean;
}

/** What a participant works with. */
export interface ParticipantOptions {
  readonly id: NodeId;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly threePhases: boolean;
  readonly variant: CommitVariant | null;
  readonly send: (to: NodeId, message: CommitMessage) => void;
}

type Steps = readonly [NodeId, readonly NodeId[], readonly Step[]];

/** The participant of a node. */
export class Participant {
  readonly #options: ParticipantOptions;
  readonly #items = new Map<string, Value>();
  readonly #locks = new Map<string, string>();
  readonly #prepared = new Map<string, Prepared>();
  readonly #decided = new Map<string, Outcome>();

  constructor(options: ParticipantOptions) {
    this.#options = options;
  }

  /** Takes up what the journal says; `record` is one of those written here. */
  replay(record: readonly Value[]): void {
    const [kind, transaction, content] = record as readonly [string, string, Value];
    if (kind === "prepared") {
      const [coordinator, participants, steps] = content as unknown as Steps;
      this.#hold(transaction, { coordinator, participants, steps, recovered: true });
    } else if (kind === "precommitted") {
      const prepared = this.#prepared.get(transaction);
      if (prepared !== undefined) prepared.phase = "precommitted";
    } else if (kind === "unprecommitted") {
      const prepared = this.#prepared.get(transaction);
      if (prepared !== undefined) prepared.phase = "prepared";
    } else if (kind === "decided") this.#finish(transaction, content as Outcome);
    else if (kind === "balance") this.#items.set(transaction, content);
  }

  /** What an item holds here; null when it was never touched. */
  held(item: string): Value {
    return this.#items.get(item) ?? null;
  }

  /** Whether what an item holds may be changed by a transaction that is not decided yet. */
  isLocked(item: string): boolean {
    return this.#locks.has(item);
  }

  /** All items that were touched. */
  items(): Iterable<readonly [string, Value]> {
    return this.#items;
  }

  /** Whom it waits for. */
  waitsFor(): readonly string[] {
    return Array.from(this.#prepared, ([transaction, prepared]) => {
      const { coordinator, participants, answers, task, phase, behind } = prepared;
      if (task === "aligns") {
        return `ends ${transaction}, waits for ${[...behind].join(", ") || "a moment"} to be ${phase}`;
      }
      const others = participants.join(", ");
      const whom = this.#options.threePhases ? `${coordinator}, else ${others}` : coordinator;
      const heard = answers.size === 0 ? "" : `, has heard ${answers.size} of them`;
      return `has voted for ${transaction} and waits for ${whom} to decide${heard}`;
    });
  }

  /** The records that a journal needs to get here. */
  records(): readonly (readonly Value[])[] {
    return [
      ...[...this.#items].map(([item, held]) => ["balance", item, held]),
      ...[...this.#prepared].map(([transaction, each]) => [
        "prepared",
        transaction,
        [each.coordinator, each.participants, each.steps],
      ]),
      ...[...this.#prepared]
        .filter(([, { phase }]) => phase === "precommitted")
        .map(([transaction]) => ["precommitted", transaction, null]),
      ...[...this.#decided].map(([transaction, outcome]) => ["decided", transaction, outcome]),
    ];
  }

  /** All that it goes by; see `NodeInstance.memory`. */
  memory(): Message {
    return [
      sorted([...this.#items]),
      sorted([...this.#locks]),
      sorted(
        [...this.#prepared].map(([transaction, prepared]) => {
          const { coordinator, participants, phase, untilNs, task, recovered } = prepared;
          const steps = prepared.steps as unknown as Message;
          const heard = sorted([...prepared.answers].map(([id, each]) => [id, { ...each }]));
          const asked = [prepared.standing ?? null, [...prepared.behind].toSorted()];
          const timer = [untilNs, task, recovered, heard, asked];
          return [transaction, coordinator, participants, steps, phase, timer];
        }),
      ),
      sorted([...this.#decided]),
    ];
  }

  onPrepare(from: NodeId, message: Extract<CommitMessage, { readonly kind: "prepare" }>): void {
    const { transaction, steps, participants } = message;
    const { variant, journal, send } = this.#options;
    const works = steps.map((step) => workOf(this.held(step.item), step));
    const vote = (reason: string): void => {
      const values = works.map((work) => ("refusal" in work ? null : work.value));
      send(from, { kind: "vote", transaction, yes: reason === "", reason, values });
    };
    if (this.#prepared.has(transaction) || this.#decided.has(transaction)) return;
    const isRead = works.every((work) => !("refusal" in work) && work.next === undefined);
    if (isRead && variant === "reads-unlocked") {
      this.#decided.set(transaction, "abort");
      vote("");
      return;
    }
    if (steps.some(({ item }) => this.#locks.has(item))) {
      vote("busy");
      return;
    }
    const refused = works.find((work) => "refusal" in work);
    if (refused !== undefined) {
      vote(refused.refusal);
      return;
    }
    this.#hold(transaction, { coordinator: from, participants, steps, recovered: false });
    const record: Value = ["prepared", transaction, [from, participants, steps]];
    const isKept = variant !== "prepared-forgotten";
    const kept = isKept ? journal.append(record) : Promise.resolve();
    if (variant === "votes-before-fsync") vote("");
    else void kept.then(() => vote(""));
  }

  onPrecommit(from: NodeId, transaction: string): void {
    const { journal, send } = this.#options;
    const prepared = this.#prepared.get(transaction);
    // Who was down takes no part any more.
    if (prepared === undefined || prepared.recovered) return;
    if (prepared.phase === "prepared") {
      prepared.phase = "precommitted";
      void journal.append(["precommitted", transaction, null]);
      this.#wait(transaction, prepared);
    }
    void journal.durable().then(() => send(from, { kind: "precommitted", transaction }));
  }

  /** Commits what it has voted for; the coordinator of this node has decided so. */
  commit(transaction: string): void {
    if (this.#prepared.has(transaction)) this.#decide(transaction, "commit");
  }

  onDecide(from: NodeId, transaction: string, outcome: Outcome): void {
    const { journal, send } = this.#options;
    this.#decide(transaction, outcome);
    void journal.durable().then(() => send(from, { kind: "decided", transaction }));
  }

  /** Another participant wants to know. */
  onInquire(from: NodeId, transaction: string): void {
    const { journal, send } = this.#options;
    let phase: Phase = this.#decided.get(transaction) ?? "unknown";
    phase = this.#prepared.get(transaction)?.phase ?? phase;
    if (phase === "unknown") {
      // It has not voted, and after this it will not.
      this.#decide(transaction, "abort");
      phase = "abort";
    }
    const recovered = this.#prepared.get(transaction)?.recovered ?? false;
    void journal.durable().then(() => send(from, { kind: "phase", transaction, phase, recovered }));
  }

  onPhase(
    from: NodeId,
    { transaction, phase, recovered }: Extract<CommitMessage, { readonly kind: "phase" }>,
  ): void {
    this.#prepared.get(transaction)?.answers.set(from, { phase, recovered });
  }

  onStands(transaction: string, standing: Standing): void {
    const prepared = this.#prepared.get(transaction);
    if (prepared !== undefined) prepared.standing = standing;
  }

  /** A backup coordinator wants this to be where it is. */
  onAlign(from: NodeId, transaction: string, phase: Prepared["phase"]): void {
    const { journal, send } = this.#options;
    const prepared = this.#prepared.get(transaction);
    if (prepared === undefined || prepared.recovered) return;
    prepared.phase = phase;
    void journal.append([phase === "prepared" ? "unprecommitted" : phase, transaction, null]);
    this.#wait(transaction, prepared);
    void journal.durable().then(() => send(from, { kind: "aligned", transaction }));
  }

  onAligned(from: NodeId, transaction: string): void {
    this.#prepared.get(transaction)?.behind.delete(from);
  }

  #hold(
    transaction: string,
    given: Pick<Prepared, "coordinator" | "participants" | "steps" | "recovered">,
  ): void {
    const prepared: Prepared = {
      ...given,
      phase: "prepared",
      timer: undefined,
      untilNs: 0,
      task: "waits",
      answers: new Map(),
      standing: undefined,
      behind: new Set(),
    };
    this.#prepared.set(transaction, prepared);
    if (this.#options.variant !== "locks-released-early") {
      for (const { item } of given.steps) this.#locks.set(item, transaction);
    }
    this.#wait(transaction, prepared);
  }

  /** Asks when no decision comes. */
  #wait(transaction: string, prepared: Prepared): void {
    const { clock, variant, threePhases } = this.#options;
    prepared.timer?.cancel();
    prepared.untilNs = clock.nowNs() + PATIENCE_MS * 1e6;
    prepared.task = "waits";
    prepared.timer = clock.timer(PATIENCE_MS, () => {
      if (variant === "aborts-alone") this.#decide(transaction, "abort");
      else if (variant === "commits-alone") this.#decide(transaction, "commit");
      else if (threePhases) this.#ask(transaction, prepared);
      else {
        this.#options.send(prepared.coordinator, { kind: "inquire", transaction });
        this.#wait(transaction, prepared);
      }
    });
  }

  /** Asks all participants and the coordinator, and goes on with those that answer. */
  #ask(transaction: string, prepared: Prepared): void {
    const { clock, send } = this.#options;
    prepared.answers.clear();
    prepared.standing = undefined;
    for (const other of prepared.participants) send(other, { kind: "inquire", transaction });
    send(prepared.coordinator, { kind: "standing", transaction });
    prepared.untilNs = clock.nowNs() + ANSWER_MS * 1e6;
    prepared.task = "asks";
    prepared.timer = clock.timer(ANSWER_MS, () => this.#heard(transaction, prepared));
  }

  #heard(transaction: string, prepared: Prepared): void {
    const { answers, standing, recovered, participants } = prepared;
    const phases = new Set([...answers.values()].map(({ phase }) => phase));
    if (phases.has("commit") || standing === "commit") this.#decide(transaction, "commit");
    else if (phases.has("abort")) this.#decide(transaction, "abort");
    else if (standing === "running") this.#wait(transaction, prepared);
    else if (!recovered) this.#terminate(transaction, prepared);
    else {
      const all = [...answers.values()];
      const isEverybody = answers.size === participants.length && standing === "none";
      if (isEverybody && all.every((answer) => answer.recovered)) {
        this.#decide(transaction, phases.has("precommitted") ? "commit" : "abort");
      } else this.#wait(transaction, prepared);
    }
  }

  /** The first of those that are up brings the others to where it is, and decides. */
  #terminate(transaction: string, prepared: Prepared): void {
    const { id, clock, send } = this.#options;
    const up = prepared.participants.filter(
      (other) => other === id || prepared.answers.get(other)?.recovered === false,
    );
    if (up.toSorted()[0] !== id) {
      this.#wait(transaction, prepared);
      return;
    }
    const { phase } = prepared;
    prepared.behind.clear();
    for (const other of up) {
      if (other === id) continue;
      prepared.behind.add(other);
      send(other, { kind: "align", transaction, phase });
    }
    prepared.untilNs = clock.nowNs() + ANSWER_MS * 1e6;
    prepared.task = "aligns";
    prepared.timer = clock.timer(ANSWER_MS, () => {
      // Who is not there by now is dead, and will ask when it is back.
      const outcome = phase === "precommitted" ? "commit" : "abort";
      this.#decide(transaction, outcome);
      this.#options.journal.whenDurable(() => {
        for (const other of up) {
          if (other !== id) send(other, { kind: "decide", transaction, outcome });
        }
      });
    });
  }

  #decide(transaction: string, outcome: Outcome): void {
    const again = this.#decided.has(transaction);
    if (again && this.#options.variant !== "applied-again") return;
    void this.#options.journal.append(["decided", transaction, outcome]);
    this.#finish(transaction, outcome);
  }

  #finish(transaction: string, outcome: Outcome): void {
    const prepared = this.#prepared.get(transaction);
    this.#decided.set(transaction, outcome);
    if (prepared === undefined) return;
    prepared.timer?.cancel();
    // The bug keeps it, and so can do it again.
    if (this.#options.variant !== "applied-again") this.#prepared.delete(transaction);
    for (const step of prepared.steps) {
      const { item } = step;
      if (this.#locks.get(item) === transaction) this.#locks.delete(item);
      const work = workOf(this.held(item), step);
      if (outcome === "abort" || "refusal" in work || work.next === undefined) continue;
      this.#items.set(item, work.next);
    }
  }
}
