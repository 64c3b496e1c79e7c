import { expect, test } from "vitest";
import { createMessageRecorder } from "./recorded-message.js";

const trip = { from: "n1", to: "n2", fate: "delivered" } as const;

test("messages are kept in the order of sending, whenever their fate became known", () => {
  const recorder = createMessageRecorder();
  recorder.take({ ...trip, sentNs: 5, endNs: 6, message: ["req", 2, { kind: "vote" }] });
  recorder.take({ ...trip, sentNs: 1, endNs: 9, message: ["ok", 1] });
  expect(recorder.messages()).toEqual([
    { ...trip, sentNs: 1, endNs: 9, label: "ok", content: '["ok",1]' },
    { ...trip, sentNs: 5, endNs: 6, label: "req(vote)", content: '["req",2,{"kind":"vote"}]' },
  ]);
});

test("a long message is cut, and looks cut", () => {
  const recorder = createMessageRecorder();
  recorder.take({ ...trip, sentNs: 0, endNs: 1, message: "x".repeat(5000) });
  const content = recorder.messages()?.[0]?.content ?? "";
  expect(content).toHaveLength(300);
  expect(content.endsWith("…")).toBe(true);
});

test("too many messages are none at all, not a part that looks like all", () => {
  const recorder = createMessageRecorder(2);
  for (let sentNs = 0; sentNs < 2; sentNs++) {
    recorder.take({ ...trip, sentNs, endNs: 9, message: null });
  }
  expect(recorder.messages()).toHaveLength(2);
  recorder.take({ ...trip, sentNs: 3, endNs: 9, message: null });
  expect(recorder.messages()).toBeUndefined();
});
