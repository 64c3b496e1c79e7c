/**
 * The contract of backends: what a `System` has to do, for the systems that ordeal ships and for
 * those of others. Each case starts the system anew. A case that does not apply, because the system
 * does not promise what it tests or the world cannot do it, says so and why.
 */
import { messageOf } from "../errors.js";
import type { Invocation } from "../generator/generator.js";
import { sameValue, type Value } from "../history/value.js";
import { createRandom } from "../random.js";
import { completionOf } from "../runner/client.js";
import { faultCases } from "./backend-faults.js";
import {
  shown,
  withSystem,
  NO_ACCESS,
  type Applicability,
  type BackendContractOptions,
  type Fixture,
} from "./backend-fixture.js";
import { ContractViolation, mustHold, type ContractCase } from "./contract.js";
import {
  accessOf,
  createReference,
  KNOWN_FUNCTIONS,
  observerOf,
  type Access,
} from "./reference-store.js";
import { assertShapes } from "./property/given.js";

export type { BackendContractOptions } from "./backend-fixture.js";

const SHAPES = { system: ["deployment", "connect"], world: "function" } as const;
const EXAMPLE = "backendContract({ system: mine, world: () => simulatedWorld({ seed: 1 }) })";

/** All that a system has to do. */
export function backendContract(options: BackendContractOptions): readonly ContractCase[] {
  assertShapes("backendContract", options, SHAPES, EXAMPLE);
  const { system } = options;
  const { functions } = system;
  const applies = applicability(options);
  const access = accessOf(functions);
  const noCas = functions.includes("cas") ? undefined : "it has no cas";
  const noAppend = functions.includes("append") ? undefined : "it has no append";

  /** A case, or why there is none. */
  const given = (
    name: string,
    reason: string | undefined,
    body: (fixture: Fixture) => Promise<void>,
  ): ContractCase => ({
    name,
    ...(reason === undefined ? {} : { skipped: reason }),
    run: async () => (reason === undefined ? withSystem(options, body) : undefined),
  });
  /** A case that needs to write and to read. */
  const accessing = (
    name: string,
    reason: string | undefined,
    body: (fixture: Fixture, access: Access) => Promise<void>,
  ): ContractCase =>
    access === undefined
      ? given(name, NO_ACCESS, async () => undefined)
      : given(name, reason, async (fixture) => body(fixture, access));

  return [
    given("starts and stops cleanly", undefined, startsAndStops),
    ...functions.map((f) =>
      given(
        `${f} answers what the model says`,
        KNOWN_FUNCTIONS.includes(f) ? applies.sequential : "the contract has no model of it",
        async (fixture) => follows(fixture, { functions, focus: f, length: 30 }),
      ),
    ),
    given(
      "200 operations in a row answer what the model says",
      functions.some((f) => KNOWN_FUNCTIONS.includes(f))
        ? applies.sequential
        : "the contract has no model of what it does",
      async (fixture) => follows(fixture, { functions, focus: undefined, length: 200 }),
    ),
    given("a function that it does not have fails for certain", undefined, unsupported),
    accessing("every node shows what was written", applies.linearizable, everyNode),
    given(
      "a compare-and-set that sees another value fails for certain",
      noCas ?? applies.sequential,
      mismatch,
    ),
    accessing(
      "clients at once see what was written, and agree in the end",
      applies.linearizable,
      atOnce,
    ),
    given("compare-and-set is atomic among clients", noCas ?? applies.linearizable, atomicCas),
    given(
      "append loses and repeats nothing among clients",
      noAppend ?? applies.linearizable,
      atomicAppend,
    ),
    accessing("values of all JSON kinds come back as they were", applies.sequential, roundTrips),
    accessing("keys of any kind are kept apart", applies.sequential, keysApart),
    given("a client can be closed twice", undefined, closesTwice),
    ...faultCases(options, { applies, access }),
    determinism(options, access),
  ];
}

function applicability({ system }: BackendContractOptions): Applicability {
  const { consistency, deviation } = system.promise;
  const reason = `it promises ${consistency}${deviation === undefined ? "" : `: ${deviation}`}`;
  const weak = consistency === "none" || consistency === "eventual";
  return {
    sequential: weak ? reason : undefined,
    linearizable: consistency === "linearizable" ? undefined : reason,
  };
}

async function startsAndStops({ cluster }: Fixture): Promise<void> {
  for (const node of cluster.nodes) {
    const status = cluster.processes.status(node);
    mustHold(status === "up", `${node} should be up after the start; it is ${status}`);
  }
  await cluster.stop();
  await cluster.stop();
}

/**
 * One client does a random script of the functions; with a `focus`, that is every third, and is
 * looked at then.
 */
