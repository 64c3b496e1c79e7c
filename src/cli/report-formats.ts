/**
 * The forms that a report can take, and the files that they go to.
 */
import { extname } from "node:path";
import { HarnessError } from "../errors.js";
import {
  htmlReport,
  jsonReport,
  junitReport,
  markdownReport,
  terminalSummary,
  type ReportInput,
} from "../../reports/index.js";

/** The names of `ordeal report --format`. */
export type ReportFormat = "html" | "json" | "junit" | "markdown" | "text";

export const REPORT_FORMATS: readonly ReportFormat[] = [
  "html",
  "json",
  "junit",
  "markdown",
  "text",
];

const EXTENSIONS: { readonly [extension: string]: ReportFormat } = {
  ".html": "html",
  ".htm": "html",
  ".json": "json",
  ".xml": "junit",
  ".md": "markdown",
  ".txt": "text",
};

/** The format that a file's name asks for. @throws HarnessError `bad-argument`. */
export function reportFormatOf(file: string): ReportFormat {
  const format = EXTENSIONS[extname(file).toLowerCase()];
  if (format === undefined) {
    throw new HarnessError(
      "bad-argument",
      `the ending of ${file} names no report; use ${Object.keys(EXTENSIONS).join(", ")}`,
    );
  }
  return format;
}

/** Writes a report, with a line break at the end. */
export function renderReport(format: ReportFormat, input: ReportInput): string {
  const text = WRITERS[format](input);
  return text.endsWith("\n") ? text : `${text}\n`;
}

const WRITERS: { readonly [format in ReportFormat]: (input: ReportInput) => string } = {
  html: htmlReport,
  json: (input) => jsonReport(input.result ?? input.verdict),
  junit: junitReport,
  markdown: markdownReport,
  text: (input) => terminalSummary(input, { color: false, width: 100 }),
};
