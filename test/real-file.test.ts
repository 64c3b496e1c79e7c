import { describe, expect, it } from "vitest";
import { file } from "../backends/file.js";
import { memory } from "../backends/memory.js";
import { durabilityOf } from "./real/durability.js";

describe("file in a child process", () => {
  it("keeps every acknowledged write over kill -9, through checkpoints too", async () => {
    // A log of this size is full after a few dozen writes.
    const make = (): ReturnType<typeof file> => file({ checkpointBytes: 2048 });
    const { acknowledged, violations } = await durabilityOf(make, { kills: 10, seed: 2 });
    expect(violations).toEqual([]);
    expect(acknowledged).toBeGreaterThan(80);
  });

  it("does so without fsync as well: a kill is not a loss of power", async () => {
    const make = (): ReturnType<typeof file> => file({ variant: "no-fsync" });
    const { violations } = await durabilityOf(make, { kills: 3, seed: 3 });
    expect(violations).toEqual([]);
  });
});

describe("memory in a child process", () => {
  it("is seen to lose everything", async () => {
    const { violations } = await durabilityOf(() => memory(), { kills: 1, seed: 4 });
    expect(violations.length).toBe(8);
  });
});
