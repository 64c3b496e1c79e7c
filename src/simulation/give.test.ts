import { expect, test } from "vitest";
import { createRandom } from "../random.js";
import type { Message, Network } from "../world/network.js";
import { createNetwork } from "./network.js";
import { resolveOptions, type NetworkOptions } from "./options.js";
import { createScheduler } from "./scheduler.js";
import { createScope } from "./scope.js";

/** What arrives of what `a` says, in order. */
async function arrivals(
  given: Partial<NetworkOptions>,
  say: (network: Network) => void,
): Promise<readonly Message[]> {
  const scheduler = createScheduler({ maxVirtualMs: 1e6, describe: () => "a test" });
  const { network: options } = resolveOptions({ seed: 1, network: given });
  const network = createNetwork({ scheduler, random: createRandom(1), options });
  const received: Message[] = [];
  await scheduler.run(async () => {
    const a = network.attach(
      "a",
      createScope("a", () => {}),
    );
    const b = network.attach(
      "b",
      createScope("b", () => {}),
    );
    b.onMessage((_, message) => received.push(message));
    say(a);
    await new Promise<void>((resolve) => {
      scheduler.after(1e9, scheduler.harness, () => resolve());
    });
  });
  scheduler.close();
  return received;
}

test("a message that is given away arrives itself, one that is sent as a copy", async () => {
  const message = ["peer", { term: 1 }];
  const [sent] = await arrivals({}, (network) => network.send("b", message));
  expect(sent).toEqual(message);
  expect(sent).not.toBe(message);
  const [given] = await arrivals({}, (network) => network.give?.("b", message));
  expect(given).toBe(message);
});

test("the network's own duplicate of a message that is given away is a copy", async () => {
  const message = ["peer", { term: 1 }];
  const both = await arrivals({ duplicationProbability: 1 }, (network) =>
    network.give?.("b", message),
  );
  expect(both).toEqual([message, message]);
  expect(both.filter((each) => each === message)).toHaveLength(1);
});

test("what is given away takes the way that it takes when it is sent", async () => {
  const fates: string[] = [];
  for (const way of ["send", "give"] as const) {
    const order = await arrivals(
      { lossProbability: 0.3, duplicationProbability: 0.3 },
      (network) => {
        for (let i = 0; i < 100; i++) network[way]?.("b", [i]);
      },
    );
    fates.push(JSON.stringify(order));
  }
  expect(fates[0]).toBe(fates[1]);
});
