/**
 * The histories of a case: simulated, or read from the corpus of real ones, which `ORDEAL_CORPUS`
 * names (default `../shared/corpus`).
 */
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { linearizable } from "../../checkers/linearizable.js";
import { decodeHistory } from "../../src/history/codec.js";
import { createHistoryBuilder, INVOKE, OK, type History } from "../../src/history/history.js";
import { casRegister } from "../../src/model/cas-register.js";
import { kv } from "../../src/model/kv.js";
import type { Model } from "../../src/model/model.js";
import type { VerdictKind } from "../../src/verdict/verdict.js";
import type { Subject } from "../rows/case.js";
import type { Clients, PlannedCase } from "./families.js";
import { historyOf, simulate } from "./simulate.js";

const CORPUS = resolve(process.env["ORDEAL_CORPUS"] ?? "../shared/corpus", "linearizability");

/** Why a case cannot be measured here, or undefined. */
export function absence({ source }: PlannedCase): string | undefined {
  if (!("named" in source) || source.named === "scrambled") return undefined;
  if (existsSync(resolve(CORPUS, "verdicts.tsv"))) return undefined;
  return `no corpus at ${CORPUS}; set ORDEAL_CORPUS to measure real histories`;
}

/** Makes or reads the histories of a case; the same ones each time. */
export async function subjectsOf(measured: PlannedCase): Promise<readonly Subject[]> {
  const { source, model, object, expected } = measured;
  if (!("named" in source)) {
    return [subject(simulated(measured, source), model(), { object, expected })];
  }
  if (source.named === "scrambled") {
    return [subject(scrambled(measured.operations), model(), { object, expected })];
  }
  if (source.named === "kv-log") return [await logSubject(source.file as string, object, expected)];
  return Promise.all(
    readFileSync(resolve(CORPUS, "verdicts.tsv"), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("porcupine-etcd/"))
      .map((line) => {
        const [file, , , , , verdict] = line.split("\t");
        return logSubject(file as string, object, verdict as VerdictKind);
      }),
  );
}

function simulated(measured: PlannedCase, source: Clients): History {
  const { operations } = measured;
  const { clients, use, plant, indeterminate, indeterminateRate, eagerness } = source;
  const simulation = simulate({
    object: use(),
    clients,
    operations,
    seed: 1,
    ...(indeterminate === undefined ? {} : { indeterminate }),
    ...(indeterminateRate === undefined ? {} : { indeterminateRate }),
    ...(eagerness === undefined ? {} : { eagerness }),
  });
  plant?.(simulation);
  return historyOf(simulation);
}

/** Operations that are all open at once, and then a look at what no order of them leads to. */
function scrambled(operations: number): History {
  const builder = createHistoryBuilder();
  const last = operations - 1;
  const append = (type: number, process: number, f: string, value: number | null): void =>
    builder.append(type, process, f, undefined, value, undefined, builder.length * 1_000);
  for (let process = 0; process < last; process++) append(INVOKE, process, "scramble", process + 2);
  for (let process = 0; process < last; process++) append(OK, process, "scramble", null);
  append(INVOKE, last, "look", null);
  append(OK, last, "look", 0.5);
  return builder.build();
}

async function logSubject(file: string, object: string, expected: VerdictKind): Promise<Subject> {
  const path = resolve(CORPUS, file);
  const decoded = await decodeHistory(createReadStream(path), { file: path });
  const { history, format, conventions } = decoded;
  const make = object === "kv" ? kv : casRegister;
  return subject(history, make(conventions), { object, expected, file: { path, format } });
}

function subject(
  history: History,
  model: Model,
  rest: Omit<Subject, "history" | "model" | "checker">,
): Subject {
  const checker = linearizable({ model, nothingCompleted: "valid" });
  return { history, model, checker, ...rest };
}
