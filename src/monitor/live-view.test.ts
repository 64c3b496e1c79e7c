/** The view on a terminal that understands the few controls it needs, and elsewhere. */
import { expect, test } from "vitest";
import { liveView, type LiveStream } from "./live-view.js";
import { StateCounts } from "./state-metrics.js";

interface Screen extends LiveStream {
  readonly written: () => string;
  /** What can be seen, without colours. */
  readonly lines: () => readonly string[];
}

function screen(options: Pick<LiveStream, "isTTY" | "columns" | "getColorDepth">): Screen {
  let written = "";
  const lines = (): string[] => {
    const rows: string[] = [];
    let row = 0;
    // Escape is written as one that can be seen.
    const plain = written.replaceAll("\u001B", "^").replaceAll(/\^\[\d+m/g, "");
    for (const [part] of plain.matchAll(/\^\[\d*[A-Z]|\n|\r|[^^\n\r]+/g)) {
      const up = /^\^\[(\d+)A$/.exec(part)?.[1];
      if (up !== undefined) row -= Number(up);
      else if (part === "^[2K") rows[row] = "";
      else if (part === "\n") row++;
      else if (part !== "\r") rows[row] = (rows[row] ?? "") + part;
      expect(row).toBeGreaterThanOrEqual(0);
    }
    return rows.map((each) => each.trimEnd());
  };
  return { ...options, write: (text: string) => (written += text), written: () => written, lines };
}

/** Reports of a store that answers a load a millisecond, each taking as long. */
function reports() {
  const counts = new StateCounts(0, ["a", "b"]);
  let ms = 0;
  return (calls: number, outcome: "ok" | "unavailable" = "ok") => {
    for (let i = 0; i < calls; i++) {
      const event = { call: "load", saved: [], deleted: [], outcome } as const;
      counts.add({ ...event, timeNs: ++ms * 1e6, latencyNs: 1e6, weight: 1 });
    }
    return { reason: "interval", metrics: counts.at(ms * 1e6, 0) };
  };
}

test("on a terminal the lines are written over, and each fits", () => {
  const terminal = screen({ isTTY: true, columns: 100, getColorDepth: () => 8 });
  const view = liveView("orders", terminal);
  const report = reports();
  for (let i = 0; i < 12; i++) view.show(report(250));
  expect(terminal.lines()).toEqual([
    "● healthy   orders  3.0 s  interval",
    "  states            2 states           0 changes          0 errors",
    "  calls         1,001 a second    ████████████",
    "  latency      1.0 ms median      1.0 ms 90 %        1.0 ms 99 %        1.0 ms most",
  ]);
  view.show(report(1000, "unavailable"));
  expect(terminal.lines()[0]).toBe("● failing   orders  4.0 s  interval");
  expect(terminal.lines()[1]).toContain("1,000 errors");
  expect(terminal.lines()).toHaveLength(4);
  expect(terminal.written()).toContain("\u001B[31m● failing");
});

test("a narrow terminal cuts what does not fit", () => {
  const terminal = screen({ isTTY: true, columns: 24 });
  const view = liveView("orders", terminal);
  for (const report of [reports()(1), reports()(500)]) view.show(report);
  expect(terminal.lines()).toHaveLength(4);
  for (const line of terminal.lines()) expect(line.length).toBeLessThan(24);
  expect(terminal.written()).not.toContain("\u001B[3");
});

test("what comes too fast is not drawn, but for the last", () => {
  const terminal = screen({ isTTY: true });
  const view = liveView("orders", terminal);
  const report = reports();
  for (let i = 0; i < 100; i++) view.show(report(1));
  expect(terminal.written().split("healthy")).toHaveLength(3);
  expect(terminal.lines()[0]).toContain("0.1 s");
  view.show(report(1, "unavailable"));
  view.stop();
  expect(terminal.lines()[0]).toContain("degraded");
  const { length } = terminal.written();
  view.stop();
  expect(terminal.written()).toHaveLength(length);
});

test("elsewhere each report is a line of its own, without colours or controls", () => {
  const file = screen({});
  const view = liveView("orders", file);
  const report = reports();
  view.show(report(250));
  view.show(report(1, "unavailable"));
  view.stop();
  expect(file.written()).toBe(
    "     0.250 s  orders is healthy  2 states  0 changes  0 errors  1000 calls/s  " +
      "median 1.0 ms, 99 % 1.0 ms  interval\n" +
      "     0.251 s  orders is degraded  2 states  0 changes  1 errors  1000 calls/s  " +
      "median 1.0 ms, 99 % 1.0 ms  interval\n",
  );
});