async function follows(
  fixture: Fixture,
  options: {
    readonly functions: readonly string[];
    readonly focus: string | undefined;
    readonly length: number;
  },
): Promise<void> {
  const { focus, length } = options;
  const functions = options.functions.filter((f) => KNOWN_FUNCTIONS.includes(f));
  const random = createRandom(1).fork(focus ?? "all");
  const reference = createReference();
  const client = await fixture.connect();
  let last: Invocation | undefined;
  for (let i = 0; i < length; i++) {
    const f = focus !== undefined && i % 3 === 0 ? focus : random.pick(functions);
    const observer = observerOf(last?.f);
    const invocation =
      i % 3 === 1 && last !== undefined && functions.includes(observer)
        ? { ...last, f: observer, value: null }
        : reference.draw(f, random, i);
    last = invocation;
    const expected = reference.apply(invocation);
    const completion = await fixture.perform(client, invocation);
    const wanted = `operation ${i}, ${shown(invocation)}, should `;
    if (expected.type === "fail") {
      mustHold(
        completion.type === "fail",
        `${wanted}fail for certain; it ended as ${JSON.stringify(completion)}`,
      );
    } else {
      mustHold(
        completion.type === "ok" &&
          (expected.value === undefined || sameValue(completion.value, expected.value)),
        `${wanted}answer ${JSON.stringify(expected.value)}; it ended as ${JSON.stringify(completion)}`,
      );
    }
  }
}

async function unsupported({ connect, perform }: Fixture): Promise<void> {
  const completion = await perform(await connect(), { f: "no-such-function", value: null });
  mustHold(
    completion.type === "fail" &&
      Array.isArray(completion.error) &&
      completion.error[0] === "unsupported",
    `an unknown function should fail as "unsupported"; it ended as ${JSON.stringify(completion)}`,
  );
}

async function everyNode(fixture: Fixture, access: Access): Promise<void> {
  const { cluster, connect, succeed } = fixture;
  for (const writer of cluster.nodes) {
    const value = `from ${writer}`;
    await succeed(await connect(writer), access.write("k", value));
    for (const reader of cluster.nodes) {
      const seen = await succeed(await connect(reader), access.read("k"));
      mustHold(
        sameValue(seen, value),
        `${reader} should show ${JSON.stringify(value)} after it was written through ${writer}; ` +
          `it shows ${JSON.stringify(seen)}`,
      );
    }
  }
}

async function mismatch({ connect, succeed, perform }: Fixture): Promise<void> {
  const client = await connect();
  const completion = await perform(client, { f: "cas", value: ["never written", 1] });
  mustHold(
    completion.type === "fail",
    `a cas that sees another value should fail; it ended as ${JSON.stringify(completion)}`,
  );
  await succeed(client, { f: "cas", value: [null, 2] });
}

