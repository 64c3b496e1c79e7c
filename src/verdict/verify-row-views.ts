/**
 * Confirms an order of commits of transactions on rows at levels that say what a transaction may
 * not miss, and, for small histories, that there is none, by trying all. The order of commits is
 * that of the versions of every row, and each read is of one that is there already. It may not be
 * of a version that somebody overwrote whom the transaction has to see:
 *
 * - cursor stability: anybody, where it reads the row as such and then writes it, not before;
 * - monotonic atomic view: from whom it has read before, by an earlier micro-operation, where it
 *   reads the row as such (repeatable read implies it, and says nothing of what predicates leave
 *   out);
 * - read atomic: from whom it reads, or who precedes it in time;
 * - causality: and whom one of these sees, and so on;
 * - a consistent view and parallel snapshot isolation: and whose versions these overwrite.
 *
 * (Adya 1999, chapter 4; Bailis et al. 2014; Cerone & Gotsman 2018, theorem 21.)
 */
import type { BaseIsolation } from "../consistency/level.js";
import { claim, VerificationUndecided } from "./claims.js";
import type { RowSight } from "./isolation-certificate.js";
import {
  looksOf,
  rowNamed,
  writesOf,
  type ActingHistory,
  type ActingTransaction,
  type Content,
  type Look,
} from "./rows.js";
import { precedesInTime } from "./transactions.js";

type Keeps = "session" | "realtime" | undefined;

/** Levels of which an order of commits shows more than that reads are of what was committed. */
const OF_VIEWS: ReadonlySet<BaseIsolation> = new Set<BaseIsolation>([
  "cursor-stability",
  "monotonic-atomic-view",
  "read-atomic",
  "causal-cerone",
  "consistent-view",
  "parallel-snapshot-isolation",
]);

/** Whether a level is one of these. */
export function isOfViews(base: BaseIsolation): boolean {
  return OF_VIEWS.has(base);
}

/** Confirms an order of commits. @throws ClaimRefused */
export function confirmRowViews(
  order: readonly number[],
  acting: ActingHistory,
  about: {
    readonly base: BaseIsolation;
    readonly keeps: Keeps;
    readonly sights: readonly RowSight[];
  },
): void {
  const byName = new Map(acting.transactions.map((each) => [each.operation.invocation, each]));
  const told = new Map(about.sights.map((each) => [nameOf(each), each.of]));
  const commits = new Commits(acting, about.base, about.keeps);
  for (const at of order) {
    const by = byName.get(at) as ActingTransaction;
    const idle = new Set(
      about.sights
        .filter((each) => each.reader === at && each.at === undefined)
        .map((each) => rowNamed(each)),
    );
    for (const row of idle) claim(mayBeIdle(by, row, acting), () => `${at} did write ${row}.`);
    const looks = commits.looksOf(by, idle);
    const places = looks.map((look) => {
      const fitting = commits.placesOf(look);
      const name = `${at} ${look.at} ${look.row}`;
      const chosen = told.has(name)
        ? fitting.filter((place) => commits.writerAt(look.row, place) === (told.get(name) ?? null))
        : fitting;
      const [place] = chosen;
      claim(
        place !== undefined && chosen.length === 1,
        () => `Transaction ${at}, micro-operation ${look.at}: of ${look.row} it is not known what.`,
      );
      return place;
    });
    claim(
      commits.add({ by, idle, looks, places }),
      () => `Transaction ${at} misses what it has to see at ${about.base}.`,
    );
  }
}

/** Confirms an order of commits that shows a consistent view, each look of the version named. */
export function confirmRowViewOf(
  order: readonly ActingTransaction[],
  acting: ActingHistory,
  { keeps, places: known }: { readonly keeps: Keeps; readonly places: ReadonlyMap<string, number> },
): void {
  const commits = new Commits(acting, "consistent-view", keeps);
  const idle: ReadonlySet<string> = new Set();
  for (const by of order) {
    const { invocation } = by.operation;
    const looks = commits.looksOf(by, idle);
    const places = looks.map((look) => {
      const place = known.get(nameOfLook(look)) ?? -1;
      const isThere = commits.placesOf(look).includes(place);
      claim(isThere, () => `Transaction ${invocation}: ${look.row} is not so in the view.`);
      return place;
    });
    const isAllowed = commits.add({ by, idle, looks, places });
    claim(isAllowed, () => `Transaction ${invocation} misses in the view what it has to see.`);
  }
}

/** A name of a look. */
export function nameOfLook({ by, at, row }: Look): string {
  return `${by.operation.invocation} ${at} ${row}`;
}

