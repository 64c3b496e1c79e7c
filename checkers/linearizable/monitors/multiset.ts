/**
 * Multisets in which each element is added once: they are sets then, whose `count` of an element
 * is 0 or 1. The algorithms are in `set/decide.ts` and `set/growing.ts`. An add always adds,
 * whatever it says; a second one, or a count above 1, is for the general search. Where elements are
 * looked at one by one, an indeterminate add beyond the one that was seen may be left out as in a
 * set: an order with both has the element twice for a while, and no call saw two.
 */
import { INFO } from "../../../src/history/history.js";
import type { Monitor } from "./monitor.js";
import { decideLives } from "./set/decide.js";
import { decideGrowing } from "./set/growing.js";
import {
  ABSENT,
  ADDS,
  LEFT_OUT,
  MAY_REMOVE,
  PRESENT,
  REMOVES,
  SAYS_NOTHING,
  UNKNOWN_ADD,
  UNKNOWN_REMOVE,
  UNREADABLE,
  type Reading,
} from "./set/lives.js";

/** Positions of the roles. */
const ADD = 0;
const REMOVE = 1;

/** Decides multisets whose elements are added and removed once at most. */
export const multisetLives: Monitor = {
  name: "multiset-lives",
  type: "multiset",
  roles: ["add", "remove", "count"],
  partOf: ({ inputs }, call) => inputs[call] as number,
  decide: (question) => decideLives(question, READING),
};

/** Decides multisets that are shown whole, and from which nothing is removed. */
export const multisetReads: Monitor = {
  name: "multiset-reads",
  type: "multiset",
  roles: ["add", "remove", "count", "read"],
  decide: (question) => decideGrowing(question, READING),
};

const READING: Reading = {
  partOf: ({ roles, outcomes, outputs, pool }, call) => {
    const role = roles[call];
    if (outcomes[call] === INFO) {
      return role === ADD ? UNKNOWN_ADD : role === REMOVE ? UNKNOWN_REMOVE : LEFT_OUT;
    }
    if (role === ADD) return ADDS;
    const output = pool[outputs[call] as number];
    if (role === REMOVE) return output === true ? REMOVES : output === false ? ABSENT : MAY_REMOVE;
    if (typeof output !== "number") return SAYS_NOTHING;
    return output === 0 ? ABSENT : output === 1 ? PRESENT : UNREADABLE;
  },
  addsOnce: false,
};
