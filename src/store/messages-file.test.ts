import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RecordedMessage } from "../runner/recorded-message.js";
import { encodeMessages, MESSAGES_FILE, readMessages } from "./messages-file.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ordeal-messages-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const message: RecordedMessage = {
  from: "c0",
  to: "n1",
  sentNs: 1,
  endNs: 2,
  fate: "cut",
  label: "req(put)",
  content: '["req","a\\nb"]',
};

test("a directory without the file has no messages, which is not the same as none sent", async () => {
  expect(await readMessages(join(folder, "absent"))).toBeUndefined();
});

test("what was written is read", async () => {
  const messages = [message, { ...message, sentNs: 7, fate: "delivered" } as const];
  await writeFile(join(folder, MESSAGES_FILE), encodeMessages(messages));
  expect(await readMessages(folder)).toEqual(messages);
});

test.each([
  ['{"from":', /messages\.jsonl:2: /],
  [JSON.stringify({ ...message, fate: "eaten" }), /messages\.jsonl:2: field "fate"/],
  [JSON.stringify({ ...message, to: undefined }), /messages\.jsonl:2: field "to" is missing/],
])("%s is told with its line", async (line, expected) => {
  await writeFile(join(folder, MESSAGES_FILE), `${encodeMessages([message])}${line}\n`);
  await expect(readMessages(folder)).rejects.toThrow(expected);
});
