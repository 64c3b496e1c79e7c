/**
 * The shortcut against the graph: the order of invocation explains a history exactly when nothing
 * that the guarantees force goes back in it, for all combinations of them.
 */
import { describe, expect, test } from "vitest";
import { historyOf } from "../../src/history/history.js";
import { casRegister } from "../../src/model/cas-register.js";
import { kv } from "../../src/model/kv.js";
import type { SessionGuarantee } from "../../src/verdict/certificate.js";
import { createDice } from "../../test/oracle/random-history.js";
import { randomSessions, type SessionsShape } from "../../test/oracle/random-sessions.js";
import { layOutRegisters, type Registers } from "../causal/layout.js";
import { SESSION_GUARANTEES } from "../sessions.js";
import { orderByInvocation } from "./by-invocation.js";
import { ForcedOrder } from "./forced-order.js";

const HISTORIES = Number(process.env["ORDEAL_ORACLE_HISTORIES"] ?? 200);
const SEED = Number(process.env["ORDEAL_SEED"] ?? 20_261_127);

const many = { operationsMax: 30, processesMax: 5, keys: ["x", "y", "z"] } as const;
const SHAPES: readonly (readonly [string, SessionsShape])[] = [
  ["one key", { ...many, keys: ["x"], operationsMax: 12 }],
  ["three keys", many],
  ["processes that go on after unknown outcomes", { ...many, indeterminate: 2 }],
  ["compare-and-sets", { ...many, indeterminate: 4, swaps: true }],
];

/** All combinations, that of none as well. */
const COMBINATIONS: readonly (readonly SessionGuarantee[])[] = Array.from({ length: 16 }, (_, at) =>
  SESSION_GUARANTEES.filter((__, bit) => ((at >> bit) & 1) === 1),
);

describe.each(SHAPES)("%s", (_, shape) => {
  test("it is an order exactly when nothing forced goes back", { timeout: 900_000 }, () => {
    const dice = createDice(SEED);
    const model = shape.keys.length === 1 ? casRegister() : kv();
    const counts = { explained: 0, backwards: 0, children: 0 };
    for (let number = 0; number < HISTORIES; number++) {
      const registers = layOutRegisters(historyOf(randomSessions(dice, shape)), model);
      if (registers === undefined) throw new Error("it is a store of registers");
      counts.children += registers.parents.filter((parent) => parent >= 0).length;
      for (const guarantees of COMBINATIONS) {
        const order = orderByInvocation(registers, new Set(guarantees));
        const isForward = goesForward(registers, guarantees);
        if ((order !== undefined) !== isForward) {
          expect.fail(`${guarantees.join()}, history ${number}: ${isForward ? "" : "not "}forward`);
        }
        counts[isForward ? "explained" : "backwards"]++;
        if (order === undefined) continue;
        const { byInvocation, isWrite } = registers;
        expect([...order]).toEqual([...byInvocation].filter((each) => isWrite[each] === 1));
      }
    }
    expect(counts.explained).toBeGreaterThan(HISTORIES);
    expect(counts.backwards).toBeGreaterThan(HISTORIES);
    if (shape.indeterminate !== undefined) expect(counts.children).toBeGreaterThan(HISTORIES / 10);
  });
});

/** Whether all that is forced leads to what was invoked later, over gatherings as well. */
function goesForward(registers: Registers, guarantees: readonly SessionGuarantee[]): boolean {
  const { edges, nodes, stale } = new ForcedOrder(registers, guarantees);
  if (stale !== undefined) return false;
  /** Node → the last invocation that leads there; those of gatherings come before they lead on. */
  const lasts = new Int32Array(nodes).fill(-1);
  lasts.set(registers.invocations);
  for (let edge = 0; edge < edges.length; edge++) {
    const last = lasts[edges.froms[edge] as number] as number;
    const to = edges.tos[edge] as number;
    if (to >= registers.count) lasts[to] = Math.max(lasts[to] as number, last);
    else if (last >= (lasts[to] as number)) return false;
  }
  return true;
}
