/**
 * Confirms an order of transactions on rows by carrying them out, and, for small histories, that
 * there is none, by trying all.
 */
import { implies } from "../consistency/lattice.js";
import type { BaseIsolation } from "../consistency/level.js";
import { claim, VerificationUndecided } from "./claims.js";
import type { TransactionOrderCertificate } from "./isolation-certificate.js";
import {
  looksOf,
  writesOf,
  type ActingHistory,
  type ActingTransaction,
  type Content,
  type Look,
} from "./rows.js";
import { precedesInTime } from "./transactions.js";
import { confirmNoRowUpdates } from "./verify-no-row-updates.js";
import { confirmNoRowViews, confirmRowViews, isOfViews } from "./verify-row-views.js";

type State = ReadonlyMap<string, Content>;

/** What an order has to show. */
export interface RowOrder {
  readonly base: BaseIsolation;
  readonly manner: TransactionOrderCertificate["manner"];
  readonly keeps?: "session" | "realtime" | undefined;
  readonly sights?: TransactionOrderCertificate["sights"];
}

/** Carries out an order, each transaction once, or twice for snapshots. @throws ClaimRefused */
export function confirmRowOrder(
  order: readonly number[],
  acting: ActingHistory,
  { base, manner, keeps, sights = [] }: RowOrder,
): void {
  if (manner === "commit" && isOfViews(base)) {
    confirmRowViews(order, acting, { base, keeps, sights });
    return;
  }
  const byName = new Map(acting.transactions.map((each) => [each.operation.invocation, each]));
  const named = order.map((at) => byName.get(at) as ActingTransaction);
  if (manner === "commit") {
    claim(implies("read-committed", base), () => `Commits alone do not show that ${base} holds.`);
    const done = new Set<ActingTransaction>();
    for (const each of named) {
      for (const look of looksOf(each, acting.rows)) {
        const isOwn = look.own !== undefined && look.fits(look.own.content);
        const isAny = base === "read-uncommitted" && isWritten(look, acting, undefined);
        claim(isOwn || isAny || isWritten(look, acting, done), () => tellRefused(look));
      }
      done.add(each);
    }
    return;
  }
  let state: State = new Map(acting.initial);
  if (manner === "serial") {
    const isRelaxed =
      base === "repeatable-read" ||
      implies("cursor-stability", base) ||
      implies("monotonic-atomic-view", base);
    const done = new Set<ActingTransaction>();
    for (const each of named) {
      for (const look of looksOf(each, acting.rows)) {
        const isThere = isNow(look, state);
        const isEarlier = isRelaxed && !look.isItem && look.own === undefined;
        claim(isThere || (isEarlier && isWritten(look, acting, done)), () => tellRefused(look));
      }
      state = after(state, each);
      done.add(each);
    }
    return;
  }
  claim(implies("snapshot-isolation", base), () => `Snapshots do not show that ${base} holds.`);
  const open = new Map<ActingTransaction, Snapshot>();
  for (const each of named) {
    const snapshot = open.get(each);
    if (snapshot === undefined) {
      for (const look of looksOf(each, acting.rows)) {
        claim(isNow(look, state), () => tellRefused(look));
      }
      open.set(each, snapshotOf(each, state));
      continue;
    }
    const isFree = snapshot.isFree || implies("prefix", base);
    claim(isFree, () => `Another committed to what ${each.operation.invocation} writes.`);
    open.delete(each);
    spoil(open, snapshot);
    state = new Map([...state, ...snapshot.leaves]);
  }
}

/** Between a snapshot and its commit. */
interface Snapshot {
  /** Whether nobody has committed to what it writes. */
  readonly isFree: boolean;
  /** Row → what it leaves there. To delete what its snapshot does not have is to leave nothing. */
  readonly leaves: State;
}

function snapshotOf(each: ActingTransaction, state: State): Snapshot {
  const left = [...after(new Map(), each)];
  const leaves = left.filter(
    ([row, content]) => content !== undefined || state.get(row) !== undefined,
  );
  return { isFree: true, leaves: new Map(leaves) };
}

function tellRefused({ by, at, row }: Look): string {
  return `Transaction ${by.operation.invocation}, micro-operation ${at}: ${row} was not so.`;
}

/** Whether a look shows what is there, or what its transaction wrote itself. */
function isNow({ row, own, fits }: Look, state: State): boolean {
  return fits(own === undefined ? state.get(row) : own.content);
}

/**
 * Whether a look is of the initial version, or of what one of these transactions left. Without
 * transactions: of whatever anybody wrote.
 */
function isWritten(
  { row, fits }: Look,
  acting: ActingHistory,
  done: ReadonlySet<ActingTransaction> | undefined,
): boolean {
  if (fits(acting.initial.get(row))) return true;
  const writes = writesOf(acting, row).filter(({ content }) => fits(content));
  return writes.some(({ by, isLeft }) => done === undefined || (isLeft && done.has(by)));
}

function after(state: State, { acts }: ActingTransaction): State {
  const next = new Map(state);
  for (const act of acts) if (act.f === "write") next.set(act.row, act.content);
  return next;
}

