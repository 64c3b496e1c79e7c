/**
 * The contract of nemeses: what a `Nemesis` has to do, for those that ordeal ships and those of
 * others. It is held against a cluster that only keeps book, so that every call can be made to
 * fail.
 */
import { HarnessError, messageOf } from "../errors.js";
import { simulate } from "../generator/index.js";
import type { HistoryEvent } from "../history/operation.js";
import { sameValue, type Value } from "../history/value.js";
import { createRandom } from "../random.js";
import type { Nemesis, NemesisContext } from "../runner/nemesis.js";
import { mustHold, type ContractCase } from "./contract.js";
import { createFakeCluster, type FakeCluster } from "./fake-cluster.js";
import { assertShapes } from "./property/given.js";

/** What a nemesis is tested with. */
export interface NemesisContractOptions {
  readonly nemesis: Nemesis;
  /** A number of nodes that it can work on. Default 5. */
  readonly nodeCount?: number;
}

const SEEDS: readonly number[] = Array.from({ length: 20 }, (_, seed) => seed);

/** All that a nemesis has to do. */
export function nemesisContract(options: NemesisContractOptions): readonly ContractCase[] {
  assertShapes(
    "nemesisContract",
    options,
    { nemesis: ["schedule", "invoke", "heal"] },
    "nemesisContract({ nemesis: partition() })",
  );
  const { nemesis, nodeCount = 5 } = options;
  const begins = nemesis.functions.filter((f) => f.startsWith("start-"));
  const fixture = (seed: number): Fixture => {
    const fake = createFakeCluster(nodeCount);
    return {
      ...fake,
      context: { cluster: fake.cluster, members: fake.members, random: createRandom(seed) },
    };
  };
  const forAll = async (body: (f: string, seed: number) => Promise<void>): Promise<void> => {
    for (const f of begins) for (const seed of SEEDS) await body(f, seed);
  };
  const caseOf = (name: string, run: () => Promise<void> | void): ContractCase => ({
    name,
    run: async () => run(),
  });

  return [
    caseOf("has a beginning and an end for every fault", () => isPaired(nemesis)),
    caseOf("says of every cluster whether it can work, and if not, why and what else", () => {
      refusesWell(nemesis, nodeCount);
    }),
    caseOf("schedules its own functions, in turn and without end", () => schedules(nemesis)),
    caseOf("begins have an effect, and need no more than it says", async () =>
      forAll(async (f, seed) => {
        const fake = fixture(seed);
        const whole = fake.state();
        isPlain(await nemesis.invoke({ f, value: null }, fake.context));
        mustHold(fake.state() !== whole, `${f} changed nothing (seed ${seed})`);
        for (const fault of fake.injected) {
          mustHold(nemesis.needs.includes(fault), `${f} injects ${fault}, which is not in needs`);
        }
      }),
    ),
    caseOf("ends undo what begins did", async () =>
      forAll(async (f, seed) => {
        const fake = fixture(seed);
        const whole = fake.state();
        await nemesis.invoke({ f, value: null }, fake.context);
        const end = f.replace("start-", "stop-");
        isPlain(await nemesis.invoke({ f: end, value: null }, fake.context));
        mustHold(fake.state() === whole, `${end} left ${fake.state()} (seed ${seed})`);
        await nemesis.invoke({ f: end, value: null }, fake.context);
        mustHold(fake.state() === whole, `a second ${end} left ${fake.state()} (seed ${seed})`);
      }),
    ),
    caseOf("the same randomness does the same", async () =>
      forAll(async (f, seed) => {
        const [one, other] = [fixture(seed), fixture(seed)];
        const done = await nemesis.invoke({ f, value: null }, one.context);
        const again = await nemesis.invoke({ f, value: null }, other.context);
        mustHold(sameValue(done, again), `${f} is not reproducible (seed ${seed})`);
        mustHold(one.state() === other.state(), `${f} is not reproducible (seed ${seed})`);
      }),
    ),
    caseOf("what was recorded can be done again, whatever the randomness", async () =>
      forAll(async (f, seed) => {
        const [recorded, again] = [fixture(seed), fixture(seed + 1_000)];
        const value = await nemesis.invoke({ f, value: null }, recorded.context);
        await nemesis.invoke({ f, value }, again.context);
        mustHold(
          recorded.state() === again.state(),
          `${f} with the value ${JSON.stringify(value)} did something else than what was recorded`,
        );
      }),
    ),
    caseOf("healing mends everything, and healing twice is healing once", async () =>
      forAll(async (f, seed) => heals(nemesis, f, fixture(seed))),
    ),
    caseOf("healing mends what a failed beginning has left", async () =>
      forAll(async (f, seed) => healsHalves(nemesis, f, () => fixture(seed))),
    ),
    caseOf("refuses functions that are not its own", async () => {
      const refused = await nemesis
        .invoke({ f: "start-nothing-known", value: null }, fixture(0).context)
        .then(
          () => false,
          (error: unknown) => error instanceof Error,
        );
      mustHold(refused, "it accepts start-nothing-known");
    }),
  ];
}

