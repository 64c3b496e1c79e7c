/**
 * `ordeal list`: what is in the box, from the catalog; for people, as JSON, or as the Markdown of
 * the README.
 */
import { Command } from "commander";
import { HarnessError } from "../errors.js";
import { FORMATS } from "../history/codec.js";
import {
  BACKENDS,
  CHECKERS,
  MODELS,
  NEMESES,
  PROPERTIES,
  WORKLOADS,
  WORLDS,
  type CatalogEntry,
} from "./catalog.js";
import { LEVEL_ENTRIES, levelsAsJson } from "./list-levels.js";
import { print, type CommandContext } from "./context.js";
import { nearest } from "../nearest.js";

const KINDS: { readonly [kind: string]: readonly CatalogEntry[] } = {
  workloads: WORKLOADS,
  nemeses: NEMESES,
  checkers: [...CHECKERS, ...PROPERTIES],
  backends: BACKENDS,
  models: MODELS,
  formats: FORMATS,
  worlds: WORLDS,
  levels: LEVEL_ENTRIES,
};

/** What is listed when nothing is named; the levels would drown the rest. */
const ALL: readonly string[] = Object.keys(KINDS).filter((kind) => kind !== "levels");

const EXAMPLES = `
Examples:
  $ ordeal list
  $ ordeal list backends
  $ ordeal list levels          the consistency levels, and which implies which
  $ ordeal list models --json`;

/** The command, for `program.ts`. */
export function listCommand(context: CommandContext): Command {
  return new Command("list")
    .description("list what ordeal ships")
    .argument("[kind]", `one of ${Object.keys(KINDS).join(", ")} (default: all but levels)`)
    .option("--json", "print one JSON object: for each kind a list of name and description")
    .option("--markdown", "print Markdown tables, as the README has them")
    .addHelpText("after", EXAMPLES)
    .action((kind: string | undefined, flags: { json?: boolean; markdown?: boolean }) => {
      const kinds = kind === undefined ? ALL : [kindNamed(kind)];
      if (flags.json === true) print(context, JSON.stringify(asJson(kinds)));
      else if (flags.markdown === true) print(context, asMarkdown(kinds));
      else print(context, asText(kinds, context));
    });
}

/** The options are called `--system` and `--consistency`. */
const ALSO: { readonly [kind: string]: string } = { systems: "backends", consistency: "levels" };

function kindNamed(asked: string): string {
  const kind = ALSO[asked] ?? asked;
  if (Object.hasOwn(KINDS, kind)) return kind;
  const names = Object.keys(KINDS);
  const near = nearest(kind, [...names, ...Object.keys(ALSO)]);
  throw new HarnessError(
    "bad-argument",
    `there are no "${kind}" to list${near === undefined ? "" : `; did you mean ${near}?`} (there are ${names.join(", ")})`,
  );
}

function entriesOf(kind: string): readonly CatalogEntry[] {
  return (KINDS[kind] ?? []).map(({ name, description }) => ({ name, description }));
}

function asJson(kinds: readonly string[]): object {
  return Object.fromEntries(
    kinds.map((kind) => [kind, kind === "levels" ? levelsAsJson() : entriesOf(kind)]),
  );
}

function asText(kinds: readonly string[], { terminal }: CommandContext): string {
  const paint = terminal.outPaint;
  const width = Math.max(
    ...kinds.flatMap((kind) => entriesOf(kind).map(({ name }) => name.length)),
  );
  const margin = width + 4;
  // Only a terminal has a width; whoever reads a pipe wants a line each.
  const room = Math.max(24, (terminal.out.columns ?? Infinity) - margin);
  return kinds
    .map((kind) =>
      [
        paint.bold(kind),
        ...entriesOf(kind).map(
          ({ name, description }) =>
            `  ${paint.cyan(name.padEnd(width))}  ` +
            linesOf(description, room).join(`\n${" ".repeat(margin)}`),
        ),
      ].join("\n"),
    )
    .join("\n\n");
}

/** Words in lines of at most so many columns. */
function linesOf(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

/** The variants of a backend or a workload share a row, for there are many. */
function withoutVariants(kind: string): readonly CatalogEntry[] {
  const entries = entriesOf(kind);
  const rows: CatalogEntry[] = [];
  for (const entry of entries) {
    if (entry.name.includes(":")) continue;
    rows.push(entry);
    const variants = entries.filter(({ name }) => name.startsWith(`${entry.name}:`));
    if (variants.length < 2) rows.push(...variants);
    else rows.push({ name: `${entry.name}:…`, description: rowOf(kind, variants) });
  }
  return rows;
}

function rowOf(kind: string, variants: readonly CatalogEntry[]): string {
  const count = variants.length;
  const bugs = variants.filter(({ description }) => / bug[: ]/.test(description)).length;
  const known =
    bugs === 0 ? "" : bugs === count ? ", with known bugs" : `, ${bugs} of them with a known bug`;
  return `${count} variants of it${known}: \`ordeal list ${kind}\``;
}

function asMarkdown(kinds: readonly string[]): string {
  const rows = kinds.flatMap((kind) =>
    withoutVariants(kind).map(
      ({ name, description }, index) =>
        `| ${index === 0 ? kind : ""} | \`${name}\` | ${description.replaceAll("|", "\\|")} |`,
    ),
  );
  return ["| | name | what it is |", "|---|---|---|", ...rows].join("\n");
}
