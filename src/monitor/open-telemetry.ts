/**
 * A sink for OpenTelemetry: any strategy, whose monitor is then also read by a meter of yours. The
 * package `@opentelemetry/api` is never loaded here: what is used of its meter is a type.
 */
import type { MonitoringStrategy } from "./strategies.js";

/** Attributes of a measurement. */
export interface MeterAttributes {
  [name: string]: string;
}

/** What is measured, for the reader of a meter. */
export interface InstrumentOptions {
  readonly description: string;
  readonly unit: string;
  readonly advice?: { explicitBucketBoundaries: number[] };
}

/** Takes what is observed, as `BatchObservableResult` of OpenTelemetry. */
export interface ObservationTaker<Instrument> {
  observe(instrument: Instrument, value: number, attributes?: MeterAttributes): void;
}

/** As much of `Meter` of OpenTelemetry as is used. */
export interface OpenTelemetryMeter<Instrument> {
  createObservableCounter(name: string, options: InstrumentOptions): Instrument;
  createObservableGauge(name: string, options: InstrumentOptions): Instrument;
  createHistogram(
    name: string,
    options: InstrumentOptions,
  ): { record(value: number, attributes?: MeterAttributes): void };
  addBatchObservableCallback(
    callback: (taker: ObservationTaker<Instrument>) => void,
    instruments: Instrument[],
  ): void;
  removeBatchObservableCallback(
    callback: (taker: ObservationTaker<Instrument>) => void,
    instruments: Instrument[],
  ): void;
}

/** 10 µs to 10 s, in seconds. */
const BOUNDS_S = [-5, -4, -3, -2, -1, 0].flatMap((power) =>
  [1, 2.5, 5].map((part) => Number(`${part}e${power}`)),
);

/**
 * The strategy, and beside it the instruments `ordeal.state.*` of the meter: counters and gauges
 * are read when they are collected, and each call that the strategy times goes into the histogram.
 * They end with the monitor: collect once more before you close the store.
 */
export function openTelemetry<Instrument>(
  strategy: MonitoringStrategy,
  options: {
    readonly meter: OpenTelemetryMeter<Instrument>;
    /** On each measurement, for example the name of the store. Default: none. */
    readonly attributes?: MeterAttributes;
  },
): MonitoringStrategy {
  const { meter, attributes = {} } = options;
  return {
    name: `${strategy.name} with OpenTelemetry`,
    start: (monitor) => {
      const counter = (name: string, unit: string, description: string): Instrument =>
        meter.createObservableCounter(`ordeal.state.${name}`, { unit, description });
      const gauge = (name: string, unit: string, description: string): Instrument =>
        meter.createObservableGauge(`ordeal.state.${name}`, { unit, description });
      const states = gauge("states", "{state}", "States that are there.");
      const transitions = counter("transitions", "{state}", "States that were saved or deleted.");
      const errors = counter("errors", "{call}", "Calls that the store failed.");
      const calls = counter("calls", "{call}", "Calls, by their outcome.");
      const throughput = gauge("throughput", "{call}/s", "Calls a second, over the last second.");
      const healthy = gauge("healthy", "1", "1 when no call of the last second was an error.");
      const latency = meter.createHistogram("ordeal.state.latency", {
        unit: "s",
        description: "How long the calls took that were watched.",
        advice: { explicitBucketBoundaries: BOUNDS_S },
      });
      const observe = (taker: ObservationTaker<Instrument>): void => {
        const metrics = monitor.metrics();
        taker.observe(states, metrics.stateCount, attributes);
        taker.observe(transitions, metrics.transitionCount, attributes);
        taker.observe(errors, metrics.errorCount, attributes);
        for (const [outcome, count] of Object.entries(metrics.outcomes)) {
          taker.observe(calls, count, { ...attributes, outcome });
        }
        taker.observe(throughput, metrics.throughput, attributes);
        taker.observe(healthy, metrics.health === "healthy" ? 1 : 0, attributes);
      };
      const observed = [states, transitions, errors, calls, throughput, healthy];
      meter.addBatchObservableCallback(observe, observed);
      const atWork = strategy.start(monitor);
      return {
        ended: (event) => {
          const { call, outcome, latencyNs } = event;
          latency.record(latencyNs / 1e9, { ...attributes, call, outcome });
          atWork.ended(event);
        },
        stop: () => {
          meter.removeBatchObservableCallback(observe, observed);
          atWork.stop();
        },
      };
    },
  };
}
