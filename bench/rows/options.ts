/**
 * The command line of a benchmark of checkers.
 */
import { parseArgs } from "node:util";
import { ENCODERS } from "./encode.js";
import type { Benchmark } from "./case.js";
import type { Peer } from "./peer.js";

/** What to measure, and how. */
export interface BenchOptions {
  /** Names of families; empty for all. */
  readonly families: readonly string[];
  readonly peers: readonly Peer[];
  /** Where the JSON goes. */
  readonly json: string | undefined;
  /** Where the tables go in Markdown. */
  readonly markdown: string | undefined;
  /** Longer histories are left out. */
  readonly operationsMax: number;
  /** How many times a row is measured after the first, cold, time; at least 1. */
  readonly repeats: number;
  /** Limit of one check of ours and of one call of a peer, in milliseconds. */
  readonly timeMs: number;
  /** Bytes that a check of ours may allocate for its tables. */
  readonly memoryBytes: number;
  /** Also asks the independent verifier about every certificate. */
  readonly verify: boolean;
  /** Only names the families. */
  readonly list: boolean;
}

/** The options, as `--help` has them. */
export function usageOf({ name }: Benchmark): string {
  return `npm run bench -- ${name} [options]

  --family NAME        only this family (repeatable; --list names them)
  --list               name the families and stop
  --max-operations N   leave out longer histories
  --quick              --max-operations 10000 --repeats 1 --time-limit 5
  --repeats N          measurements of a row after the first, cold, one (default 5)
  --time-limit S       seconds that a check, or a call of a peer, may take (default 20)
  --memory-budget MIB  MiB of tables that a check may use (default 2048)
  --verify             also time the independent verifier on every certificate
  --json FILE          write every figure to FILE
  --markdown FILE      write the tables to FILE
  --peer 'NAME=COMMAND {file}'
                       time another checker in the same run, alternating (repeatable)
  --peer-format F[,F]  what {file} holds for the peer named last (default jsonl): the file of a
                       real history as it is, if it has one of these formats, else the first
                       that can say what is in the history. Formats:
                       ${Object.keys(ENCODERS).join(", ")}

A peer prints valid, invalid or unknown, and 'NUMBER ms' to say what the check took without
starting and loading.
`;
}

/** Something is wrong with the command line. */
export class UsageError extends Error {}

/** Reads the command line. @throws UsageError */
export function readOptions(argv: readonly string[], benchmark: Benchmark): BenchOptions {
  const { values, tokens } = parse(argv);
  const known = [...new Set(benchmark.cases().map(({ family }) => family))];
  const families = (values.family ?? []).flatMap((names) => names.split(","));
  const unknown = families.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`no family ${unknown.join(", ")}; there are ${known.join(", ")}`);
  }
  const quick = values.quick ?? false;
  const operationsMax = values["max-operations"] ?? (quick ? "10000" : undefined);
  return {
    families,
    peers: readPeers(tokens),
    json: values.json,
    markdown: values.markdown,
    operationsMax:
      operationsMax === undefined ? Infinity : positive("--max-operations", operationsMax),
    repeats: positive("--repeats", values.repeats ?? (quick ? "1" : "5")),
    timeMs: positive("--time-limit", values["time-limit"] ?? (quick ? "5" : "20")) * 1e3,
    memoryBytes: positive("--memory-budget", values["memory-budget"] ?? "2048") * 2 ** 20,
    verify: values.verify ?? false,
    list: values.list ?? false,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      tokens: true,
      options: {
        family: { type: "string", multiple: true },
        list: { type: "boolean" },
        quick: { type: "boolean" },
        "max-operations": { type: "string" },
        repeats: { type: "string" },
        "time-limit": { type: "string" },
        "memory-budget": { type: "string" },
        verify: { type: "boolean" },
        json: { type: "string" },
        markdown: { type: "string" },
        peer: { type: "string", multiple: true },
        "peer-format": { type: "string", multiple: true },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

type Tokens = ReturnType<typeof parse>["tokens"];

/** A format belongs to the peer before it. */
function readPeers(tokens: Tokens): readonly Peer[] {
  const peers: Peer[] = [];
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    if (token.name === "peer") peers.push(readPeer(token.value ?? ""));
    if (token.name !== "peer-format") continue;
    const last = peers.pop();
    if (last === undefined) throw new UsageError("--peer-format comes after the --peer it is for");
    const formats = (token.value ?? "").split(",");
    const unknown = formats.find((format) => !Object.hasOwn(ENCODERS, format));
    if (unknown !== undefined) {
      const known = Object.keys(ENCODERS).join(", ");
      throw new UsageError(`no peer format ${JSON.stringify(unknown)}; there are ${known}`);
    }
    peers.push({ ...last, formats });
  }
  const names = peers.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`two peers are called ${twice}; say NAME=COMMAND`);
  return peers;
}

function readPeer(text: string): Peer {
  const named = /^(?<name>[\w.-]+)=(?<command>.*)$/s.exec(text)?.groups;
  const command = named?.["command"] ?? text;
  if (!command.includes("{file}")) {
    throw new UsageError(`the peer ${JSON.stringify(text)} has no {file} in its command`);
  }
  const program = command.trim().split(/\s/)[0] as string;
  const name = named?.["name"] ?? program.split("/").at(-1) ?? program;
  return { name, command, formats: ["jsonl"] };
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (!(number > 0) || !Number.isFinite(number)) {
    throw new UsageError(`${option} is a number above 0, not ${JSON.stringify(text)}`);
  }
  return number;
}
