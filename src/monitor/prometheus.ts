/**
 * Metrics in Prometheus' text format (version 0.0.4), and an endpoint on the loopback that serves
 * them: what is scraped is what was measured at that moment.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { StateMetrics } from "./state-metrics.js";

/** The metrics as text; the labels are put on each line. */
export function prometheusText(
  metrics: StateMetrics,
  labels: { readonly [name: string]: string } = {},
): string {
  const { latency, outcomes } = metrics;
  const line = (name: string, value: number, more: { readonly [name: string]: string } = {}) =>
    `ordeal_state_${name}${labelText({ ...labels, ...more })} ${value}\n`;
  const head = (name: string, type: string, help: string): string =>
    `# HELP ordeal_state_${name} ${help}\n# TYPE ordeal_state_${name} ${type}\n`;
  const parts = [
    head("states", "gauge", "States that are there."),
    line("states", metrics.stateCount),
    head("transitions_total", "counter", "States that were saved or deleted."),
    line("transitions_total", metrics.transitionCount),
    head("errors_total", "counter", "Calls that the store failed."),
    line("errors_total", metrics.errorCount),
    head("calls_total", "counter", "Calls, by their outcome."),
    ...Object.entries(outcomes).map(([outcome, count]) => line("calls_total", count, { outcome })),
    head("throughput", "gauge", "Calls a second, over the last second."),
    line("throughput", metrics.throughput),
    head("healthy", "gauge", "1 when no call of the last second was an error."),
    line("healthy", metrics.health === "healthy" ? 1 : 0),
    head("latency_seconds", "histogram", "How long timed calls took."),
    ...latency.buckets.map(([boundMs, count]) =>
      line("latency_seconds_bucket", count, { le: secondsText(boundMs) }),
    ),
    line("latency_seconds_bucket", latency.count, { le: "+Inf" }),
    line("latency_seconds_sum", (latency.meanMs * latency.count) / 1000),
    line("latency_seconds_count", latency.count),
  ];
  return parts.join("");
}

/** A bound of milliseconds in seconds, without the last digits that a division makes up. */
function secondsText(boundMs: number): string {
  return String(Number((boundMs / 1000).toPrecision(12)));
}

function labelText(labels: { readonly [name: string]: string }): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** An endpoint for scrapes. */
export interface PrometheusEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the metrics on the loopback; port 0 takes a free one. */
export async function servePrometheus(
  metrics: () => StateMetrics,
  options: { readonly port?: number; readonly labels?: { readonly [name: string]: string } } = {},
): Promise<PrometheusEndpoint> {
  const server = createServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") {
      response
        .writeHead(404, { "content-type": "text/plain" })
        .end("the metrics are at /metrics\n");
      return;
    }
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
    response.end(prometheusText(metrics(), options.labels));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/metrics`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
