/**
 * What the harness and a host tell each other over the channel between parent and child process.
 *
 * A start goes: `awake`, `listen` → `listening`, `begin` → `ready` or `failed`. All hosts listen
 * before the first program starts, so that programs can reach each other while they start.
 */
import type { NodeId } from "../world/network.js";
import type { ProgramReference } from "../world/world.js";

/** Where the nodes listen. */
export type Ports = { readonly [node: NodeId]: number };

/** Everything that a host has to know before its program is loaded. */
export interface HostSettings {
  readonly id: NodeId;
  readonly nodes: readonly NodeId[];
  /** The node's own data directory. */
  readonly directory: string;
  readonly seed: number;
  /** Counts the starts of this node, from 1. */
  readonly incarnation: number;
  /** The monotonic clock's reading at the start of the run, in nanoseconds. */
  readonly epoch: string;
  readonly token: string;
  /** The port of the last incarnation. */
  readonly port?: number;
}

/** From the harness to a host. */
export type ToHost =
  | { readonly type: "listen"; readonly settings: HostSettings }
  | {
      readonly type: "begin";
      readonly program: ProgramReference;
      readonly ports: Ports;
      /** Links that are cut, as `from>to`. */
      readonly cuts: readonly string[];
    }
  | { readonly type: "ports"; readonly ports: Ports }
  | { readonly type: "cuts"; readonly cuts: readonly string[]; readonly sequence: number }
  | { readonly type: "stop" };

/** From a host to the harness. */
export type FromHost =
  | { readonly type: "awake" }
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "cuts-applied"; readonly sequence: number }
  | { readonly type: "log"; readonly timeNs: number; readonly line: string };
