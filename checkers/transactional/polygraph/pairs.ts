/**
 * Choices: of two members that wrote the same key, which comes first. A choice is made only for
 * pairs that an order leaves in doubt, so that few of all pairs ever exist. It is one for all keys
 * that both wrote: opposite orders on two keys would be a cycle. (Cobra, Tan et al. 2020, section
 * 3, and PolySI, Huang et al. 2023, section 4.2, generalise constraints alike.)
 *
 * A *literal* is a pair with an order: `2p` when the member of the smaller number comes first,
 * `2p + 1` when the other does. What follows from it are edges: to who overwrites from who is
 * overwritten, and from who read that.
 */
import { NONE } from "../../../src/history/history.js";
import { IntList } from "../../../src/graph/growing.js";
import { endNode, OVERWRITES, startNode, WRITES_OVER } from "./known-graph.js";
import type { OrderedGraph } from "./ordered-graph.js";
import { versionOf } from "./problem.js";

/** The pairs that were asked for, and their edges. */
export class Pairs {
  /** Pair → its members, ascending. */
  readonly smaller: IntList = new IntList();
  readonly larger: IntList = new IntList();
  readonly #ordered: OrderedGraph;
  /** Members → pair. */
  readonly #numbers = new Map<number, number>();
  /** Literal → its first edge, or `NONE` before they are made; edges of a literal are in a row. */
  readonly #firsts = new IntList();
  readonly #counts = new IntList();
  /** Edge of a choice → literal, kind, and version that is overwritten. */
  readonly #literals = new IntList();
  readonly #kinds = new IntList();
  readonly #versions = new IntList();

  constructor(ordered: OrderedGraph) {
    this.#ordered = ordered;
  }

  get count(): number {
    return this.smaller.length;
  }

  /** The literal that says that one member comes before another. */
  literal(first: number, second: number): number {
    const { members } = this.#ordered.graph.problem;
    const smaller = Math.min(first, second);
    const larger = Math.max(first, second);
    const name = smaller * members.length + larger;
    let pair = this.#numbers.get(name);
    if (pair === undefined) {
      pair = this.smaller.push(smaller);
      this.larger.push(larger);
      this.#numbers.set(name, pair);
      for (let side = 0; side < 2; side++) {
        this.#firsts.push(NONE);
        this.#counts.push(0);
      }
    }
    return 2 * pair + (first === smaller ? 0 : 1);
  }

  firstOf(literal: number): number {
    return ((literal & 1) === 0 ? this.smaller : this.larger).at(literal >> 1);
  }

  secondOf(literal: number): number {
    return ((literal & 1) === 0 ? this.larger : this.smaller).at(literal >> 1);
  }

  /** The first edge that follows from a literal, and how many follow. */
  edgesOf(literal: number): readonly [first: number, count: number] {
    if (this.#firsts.at(literal) === NONE) this.#make(literal);
    return [this.#firsts.at(literal), this.#counts.at(literal)];
  }

  /**
   * An edge that is only ever part of a contradiction, between members, of a kind and about a
   * version; it follows from a literal, or from none.
   */
  proof(
    [from, to]: readonly [number, number],
    {
      kind,
      about,
      literal,
    }: { readonly kind: number; readonly about: number; readonly literal: number },
  ): number {
    const edge = this.#ordered.create(from, to);
    this.#literals.push(literal);
    this.#kinds.push(kind);
    this.#versions.push(about);
    return edge;
  }

  /** The literal that an edge follows from, its kind and version; of a known one `NONE`. */
  literalOf(edge: number): number {
    const choice = edge - this.#knownCount;
    return choice < 0 ? NONE : this.#literals.at(choice);
  }
  kindOf(edge: number): number {
    const choice = edge - this.#knownCount;
    const { kinds } = this.#ordered.graph;
    return choice < 0 ? (kinds[edge] as number) : this.#kinds.at(choice);
  }
  aboutOf(edge: number): number {
    const choice = edge - this.#knownCount;
    const { about } = this.#ordered.graph;
    return choice < 0 ? (about[edge] as number) : this.#versions.at(choice);
  }

  get #knownCount(): number {
    return this.#ordered.graph.froms.length;
  }

  #make(literal: number): void {
    const { problem, versionNodes } = this.#ordered.graph;
    const { readerStarts, readers } = problem;
    const first = this.firstOf(literal);
    const second = this.secondOf(literal);
    const shared = this.#sharedVersions(first, second);
    this.#firsts.set(literal, this.#knownCount + this.#literals.length);
    let isImplied = false;
    for (const version of problem.isSnapshot ? [] : shared) {
      // A reader of the first that comes before the second says so too.
      isImplied ||= readerStarts[version] !== readerStarts[version + 1];
    }
    if (!isImplied) {
      const from = endNode(problem, first);
      const to = problem.alone ? startNode(problem, second) : endNode(problem, second);
      this.#add(literal, [from, to, WRITES_OVER, shared[0] as number]);
    }
    for (const version of shared) {
      const place = readerStarts[version] as number;
      const count = (readerStarts[version + 1] as number) - place;
      if (count === 0 || this.#isUpdate(second, version)) continue;
      const node = versionNodes[version] as number;
      const from = node === NONE ? startNode(problem, readers[place] as number) : node;
      this.#add(literal, [from, endNode(problem, second), OVERWRITES, version]);
    }
  }

  /** Who read a version itself, where it is one node, overwrites it without any choice. */
  #isUpdate(member: number, version: number): boolean {
    const { isSnapshot, readStarts, reads } = this.#ordered.graph.problem;
    if (isSnapshot) return false;
    const end = readStarts[member + 1] as number;
    for (let at = readStarts[member] as number; at < end; at++) {
      if (reads[at] === version) return true;
    }
    return false;
  }

  #add(
    literal: number,
    [from, to, kind, version]: readonly [number, number, number, number],
  ): void {
    this.#ordered.create(from, to);
    this.#literals.push(literal);
    this.#kinds.push(kind);
    this.#versions.push(version);
    this.#counts.set(literal, this.#counts.at(literal) + 1);
  }

  /** The versions of the one whose keys the other wrote too; the fewer are looked up. */
  #sharedVersions(first: number, second: number): readonly number[] {
    const { problem } = this.#ordered.graph;
    const { writeStarts, keyOf } = problem;
    const countOf = (member: number): number =>
      (writeStarts[member + 1] as number) - (writeStarts[member] as number);
    const isFewer = countOf(first) <= countOf(second);
    const fewer = isFewer ? first : second;
    const shared: number[] = [];
    const end = writeStarts[fewer + 1] as number;
    for (let version = writeStarts[fewer] as number; version < end; version++) {
      const other = versionOf(isFewer ? second : first, keyOf[version] as number, problem);
      if (other !== NONE) shared.push(isFewer ? version : other);
    }
    return shared;
  }
}