function nameOf(sight: RowSight): string {
  return `${sight.reader} ${sight.at ?? "idle"} ${rowNamed(sight)}`;
}

/** Whether it left a row absent, which it has not seen to be there. */
function mayBeIdle(by: ActingTransaction, row: string, { rows }: ActingHistory): boolean {
  const last = by.acts.findLast((act) => act.f === "write" && act.row === row);
  if (last?.f !== "write" || last.content !== undefined || !rows.has(row)) return false;
  return !looksOf(by, [row]).some((look) => isSeenThere(look, by));
}

function isSeenThere({ isItem, own, fits }: Look, { operation }: ActingTransaction): boolean {
  return operation.outcome === "ok" && isItem && own === undefined && !fits(undefined);
}

interface Commit {
  readonly by: ActingTransaction;
  /** Rows that it deletes without finding them. */
  readonly idle: ReadonlySet<string>;
  readonly looks: readonly Look[];
  readonly places: readonly number[];
}

/** Commits one after the other. */
class Commits {
  readonly order: ActingTransaction[] = [];
  readonly #acting: ActingHistory;
  readonly #base: BaseIsolation;
  readonly #keeps: Keeps;
  readonly #written = new Map<string, readonly { readonly content: Content }[]>();
  readonly #lines = new Map<string, { by: ActingTransaction; content: Content }[]>();
  readonly #seen = new Map<ActingTransaction, ReadonlySet<ActingTransaction>>();

  constructor(acting: ActingHistory, base: BaseIsolation, keeps: Keeps) {
    this.#acting = acting;
    this.#base = base;
    this.#keeps = keeps;
  }

  /** What a transaction reads of others, and that it finds absent what it deletes idly. */
  looksOf(by: ActingTransaction, idle: ReadonlySet<string>): readonly Look[] {
    const isOk = by.operation.outcome === "ok";
    const looks = isOk
      ? looksOf(by, this.#acting.rows).filter(
          (look) => (!look.own || !look.fits(look.own.content)) && this.#tells(look),
        )
      : [];
    const finds = [...idle].map((row): Look => {
      const at = by.acts.findLast((act) => act.f === "write" && act.row === row)?.at ?? 0;
      const fits = (content: Content): boolean => content === undefined;
      return { by, at, row, isItem: true, own: undefined, shown: undefined, fits };
    });
    return [...looks, ...finds];
  }

  /** Whether there is anything that a row was not, when it was not shown. */
  #tells({ row, isItem, fits }: Look): boolean {
    if (isItem || !fits(this.#acting.initial.get(row))) return true;
    return this.#writtenTo(row).some(({ content }) => !fits(content));
  }

  /** What anybody ever wrote to a row. */
  #writtenTo(row: string): readonly { readonly content: Content }[] {
    const known = this.#written.get(row) ?? writesOf(this.#acting, row);
    this.#written.set(row, known);
    return known;
  }

  /** Of which versions that are there a look may be; 0 is the first. */
  placesOf({ row, fits }: Look): readonly number[] {
    const contents = this.#contentsOf(row);
    return [...contents.keys()].filter((place) => fits(contents[place]));
  }

  writerAt(row: string, place: number): number | null {
    return this.#lines.get(row)?.[place - 1]?.by.operation.invocation ?? null;
  }

