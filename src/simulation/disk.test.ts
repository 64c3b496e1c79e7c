import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { createRandom } from "../random.js";
import { createFileStore, type FileStore, type PowerLoss } from "./disk.js";

const NAMES = ["a", "b", "c"] as const;
const name = fc.constantFrom(...NAMES);
const bytes = fc.uint8Array({ maxLength: 6 });

type Action =
  | { readonly kind: "write" | "append"; readonly file: string; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly file: string; readonly sizeBytes: number }
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  | { readonly kind: "remove"; readonly file: string }
  | { readonly kind: "sync"; readonly file: string }
  | { readonly kind: "syncDirectory" };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom("write", "append"), file: name, bytes }),
  },
  fc.record({
    kind: fc.constant("truncate" as const),
    file: name,
    sizeBytes: fc.nat({ max: 10 }),
  }),
  fc.record({ kind: fc.constant("rename" as const), from: name, to: name }),
  fc.record({ kind: fc.constantFrom("remove" as const, "sync" as const), file: name }),
  fc.constant({ kind: "syncDirectory" as const }),
) as fc.Arbitrary<Action>;

const actions = fc.array(action, { maxLength: 25 });

/**
 * The simplest thing that could be right: plain arrays, every state since the last sync kept whole.
 */
interface ModelFile {
  /** The first is durable, the last is what was written. */
  contents: number[][];
  /** What a change in between could have torn: prefixes of what it wrote. */
  torn: number[][];
}

class Model {
  /** The first is durable, the last is what there is. */
  directories: Map<string, ModelFile>[] = [new Map()];

  get files(): Map<string, ModelFile> {
    return this.directories.at(-1) as Map<string, ModelFile>;
  }

  content(file: string): number[] | undefined {
    return this.files.get(file)?.contents.at(-1);
  }

  /** Tells whether it succeeds. */
  apply(next: Action): boolean {
    if (next.kind === "syncDirectory") {
      this.directories = [this.files];
      return true;
    }
    if (next.kind === "rename") {
      const file = this.files.get(next.from);
      if (file === undefined) return false;
      if (next.from === next.to) return true;
      const names = new Map(this.files);
      names.delete(next.from);
      this.directories.push(names.set(next.to, file));
      return true;
    }
    if (next.kind === "remove") {
      const names = new Map(this.files);
      if (names.delete(next.file)) this.directories.push(names);
      return true;
    }
    let file = this.files.get(next.file);
    if (file === undefined) {
      if (next.kind === "sync" || next.kind === "truncate") return false;
      file = { contents: [[]], torn: [] };
      this.directories.push(new Map(this.files).set(next.file, file));
    }
    const old = file.contents.at(-1) as number[];
    if (next.kind === "sync") {
      file.contents = [old];
      file.torn = [];
    } else if (next.kind === "truncate") {
      const zeros = Array.from({ length: next.sizeBytes }, () => 0);
      file.contents.push([...old, ...zeros.slice(old.length)].slice(0, next.sizeBytes));
    } else {
      const base = next.kind === "append" ? old : [];
      for (let size = 0; size < next.bytes.length; size++) {
        file.torn.push([...base, ...next.bytes.slice(0, size)]);
      }
      file.contents.push([...base, ...next.bytes]);
    }
    return true;
  }

  /** Whether a loss of power may leave this. */
  allows(left: ReadonlyMap<string, number[]>): boolean {
    return this.directories.some(
      (names) =>
        names.size === left.size &&
        [...names].every(([file, { contents, torn }]) => {
          const found = left.get(file);
          return found !== undefined && [...contents, ...torn].some((state) => same(state, found));
        }),
    );
  }
}

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

function apply(store: FileStore, next: Action): boolean {
  try {
    if (next.kind === "syncDirectory") store.syncDirectory();
    else if (next.kind === "rename") store.rename(next.from, next.to);
    else if (next.kind === "truncate") store.truncate(next.file, next.sizeBytes);
    else if (next.kind === "write" || next.kind === "append")
      store[next.kind](next.file, next.bytes);
    else store[next.kind](next.file);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ name: "DiskError", code: "not-found" });
    return false;
  }
}

function snapshot(store: FileStore): Map<string, number[]> {
  return new Map(store.list().map((file) => [file, [...(store.read(file) as Uint8Array)]]));
}

const store = (): FileStore => createFileStore({ capacityBytes: Infinity });
const loss = (seed: number, change: Partial<PowerLoss> = {}): PowerLoss => ({
  random: createRandom(seed),
  tornProbability: 0.5,
  garbageProbability: 0,
  ...change,
});

