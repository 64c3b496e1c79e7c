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
  // JSON has no minus zero, and no number that is none.
  if (typeof value === "number")
    return (frozenCopy(value) ?? JSON.parse(JSON.stringify(value))) as T;
  if (typeof value !== "object" || value === null || isImmutable(value)) return value;
  const text = JSON.stringify(value);
  return (frozenCopy(value, text) ?? frozenCopy(JSON.parse(text) as Message, text)) as T;
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

/**
 * A copy that is frozen to its depth and carries the text, if one is given; undefined where the
 * value is not what its JSON says.
 */
function frozenCopy(value: unknown, text?: string): Message | undefined {
  if (typeof value === "number") {
    return Number.isFinite(value) && !Object.is(value, -0) ? value : undefined;
  }
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  const copy = Array.isArray(value) ? copyOfList(value) : copyOfObject(value);
  if (copy === undefined) return undefined;
  if (text !== undefined) Object.defineProperty(copy, TEXT, { value: text });
  return Object.freeze(copy);
}

function copyOfList(list: readonly unknown[]): Message[] | undefined {
  const copy: Message[] = [];
  for (let i = 0; i < list.length; i++) {
    const inner = frozenCopy(list[i]);
    if (inner === undefined) return undefined;
    copy.push(inner);
  }
  return copy;
}

function copyOfObject(value: unknown): { [field: string]: Message } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") return undefined;
  // Not by spread: V8 gives each copy that is frozen after it a shape of its own, so that whoever
  // reads a field of many finds none of them where the last one was.
  const copy: { [field: string]: Message } = {};
  for (const field of Object.keys(value)) {
    const inner = frozenCopy((value as { readonly [field: string]: unknown })[field]);
    if (inner === undefined) return undefined;
    if (field === "__proto__")
      Object.defineProperty(copy, field, { value: inner, enumerable: true });
    else copy[field] = inner;
  }
  return copy;
}
