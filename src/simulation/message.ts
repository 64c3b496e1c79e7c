/**
 * Copies of messages, so that a receiver shares nothing with the sender; the same as a trip through
 * JSON, but cheap.
 */
import { isImmutable } from "../world/immutable.js";
import type { Message } from "../world/network.js";

/**
 * Copies as `JSON.parse(JSON.stringify(message))` would: fields that are undefined are left out,
 * numbers that JSON does not have become null. What JSON would quietly change into something else
 * (a Map, a Date) is refused.
 */
export function copyMessage(message: Message): Message {
  if (typeof message === "string" || typeof message === "boolean") return message;
  // JSON has no -0 either.
  if (typeof message === "number") return Number.isFinite(message) ? message + 0 : null;
  if (message === null || message === undefined) return null;
  // Nobody can change it, so that it may be shared.
  if (typeof message === "object" && isImmutable(message)) return message;
  if (Array.isArray(message)) return copyArray(message);
  if (typeof message === "object") return copyObject(message);
  throw new TypeError(`a message is plain JSON; it cannot hold a ${typeof message}`);
}

function copyArray(list: readonly Message[]): Message[] {
  const copy: Message[] = [];
  for (const item of list) copy.push(copyMessage(item));
  return copy;
}

function copyObject(object: object): Message {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) {
    const name = (object as { constructor?: { name?: string } }).constructor?.name ?? "object";
    throw new TypeError(`a message is plain JSON; it cannot hold a ${name}`);
  }
  const copy: Record<string, Message> = {};
  for (const key of Object.keys(object)) {
    const value = (object as Record<string, Message | undefined>)[key];
    if (value === undefined) continue;
    if (key === "__proto__") {
      const field = {
        value: copyMessage(value),
        enumerable: true,
        writable: true,
        configurable: true,
      };
      Object.defineProperty(copy, key, field);
    } else copy[key] = copyMessage(value);
  }
  return copy;
}
