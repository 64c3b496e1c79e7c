/**
 * The port of systems under test. A backend that ordeal ships and a store that a user brings
 * implement the same interface.
 */
import type { Random } from "../random.js";
import type { Clock } from "../world/clock.js";
import type {
  Availability,
  ClientEndpoint,
  Deployment,
  FaultKind,
  WorldKind,
} from "../world/world.js";
import type { NodeId } from "../world/network.js";
import type { Client } from "./client.js";
import type { MemberControl, MemberOptions } from "./members.js";

/** What a system says it keeps. The contract suite and the tests hold it to that. */
export interface SystemPromise {
  /**
   * The strongest consistency model that histories of this system satisfy, as the checkers name it.
   */
  readonly consistency: "linearizable" | "sequential" | "causal" | "eventual" | "none";
  /** The faults under which it keeps that promise. */
  readonly under: readonly FaultKind[];
  /** Why it promises less than `linearizable` under every fault; one sentence, for the docs. */
  readonly deviation?: string;
}

/** A stateful system that a run can start, drive and break. */
export interface System {
  /** The name on the command line; a variant is part of it: `memory`, `memory:stale-reads`. */
  readonly name: string;
  readonly description: string;
  readonly worlds: readonly WorldKind[];
  /** The functions that its clients understand: `read`, `write`, `cas`, `append`, `delete`, … */
  readonly functions: readonly string[];
  readonly nodes: { readonly min: number; readonly default: number; readonly max: number };
  readonly promise: SystemPromise;
  /**
   * Whether a fault of the world reaches this system at all; a run with one that does not is
   * refused. Absent: all do.
   */
  availability?(fault: FaultKind): Availability;
  /** Changes its members while it works; absent when it cannot. */
  members?(options: MemberOptions): MemberControl;
  deployment(nodeCount: number): Deployment;
  /**
   * Opens the client of one process. Called again when an indeterminate operation has retired the
   * last one.
   */
  connect(options: ConnectOptions): Promise<Client>;
  /**
   * Begins one run, for systems that keep something in the harness's own process while it lasts;
   * the clients of the run are then opened by the session. Use `openSession`, which works with
   * every system.
   */
  open?(options: SessionOptions): Promise<SystemSession>;
}

/** What the clients of one run share. */
export interface SystemSession {
  connect(options: ConnectOptions): Promise<Client>;
  /** After all clients are closed. */
  close(): Promise<void>;
}

/** What a session is made from. */
export interface SessionOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly nodes: readonly NodeId[];
}

/** Begins one run of a system. */
export async function openSession(system: System, options: SessionOptions): Promise<SystemSession> {
  if (system.open !== undefined) return system.open(options);
  return {
    connect: async (connection) => system.connect(connection),
    close: async () => undefined,
  };
}

/** What a client is made from. */
export interface ConnectOptions {
  readonly endpoint: ClientEndpoint;
  readonly nodes: readonly NodeId[];
  /** The node that this client should talk to, when the system lets it choose. */
  readonly preferred: NodeId;
  /** How long a client may wait for one operation, in milliseconds. */
  readonly timeoutMs: number;
}
