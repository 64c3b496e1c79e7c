/**
 * Libraries of shared documents behind one port: a flat map from names to values that replicas
 * change on their own and that comes to the same everywhere once all have heard of all changes.
 */
import type { Value } from "../../src/history/value.js";

/** A replica of a document. What travels is text. */
export interface SharedDocument {
  get(name: string): Value | undefined;
  set(name: string, value: Value): void;
  delete(name: string): void;
  names(): Iterable<string>;
  /** The changes that were made here since the last question; undefined for none. */
  takeNews(): string | undefined;
  /** What this replica knows, so that another can tell what it lacks. */
  summary(): string;
  /** What a replica with this summary lacks. */
  missingFor(summary: string): string;
  /** Takes in what another replica has sent; again, or in another order, is the same. */
  merge(update: string): void;
}

/** Makes the document of a replica. */
export type MakeDocument = (replica: {
  /** Different for each replica and each of its incarnations; 32 bits. */
  readonly number: number;
}) => SharedDocument;

/** Bytes as text that JSON carries. */
export function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

/** And back. */
export function toBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}
