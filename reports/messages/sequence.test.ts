import { describe, expect, test } from "vitest";
import { staleReadReport } from "../fixtures/reports.js";
import { subjectOf } from "../report-input.js";
import { sent, splitReport } from "../fixtures/messages.js";
import { sequenceOf } from "./sequence.js";

const sequence = (...more: Parameters<typeof splitReport>): ReturnType<typeof sequenceOf> =>
  sequenceOf(subjectOf(splitReport(...more)));

test("a run whose messages were not recorded has no sequence", () => {
  expect(sequenceOf(subjectOf(staleReadReport()))).toBeUndefined();
});

test("processes stand before nodes, and all connections of a process on one lane", () => {
  const names = sequence()?.lanes.map(({ name }) => name);
  expect(names).toEqual(["process 0", "process 1", "n1", "n2"]);
});

test("a node that neither sent nor received has its lane; n10 comes after n9", () => {
  const { result, ...input } = splitReport();
  const many = { ...result, test: { ...result.test, nodeCount: 10 } };
  const names = sequenceOf(subjectOf({ ...input, result: many }))?.lanes.map(({ name }) => name);
  expect(names?.slice(2)).toEqual(Array.from({ length: 10 }, (_, place) => `n${place + 1}`));
});

test("operations are told as asked and answered, and marked where the anomaly names them", () => {
  expect(sequence()?.operations).toMatchObject([
    { lane: 0, asked: "a: put 1", answered: "ok", required: true },
    { lane: 1, asked: "a: get", answered: "→ null", required: true },
  ]);
});

test("messages of marked operations are marked, others are not", () => {
  const marked = sequence([sent(["n1", "n2"], 12), sent(["n2", "c1.2"], 520)])?.arrows.map(
    ({ ofAnomaly }) => ofAnomaly,
  );
  expect(marked).toEqual([true, false, false, true, true, true, false]);
});

test("a partition strikes its smallest side, until it is healed", () => {
  expect(sequence()?.strikes).toEqual([
    { name: "partition", nodes: ["n2"], detail: "n2 | n1", startNs: 5e6, endNs: 600e6 },
  ]);
});

describe("what is in the background", () => {
  const beats = (count: number, fromMs: number): ReturnType<typeof sent>[] =>
    Array.from({ length: count }, (_, index) => sent(["n1", "n2"], fromMs + index));
  const background = (...more: Parameters<typeof splitReport>): readonly number[] =>
    sequence(...more)?.arrows.flatMap(({ background: is, message }) =>
      is ? [message.sentNs / 1e6] : [],
    ) ?? [];

  test("four of a kind are told, of five the first and the last", () => {
    expect(background(beats(4, 20))).toEqual([]);
    expect(background(beats(5, 20))).toEqual([21, 22, 23]);
  });

  test("an event of the history makes a message news again", () => {
    // Two before the get is asked, and two that arrive before it is answered.
    expect(background(beats(5, 497.5))).toEqual([500.5, 501.5]);
    expect(background(beats(3, 497.5))).toEqual([]);
  });

  test("what arrived too late for the anomaly, and what came of it", () => {
    const late = [sent(["n1", "n2"], 500.5), sent(["n2", "n1"], 510, { fate: "cut" })];
    expect(background(late)).toEqual([500.5, 510]);
  });

  test("what was sent before the first event", () => {
    expect(background(beats(3, 1))).toEqual([1, 2, 3]);
  });

  test("of a long story less is told of each kind", () => {
    const kinds = Array.from({ length: 40 }, (_, kind) => {
      const label = `kind${kind}`;
      return [0, 1, 2].map((place) => sent(["n1", "n2"], 20 + kind + place / 4, { label }));
    });
    expect(background(kinds.slice(0, 14).flat())).toEqual([]);
    const middles = Array.from({ length: 20 }, (_, kind) => 20 + kind + 1 / 4);
    expect(background(kinds.slice(0, 20).flat())).toEqual(middles);
    // Nothing tells more than the rest does: then the later ones are told.
    const told = 85 + 40 - background(kinds.flat()).length;
    expect(told).toBe(48);
    expect(background(kinds.flat())).not.toContain(20 + 39);
    expect(background(kinds.flat())).not.toContain(10);
  });

  test("fates tell messages of a kind apart", () => {
    const lost = sent(["n1", "n2"], 22.5, { fate: "lost" });
    expect(background([...beats(5, 20), lost])).toEqual([21, 22, 23]);
  });
});

test("a long run is cut at its end, and says so", () => {
  const more = Array.from({ length: 1200 }, (_, index) => sent(["n1", "n2"], 20 + index / 10));
  expect(sequence(more)).toMatchObject({ leftOut: 205 });
});
