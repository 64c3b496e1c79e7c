/**
 * The workloads of the everyday checkers against the contract, on systems that are plain functions:
 * a right one is valid, each bug is found.
 */
import { describe, expect, it } from "vitest";
import { callObject } from "../backends/objects/index.js";
import type { Invocation } from "../src/generator/generator.js";
import type { Process } from "../src/history/operation.js";
import { canonical, type Value } from "../src/history/value.js";
import { workloadContract, type SequentialSystem } from "../src/testing/workload-contract.js";
import { createReference } from "../src/testing/reference-store.js";
import {
  availability,
  bank,
  broadcast,
  causalReverse,
  counter,
  durability,
  eventual,
  exactlyOnce,
  leader,
  lock,
  longFork,
  monotonic,
  queue,
  set,
  stream,
  uniqueIds,
} from "./index.js";

type Answer = ReturnType<ReturnType<SequentialSystem>>;

/** What happens to a call, by its number. */
interface Flaw {
  /** The state before some earlier change, for calls that only look. */
  readonly looksBack?: boolean;
  /** Changes that are acknowledged are not made. */
  readonly loses?: boolean;
}

/** An object under every key; every seventh call is flawed. */
function objects(
  object: string,
  { rename = (f) => f, flaw = {} }: { rename?: (f: string) => string; flaw?: Flaw } = {},
): SequentialSystem {
  return () => {
    const states = new Map<string, Value>();
    const before = new Map<string, Value>();
    let count = 0;
    return ({ f, key = null, value }) => {
      const name = canonical(key);
      const state = states.get(name) ?? null;
      const isFlawed = ++count % 7 === 0;
      const call = [rename(f), value];
      const answer = callObject(object, state, call);
      if (answer === undefined || "refusal" in answer) return { type: "fail" };
      if (answer.next === undefined) {
        const old = before.get(name) ?? null;
        const stale = isFlawed && flaw.looksBack === true ? callObject(object, old, call) : answer;
        return { type: "ok", value: (stale as { readonly value: Value }).value };
      }
      if (isFlawed && flaw.loses === true) return { type: "ok", value: answer.value };
      before.set(name, state);
      states.set(name, answer.next);
      return { type: "ok", value: answer.value };
    };
  };
}

const lost: Flaw = { loses: true };
const stale: Flaw = { looksBack: true };

/** Answers that are changed on their way. */
function changed(
  system: SequentialSystem,
  change: (invocation: Invocation, answer: Answer, count: number) => Answer,
): SequentialSystem {
  return () => {
    const apply = system();
    let count = 0;
    return (invocation) => change(invocation, apply(invocation), ++count);
  };
}

/** A broker: logs, where each process stands in those that it is assigned, and where the group. */
function broker(
  flaw: "none" | "loses" | "skips" | "rewinds" | "redelivers" = "none",
): SequentialSystem {
  return () => {
    const logs = new Map<string, Value[]>();
    const positions = new Map<string, number>();
    const assigned = new Map<Process, readonly string[]>();
    const inGroup = new Set<Process>();
    let count = 0;
    const pairs = (log: string, from: number, to = Infinity): Value[] =>
      (logs.get(log) ?? []).slice(from, to).map((value, i): Value => [from + i, value]);
    const send = (name: string, message: Value, isFlawed: boolean): number => {
      const log = logs.get(name) ?? [];
      logs.set(name, log);
      const isLost = isFlawed && flaw === "loses";
      return isLost ? log.length : log.push(message) - 1;
    };
    const polledBy = (process: Process, isFlawed: boolean): Value => {
      const polled = (assigned.get(process) ?? []).map((log) => {
        const isShared = inGroup.has(process);
        const place = isShared ? `group ${log}` : `${process} ${log}`;
        let from = positions.get(place) ?? 0;
        if (isFlawed && isShared && flaw === "redelivers") from = 0;
        if (isFlawed && flaw === "skips") from++;
        if (isFlawed && flaw === "rewinds") from = Math.max(0, from - 1);
        const shown = pairs(log, from, from + 10);
        positions.set(place, from + shown.length);
        return [log, shown] as const;
      });
      return Object.fromEntries(polled);
    };
    return ({ f, key = null, value, process = 0 }) => {
      const isFlawed = ++count % 7 === 0;
      if (f === "send") return { type: "ok", value: send(key as string, value, isFlawed) };
      if (f === "txn") {
        const steps = value as readonly (readonly Value[])[];
        const mayPoll = steps.some(([name]) => name === "poll");
        const polled = mayPoll ? polledBy(process, isFlawed) : {};
        const answers = steps.map(([name, log = null, message = null]): Value => {
          if (name === "poll") return ["poll", polled];
          return ["send", log, [send(log as string, message, isFlawed), message]];
        });
        return { type: "ok", value: answers };
      }
      if (f === "subscribe") {
        assigned.set(process, (value as { readonly logs: readonly string[] }).logs);
        inGroup.add(process);
        return { type: "ok", value };
      }
      if (f === "assign") {
        inGroup.delete(process);
        for (const log of assigned.get(process) ?? []) {
          if (!(value as string[]).includes(log)) positions.delete(`${process} ${log}`);
        }
        assigned.set(process, value as string[]);
        return { type: "ok", value };
      }
      if (key !== null) return { type: "ok", value: pairs(key as string, Number(value)) };
      return { type: "ok", value: polledBy(process, isFlawed) };
    };
  };
}

