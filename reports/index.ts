/**
 * Reports: pure functions from a verdict and its history to text. They read and write nothing.
 */
export type { CheckReportInput, ReportInput, RunReportInput } from "./report-input.js";
export { asciiTimeline, type AsciiTimelineOptions } from "./ascii-timeline.js";
export { htmlReport } from "./html.js";
export { jsonReport } from "./json.js";
export { junitReport } from "./junit.js";
export { markdownReport } from "./markdown.js";
export { terminalSummary, type TerminalOptions } from "./terminal.js";
