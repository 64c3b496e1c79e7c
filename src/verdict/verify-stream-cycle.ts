/**
 * Confirms that transactions of sends and polls go round in a circle: that each operation happened,
 * that each edge is one by what the operations say, and that the isolation excludes it.
 */
import type { History } from "../history/history.js";
import { canonical, type Value } from "../history/value.js";
import { claim } from "./claims.js";
import { logOperationAt, logOperationsOf, type LogOperation } from "./log-history.js";
import type {
  OffsetEvidence,
  StreamCycleCertificate,
  StreamEdge,
  StreamIsolation,
} from "./stream-certificate.js";
import { confirmTimeEdge } from "./time-edge.js";

/**
 * Confirms a circle; answers what was confirmed.
 * @throws ClaimRefused
 */
export function verifyStreamCycle(certificate: StreamCycleCertificate, history: History): string {
  const { edges, isolation } = certificate;
  claim(edges.length > 1, () => "A circle has at least two edges.");
  const kinds = new Set(edges.map(({ by }) => by));
  claim(excludes(isolation, kinds), () => `The isolation "${isolation}" does not exclude this.`);
  const log = new Circle(certificate, history);
  for (const [place, edge] of edges.entries()) {
    const next = edges[(place + 1) % edges.length] as StreamEdge;
    claim(edge.to === next.from, () => `The circle breaks off at operation ${edge.to}.`);
    log.confirm(edge);
  }
  return `Confirmed: the circle of ${edges.length} operations contradicts ${isolation}.`;
}

/** Whether circles of such edges are excluded. */
function excludes(isolation: StreamIsolation, kinds: ReadonlySet<StreamEdge["by"]>): boolean {
  const isTimed = kinds.has("process") || kinds.has("realtime");
  switch (isolation) {
    case "read-committed":
      return !kinds.has("ww") && !kinds.has("rw");
    case "isolated-sends":
      return !kinds.has("rw");
    case "serializable":
      return !kinds.has("rw") || !isTimed;
    case "strict-serializable":
      return true;
    case "none":
    default:
      return false;
  }
}

class Circle {
  readonly #history: History;
  readonly #certificate: StreamCycleCertificate;
  /** Who may have sent a message: those of its sends that did not fail. */
  readonly #senders = new Map<string, number[]>();

  constructor(certificate: StreamCycleCertificate, history: History) {
    this.#history = history;
    this.#certificate = certificate;
    for (const { operation, sent } of logOperationsOf(history)) {
      if (operation.outcome === "fail") continue;
      for (const { log, message } of sent) {
        const name = JSON.stringify([log, message]);
        const known = this.#senders.get(name);
        if (known === undefined) this.#senders.set(name, [operation.invocation]);
        else known.push(operation.invocation);
      }
    }
  }

  confirm(edge: StreamEdge): void {
    const about = `${edge.from} → ${edge.to}`;
    claim(edge.from !== edge.to, () => `${about}: they are one.`);
    const from = this.#happened(edge.from);
    const to = this.#happened(edge.to);
    switch (edge.by) {
      case "process":
      case "realtime":
        confirmTimeEdge(edge.by, { from: from.operation, to: to.operation });
        return;
      case "wr":
        this.#sentBy(edge.from, edge.log, edge.message);
        claim(
          shows(to, edge.log, edge.message),
          () => `${about}: the other was not shown the message.`,
        );
        return;
      case "ww":
        this.#sentBy(edge.from, edge.log, edge.message);
        this.#sentBy(edge.to, edge.log, edge.next);
        this.#isAt(edge.log, edge.message, edge.at);
        this.#isAt(edge.log, edge.next, edge.nextAt);
        claim(edge.at.offset < edge.nextAt.offset, () => `${about}: the offsets do not grow.`);
        return;
      case "rw": {
        this.#sentBy(edge.to, edge.log, edge.next);
        this.#isAt(edge.log, edge.next, edge.nextAt);
        const shown = from.shown.filter(({ log }) => log === edge.log);
        const largest = Math.max(...shown.map(({ offset }) => offset ?? Infinity));
        claim(
          shown.length > 0 && largest === edge.upTo && largest < edge.nextAt.offset,
          () => `${about}: the one was shown more.`,
        );
        return;
      }
      default:
        claim(false, () => `${about}: there are no such edges.`);
    }
  }

  /** An operation that succeeded, or of which somebody was shown a message that only it sent. */
  #happened(invocation: number): LogOperation {
    const found = logOperationAt(this.#history, invocation);
    const { outcome } = found.operation;
    if (outcome === "ok") return found;
    const sighting = this.#certificate.happened.find(({ operation }) => operation === invocation);
    claim(
      outcome === "info" && sighting !== undefined,
      () => `Operation ${invocation} need not have happened.`,
    );
    this.#sentBy(invocation, sighting.log, sighting.message);
    claim(
      shows(logOperationAt(this.#history, sighting.shownBy), sighting.log, sighting.message),
      () => `Operation ${sighting.shownBy} was not shown what ${invocation} sent.`,
    );
    return found;
  }

  #sentBy(invocation: number, log: string, message: Value): void {
    const senders = this.#senders.get(JSON.stringify([log, canonical(message)])) ?? [];
    claim(
      senders.length === 1 && senders[0] === invocation,
      () => `Operation ${invocation} is not the only one to send ${canonical(message)}.`,
    );
  }

  /** An operation is told, or shown, that the message is at this offset. */
  #isAt(log: string, message: Value, { offset, by }: OffsetEvidence): void {
    const text = canonical(message);
    const { shown } = logOperationAt(this.#history, by);
    const isShown = shown.some(
      (entry) => entry.log === log && entry.message === text && entry.offset === offset,
    );
    const isTold = (): boolean =>
      this.#happened(by).sent.some(
        (entry) => entry.log === log && entry.message === text && entry.offset === offset,
      );
    claim(isShown || isTold(), () => `Operation ${by} does not say that it is at ${offset}.`);
  }
}

function shows({ shown }: LogOperation, log: string, message: Value): boolean {
  const text = canonical(message);
  return shown.some((entry) => entry.log === log && entry.message === text);
}
