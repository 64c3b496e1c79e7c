/**
 * Spans of levels against a plain comparison of all with all.
 */
import { expect, test } from "vitest";
import { createRandom } from "../../src/random.js";
import { createBudget } from "../../src/checker/checker.js";
import { Meter } from "./meter.js";
import { eachMeeting, Spans } from "./spans.js";

/** So many levels more than it was told a span may reach. */
const SLACK = 64;

interface Told {
  readonly number: number;
  readonly first: number;
  readonly last: number;
}

test("numbers meet where their spans do, and few others", () => {
  const random = createRandom(7);
  const draw = (below: number): number => random.below(below);
  for (let round = 0; round < 30; round++) {
    const meter = new Meter(createBudget());
    const sides = [new Spans(meter), new Spans(meter)] as const;
    const told = sides.map((spans) =>
      Array.from({ length: draw(150) }, (): Told => {
        const first = draw(2000);
        const span = { number: draw(100), first, last: first + draw(60) };
        spans.add(span.number, span.first, span.last);
        return span;
      }),
    ) as [Told[], Told[]];
    const met = new Set<string>();
    eachMeeting(...sides, (one, other) => met.add(`${one} ${other}`));
    const near = new Set<string>();
    for (const one of told[0]) {
      for (const other of told[1]) {
        const pair = `${one.number} ${other.number}`;
        if (one.first <= other.last && other.first <= one.last) expect(met).toContain(pair);
        // What lies between two spans of one number at most so far apart counts as one of them.
        const slack = SLACK + 2 * 60;
        if (one.first <= other.last + slack && other.first <= one.last + slack) near.add(pair);
      }
    }
    for (const pair of met) expect(near).toContain(pair);
    for (const spans of sides) spans.clear();
    eachMeeting(...sides, () => expect.fail("nothing is left"));
  }
});