const kv: SequentialSystem = () => {
  const reference = createReference();
  return (invocation) => reference.apply(invocation);
};

const lostPuts = changed(kv, (_, answer) => answer);
const losing: SequentialSystem = () => {
  const apply = kv();
  let count = 0;
  return (invocation) =>
    invocation.f === "put" && ++count % 5 === 0 ? { type: "ok" } : apply(invocation);
};
/** Every process has a store of its own. */
const apart: SequentialSystem = () => {
  const stores = new Map<Process, ReturnType<SequentialSystem>>();
  return (invocation) => {
    const place = Number(invocation.process ?? 0) % 2;
    const store = stores.get(place) ?? kv();
    stores.set(place, store);
    return store(invocation);
  };
};

const onBroadcast = (f: string): string => (f === "broadcast" ? "add" : f);
const onExecute = (f: string): string => (f === "execute" ? "add" : f);
const shared =
  (system: SequentialSystem): SequentialSystem =>
  () => {
    const apply = system();
    return ({ f, value }) => apply({ f, key: "all", value });
  };
/** Answers now and then show some parts as they are and others as they were. */
const mixed = (object: string): SequentialSystem =>
  changed(shared(objects(object)), ({ f, value }, answer, count) => {
    if (count % 5 !== 0 || answer.type === "fail" || f !== "txn") return answer;
    const steps = value as readonly (readonly [string, string, Value])[];
    if (steps.some(([kind]) => kind === "w")) return answer;
    const gone = steps[count % 2]?.[1];
    const shown = answer.value as readonly (readonly [string, string, Value])[];
    return {
      type: "ok",
      value: shown.map(([kind, key, seen]): Value => [kind, key, key === gone ? null : seen]),
    };
  });

describe.each([
  [
    "set",
    set(),
    objects("set"),
    { "lost adds": objects("set", { flaw: lost }), "stale reads": objects("set", { flaw: stale }) },
  ],
  ["queue", queue(), objects("queue"), { "lost changes": objects("queue", { flaw: lost }) }],
  [
    "counter",
    counter(),
    objects("counter"),
    {
      "lost additions": objects("counter", { flaw: lost }),
      "stale reads": objects("counter", { flaw: stale }),
    },
  ],
  ["unique-ids", uniqueIds(), objects("ids"), { "lost steps": objects("ids", { flaw: lost }) }],
  [
    "monotonic",
    monotonic(),
    objects("counter"),
    { "stale reads": objects("counter", { flaw: stale }) },
  ],
  [
    "causal-reverse",
    causalReverse(),
    objects("set"),
    {
      "elements that come late": changed(objects("set"), ({ f }, answer, count) =>
        f === "read" && count % 5 === 0 && answer.type === "ok"
          ? { type: "ok", value: (answer.value as readonly Value[]).slice(1) }
          : answer,
      ),
    },
  ],
  ["lock", lock(), objects("lock"), { "lost acquires": objects("lock", { flaw: lost }) }],
  [
    "leader",
    leader(),
    objects("election"),
    { "lost elections": objects("election", { flaw: lost }) },
  ],
  [
    "exactly-once",
    exactlyOnce(),
    objects("set", { rename: onExecute }),
    {
      "lost effects": objects("set", { rename: onExecute, flaw: lost }),
      "effects that happen twice": changed(objects("set", { rename: onExecute }), ({ f }, answer) =>
        f === "read" && answer.type === "ok"
          ? {
              type: "ok",
              value: [
                ...(answer.value as readonly Value[]),
                ...(answer.value as readonly Value[]).slice(0, 1),
              ],
            }
          : answer,
      ),
    },
  ],
  [
    "bank",
    bank(),
    objects("bank"),
    {
      "money out of nothing": changed(objects("bank"), ({ f }, answer, count) =>
        f === "read" && count % 9 === 0 && answer.type === "ok"
          ? { type: "ok", value: { ...(answer.value as object), a: 99 } }
          : answer,
      ),
    },
  ],
  [
    "broadcast",
    broadcast(),
    shared(objects("set", { rename: onBroadcast })),
    { "lost messages": shared(objects("set", { rename: onBroadcast, flaw: lost })) },
  ],
  ["long-fork", longFork(), shared(objects("registers")), { forks: mixed("registers") }],
  [
    "stream",
    stream(),
    broker(),
    {
      "lost messages": broker("loses"),
      "skipped messages": broker("skips"),
      "messages that come again": broker("rewinds"),
      "messages that a group gets twice": broker("redelivers"),
    },
  ],
  ["durability", durability(), kv, { "lost puts": losing }],
  ["eventual", eventual(), kv, { "replicas that never meet": apart }],
  [
    "availability",
    availability(),
    lostPuts,
    {
      "operations that fail": changed(kv, (_, answer, count) =>
        count % 8 === 0 ? answer : { type: "fail" },
      ),
    },
  ],
] as const)("%s", (_, workload, correct, broken) => {
  for (const { name, run } of workloadContract({ workload, correct, broken })) it(name, run);
});

describe("options", () => {
  it.each([
    () => set({ groupSize: 0 }),
    () => lock({ operationsPerKey: 0.5 }),
    () => stream({ logCount: 0 }),
    () => durability({ operationsPerKey: -1 }),
    () => eventual({ keyCount: 0 }),
    () => availability({ withinMs: -1 }),
  ])("refuses nonsense %#", (make) => {
    expect(make).toThrow(expect.objectContaining({ code: "bad-argument" }));
  });
});