interface Fixture extends FakeCluster {
  readonly context: NemesisContext;
}

function isPaired(nemesis: Nemesis): void {
  const { functions } = nemesis;
  mustHold(functions.length > 0, "it has no function");
  mustHold(new Set(functions).size === functions.length, "it lists a function twice");
  for (const f of functions) {
    mustHold(/^(start|stop)-[a-z0-9-]+$/.test(f), `${f} is not start-… or stop-…`);
    const mate = f.startsWith("start-")
      ? f.replace("start-", "stop-")
      : f.replace("stop-", "start-");
    mustHold(functions.includes(mate), `${f} has no ${mate}`);
  }
}

function refusesWell(nemesis: Nemesis, nodeCount: number): void {
  mustHold(nemesis.available(nodeCount).available, `it cannot work on ${nodeCount} nodes`);
  for (let count = 1; count <= 9; count++) {
    const answer = nemesis.available(count);
    if (answer.available) continue;
    mustHold(answer.reason !== "", `it does not say why it cannot work on ${count} nodes`);
    mustHold(answer.alternative !== "", `it names no alternative for ${count} nodes`);
  }
}

/** An interval, and how far the mean of a few hundred waits may lie from it. */
const INTERVAL_MS = 1_000;
const TOLERANCE = 0.25;
const FAULT_EVENTS = 800;

function schedules(nemesis: Nemesis): void {
  const events = simulate(nemesis.schedule({ intervalMs: INTERVAL_MS }), {
    concurrency: 0,
    nemesis: true,
    maxEvents: 2 * FAULT_EVENTS,
  });
  mustHold(
    events.length === 2 * FAULT_EVENTS,
    `its schedule ends after ${events.length / 2} faults`,
  );
  const calls = events.filter((_, index) => index % 2 === 0);
  const byFault = new Map<string, HistoryEvent[]>();
  for (const call of calls) {
    mustHold(nemesis.functions.includes(call.f), `its schedule has ${call.f}, not one of its own`);
    const fault = call.f.replace(/^(start|stop)-/, "");
    byFault.set(fault, [...(byFault.get(fault) ?? []), call]);
  }
  for (const [fault, of] of byFault) {
    of.forEach(({ f }, index) => {
      const due = index % 2 === 0 ? "start" : "stop";
      mustHold(f === `${due}-${fault}`, `call ${index} of ${fault} is ${f}, not ${due}-${fault}`);
    });
    const meanMs = (of.at(-1)?.timeNs ?? 0) / of.length / 1e6;
    mustHold(
      Math.abs(meanMs / INTERVAL_MS - 1) < TOLERANCE,
      `the mean wait of ${fault} is ${Math.round(meanMs)} ms, not ${INTERVAL_MS} ms`,
    );
  }
  mustHold(
    byFault.size * 2 === nemesis.functions.length,
    `its schedule has only ${[...byFault.keys()].join(", ")} of its faults`,
  );
}

async function heals(nemesis: Nemesis, f: string, fake: Fixture): Promise<void> {
  const whole = fake.state();
  await nemesis.heal(fake.context);
  mustHold(fake.state() === whole, `healing a whole cluster left ${fake.state()}`);
  await nemesis.invoke({ f, value: null }, fake.context);
  await nemesis.heal(fake.context);
  mustHold(fake.state() === whole, `healing after ${f} left ${fake.state()}`);
  await nemesis.heal(fake.context);
  mustHold(fake.state() === whole, `healing twice after ${f} left ${fake.state()}`);
}

/** More calls than a fault on a few nodes makes. */
const CALLS_MAX = 40;

async function healsHalves(nemesis: Nemesis, f: string, make: () => Fixture): Promise<void> {
  for (let failing = 1; failing <= CALLS_MAX; failing++) {
    const fake = make();
    const whole = fake.state();
    fake.failAt(failing);
    const failure = await nemesis.invoke({ f, value: null }, fake.context).then(
      () => undefined,
      (error: unknown) => error,
    );
    fake.failAt();
    if (failure !== undefined) {
      mustHold(
        failure instanceof HarnessError,
        `${f} does not explain its failure by a HarnessError: ${messageOf(failure)}`,
      );
    }
    await nemesis.heal(fake.context);
    mustHold(
      fake.state() === whole,
      `healing after ${f} failed in call ${failing} left ${fake.state()}`,
    );
    // This call was never made, and so none after it.
    if (failure === undefined) return;
  }
}

function isPlain(value: Value): void {
  mustHold(
    sameValue(JSON.parse(JSON.stringify(value)) as Value, value),
    "what it reports is not plain JSON",
  );
}