/** Whoever is open and writes what was committed to may not commit any more. */
function spoil(open: Map<ActingTransaction, Snapshot>, { leaves }: Snapshot): void {
  for (const [other, snapshot] of open) {
    const isSpoilt = [...snapshot.leaves.keys()].some((row) => leaves.has(row));
    if (isSpoilt) open.set(other, { ...snapshot, isFree: false });
  }
}

/** So many steps are tried. */
const STEPS_MAX = 200_000;

/** Confirms that no order explains the reads at a level. @throws ClaimRefused */
export function confirmNoRowOrder(
  acting: ActingHistory,
  {
    base,
    keeps,
  }: { readonly base: BaseIsolation; readonly keeps: "session" | "realtime" | undefined },
): void {
  if (isOfViews(base)) {
    confirmNoRowViews(acting, { base, keeps });
    return;
  }
  if (base === "update-serializable") {
    confirmNoRowUpdates(acting, keeps);
    return;
  }
  const manner = MANNERS[base];
  claim(manner !== undefined, () => `No order is needed for ${base}.`);
  const search = new Exhaustive(acting, { base, manner, keeps });
  claim(!search.finds(), () => "There is an order that explains the reads.");
}

const MANNERS: { readonly [base in BaseIsolation]?: RowOrder["manner"] } = {
  serializable: "serial",
  "repeatable-read": "serial",
  "snapshot-isolation": "snapshot",
  prefix: "snapshot",
  "read-committed": "commit",
};

interface Moment {
  readonly state: State;
  readonly done: ReadonlySet<ActingTransaction>;
  readonly open: ReadonlyMap<ActingTransaction, Snapshot>;
}

class Exhaustive {
  readonly #acting: ActingHistory;
  readonly #base: BaseIsolation;
  readonly #manner: RowOrder["manner"];
  readonly #keeps: "session" | "realtime" | undefined;
  readonly #looks = new Map<ActingTransaction, readonly Look[]>();
  readonly #tried = new Set<string>();
  #steps = 0;

  constructor(
    acting: ActingHistory,
    about: RowOrder & { readonly keeps: "session" | "realtime" | undefined },
  ) {
    this.#acting = acting;
    this.#base = about.base;
    this.#manner = about.manner;
    this.#keeps = about.keeps;
    for (const each of acting.transactions) this.#looks.set(each, looksOf(each, acting.rows));
  }

  finds(): boolean {
    return this.#go({ state: new Map(this.#acting.initial), done: new Set(), open: new Map() });
  }

  #go(moment: Moment): boolean {
    const { state, done, open } = moment;
    const { transactions } = this.#acting;
    if (transactions.every((each) => each.operation.outcome !== "ok" || done.has(each))) {
      return true;
    }
    if (++this.#steps > STEPS_MAX) throw new VerificationUndecided("There are too many orders.");
    const places = transactions.map((each) => {
      const { isFree, leaves } = open.get(each) ?? {};
      return done.has(each) ? "done" : `${isFree}: ${[...(leaves?.keys() ?? [])].join(" ")}`;
    });
    const contents = [...state].map(([row, content]) => `${row}=${String(content)}`).toSorted();
    const name = `${places.join()} ${JSON.stringify(contents)}`;
    if (this.#tried.has(name)) return false;
    this.#tried.add(name);
    return transactions.some((each) => {
      if (each.operation.outcome === "fail" || done.has(each)) return false;
      if (open.get(each) !== undefined) return this.#commit(each, moment);
      if (!this.#isTime(each, done) || !this.#reads(each, moment)) return false;
      if (this.#manner !== "snapshot") {
        return this.#go({ state: after(state, each), done: new Set([...done, each]), open });
      }
      return this.#go({ state, done, open: new Map([...open, [each, snapshotOf(each, state)]]) });
    });
  }

  #commit(each: ActingTransaction, { state, done, open }: Moment): boolean {
    const snapshot = open.get(each) as Snapshot;
    if (!snapshot.isFree && this.#base !== "prefix") return false;
    const left = new Map([...open].filter(([other]) => other !== each));
    spoil(left, snapshot);
    return this.#go({
      state: new Map([...state, ...snapshot.leaves]),
      done: new Set([...done, each]),
      open: left,
    });
  }

  /** All that must come before it have. */
  #isTime(each: ActingTransaction, done: ReadonlySet<ActingTransaction>): boolean {
    if (this.#keeps === undefined) return true;
    return this.#acting.transactions.every(
      (other) =>
        done.has(other) ||
        !precedesInTime(other.operation, each.operation) ||
        (this.#keeps === "session" && other.operation.process !== each.operation.process),
    );
  }

  #reads(each: ActingTransaction, { state, done }: Moment): boolean {
    return (this.#looks.get(each) ?? []).every((look) => {
      if (this.#manner === "commit") {
        const isOwn = look.own !== undefined && look.fits(look.own.content);
        return isOwn || isWritten(look, this.#acting, done);
      }
      if (isNow(look, state)) return true;
      const isEarlier = this.#base === "repeatable-read" && !look.isItem && look.own === undefined;
      return isEarlier && isWritten(look, this.#acting, done);
    });
  }
}
