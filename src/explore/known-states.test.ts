/** A set of digests that threads share: what was added is there, in each view of it. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { KnownStates } from "./known-states.js";

const digestOf = (number: number): string =>
  createHash("sha1").update(String(number)).digest("base64");

test("what was added is known in all views, and nothing else is", () => {
  const known = new KnownStates();
  const view = new KnownStates(known.shared);
  for (let i = 0; i < 20_000; i++) {
    known.add(digestOf(i));
    known.add(digestOf(i));
  }
  for (let i = 0; i < 20_000; i++) {
    expect(view.has(digestOf(i))).toBe(true);
    expect(view.has(digestOf(-1 - i))).toBe(false);
  }
});

test("a digest that begins with zeros has a place too", () => {
  const known = new KnownStates();
  const zeros = Buffer.alloc(20).toString("base64");
  expect(known.has(zeros)).toBe(false);
  known.add(zeros);
  expect(known.has(zeros)).toBe(true);
});
