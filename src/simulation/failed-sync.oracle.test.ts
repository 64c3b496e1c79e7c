/**
 * What a failed sync forgets, against the definition of it: a page cache of sectors that are dirty
 * or clean, beside what the disk has.
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createRandom } from "../random.js";
import { createFileStore, type PowerLoss } from "./disk.js";

const SECTOR = 512;

type Action =
  | { readonly kind: "write" | "append"; readonly length: number; readonly byte: number }
  | { readonly kind: "truncate"; readonly length: number }
  | { readonly kind: "sync" }
  | { readonly kind: "forget" };

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 1, arbitrary: changeOf("write") },
  { weight: 5, arbitrary: changeOf("append") },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("truncate" as const), length: fc.nat(2_000) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom("sync" as const, "forget" as const) }),
  },
);

function changeOf(kind: "write" | "append"): fc.Arbitrary<Action> {
  return fc.record({
    kind: fc.constant(kind),
    length: fc.nat(900),
    byte: fc.integer({ min: 1, max: 255 }),
  });
}

/** One file, byte by byte. */
class Cache {
  content: number[] = [];
  durable: number[] = [];
  readonly dirty = new Set<number>();
  /** Whether anything, be it only the size, has changed since the last sync. */
  changed = false;

  apply(next: Action): void {
    if (next.kind === "sync") this.#writeBack();
    if (next.kind === "sync" || next.kind === "forget") {
      this.dirty.clear();
      this.changed = false;
      return;
    }
    this.changed = true;
    const size = this.content.length;
    const from = next.kind === "append" ? size : next.kind === "write" ? 0 : next.length;
    if (next.kind === "truncate") {
      this.content = Array.from({ length: next.length }, (_, at) => this.content[at] ?? 0);
    } else {
      const added = Array.from({ length: next.length }, () => next.byte);
      this.content = [...this.content.slice(0, from), ...added];
    }
    const end = Math.max(size, this.content.length);
    for (let at = Math.min(from, size); at <= end; at++) this.dirty.add(Math.floor(at / SECTOR));
  }

  #writeBack(): void {
    if (!this.changed) return;
    this.durable = Array.from(this.content, (byte, at) =>
      this.dirty.has(Math.floor(at / SECTOR)) ? byte : (this.durable[at] ?? 0),
    );
  }
}

function hex(bytes: Iterable<number> = []): string {
  return Buffer.from([...bytes]).toString("hex");
}

const whole: PowerLoss = { random: createRandom(1), tornProbability: 0, garbageProbability: 0 };

test("after the power was lost a file is what its dirty sectors have made of it", () => {
  let differed = 0;
  fc.assert(
    fc.property(fc.array(action, { maxLength: 14 }), (actions) => {
      const store = createFileStore({ capacityBytes: Infinity });
      const cache = new Cache();
      store.write("a", new Uint8Array(0));
      store.sync("a");
      store.syncDirectory();
      for (const next of [...actions, { kind: "sync" } as const]) {
        cache.apply(next);
        if (next.kind === "sync" || next.kind === "forget") store[next.kind]("a");
        else if (next.kind === "truncate") store.truncate("a", next.length);
        else store[next.kind]("a", new Uint8Array(next.length).fill(next.byte));
        expect(hex(store.read("a"))).toBe(hex(cache.content));
      }
      store.losePower(whole);
      expect(hex(store.read("a"))).toBe(hex(cache.durable));
      if (cache.content.join() !== cache.durable.join()) differed++;
    }),
    { numRuns: 2_000 },
  );
  // Fails when what is forgotten is always written again.
  expect(differed).toBeGreaterThan(200);
});

test("of what came after a failed sync, and was not synced, a prefix may be left", () => {
  const left = new Set<string>();
  for (let seed = 0; seed < 100; seed++) {
    const store = createFileStore({ capacityBytes: Infinity });
    store.write("a", new Uint8Array(SECTOR).fill(1));
    store.sync("a");
    store.syncDirectory();
    store.append("a", new Uint8Array(SECTOR).fill(2));
    store.forget("a");
    store.append("a", new Uint8Array(SECTOR).fill(3));
    store.append("a", new Uint8Array(SECTOR).fill(4));
    store.losePower({ ...whole, random: createRandom(seed) });
    const bytes = store.read("a") ?? new Uint8Array(0);
    left.add([0, 1, 2, 3].map((sector) => bytes[sector * SECTOR] ?? "-").join(""));
  }
  expect([...left].toSorted()).toEqual(["1---", "103-", "1034"]);
});
