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
  // A copy of the list has no room to spare, as one has that grows.
  const copy = list.slice();
  for (let i = 0; i < copy.length; i++) {
    const own = copyMessage(copy[i] as Message);
    if (!Object.is(own, copy[i])) copy[i] = own;
  }
  return copy;
}

function copyObject(object: object): Message {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) {
    const name = (object as { constructor?: { name?: string } }).constructor?.name ?? "object";
    throw new TypeError(`a message is plain JSON; it cannot hold a ${name}`);
  }
  // Spread makes an object of the same shape at once, and most fields need no copy of their own.
  const copy: Record<string, Message | undefined> = { ...object };
  for (const key in copy) {
    const value = copy[key];
    if (typeof value === "string" || typeof value === "boolean" || value === null) continue;
    if (value === undefined) {
      delete copy[key];
      continue;
    }
    const own = copyMessage(value);
    if (Object.is(own, value)) continue;
    if (key !== "__proto__") copy[key] = own;
    else Object.defineProperty(copy, key, { value: own });
  }
  return copy as Message;
}
