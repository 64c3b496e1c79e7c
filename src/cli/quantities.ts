/**
 * Durations, sizes and counts as people write them, for the options of commander: what does not
 * parse is an error that names the option and shows the right form.
 */
import { InvalidArgumentError } from "commander";
import { PROGRESS_MS_MIN } from "../runner/progress.js";

const DURATION_MS: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

const SIZE_BYTES: { readonly [unit: string]: number } = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/**
 * `500ms`, `60s`, `1.5m`, `1h` in milliseconds; the unit is required, so that nobody guesses it.
 */
export function parseDuration(text: string): number {
  const [amount, unit] = amountAndUnit(text);
  const scale = DURATION_MS[unit];
  if (amount === undefined || scale === undefined) {
    throw new InvalidArgumentError("A duration is a number with a unit: 500ms, 60s, 2m or 1h.");
  }
  return positive(amount * scale, "A duration");
}

/** A duration of at least five seconds, less being no time to ask in, or `none`, which is 0. */
export function parseBound(text: string): number {
  if (text.trim() === "none") return 0;
  const bound = parseDuration(text);
  if (bound >= PROGRESS_MS_MIN) return bound;
  throw new InvalidArgumentError(
    `It must be ${PROGRESS_MS_MIN / 1e3}s or more, or none for not to ask.`,
  );
}

/** `512MiB`, `2GiB`, `1GB` in bytes; the unit is required. */
export function parseSize(text: string): number {
  const [amount, unit] = amountAndUnit(text);
  const scale = SIZE_BYTES[unit];
  if (amount === undefined || scale === undefined) {
    throw new InvalidArgumentError("A size is a number with a unit: 512MiB, 2GiB or 1GB.");
  }
  return positive(Math.round(amount * scale), "A size");
}

/** A whole number, 0 or more. */
export function parseCount(text: string): number {
  const count = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count)) {
    throw new InvalidArgumentError("It must be a whole number, 0 or more.");
  }
  return count;
}

/** Something per second: a decimal number, 0 or more. */
export function parseRate(text: string): number {
  const rate = /^(\d+(\.\d+)?|\.\d+)$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!Number.isFinite(rate)) {
    throw new InvalidArgumentError("It must be a number, 0 or more, such as 100 or 0.5.");
  }
  return rate;
}

/** A seed: a whole number from 0 to 2^53 - 1. */
export function parseSeed(text: string): number {
  const seed = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(seed)) {
    throw new InvalidArgumentError("A seed is a whole number from 0 to 9007199254740991.");
  }
  return seed;
}

/** What `parseDuration` reads back as exactly so many milliseconds: `60s`, `1500ms`. */
export function durationOption(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}

/** `1.2 s`, `350 ms`: a time for people. */
export function formatMs(ms: number): string {
  if (ms < 1) return "under 1 ms";
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

function amountAndUnit(text: string): readonly [number | undefined, string] {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-z]+)$/i.exec(text.trim());
  return match === null ? [undefined, ""] : [Number(match[1]), (match[2] as string).toLowerCase()];
}

function positive(amount: number, what: string): number {
  if (!(amount > 0 && Number.isFinite(amount))) {
    throw new InvalidArgumentError(`${what} must be more than 0.`);
  }
  return amount;
}