  /** Commits; false where the level does not allow it. */
  add(commit: Commit): boolean {
    const { by, idle } = commit;
    const seen = this.#seenBy(commit);
    if (!this.#isAllowed(commit, seen)) return false;
    this.#seen.set(by, seen);
    this.order.push(by);
    for (const [row, content] of leftBy(by)) {
      if (idle.has(row)) continue;
      const line = this.#lines.get(row) ?? [];
      line.push({ by, content });
      this.#lines.set(row, line);
    }
    return true;
  }

  /** Takes the last commit back. */
  takeBack({ by, idle }: Commit): void {
    this.order.pop();
    for (const row of leftBy(by).keys()) if (!idle.has(row)) this.#lines.get(row)?.pop();
  }

  #contentsOf(row: string): readonly Content[] {
    const left = (this.#lines.get(row) ?? []).map(({ content }) => content);
    return [this.#acting.initial.get(row), ...left];
  }

  #sourceOf(look: Look, place: number): ActingTransaction | undefined {
    return place < 1 ? undefined : this.#lines.get(look.row)?.[place - 1]?.by;
  }

  #seenBy({ by, idle, looks, places }: Commit): ReadonlySet<ActingTransaction> {
    const seen = new Set<ActingTransaction>();
    if (this.#base === "cursor-stability" || this.#base === "monotonic-atomic-view") return seen;
    const isDeep = this.#base !== "read-atomic";
    const add = (other: ActingTransaction | undefined): void => {
      if (other === undefined) return;
      seen.add(other);
      for (const each of isDeep ? (this.#seen.get(other) ?? []) : []) seen.add(each);
    };
    for (const [at, look] of looks.entries()) add(this.#sourceOf(look, places[at] as number));
    for (const other of this.order) if (this.#isEarlier(other, by)) add(other);
    if (!isDeep || this.#base === "causal-cerone") return seen;
    for (const row of leftBy(by).keys()) {
      if (!idle.has(row)) add(this.#lines.get(row)?.at(-1)?.by);
    }
    return seen;
  }

  #isEarlier(other: ActingTransaction, by: ActingTransaction): boolean {
    if (this.#keeps === undefined || !precedesInTime(other.operation, by.operation)) return false;
    return this.#keeps === "realtime" || other.operation.process === by.operation.process;
  }

  #isAllowed(commit: Commit, seen: ReadonlySet<ActingTransaction>): boolean {
    const { by, idle, looks, places } = commit;
    const isAtomic = !["cursor-stability", "consistent-view"].includes(this.#base);
    if (isAtomic && looks.some(({ own }) => own !== undefined)) return false;
    const left = leftBy(by);
    return looks.every((look, at) => {
      const place = places[at] as number;
      const later = (this.#lines.get(look.row) ?? []).slice(place);
      if (this.#base === "cursor-stability") {
        const isCursor = look.isItem && look.own === undefined;
        const isUpdate = isCursor && left.has(look.row) && !idle.has(look.row);
        return !isUpdate || later.length === 0;
      }
      const isBefore = (other: ActingTransaction): boolean =>
        looks.some(
          (each, of) => each.at < look.at && this.#sourceOf(each, places[of] as number) === other,
        );
      if (this.#base === "monotonic-atomic-view") {
        return !look.isItem || !later.some(({ by: other }) => isBefore(other));
      }
      return !later.some(
        ({ by: other, content }) => (look.isItem || !look.fits(content)) && seen.has(other),
      );
    });
  }
}

function leftBy({ acts }: ActingTransaction): ReadonlyMap<string, Content> {
  const left = new Map<string, Content>();
  for (const act of acts) if (act.f === "write") left.set(act.row, act.content);
  return left;
}

/** So many ways to commit are tried. */
const STEPS_MAX = 200_000;

/** Confirms that no order of commits keeps a level. @throws ClaimRefused */
export function confirmNoRowViews(
  acting: ActingHistory,
  { base, keeps }: { readonly base: BaseIsolation; readonly keeps: Keeps },
): void {
  const commits = new Commits(acting, base, keeps);
  let steps = 0;
  const finds = (left: readonly ActingTransaction[]): boolean => {
    if (left.every(({ operation }) => operation.outcome !== "ok")) return true;
    return left.some((by) => {
      if (by.operation.outcome === "fail") return false;
      const isFirst = left.every((other) => !mustPrecede(other, by, keeps));
      const rest = left.filter((other) => other !== by);
      return (
        isFirst &&
        waysOf(by, { acting, commits }).some((commit) => {
          if (++steps > STEPS_MAX) throw new VerificationUndecided("There are too many orders.");
          if (!commits.add(commit)) return false;
          const isFound = finds(rest);
          commits.takeBack(commit);
          return isFound;
        })
      );
    });
  };
  claim(!finds(acting.transactions), () => "There is an order that explains the reads.");
}

function mustPrecede(one: ActingTransaction, other: ActingTransaction, keeps: Keeps): boolean {
  if (keeps === undefined || !precedesInTime(one.operation, other.operation)) return false;
  return keeps === "realtime" || one.operation.process === other.operation.process;
}

/** Every choice of what is deleted idly, and of what is read. */
function waysOf(
  by: ActingTransaction,
  { acting, commits }: { readonly acting: ActingHistory; readonly commits: Commits },
): readonly Commit[] {
  const rows = [...leftBy(by).keys()].filter((row) => mayBeIdle(by, row, acting));
  let idles: ReadonlySet<string>[] = [new Set()];
  for (const row of rows) idles = idles.flatMap((idle) => [idle, new Set([...idle, row])]);
  return idles.flatMap((idle) => {
    const looks = commits.looksOf(by, idle);
    let choices: (readonly number[])[] = [[]];
    for (const look of looks) {
      const places = commits.placesOf(look);
      choices = choices.flatMap((choice) => places.map((place) => choice.concat(place)));
    }
    return choices.map((places): Commit => ({ by, idle, looks, places }));
  });
}
