/**
 * A lock whose every acquisition gives a *fencing token*, a number larger than every token before
 * it, so that what the lock protects can turn away a holder who has lost it without knowing
 * (Hazelcast's `FencedLock`; the version of a ZooKeeper node, the revision of an etcd key).
 *
 * An `acquire` that is indeterminate, or answers null or true, gave a token that nobody knows: some
 * number above the last known one. It bounds no later token, for between two numbers there is
 * always a third. So the model may accept integers too close together, and refuses nothing that is
 * right.
 */
import { HarnessError } from "../errors.js";
import { canonical, type Value } from "../history/value.js";
import {
  answer,
  argumentOf,
  askerOf,
  checkedOwner,
  isRefusal,
  ownership,
  type LockOwner,
  type OwnerOptions,
} from "./lock-rules.js";
import { byKey, type Model, type ModelOperation } from "./model.js";

/** The options of a fenced mutex. */
export interface FencedMutexOptions extends OwnerOptions {
  /** Default `"none"`; `"process"` when it is reentrant. */
  readonly owner?: LockOwner;
  /** Whether its holder may acquire it again, and gets the same token. Default false. */
  readonly reentrant?: boolean;
  /** Whether a release that gives a token needs it to be the holder's. Default false. */
  readonly checkToken?: boolean;
}

/** Who holds it (null: free), how often, with which token (null: not known); the last known one. */
type Fenced = readonly [
  holder: string | null,
  count: number,
  token: number | null,
  last: number | null,
];

/** What was asked: by whom, and with what token (null: none, or not known). */
interface Request {
  readonly asker: string;
  readonly token: number | null;
}

/**
 * A lock with `acquire` → token and `release` (of a token, where they are checked), per key where
 * the history has keys.
 */
export function fencedMutex(options: FencedMutexOptions = {}): Model {
  const { reentrant = false, checkToken = false } = options;
  const owner = checkedOwner(
    options.owner ?? (reentrant ? "process" : "none"),
    reentrant ? ["process", "input"] : undefined,
  );
  const variants = [...(reentrant ? ["reentrant"] : []), ...(checkToken ? ["checked"] : [])];
  return {
    name: "fenced-mutex",
    options: { owner, reentrant, checkToken },
    origin: { module: import.meta.url, factory: "fencedMutex" },
    functions: ["acquire", "release"],
    initial: (): Value => [null, 0, null, null],
    step: (state, operation): readonly Value[] => {
      const { f } = operation;
      if (f !== "acquire" && f !== "release") return [];
      const fenced = state as Fenced;
      const asker = askerOf(operation, owner);
      if (f === "acquire") {
        const given = acquired(fenced, { asker, token: tokenGiven(operation) }, reentrant);
        return answer<Value>(state, operation, given);
      }
      const token = checkToken ? tokenShown(operation, owner) : null;
      const next = released(fenced, { asker, token });
      // Whether a token that nobody knows is the one that was shown is open.
      const open = next !== undefined && token !== null && fenced[2] === null;
      if (open && isRefusal(operation)) return [state];
      if (open && operation.outcome !== "ok") return [next, state];
      return answer<Value>(state, operation, next);
    },
    partition: byKey,
    ...ownership({ name: "fenced-mutex", owner, natural: "none", variants }),
    readOnly: isRefusal,
  };
}

function acquired(
  [holder, count, token, last]: Fenced,
  request: Request,
  reentrant: boolean,
): Fenced | undefined {
  if (holder === null) {
    if (!mayBeNext(request.token, last)) return undefined;
    return [request.asker, 1, request.token, request.token ?? last];
  }
  if (!reentrant || holder !== request.asker) return undefined;
  if (request.token === null || request.token === token) return [holder, count + 1, token, last];
  if (token !== null || !mayBeNext(request.token, last)) return undefined;
  return [holder, count + 1, request.token, request.token];
}

function released([holder, count, token, last]: Fenced, request: Request): Fenced | undefined {
  if (holder !== request.asker) return undefined;
  const shown = request.token;
  if (shown !== null && (token === null ? !mayBeNext(shown, last) : shown !== token)) {
    return undefined;
  }
  const known = token === null && shown !== null ? shown : last;
  return count === 1 ? [null, 0, null, known] : [holder, count - 1, token ?? shown, known];
}

/** A token that is not known may be any. */
function mayBeNext(token: number | null, last: number | null): boolean {
  return token === null || last === null || token > last;
}

function tokenGiven(operation: ModelOperation): number | null {
  const { outcome, output } = operation;
  if (outcome !== "ok" || typeof output === "boolean") return null;
  return tokenOf(output ?? null, "acquire answers");
}

function tokenShown(operation: ModelOperation, owner: LockOwner): number | null {
  return tokenOf(argumentOf(operation, "token", owner), "release is given");
}

function tokenOf(value: Value, what: string): number | null {
  if (value === null || typeof value === "number") return value;
  throw new HarnessError(
    "malformed-input",
    `${what} the token ${canonical(value)}; tokens are numbers`,
  );
}
