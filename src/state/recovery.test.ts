/** The strategies of recovery on sources that are written out by hand. */
import { expect, test } from "vitest";
import type { NumberedChange } from "./state-table.js";
import { checkpointRecovery, logReplay, reconstruction, type RecoverySource } from "./recovery.js";
import { StateError } from "./state-error.js";

const LOG: readonly NumberedChange[] = [
  { key: "a", text: "1", version: 1 },
  { key: "b", text: "2", version: 2 },
  { key: "a", text: undefined, version: 3 },
  { key: "a", text: "4", version: 4 },
  { key: "b", text: undefined, version: 5 },
];

/** The whole log from `logFrom` on, whatever is asked for, and these checkpoints. */
function sourceOf({
  checkpoints = [],
  damaged = [],
  logFrom = 1,
}: {
  checkpoints?: readonly number[];
  damaged?: readonly number[];
  logFrom?: number;
}): RecoverySource {
  const statesAt = (sequence: number): readonly NumberedChange[] => {
    const states = new Map<string, NumberedChange>();
    for (const change of LOG.slice(0, sequence)) {
      if (change.text === undefined) states.delete(change.key);
      else states.set(change.key, change);
    }
    return [...states.values()];
  };
  return {
    checkpoints: checkpoints.map((sequence) => ({
      sequence,
      read: async () => {
        if (damaged.includes(sequence)) throw new StateError("corrupt", `${sequence} is damaged`);
        return statesAt(sequence);
      },
    })),
    changesAfter: async (sequence) => {
      if (sequence + 1 < logFrom) throw new StateError("corrupt", "missing from the log");
      return LOG.filter(({ version }) => version >= logFrom);
    },
  };
}

const END = [{ key: "a", version: 4 }];

test("every checkpoint comes to the same end, and changes that it has are not applied again", async () => {
  for (const sequence of [1, 2, 3, 4, 5]) {
    const { table, report } = await checkpointRecovery().recover(
      sourceOf({ checkpoints: [sequence] }),
    );
    expect(table.list()).toEqual(END);
    expect(table.sequence).toBe(5);
    expect(report).toMatchObject({ checkpoint: sequence, replayed: 5 - sequence, damage: [] });
  }
});

test("without any checkpoint the log is enough", async () => {
  const { table, report } = await checkpointRecovery().recover(sourceOf({}));
  expect(table.list()).toEqual(END);
  expect(report).toMatchObject({ checkpoint: 0, replayed: 5 });
});

test("a damaged checkpoint is passed over for an older one, then for the log", async () => {
  const older = sourceOf({ checkpoints: [4, 2], damaged: [4], logFrom: 3 });
  const { table, report } = await checkpointRecovery().recover(older);
  expect(table.list()).toEqual(END);
  expect(report).toMatchObject({ checkpoint: 2, replayed: 3, damage: ["4 is damaged"] });
  const none = sourceOf({ checkpoints: [4, 2], damaged: [4, 2] });
  expect((await checkpointRecovery().recover(none)).report).toMatchObject({
    checkpoint: 0,
    damage: ["4 is damaged", "2 is damaged"],
  });
});

test("what cannot be put together is an error that tells all damage", async () => {
  const source = sourceOf({ checkpoints: [4, 2], damaged: [4, 2], logFrom: 3 });
  await expect(checkpointRecovery().recover(source)).rejects.toMatchObject({
    code: "corrupt",
    message: "4 is damaged; 2 is damaged; missing from the log",
  });
});

test("the whole log does not look at checkpoints, and needs its beginning", async () => {
  const damaged = sourceOf({ checkpoints: [4], damaged: [4] });
  const { table, report } = await logReplay().recover(damaged);
  expect(table.list()).toEqual(END);
  expect(report).toMatchObject({ strategy: "log-replay", checkpoint: 0, replayed: 5, damage: [] });
  await expect(logReplay().recover(sourceOf({ logFrom: 3 }))).rejects.toThrow("missing");
});

test("a reconstruction that fails leaves the store to be recovered without it", async () => {
  const source = sourceOf({ checkpoints: [2] });
  const rules = { dependenciesOf: () => ["gone"], rebuild: () => 0 };
  await expect(reconstruction(rules).recover(source)).rejects.toThrow(
    '"a" depends on "gone", which is missing',
  );
  expect((await checkpointRecovery().recover(source)).table.list()).toEqual(END);
});
