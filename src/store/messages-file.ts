/** The messages of a run in its directory: `messages.jsonl`, one a line, by the time of sending. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { HarnessError, messageOf } from "../errors.js";
import type { Value } from "../history/value.js";
import { FATES, type RecordedMessage } from "../runner/recorded-message.js";
import { checkFields, number, oneOf, text, type Fields } from "./fields.js";
import { unreadable } from "./read-history-file.js";

/** Its name in a run directory. */
export const MESSAGES_FILE = "messages.jsonl";

const FIELDS: Fields = {
  from: text,
  to: text,
  sentNs: number,
  endNs: number,
  fate: oneOf(...FATES),
  label: text,
  content: text,
};

/** The text of the file. */
export function encodeMessages(messages: readonly RecordedMessage[]): string {
  return messages.map((message) => `${JSON.stringify(message)}\n`).join("");
}

/**
 * Reads the messages of a run directory; undefined when it has none.
 * @throws HarnessError `unreadable-input` or `malformed-input`, naming file and line.
 */
export async function readMessages(
  directory: string,
): Promise<readonly RecordedMessage[] | undefined> {
  const file = join(directory, MESSAGES_FILE);
  let content: string;
  try {
    content = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw unreadable(file, error);
  }
  return content.split("\n").flatMap((line, index) => {
    return line === "" ? [] : [decode(line, `${file}:${index + 1}`)];
  });
}

function decode(line: string, file: string): RecordedMessage {
  let value: Value;
  try {
    value = JSON.parse(line) as Value;
  } catch (error) {
    throw new HarnessError("malformed-input", `${file}: ${messageOf(error)}`, { cause: error });
  }
  checkFields({ file, at: "", fields: FIELDS }, value);
  return value as unknown as RecordedMessage;
}
