/**
 * What must come before what, as a graph: operations, further nodes that gather many of them, and
 * edges with the reason for each. The order of a session need not be written down as edges.
 */
import { EdgeList } from "../../../src/graph/digraph.js";
import type { Collections } from "./layout.js";

/** That one operation comes before another, and why; see `CollectionEdge` in the certificate. */
export type CollectionStep =
  | { readonly from: number; readonly to: number; readonly by: "session" | "shows" | "lacks" }
  | { readonly from: number; readonly to: number; readonly by: "listed"; readonly read: number };

/** Reasons; what is not negative is the read that lists one before the other. */
export const SHOWS = -1;
export const LACKS = -2;
export const SESSION = -3;
/** And this less a read: the read shows one, and its session then does the other. */
export const FOLLOWS = -4;

/** Edges between operations, and nodes from `collections.count` on. */
export class Constraints {
  readonly collections: Collections;
  /** Whether each operation comes before the next one of its session. */
  readonly hasSessions: boolean;
  nodes: number;
  readonly edges: EdgeList = new EdgeList();
  reasons: Int32Array = new Int32Array(1024);

  constructor(collections: Collections, hasSessions: boolean) {
    this.collections = collections;
    this.hasSessions = hasSessions;
    this.nodes = collections.count;
    if (!hasSessions) return;
    const { parents, starts } = collections;
    for (const [session, parent] of parents.entries()) {
      if (parent >= 0) this.add(parent, starts[session] as number, SESSION);
    }
  }

  /** A node that gathers. */
  gather(): number {
    return this.nodes++;
  }

  add(from: number, to: number, reason: number): void {
    const at = this.edges.add(from, to);
    if (at === this.reasons.length) {
      const larger = new Int32Array(2 * at);
      larger.set(this.reasons);
      this.reasons = larger;
    }
    this.reasons[at] = reason;
  }

  /** The same reason for each. */
  addAll({ froms, tos, length }: EdgeList, reason: number): void {
    for (let edge = 0; edge < length; edge++) {
      this.add(froms[edge] as number, tos[edge] as number, reason);
    }
  }

  /** Whether the operation after this one is of the same session, and they are in order. */
  hasNext(node: number): boolean {
    const { count, sessions } = this.collections;
    return this.hasSessions && node + 1 < count && sessions[node] === sessions[node + 1];
  }
}
