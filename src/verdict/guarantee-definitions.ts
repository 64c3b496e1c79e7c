/**
 * Session guarantees of any object as they are defined (Viotti & Vukolić 2016, section 3.3): every
 * order of updates is tried, and all that operations may see of it. For a handful of operations.
 *
 * What is seen is decided update by update. To remember only which states a process's operations
 * may have come to is sound, because nothing else of what they saw matters later.
 */
import { canonical, type Value } from "../history/value.js";
import type { Operation } from "../history/operation.js";
import {
  hasBit,
  OPERATIONS_MAX,
  withoutResult,
  type Asked,
  type Caused,
} from "./causal-definitions.js";
import type { SessionGuarantee } from "./certificate.js";
import { VerificationUndecided } from "./claims.js";

/** For each operation that has to be explained: the states that it may have come to. */
type Sighted = readonly Value[];

/** Whether operations can be explained. @throws VerificationUndecided */
export function keepsGuarantees(
  all: readonly Caused[],
  promise: readonly SessionGuarantee[],
  about: { readonly asked: Asked; readonly isUpdate: (operation: Operation) => boolean },
): boolean {
  if (all.length > OPERATIONS_MAX) {
    throw new VerificationUndecided(
      `Neither confirmed nor refuted: ${all.length} operations are too many to try everything that they could see.`,
    );
  }
  const { account, step, initial } = about.asked;
  const keeps = (guarantee: SessionGuarantee): boolean => promise.includes(guarantee);
  const updates = all.flatMap(({ operation }, at) => (about.isUpdate(operation) ? [at] : []));
  const everyUpdate = updates.reduce((mask, at) => mask | (1 << at), 0);
  const processes = [...new Set(all.map(({ operation }) => operation.process))];
  /** By process: operations that have to be explained. */
  const readers = processes.map((process) =>
    all.flatMap(({ operation, isRequired }, at) =>
      isRequired && operation.process === process ? [at] : [],
    ),
  );
  const dead = new Set<string>();

  return extend(
    0,
    readers.map((own) => [own.map(() => initial)]),
  );

  function extend(placed: number, sights: readonly (readonly Sighted[])[]): boolean {
    account.tick();
    if (placed === everyUpdate)
      return sights.every((each, at) => each.some((one) => isRight(one, at)));
    const name = `${placed} ${canonical(sights)}`;
    if (dead.has(name)) return false;
    account.remember(2 * name.length + 40);
    dead.add(name);
    return updates.some((update) => {
      const { earlier } = all[update] as Caused;
      if (hasBit(placed, update)) return false;
      if (keeps("monotonic-writes") && (earlier & everyUpdate & ~placed) !== 0) return false;
      const further = sights.map((each, process) => seeing(each, { process, update, placed }));
      return further.every((each) => each.length > 0) && extend(placed | (1 << update), further);
    });
  }

  function isRight(states: Sighted, process: number): boolean {
    return (readers[process] as readonly number[]).every(
      (reader, at) => step(states[at] as Value, (all[reader] as Caused).operation).length > 0,
    );
  }

  /** All that a process may come to, when each operation sees an update or does not. */
  function seeing(
    sights: readonly Sighted[],
    which: { readonly process: number; readonly update: number; readonly placed: number },
  ): readonly Sighted[] {
    const { process, update, placed } = which;
    const own = readers[process] as readonly number[];
    const operation = withoutResult((all[update] as Caused).operation);
    const found = new Map<string, Sighted>();
    for (let chosen = 0; chosen < 1 << own.length; chosen++) {
      account.tick();
      if (!isAllowed(own, { chosen, update, placed })) continue;
      for (const sighted of sights) {
        let next: readonly Sighted[] = [[]];
        for (const [at, state] of sighted.entries()) {
          const after = hasBit(chosen, at) ? step(state, operation) : [state];
          next = next.flatMap((before) => after.map((each) => before.concat([each])));
        }
        for (const each of next) found.set(canonical(each), each);
      }
    }
    return [...found.values()];
  }

  function isAllowed(
    own: readonly number[],
    which: { readonly chosen: number; readonly update: number; readonly placed: number },
  ): boolean {
    const { chosen, update, placed } = which;
    return own.every((reader, at) => {
      const sees = hasBit(chosen, at);
      if (reader === update) return !sees;
      const { earlier } = all[reader] as Caused;
      const isOwn = (all[update] as Caused).isRequired && hasBit(earlier, update);
      if (keeps("read-your-writes") && isOwn && !sees) return false;
      const hasSeen = own.some(
        (other, place) => place < at && hasBit(chosen, place) && hasBit(earlier, other),
      );
      if (keeps("monotonic-reads") && hasSeen && !sees) return false;
      if (!keeps("writes-follow-reads") || !sees) return true;
      // What its process does then, or it does itself, comes after what it sees.
      return updates.every(
        (other) =>
          !hasBit(placed | (1 << update), other) ||
          (other !== reader && !hasBit((all[other] as Caused).earlier, reader)),
      );
    });
  }
}
