/**
 * The two bugs that random runs have not found, by schedules that are made for them: one node is
 * raft, the other two are puppets of the test.
 */
import { describe, expect, test } from "vitest";
import { simulatedWorld } from "../../src/simulation/simulated-world.js";
import type { Message, NodeId } from "../../src/world/network.js";
import { createRpc } from "../../src/world/rpc.js";
import type { NodeProgram } from "../../src/world/world.js";
import { splitNetwork } from "../replicated/split-network.js";
import { raftProgram } from "../raft.js";
import type { Append, RaftMessage } from "./messages.js";
import type { RaftVariant } from "./variants.js";

/** What the test sees and does as one of the others. */
interface Puppet {
  readonly heard: RaftMessage[];
  say(message: RaftMessage): void;
  /** Answers what it hears from now on. */
  answer: (message: RaftMessage) => RaftMessage | undefined;
}

interface Stage {
  readonly puppets: ReadonlyMap<NodeId, Puppet>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly ask: (request: Message) => Promise<Message>;
}

/** Votes for everyone, and acknowledges nothing. */
const votes = (message: RaftMessage): RaftMessage | undefined =>
  message.kind === "vote-request"
    ? { kind: "vote", pre: message.pre, term: message.term, granted: true }
    : undefined;

async function staged(variant: RaftVariant | null, body: (stage: Stage) => Promise<void>) {
  const puppets = new Map<NodeId, Puppet>();
  const real = raftProgram({
    variant,
    leases: false,
    readsAnywhere: false,
    electionMs: 250,
    heartbeatMs: 50,
    snapshotEntries: 200,
    batchEntries: 1,
    preVotes: true,
  });
  const program = (): NodeProgram => ({
    start: async (node) => {
      if (node.id === "n1") return real.start(node);
      const { peers } = splitNetwork(node.network);
      const send = (message: RaftMessage): void => peers.send("n1", message as unknown as Message);
      const puppet: Puppet = { heard: [], say: send, answer: votes };
      puppets.set(node.id, puppet);
      peers.onMessage((_from, given) => {
        const message = given as unknown as RaftMessage;
        puppet.heard.push(message);
        const answer = puppet.answer(message);
        if (answer !== undefined) send(answer);
      });
      return undefined;
    },
  });
  const world = simulatedWorld({ seed: 1, load: async () => ({ program }) });
  try {
    await world.run(async () => {
      const cluster = await world.deploy(
        { program: { module: "test:raft", export: "program", options: {} }, nodeCount: 3 },
        { onLog: () => undefined },
      );
      const { network, clock } = cluster.endpoint("client");
      const rpc = createRpc(network, clock);
      await body({
        puppets,
        sleep: async (ms) => world.clock.sleep(ms),
        ask: async (request) =>
          rpc.call("n1", request, { timeoutMs: 300 }).catch(() => "no answer"),
      });
    });
  } finally {
    await world.close();
  }
}

const appends = ({ heard }: Puppet): readonly Append[] =>
  heard.filter((message): message is Append => message.kind === "append");

describe("an entry of an older term that a majority has", () => {
  /** What the leader says to be committed, when a majority has the old entry and no other. */
  async function committed(variant: RaftVariant | null): Promise<number> {
    let commit = -1;
    await staged(variant, async ({ puppets, sleep }) => {
      const puppet = puppets.get("n2") as Puppet;
      // A leader of term 1 leaves one entry here and falls silent.
      const entry = { term: 1, operation: { kind: "register" } } as const;
      const base = { kind: "append", prevIndex: 0, prevTerm: 0, commit: 0 } as const;
      puppet.say({ ...base, term: 1, entries: [entry], round: 1, number: 1 });
      puppet.answer = (message) => {
        if (message.kind !== "append") return votes(message);
        const { term, round, number, prevIndex } = message;
        const ack = { kind: "ack", term, round, number, promisedMs: 0 } as const;
        // It takes the entry of term 1 (after index 0) and never gets what follows.
        const isOld = prevIndex === 0;
        return { ...ack, success: isOld, match: isOld ? 1 : 0 };
      };
      await sleep(3_000);
      const heard = appends(puppet).filter(({ term }) => term > 1);
      expect(heard.some(({ prevIndex }) => prevIndex === 0)).toBe(true);
      commit = Math.max(...heard.map((message) => message.commit));
    });
    return commit;
  }

  test("is not committed by that", async () => {
    expect(await committed(null)).toBe(0);
  });

  test("is, by old-term-commit", async () => {
    expect(await committed("old-term-commit")).toBe(1);
  });
});

describe("a new leader that has committed nothing yet", () => {
  async function changed(variant: RaftVariant | null): Promise<Message> {
    let answer: Message = null;
    await staged(variant, async ({ puppets, sleep, ask }) => {
      const puppet = puppets.get("n2") as Puppet;
      for (let waited = 0; appends(puppet).length === 0 && waited < 3_000; waited++) await sleep(1);
      answer = await ask(["members", "remove", "n3"]);
    });
    return answer;
  }

  test("refuses to change the members", async () => {
    expect(await changed(null)).toEqual(["fail", "busy", expect.any(String)]);
  });

  test("does not, with change-before-noop", async () => {
    // It waits for a majority of the new members.
    expect(await changed("change-before-noop")).toBe("no answer");
  });
});
