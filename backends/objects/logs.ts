/** Logs of messages, several under one key, so that a transaction may be about all of them. */
import { canonical, type Value } from "../../src/history/value.js";
import { listIn, recordIn, type ObjectAnswer, type StoredObject } from "./object.js";

/** What is read of a log. */
interface LogSlice {
  readonly log?: string;
  readonly from?: number;
  readonly limit?: number;
  readonly group?: string;
}

type Fields = { readonly [name: string]: Value };

/**
 * Logs: `send` of [log, message] → the offset, `read` of `{log, from, limit}` → pairs of [offset,
 * message], `take` of `{log, group, limit}` → the pairs that come next for a group, which moves on;
 * and `txn` of a list of sends and reads (`["send", [log, message]]`) → their answers, of which the
 * reads show what was there before. The state is the messages of each log, and where each group
 * stands in it.
 */
export const logObject: StoredObject = (state, { f, argument }) => {
  const { logs: kept = {}, groups: standing = {} } = recordIn(state);
  const [logs, groups] = [recordIn(kept), recordIn(standing)];
  if (f === "send") return send({ logs, groups }, listIn(argument));
  if (f === "txn") return transaction({ logs, groups }, listIn(argument));
  if (f !== "read" && f !== "take") return undefined;
  const { log = "", from = 0, limit = Infinity, group = "" } = recordIn(argument) as LogSlice;
  const place = `${group} ${log}`;
  const start = f === "read" ? from : Number(groups[place] ?? 0);
  const messages = listIn(logs[log] ?? null);
  const pairs = messages.slice(start, start + limit).map((each, i): Value => [start + i, each]);
  if (f === "read" || pairs.length === 0) return { value: pairs };
  return { value: pairs, next: { logs, groups: { ...groups, [place]: start + pairs.length } } };
};

interface Logs {
  readonly logs: Fields;
  readonly groups: Fields;
}

function send({ logs, groups }: Logs, [log, message = null]: readonly Value[]): ObjectAnswer {
  const name = typeof log === "string" ? log : canonical(log ?? null);
  const messages = listIn(logs[name] ?? null);
  return {
    value: messages.length,
    next: { logs: { ...logs, [name]: [...messages, message] }, groups },
  };
}

function transaction({ logs, groups }: Logs, steps: readonly Value[]): ObjectAnswer {
  const before: Value = { logs, groups };
  let after: Value = before;
  const answers: Value[] = [];
  for (const step of steps) {
    const [f = null, argument = null] = listIn(step);
    if (f !== "send" && f !== "read") return undefined;
    const answer: ObjectAnswer = logObject(f === "send" ? after : before, { f, argument });
    if (answer === undefined || "refusal" in answer) return answer;
    answers.push(answer.value);
    after = answer.next ?? after;
  }
  return after === before ? { value: answers } : { value: answers, next: after };
}
