import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import type { Clock, Timer } from "./clock.js";
import type { Address, Message, Network } from "./network.js";
import { createRpc, type Rpc } from "./rpc.js";

/** A network of two, whose messages go where and as often as the test wants. */
function wired(copies: number): { readonly a: Rpc; readonly b: Rpc; readonly sent: Message[] } {
  const sent: Message[] = [];
  const receivers = new Map<Address, (from: Address, message: Message) => void>();
  const clock: Clock = {
    nowNs: () => 0,
    wallMs: () => 0,
    timer: (): Timer => ({ cancel: () => undefined }),
    sleep: async () => undefined,
  };
  const network = (self: Address): Network => ({
    self,
    send: (to, message) => {
      sent.push(message);
      for (let i = 0; i < copies; i++) receivers.get(to)?.(self, message);
    },
    onMessage: (receiver) => void receivers.set(self, receiver),
    onRefused: () => undefined,
  });
  return { a: createRpc(network("a"), clock), b: createRpc(network("b"), clock), sent };
}

describe("requests", () => {
  test("are carried out once, however often they arrive", async () => {
    const { a, b } = wired(3);
    let carriedOut = 0;
    b.serve(() => ++carriedOut);
    for (let i = 1; i <= 10_000; i++) {
      expect(await a.call("b", "increment", { timeoutMs: 1 })).toBe(i);
    }
    expect(carriedOut).toBe(10_000);
  });

  test("that the handler throws at come back as failed", async () => {
    const { a, b } = wired(1);
    b.serve(() => {
      throw new Error("boom");
    });
    await expect(a.call("b", null, { timeoutMs: 1 })).rejects.toMatchObject({
      code: "failed",
      message: "boom",
    });
  });

  test("end when nobody waits for them any more, and let go of who says so", async () => {
    const { a, b } = wired(1);
    const ending = new AbortController();
    const { signal } = ending;
    b.serve((_, body) => (body === "wait" ? new Promise(() => undefined) : body));
    for (let i = 0; i < 20; i++) await a.call("b", i, { timeoutMs: 1, signal });
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    const waiting = a.call("b", "wait", { timeoutMs: 1, signal });
    ending.abort();
    await expect(waiting).rejects.toMatchObject({ code: "timeout" });
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});
