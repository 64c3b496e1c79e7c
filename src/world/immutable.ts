/**
 * Messages, and parts of messages, that can never change. A log has them: an entry is made once and
 * then goes to every node, several times to some, and to every disk. Who gets one may keep it
 * without a copy, and its text is made once.
 */
import type { Message } from "./network.js";

/** Where the text of an immutable object is; no iteration and no comparison shows it. */
const TEXT: unique symbol = Symbol("text");

/** An object that carries its text. */
interface Texted {
  readonly [TEXT]?: string;
}

/** The same as this plain JSON, frozen to its depth. */
export function immutable<T extends Message>(value: T): T {
  if (typeof value !== "object" || value === null || isImmutable(value)) return value;
  const text = JSON.stringify(value);
  const copy = JSON.parse(text) as T & object;
  Object.defineProperty(copy, TEXT, { value: text });
  freeze(copy);
  return copy;
}

/** Whether it was made by `immutable`, so that it need not be copied. */
export function isImmutable(value: object): boolean {
  return (value as Texted)[TEXT] !== undefined;
}

/** As `JSON.stringify` gives it. */
export function textOf(value: Message): string {
  const known = value === null ? undefined : (value as Texted)[TEXT];
  return known ?? JSON.stringify(value);
}

function freeze(value: object): void {
  for (const inner of Object.values(value) as unknown[]) {
    if (typeof inner === "object" && inner !== null) freeze(inner);
  }
  Object.freeze(value);
}
