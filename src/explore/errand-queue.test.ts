/** The order of errands: each is taken once, with the fewest delays or from the rarest place. */
import { expect, test } from "vitest";
import { createRandom } from "../random.js";
import { ErrandQueue } from "./errand-queue.js";

interface Errand {
  readonly number: number;
  readonly delays: number;
  readonly situation: string;
}

/** Adds and takes by chance. */
function taken(seed: number): readonly number[] {
  const random = createRandom(seed);
  const queue = new ErrandQueue<Errand>(random.fork("queue"));
  const waiting = new Set<number>();
  const order: number[] = [];
  for (let number = 0; number < 3_000 || queue.size > 0;) {
    if (number < 3_000 && (queue.size === 0 || random.chance(0.6))) {
      queue.add({ number, delays: random.below(4), situation: `s${random.below(20)}` });
      waiting.add(number++);
    } else {
      const errand = queue.take();
      expect(waiting.delete(errand.number)).toBe(true);
      order.push(errand.number);
    }
    expect(queue.size).toBe(waiting.size);
  }
  expect(queue.situations).toBe(20);
  return order;
}

test("each errand is taken once, in an order that follows from the seed", () => {
  for (let seed = 0; seed < 20; seed++) {
    const order = taken(seed);
    expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 3_000 }, (_, i) => i));
    expect(taken(seed)).toEqual(order);
  }
});

test("one half has the fewest delays, the other is in situations that were seldom chosen", () => {
  const queue = new ErrandQueue<Errand>(createRandom(1));
  for (let number = 0; number < 1_000; number++) {
    queue.add({ number, delays: number < 500 ? 0 : 1, situation: "usual" });
  }
  expect(queue.take().number).toBe(0);
  expect(queue.take().situation).toBe("usual");
  for (let number = 1_000; number < 1_003; number++) {
    queue.add({ number, delays: 9, situation: "rare" });
  }
  const next = Array.from({ length: 4 }, () => queue.take());
  expect(next.map(({ situation }) => situation)).toEqual(["usual", "rare", "usual", "usual"]);
  expect(next[0]?.number).toBeLessThan(3);
  // From now on both were chosen as often, until there is no rare one any more.
  const rest = Array.from({ length: 8 }, () => queue.take().situation);
  expect(rest.filter((situation) => situation === "rare")).toHaveLength(2);
});
