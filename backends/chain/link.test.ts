import { expect, test } from "vitest";
import { runUnder } from "../../bench/mutants/scenario.js";
import { kv } from "../../workloads/kv.js";
import { chain } from "../chain.js";

/** Messages of a run in which so many of them come twice, while updates wait for slow disks. */
async function messagesWith(duplicationProbability: number): Promise<number> {
  let messages = 0;
  const world = {
    network: { duplicationProbability },
    disk: { syncMsMean: 20 },
    onMessage: () => void messages++,
  };
  const circumstances = { nemeses: () => [], workload: () => kv(), lengthMs: 1_000, world };
  const { result } = await runUnder(circumstances, chain(), 1);
  expect(result.verdict.verdict).toBe("valid");
  return messages;
}

test("messages that come twice do not multiply along the chain", async () => {
  const once = await messagesWith(0);
  expect(await messagesWith(0.3)).toBeLessThan(once * 3);
});
