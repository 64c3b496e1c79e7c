/**
 * The tables as Markdown, and back: the page is written from runs alone, and a test reads it and
 * runs a part of it again.
 */
import type { Cell } from "./cell.js";
import { ABSENT, ASKS, type Matrix } from "./rows.js";

/** The text of a table; commands and reasons stand below it by number and letter. */
export function tableOf(
  { title, about, rows, faults }: Matrix,
  cells: readonly (readonly Cell[])[],
): string {
  const commands: string[] = [];
  const reasons: string[] = [];
  const noteOf = (cell: Cell): string => {
    if (cell.kind === "kept") return `kept (${cell.runs})`;
    if (cell.kind === "impossible") return `– (${letterOf(placeOf(reasons, cell.reason))})`;
    const name = cell.kind === "anomaly" ? `\`${cell.name}\`` : "unknown";
    return `${name} [${placeOf(commands, cell.command)}]`;
  };
  const lines = rows.map((row, i) => {
    const told = (cells[i] ?? []).map(noteOf);
    const asks = ASKS[row.workload] ?? row.workload;
    return `| ${[row.store, row.strategy, row.recovery, asks, ...told].join(" | ")} |`;
  });
  const names = faults.map(({ name }) => name);
  return [
    `## ${title}`,
    "",
    about,
    "",
    `| store | strategy | recovery | asked | ${names.join(" | ")} |`,
    `|${"---|".repeat(4 + names.length)}`,
    ...lines,
    "",
    ...reasons.map((reason, i) => `(${letterOf(i + 1)}) ${reason}  `),
    ...(reasons.length === 0 ? [] : [""]),
    ...commands.map((command, i) => `${i + 1}. \`${command}\``),
    "",
  ].join("\n");
}

/** The whole page. */
export function pageOf(tables: readonly string[]): string {
  return [
    "# Stores of states under faults",
    "",
    "This page is written by `npm run state-matrix -- --write` from runs, and a test runs a part of it again. Nothing in it is written by hand.",
    "",
    "`kept (n)`: so many runs, each with another seed, and all valid. An anomaly is the gravest of the first run that showed one; the number",
    "behind it is that of the command below the table, which shows it again: exactly so in the simulation; runs of SQLite and PostgreSQL are",
    "real ones, and are made once more. `–`: there is no such fault there, for the reason that the letter stands for.",
    "",
    ...tables,
    "## What no row is about",
    "",
    "| what | why |",
    "|---|---|",
    ...ABSENT.map(([what, why]) => `| ${what} | ${why} |`),
    "",
  ].join("\n");
}

function placeOf(list: string[], text: string): number {
  const at = list.indexOf(text);
  return at === -1 ? list.push(text) : at + 1;
}

function letterOf(place: number): string {
  return String.fromCharCode(96 + place);
}

/** A cell as the page has it. */
export interface ReadCell {
  readonly text: string;
  /** The command of an anomaly. */
  readonly command?: string;
  /** The reason of what cannot be. */
  readonly reason?: string;
}

/** Reads a table of the page back. */
export function readTable(
  page: string,
  title: string,
): { readonly head: readonly string[]; readonly rows: readonly (readonly ReadCell[])[] } {
  const section = page.split(/^## /m).find((each) => each.startsWith(`${title}\n`)) ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("| "));
  const split = (line: string): readonly string[] => line.slice(2, -2).split(" | ");
  const commands = [...section.matchAll(/^\d+\. `(.*)`$/gm)].map((match) => match[1] as string);
  const reasons = [...section.matchAll(/^\((\w)\) (.*?) {2}$/gm)].map((match) => match[2]);
  const rows = lines.slice(1).map((line) =>
    split(line).map((text): ReadCell => {
      const command = /\[(\d+)\]$/.exec(text)?.[1];
      const reason = /^– \((\w)\)$/.exec(text)?.[1];
      if (command !== undefined) return { text, command: commands[Number(command) - 1] as string };
      if (reason === undefined) return { text };
      return { text, reason: reasons[reason.charCodeAt(0) - 97] as string };
    }),
  );
  return { head: split(lines[0] ?? ""), rows };
}