describe("what was written", () => {
  test("is what a plain map would hold", () => {
    fc.assert(
      fc.property(actions, (list) => {
        const [real, model] = [store(), new Model()];
        for (const next of list) {
          expect(apply(real, next)).toBe(model.apply(next));
          expect(real.list()).toEqual([...model.files.keys()].toSorted());
          for (const file of NAMES) {
            const found = real.read(file);
            expect(found && [...found]).toEqual(model.content(file));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test("is the caller's own copy", () => {
    const real = store();
    real.append("a", Uint8Array.of(1, 2));
    (real.read("a") as Uint8Array)[0] = 9;
    expect([...(real.read("a") as Uint8Array)]).toEqual([1, 2]);
  });

  test("does not exceed the disk", () => {
    const small = createFileStore({ capacityBytes: 10 });
    small.append("a", new Uint8Array(8));
    expect(() => small.append("b", new Uint8Array(3))).toThrow(
      expect.objectContaining({ code: "no-space" }),
    );
    expect(small.list()).toEqual(["a"]);
    small.write("a", new Uint8Array(10));
    small.remove("a");
    small.append("b", new Uint8Array(3));
    expect(() => small.truncate("b", 11)).toThrow(expect.objectContaining({ code: "no-space" }));
  });
});

describe("a loss of power", () => {
  test("leaves nothing but a state that the model allows, again and again", () => {
    fc.assert(
      fc.property(fc.array(actions, { minLength: 1, maxLength: 3 }), fc.nat(), (rounds, seed) => {
        const real = store();
        let model = new Model();
        for (const [round, list] of rounds.entries()) {
          for (const next of list) {
            apply(real, next);
            model.apply(next);
          }
          real.losePower(loss(seed + round));
          const left = snapshot(real);
          expect(model.allows(left)).toBe(true);
          // What is left is durable.
          model = new Model();
          model.directories = [
            new Map([...left].map(([file, content]) => [file, { contents: [content], torn: [] }])),
          ];
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test("keeps everything that was synced", () => {
    fc.assert(
      fc.property(actions, fc.nat(), (list, seed) => {
        const real = store();
        for (const next of list) apply(real, next);
        for (const file of real.list()) real.sync(file);
        real.syncDirectory();
        const before = snapshot(real);
        real.losePower(loss(seed));
        expect(snapshot(real)).toEqual(before);
      }),
    );
  });

  test("reaches every outcome: nothing, a part, a torn write, everything", () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 300; seed++) {
      const real = store();
      real.write("log", Uint8Array.of(1));
      real.sync("log");
      real.syncDirectory();
      real.append("log", Uint8Array.of(2, 3));
      real.append("log", Uint8Array.of(4, 5));
      real.losePower(loss(seed));
      outcomes.add([...(real.read("log") as Uint8Array)].join(""));
    }
    expect([...outcomes].toSorted()).toEqual(["1", "12", "123", "1234", "12345"]);
  });

  test("may undo a rename, and may keep the new name of a file whose content is lost", () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 200; seed++) {
      const real = store();
      real.write("data", Uint8Array.of(1));
      real.sync("data");
      real.syncDirectory();
      real.write("data.tmp", Uint8Array.of(2));
      real.rename("data.tmp", "data");
      real.losePower(loss(seed, { tornProbability: 0 }));
      outcomes.add(JSON.stringify([...snapshot(real)]));
    }
    expect([...outcomes].toSorted()).toEqual(
      [
        [["data", [1]]],
        [["data", []]],
        [["data", [2]]],
        [
          ["data", [1]],
          ["data.tmp", []],
        ],
        [
          ["data", [1]],
          ["data.tmp", [2]],
        ],
      ]
        .map((outcome) => JSON.stringify(outcome))
        .toSorted(),
    );
  });

  test("the careful way to replace a file leaves the old or the new, whole", () => {
    for (let seed = 0; seed < 200; seed++) {
      const real = store();
      real.write("data", Uint8Array.of(1, 1));
      real.sync("data");
      real.syncDirectory();
      real.write("data.tmp", Uint8Array.of(2, 2, 2));
      real.sync("data.tmp");
      real.rename("data.tmp", "data");
      if (seed % 2 === 0) real.syncDirectory();
      real.losePower(loss(seed, { garbageProbability: 1 }));
      const left = [...(real.read("data") as Uint8Array)].join("");
      expect(seed % 2 === 0 ? ["222"] : ["11", "222"]).toContain(left);
    }
  });

  test("garbage fills no more than the sector of the tear", () => {
    let garbage = 0;
    for (let seed = 0; seed < 200; seed++) {
      const real = store();
      real.write("log", new Uint8Array(2_000).fill(7));
      real.syncDirectory();
      real.losePower(loss(seed, { tornProbability: 1, garbageProbability: 1 }));
      const left = real.read("log") as Uint8Array;
      const wrong = left.findIndex((byte) => byte !== 7);
      if (wrong < 0) continue;
      garbage++;
      expect(left.length - wrong).toBeLessThanOrEqual(512);
    }
    expect(garbage).toBeGreaterThan(50);
  });
});
