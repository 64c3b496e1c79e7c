/**
 * Confirms a cycle of transactions on counters: that each total counts whom it is said to count,
 * and whom not, follows at read committed from the reads that are named; answers the weakest levels
 * that exclude the cycle (Adya 1999, chapter 4; Cerone & Gotsman 2018, theorem 10).
 */
import type { BaseIsolation, TransactionalLevel } from "../consistency/level.js";
import type { History } from "../history/history.js";
import { claim } from "./claims.js";
import type { CounterCycle, CounterEdge } from "./counter-certificate.js";
import type { CounterMoments } from "./counter-moments.js";
import { CounterScene } from "./counter-scene.js";
import {
  nameOf,
  ownBefore,
  sumOf,
  writersOf,
  type CounterStep,
  type CountingHistory,
  type CountingTransaction,
} from "./counters.js";
import { confirmTimeEdge, variantOf } from "./time-edge.js";
import { countersOf } from "./verify-counter-finding.js";

/** @throws ClaimRefused */
export function confirmCounterCycle(
  { reads, edges }: CounterCycle,
  history: History,
): readonly TransactionalLevel[] {
  const counting = countersOf(history);
  const scene = new CounterScene(counting, { base: "read-committed", keeps: undefined, reads });
  const moments = scene.moments();
  // If all that contradicts itself, any edge follows, and read committed is excluded as well.
  moments.follow();
  claim(edges.length > 1, () => "A cycle has at least two edges.");
  for (const [place, edge] of edges.entries()) {
    const next = edges[(place + 1) % edges.length] as CounterEdge;
    claim(edge.to === next.from, () => `The cycle breaks off at operation ${edge.to}.`);
    claim(edge.from !== edge.to, () => `${edge.from} → ${edge.to}: they are one.`);
    new Confirmation({ counting, scene, moments, reads }).confirm(edge);
  }
  const keeps = edges.some(({ by }) => by === "realtime")
    ? "realtime"
    : edges.some(({ by }) => by === "process")
      ? "session"
      : undefined;
  const bases = [...basesAgainst(edges, counting.isBank)];
  // Two that only read need not agree with one another.
  const readers = counting.transactions.filter(
    ({ operation, steps }) =>
      steps.every(({ f }) => f === "read") &&
      edges.some(({ from }) => from === operation.invocation),
  );
  const isAnti = edges.some(({ by }) => by === "rw" || by === "smaller");
  if (isAnti && readers.length < 2) bases.push("update-serializable");
  return bases.map((base) => variantOf(base, keeps));
}

function basesAgainst(edges: readonly CounterEdge[], isBank: boolean): readonly BaseIsolation[] {
  const begins = edges.map(({ by }) => by === "rw" || by === "smaller");
  const count = begins.filter(Boolean).length;
  // Transfers count each other as increments do from cursor stability on.
  if (count === 0) return [isBank ? "cursor-stability" : "read-committed"];
  const bases: BaseIsolation[] = ["repeatable-read"];
  if (count === 1) bases.push("consistent-view");
  const isAdjacent = edges.some(
    ({ by }, at) => by === "rw" && begins[(at + 1) % edges.length] === true,
  );
  if (!isAdjacent) bases.push("snapshot-isolation");
  if (!isAdjacent && !isBank) bases.push("prefix");
  return bases;
}

class Confirmation {
  readonly #counting: CountingHistory;
  readonly #scene: CounterScene;
  readonly #moments: CounterMoments;
  readonly #reads: CounterCycle["reads"];
  /** What follows from one read alone, even where all of them contradict one another. */
  readonly #alone = new Map<CounterStep, CounterMoments>();

  constructor(about: {
    readonly counting: CountingHistory;
    readonly scene: CounterScene;
    readonly moments: CounterMoments;
    readonly reads: CounterCycle["reads"];
  }) {
    this.#counting = about.counting;
    this.#scene = about.scene;
    this.#moments = about.moments;
    this.#reads = about.reads;
  }