async function atOnce(fixture: Fixture, access: Access): Promise<void> {
  const { cluster, connect, succeed } = fixture;
  const written = new Set<Value>([null]);
  const client = async (number: number): Promise<void> => {
    const connection = await connect(cluster.nodes[number % cluster.nodes.length]);
    for (let i = 0; i < 10; i++) {
      const value = `${number}.${i}`;
      written.add(value);
      await succeed(connection, access.write("shared", value));
      const seen = await succeed(connection, access.read("shared"));
      mustHold(written.has(seen), `read ${JSON.stringify(seen)}, which was never written`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, async (_, number) => client(number)));
  const finals = new Set<Value>();
  for (const node of cluster.nodes)
    finals.add(await succeed(await connect(node), access.read("shared")));
  mustHold(finals.size === 1, `nodes disagree in the end: ${JSON.stringify([...finals])}`);
}

async function atomicCas({ cluster, connect, succeed, perform }: Fixture): Promise<void> {
  const first = await connect();
  await succeed(first, { f: "write", value: 0 });
  const increments = 5;
  const counters = 5;
  const count = async (number: number): Promise<void> => {
    const client = await connect(cluster.nodes[number % cluster.nodes.length]);
    for (let done = 0, tries = 0; done < increments; tries++) {
      mustHold(tries < 1_000, "a cas of current values does not get through");
      const seen = Number(await succeed(client, { f: "read", value: null }));
      const completion = await perform(client, { f: "cas", value: [seen, seen + 1] });
      mustHold(completion.type !== "info", "a cas without faults should not be indeterminate");
      if (completion.type === "ok") done++;
    }
  };
  await Promise.all(Array.from({ length: counters }, async (_, number) => count(number)));
  const total = await succeed(first, { f: "read", value: null });
  mustHold(
    total === counters * increments,
    `${counters * increments} increments by cas gave ${JSON.stringify(total)}`,
  );
}

async function atomicAppend({ cluster, connect, succeed }: Fixture): Promise<void> {
  const appendAll = async (number: number): Promise<void> => {
    const client = await connect(cluster.nodes[number % cluster.nodes.length]);
    for (let i = 0; i < 10; i++) {
      await succeed(client, { f: "append", key: "log", value: `${number}.${i};` });
    }
  };
  await Promise.all(Array.from({ length: 5 }, async (_, number) => appendAll(number)));
  const text = await succeed(await connect(), { f: "get", key: "log", value: null });
  mustHold(
    typeof text === "string",
    `appended texts should be a text, not ${JSON.stringify(text)}`,
  );
  const parts = text.split(";").slice(0, -1);
  for (let number = 0; number < 5; number++) {
    const own = parts.filter((part) => part.startsWith(`${number}.`));
    const expected = Array.from({ length: 10 }, (_, i) => `${number}.${i}`);
    mustHold(
      sameValue(own, expected),
      `a client appended ${expected.join(" ")}; the value has ${own.join(" ")} of it`,
    );
  }
}

/** One of each JSON kind, and the corners of some. */
const VALUES: readonly Value[] = [
  null,
  true,
  false,
  0,
  -1.5,
  1e300,
  2 ** 53 - 1,
  "",
  "text",
  'quote " backslash \\ newline \n zero \0',
  "ünïcödé 語 🙂",
  "x".repeat(10_000),
  [],
  [1, [2, []], null],
  {},
  { a: 1, "b c": { d: [false] } },
];

async function roundTrips({ connect, succeed }: Fixture, access: Access): Promise<void> {
  const client = await connect();
  for (const value of VALUES) {
    await succeed(client, access.write("value", value));
    const seen = await succeed(client, access.read("value"));
    mustHold(
      sameValue(seen, value),
      `wrote ${JSON.stringify(value)}, read ${JSON.stringify(seen)}`,
    );
  }
}

/** Keys that are easily confused. */
const KEYS: readonly Value[] = [
  "a",
  "A",
  "",
  " ",
  "1",
  "null",
  "a/b",
  "a b",
  "a\nb",
  "ключ",
  "🙂",
  "__proto__",
  "constructor",
  1,
  1.5,
  true,
  [1, "a"],
  ["1", "a"],
  { a: 1 },
];

async function keysApart({ connect, succeed }: Fixture, access: Access): Promise<void> {
  const client = await connect();
  for (const [index, key] of KEYS.entries()) await succeed(client, access.write(key, index));
  for (const [index, key] of KEYS.entries()) {
    const seen = await succeed(client, access.read(key));
    mustHold(
      seen === index,
      `the key ${JSON.stringify(key)} should hold ${index}; it holds ${JSON.stringify(seen)}`,
    );
  }
}

async function closesTwice({ connect }: Fixture): Promise<void> {
  const client = await connect();
  await client.close();
  try {
    await client.close();
  } catch (error) {
    throw new ContractViolation(`a second close should do nothing; it threw ${messageOf(error)}`);
  }
  const completion = await client.invoke({ f: "read", value: null }).then(() => "ok", completionOf);
  mustHold(completion !== "ok", "a closed client should not carry out operations");
}

/** The same seed has to give the same answers at the same times. */
function determinism(options: BackendContractOptions, access: Access | undefined): ContractCase {
  const probe = options.world();
  const { kind } = probe;
  void probe.close();
  const skipped =
    kind === "real"
      ? "the real world does not repeat itself"
      : access === undefined
        ? NO_ACCESS
        : undefined;
  return {
    name: "two runs of one seed are the same",
    ...(skipped === undefined ? {} : { skipped }),
    run: async () => {
      if (skipped !== undefined || access === undefined) return;
      const first = await transcript(options, access);
      const second = await transcript(options, access);
      const differing = first.findIndex((line, i) => line !== second[i]);
      mustHold(
        first.length === second.length && differing === -1,
        `two runs of one seed differ: ${first[differing] ?? "nothing"} against ${second[differing] ?? "nothing"}`,
      );
    },
  };
}

async function transcript(options: BackendContractOptions, access: Access): Promise<string[]> {
  const lines: string[] = [];
  await withSystem(options, async ({ cluster, world, connect, perform }) => {
    const client = async (number: number): Promise<void> => {
      const connection = await connect(cluster.nodes[number % cluster.nodes.length]);
      for (let i = 0; i < 10; i++) {
        const invocation = i % 2 === 0 ? access.write("k", `${number}.${i}`) : access.read("k");
        const completion = await perform(connection, invocation);
        lines.push(`${world.clock.nowNs()} ${shown(invocation)} ${JSON.stringify(completion)}`);
      }
    };
    await Promise.all(Array.from({ length: 5 }, async (_, number) => client(number)));
  });
  return lines;
}
