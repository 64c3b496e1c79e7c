/**
 * How fast and how large histories load: each format at growing sizes, in processor time (the
 * median of three) and growth of the resident set over what the input itself takes, which is made
 * beforehand in chunks of 1 MiB.
 */
import { decodeHistory, encodeEvent } from "../src/history/codec.js";
import type { HistoryEvent } from "../src/history/operation.js";
import { canonical } from "../src/history/value.js";

const SIZES: readonly number[] = [1_000, 10_000, 100_000, 1_000_000];
const REPEATS = 3;
const PROCESSES = 10;
const CHUNK_BYTES = 1024 ** 2;

const ENCODERS: { readonly [format: string]: (event: HistoryEvent) => string } = {
  jsonl: encodeEvent,
  edn: ({ index, timeNs, type, process, f, value }) =>
    `{:index ${index}, :time ${timeNs}, :type :${type}, :process ${process}, :f :${f}, :value ${ednOf(value)}}`,
  "porcupine-kv": ({ type, process, f, value }) =>
    `{:process ${process}, :type :${type}, :f :${f === "read" ? "get" : "put"}, :key "${process}", :value ${JSON.stringify(canonical(value))}}`,
  "porcupine-etcd": ({ type, process, f, value }) =>
    `INFO  jepsen.util - ${process}\t:${type}\t:${f}\t${ednOf(value)}`,
};

/**
 * Prints a table: format, operations, milliseconds of processor time, growth of the resident set.
 */
export async function benchHistory(): Promise<void> {
  console.log("format           operations    MB in    cpu ms    ns/op   MB peak growth");
  for (const format of Object.keys(ENCODERS)) {
    for (const operations of SIZES) {
      const row = await measure(format, operations);
      console.log(
        format.padEnd(16),
        String(operations).padStart(10),
        row.inputMb.toFixed(1).padStart(8),
        row.cpuMs.toFixed(0).padStart(9),
        ((row.cpuMs * 1e6) / operations).toFixed(0).padStart(8),
        row.peakMb.toFixed(0).padStart(16),
      );
    }
  }
}

interface Row {
  readonly inputMb: number;
  readonly cpuMs: number;
  readonly peakMb: number;
}

async function measure(format: string, operations: number): Promise<Row> {
  const times: number[] = [];
  let peakMb = 0;
  let inputMb = 0;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const input = chunksOf(format, operations);
    inputMb = input.reduce((sum, chunk) => sum + chunk.length, 0) / 1e6;
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    let peak = before;
    const watched = async function* (): AsyncGenerator<Uint8Array> {
      for (const chunk of input) {
        yield chunk;
        peak = Math.max(peak, process.memoryUsage.rss());
      }
    };
    const started = process.cpuUsage();
    const { history } = await decodeHistory(watched(), { file: "bench", format });
    const { user, system } = process.cpuUsage(started);
    peak = Math.max(peak, process.memoryUsage.rss());
    if (history.length !== operations * 2) throw new Error(`${format}: ${history.length} events`);
    times.push((user + system) / 1000);
    // Later repeats reuse memory that the first made the process grow by.
    if (repeat === 0) peakMb = (peak - before) / 1e6;
  }
  times.sort((a, b) => a - b);
  return { inputMb, cpuMs: times[Math.floor(REPEATS / 2)] as number, peakMb };
}

function ednOf(value: HistoryEvent["value"]): string {
  if (value === null) return "nil";
  return Array.isArray(value) ? `[${value.join(" ")}]` : canonical(value);
}

/** Reads, unique writes and compare-and-sets of ten processes, two events an operation. */
function chunksOf(format: string, operations: number): Uint8Array[] {
  const encode = ENCODERS[format] as (event: HistoryEvent) => string;
  const chunks: Uint8Array[] = [];
  let text: string[] = [];
  let size = 0;
  let written = 0;
  const put = (event: HistoryEvent): void => {
    const line = encode(event);
    text.push(line);
    size += line.length + 1;
    if (size < CHUNK_BYTES) return;
    chunks.push(Buffer.from(`${text.join("\n")}\n`));
    text = [];
    size = 0;
  };
  for (let i = 0; i < operations; i += PROCESSES) {
    const batch = Math.min(PROCESSES, operations - i);
    for (const type of ["invoke", "ok"] as const) {
      for (let process = 0; process < batch; process++) {
        const index = i * 2 + (type === "invoke" ? 0 : batch) + process;
        const operation = i + process;
        const timeNs = index * 48_611;
        if (operation % 2 === 0) {
          const value = type === "invoke" ? null : written;
          put({ index, timeNs, type, process, f: "read", value });
        } else if (operation % 10 === 1 && format !== "porcupine-kv") {
          put({ index, timeNs, type, process, f: "cas", value: [operation % 5, operation % 7] });
        } else {
          written = operation;
          put({ index, timeNs, type, process, f: "write", value: operation });
        }
      }
    }
  }
  if (size > 0) chunks.push(Buffer.from(`${text.join("\n")}\n`));
  return chunks;
}
