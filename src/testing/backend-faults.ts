/**
 * The cases of the backend contract that break something: kills, losses of power, pauses. What a
 * system does not promise to survive is not held against it, but said.
 */
import { sameValue, type Value } from "../history/value.js";
import type { Completion } from "../runner/client.js";
import type { FaultKind, World } from "../world/world.js";
import {
  NO_ACCESS,
  withSystem,
  type Applicability,
  type BackendContractOptions,
  type Fixture,
} from "./backend-fixture.js";
import { mustHold, type ContractCase } from "./contract.js";
import type { Access } from "./reference-store.js";

/** The cases with faults. */
export function faultCases(
  options: BackendContractOptions,
  given: { readonly applies: Applicability; readonly access: Access | undefined },
): readonly ContractCase[] {
  const { access, applies } = given;
  const world = options.world();
  const faultCase = (
    name: string,
    why: string | undefined,
    body: (fixture: Fixture, access: Access) => Promise<void>,
  ): ContractCase => {
    const reason = access === undefined ? NO_ACCESS : why;
    return {
      name,
      ...(reason === undefined ? {} : { skipped: reason }),
      run: async () => {
        if (reason !== undefined || access === undefined) return;
        await withSystem(options, async (fixture) => body(fixture, access));
      },
    };
  };
  const promised = (fault: FaultKind): string | undefined =>
    impossible(world, fault) ?? applies.linearizable ?? unpromised(options, fault);

  const cases = [
    faultCase("what was acknowledged survives a kill", promised("kill"), async (fixture, access) =>
      survives(fixture, access, "kill"),
    ),
    faultCase(
      "what was acknowledged survives a loss of power",
      promised("power-loss"),
      async (fixture, access) => survives(fixture, access, "powerOff"),
    ),
    faultCase(
      "what a read has shown survives a loss of power",
      promised("power-loss"),
      async (fixture, access) => readsSurvive(fixture, access),
    ),
    faultCase("a node that is down refuses, and at once", impossible(world, "kill"), refuses),
    faultCase(
      "operations on paused nodes end in time, and never as a failure that happens after all",
      impossible(world, "pause"),
      async (fixture, access) => pauses(fixture, access, promised("pause") === undefined),
    ),
  ];
  void world.close();
  return cases;
}

function impossible(world: World, fault: FaultKind): string | undefined {
  const availability = world.availability(fault);
  return availability.available ? undefined : `${availability.reason}; ${availability.alternative}`;
}

function unpromised({ system }: BackendContractOptions, fault: FaultKind): string | undefined {
  const { under, deviation } = system.promise;
  if (under.includes(fault)) return undefined;
  return `it does not promise to survive ${fault}${deviation === undefined ? "" : `: ${deviation}`}`;
}

/**
 * Writes, crashes all nodes at once, and looks; several times, so that recovery is recovered from
 * too.
 */
async function survives(
  { cluster, connect, succeed, recover }: Fixture,
  access: Access,
  crash: "kill" | "powerOff",
): Promise<void> {
  const { nodes, processes } = cluster;
  const written = new Map<string, Value>();
  for (let round = 0; round < 4; round++) {
    const client = await connect(nodes[round % nodes.length]);
    for (let i = 0; i < 10; i++) {
      const key = `k${(round * 7 + i) % 25}`;
      await succeed(client, access.write(key, `${round}.${i}`));
      written.set(key, `${round}.${i}`);
    }
    await Promise.all(nodes.map(async (node) => processes[crash](node)));
    for (const node of nodes) {
      mustHold(processes.status(node) === "down", `${node} should be down after ${crash}`);
    }
    await Promise.all(nodes.map(async (node) => processes.start(node)));
    for (const [key, value] of written) {
      const seen = await recover(nodes[0] as string, access.read(key));
      mustHold(
        sameValue(seen, value),
        `${JSON.stringify(value)} was acknowledged before ${crash}; after the restart ${key} holds ${JSON.stringify(seen)}`,
      );
    }
  }
}

/** Crashes at the moment at which a read has seen a write that is still under way. */
async function readsSurvive(
  { cluster, connect, perform, recover }: Fixture,
  access: Access,
): Promise<void> {
  const { nodes, processes } = cluster;
  for (let round = 0; round < 10; round++) {
    const value = `round ${round}`;
    const writer = await connect(nodes[round % nodes.length]);
    const reader = await connect(nodes[(round + 1) % nodes.length]);
    const writing = perform(writer, access.write("k", value));
    for (let tries = 0; ; tries++) {
      mustHold(tries < 10_000, `${JSON.stringify(value)} was written and cannot be read`);
      const seen = await perform(reader, access.read("k"));
      if (seen.type === "ok" && sameValue(seen.value, value)) break;
      mustHold(seen.type !== "info", "a read without faults should not be indeterminate");
    }
    await Promise.all(nodes.map(async (node) => processes.powerOff(node)));
    await Promise.all(nodes.map(async (node) => processes.start(node)));
    const after = await recover(nodes[0] as string, access.read("k"));
    mustHold(
      sameValue(after, value),
      `a read saw ${JSON.stringify(value)}; after a loss of power the next one sees ${JSON.stringify(after)}`,
    );
    await writing;
  }
}

async function refuses(
  { cluster, world, timeoutMs, connect, perform }: Fixture,
  access: Access,
): Promise<void> {
  const [node] = cluster.nodes as readonly [string];
  const client = await connect(node);
  await cluster.processes.kill(node);
  const beganNs = world.clock.nowNs();
  const completion = await perform(client, access.write("k", "refused"));
  const tookMs = (world.clock.nowNs() - beganNs) / 1e6;
  mustHold(
    completion.type !== "info" && tookMs < timeoutMs,
    `a client of a node that is down should know at once that nothing happened; ` +
      `after ${Math.round(tookMs)} ms it ended as ${JSON.stringify(completion)}`,
  );
}

async function pauses(fixture: Fixture, access: Access, keepsPromise: boolean): Promise<void> {
  const { cluster, world, connect, perform, recover } = fixture;
  const { nodes, processes } = cluster;
  await fixture.succeed(await connect(), access.write("k", "before"));
  const client = await connect();
  await Promise.all(nodes.map(async (node) => processes.pause(node)));
  const write: Completion = await perform(client, access.write("k", "during"));
  await Promise.all(nodes.map(async (node) => processes.resume(node)));
  await recover(nodes[0] as string, access.read("k"));
  await world.clock.sleep(fixture.timeoutMs);
  const after = await recover(nodes[0] as string, access.read("k"));
  if (!keepsPromise) return;
  const allowed = { ok: ["during"], fail: ["before"], info: ["before", "during"] }[write.type];
  mustHold(
    allowed.includes(after as string),
    `a write to paused nodes ended as ${JSON.stringify(write)}; afterwards the key holds ${JSON.stringify(after)}`,
  );
}