  confirm(edge: CounterEdge): void {
    const [from, to] = [this.#named(edge.from), this.#named(edge.to)];
    const about = `${edge.from} → ${edge.to}`;
    if (!("key" in edge)) {
      confirmTimeEdge(edge.by, { from: from.operation, to: to.operation });
      return;
    }
    const key = nameOf(edge.key);
    if ("toAt" in edge) {
      const [one, other] = [this.#read(from, key, edge.at), this.#read(to, key, edge.toAt)];
      const sums = writersOf(this.#counting, key).map((each) => sumOf(each, key) ?? 0);
      claim(one.amount < other.amount, () => `${about}: the total is not smaller.`);
      claim(
        sums.every((sum) => sum >= 0),
        () => `${about}: something is taken away as well.`,
      );
      return;
    }
    const [reader, writer] = edge.by === "wr" ? [to, from] : [from, to];
    const read = this.#read(reader, key, edge.at);
    claim(
      writer.operation.outcome !== "fail" && sumOf(writer, key) !== undefined,
      () => `${about}: ${writer.operation.invocation} did not add to it.`,
    );
    const commit = this.#scene.momentOf({ of: writer.operation.invocation, is: "commit" });
    const moment = this.#momentOf(reader, read);
    const [before, after] = edge.by === "wr" ? [commit, moment] : [moment, commit];
    claim(
      this.#moments.isBefore(before, after) ||
        this.#followsAlone(edge.by, { reader, read, writer: writer.operation.invocation }),
      () => `${about}: it does not follow whether the total counts it.`,
    );
    if (edge.by === "wr") return;
    claim(
      writer.operation.outcome === "ok" || this.#isCounted(writer, commit),
      () => `${about}: the other need not have happened.`,
    );
  }

  #named(at: number): CountingTransaction {
    const found = this.#counting.transactions.find(({ operation }) => operation.invocation === at);
    claim(found !== undefined, () => `Operation ${at} is no transaction.`);
    return found;
  }

  /** A read of one who had not added to the counter before. */
  #read(by: CountingTransaction, key: string, at: number): CounterStep {
    const read = by.steps.find((step) => step.f === "read" && step.at === at && step.key === key);
    claim(
      read !== undefined && ownBefore(by, read).length === 0,
      () => `Transaction ${by.operation.invocation} has no such read of ${key}.`,
    );
    return read;
  }

  #followsAlone(
    by: "wr" | "rw",
    about: {
      readonly reader: CountingTransaction;
      readonly read: CounterStep;
      readonly writer: number;
    },
  ): boolean {
    const { read, writer } = about;
    const of = about.reader.operation.invocation;
    if (!this.#reads.some(([named, at]) => named === of && at === read.at)) return false;
    const question = { base: "read-committed", keeps: undefined, reads: [[of, read.at]] } as const;
    const scene = new CounterScene(this.#counting, question);
    const moments = this.#alone.get(read) ?? scene.moments();
    if (!this.#alone.has(read)) moments.follow();
    this.#alone.set(read, moments);
    const commit = scene.momentOf({ of: writer, is: "commit" });
    const moment = scene.momentOf({ of, is: "read", at: read.at });
    return by === "wr" ? moments.isBefore(commit, moment) : moments.isBefore(moment, commit);
  }

  #momentOf({ operation }: CountingTransaction, { at }: CounterStep): number {
    return this.#scene.momentOf({ of: operation.invocation, is: "read", at });
  }

  /** Whether some total that is named counts it. */
  #isCounted(writer: CountingTransaction, commit: number): boolean {
    return this.#reads.some(([of, at]) => {
      const read = this.#named(of).steps.find((step) => step.f === "read" && step.at === at);
      if (read === undefined || sumOf(writer, read.key) === undefined) return false;
      const moment = this.#scene.momentOf({ of, is: "read", at });
      return this.#moments.isBefore(commit, moment);
    });
  }
}
