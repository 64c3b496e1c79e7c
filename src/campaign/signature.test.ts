import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Signature } from "./signature.js";

/** What may happen in a run, of few kinds, so that they come together in all ways. */
type Happening =
  | { readonly to: string; readonly kind: string; readonly fate: "delivered" | "lost" | "cut" }
  | { readonly node: string; readonly line: string }
  | { readonly f: string; readonly isFault: boolean; readonly error?: string };

const happenings: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        to: fc.constantFrom("n1", "n2", "c1"),
        kind: fc.constantFrom("vote", "append", "ack"),
        fate: fc.constantFrom(
          "delivered" as const,
          "delivered" as const,
          "lost" as const,
          "cut" as const,
        ),
      }),
    },
    fc.record({
      node: fc.constantFrom("n1", "n2"),
      line: fc.constantFrom("term 1: leads", "term 12: leads", "leads no longer"),
    }),
    fc.record({
      f: fc.constantFrom("start-crash", "stop-crash", "start-pause", "stop-pause"),
      isFault: fc.constant(true),
    }),
    fc.record(
      {
        f: fc.constantFrom("read", "write"),
        isFault: fc.constant(false),
        error: fc.constantFrom("timeout", "refused"),
      },
      { requiredKeys: ["f", "isFault"] },
    ),
  ),
  { maxLength: 40 },
);

function signatureOf(run: readonly Happening[]): ReadonlySet<number> {
  const signature = new Signature();
  for (const it of run) {
    if ("to" in it) {
      const { to, fate, kind } = it;
      signature.message({ from: "n9", to, fate, sentNs: 0, endNs: 1, message: { kind, term: 3 } });
    } else if ("line" in it) signature.log(it.node, it.line);
    else {
      const process = it.isFault ? "nemesis" : 3;
      const error = it.error === undefined ? {} : { error: [it.error, "in full"] };
      signature.event({
        index: 0,
        timeNs: 0,
        process,
        type: "info",
        f: it.f,
        value: null,
        ...error,
      });
    }
  }
  return new Set(signature.numbers());
}

/** The same by what the words of `signature.ts` say, in texts. */
function situationsOf(run: readonly Happening[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  const count = (...parts: readonly unknown[]): void => {
    const situation = JSON.stringify(parts);
    counts.set(situation, (counts.get(situation) ?? 0) + 1);
  };
  const heard = new Map<string, readonly string[]>();
  const said = new Map<string, string>();
  const faults = new Set<string>();
  for (const it of run) {
    const inEffect = [...faults].toSorted();
    if ("to" in it) {
      const [before = "", last = ""] = heard.get(it.to) ?? [];
      if (it.fate !== "delivered") {
        count("fate", it.kind, it.fate);
        continue;
      }
      heard.set(it.to, [last, it.kind]);
      count("heard", last, it.kind, inEffect);
      count("order", before, last, it.kind);
      count("told", said.get(it.to) ?? "", it.kind);
    } else if ("line" in it) {
      const line = it.line.replaceAll(/\d+/g, "#");
      count("said", said.get(it.node) ?? "", line, inEffect);
      said.set(it.node, line);
    } else if (!it.isFault) count("ended", it.f, it.error ?? "", inEffect);
    else if (it.f.startsWith("start-")) faults.add(it.f.slice(6));
    else faults.delete(it.f.slice(5));
  }
  return new Set(
    Array.from(counts, ([situation, times]) => `${situation} ${Math.floor(Math.log2(times))}`),
  );
}

describe("a signature", () => {
  test("has a number for each situation, and tells runs apart as situations do", () => {
    let apart = 0;
    fc.assert(
      fc.property(happenings, happenings, (one, other) => {
        const [a, b] = [signatureOf(one), signatureOf(other)];
        const [inA, inB] = [situationsOf(one), situationsOf(other)];
        expect([a.size, b.size]).toEqual([inA.size, inB.size]);
        const both = new Set([...a, ...b]).size;
        expect(both).toBe(new Set([...inA, ...inB]).size);
        if (both > Math.max(a.size, b.size)) apart++;
      }),
      { numRuns: 1_000, seed: 4 },
    );
    expect(apart).toBeGreaterThan(500);
  });

  test("is the same whichever node it was, and whatever numbers are in a line", () => {
    const run = (node: string, term: number): ReadonlySet<number> =>
      signatureOf([
        { node, line: `term ${term}: leads` },
        { to: node, kind: "vote", fate: "delivered" },
      ]);
    expect(run("n1", 4)).toEqual(run("n2", 71));
  });
});
