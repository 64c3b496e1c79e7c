/**
 * Sets: `add`, `remove` and `contains` say whether they found the element, all elements at once.
 * The algorithm is in `set/decide.ts`; where reads show all members, and nothing is removed, in
 * `set/growing.ts`.
 */
import { INFO } from "../../../src/history/history.js";
import type { Monitor } from "./monitor.js";
import { decideLives } from "./set/decide.js";
import { decideGrowing } from "./set/growing.js";
import {
  ABSENT,
  ADDS,
  LEFT_OUT,
  MAY_ADD,
  MAY_REMOVE,
  PRESENT,
  REMOVES,
  SAYS_NOTHING,
  UNKNOWN_ADD,
  UNKNOWN_REMOVE,
  type Reading,
} from "./set/lives.js";

/** Positions of the roles. */
const ADD = 0;
const REMOVE = 1;

/** Decides sets whose elements are added and removed once at most. */
export const setLives: Monitor = {
  name: "set-lives",
  type: "set",
  roles: ["add", "remove", "contains"],
  partOf: ({ inputs }, call) => inputs[call] as number,
  decide: (question) => decideLives(question, READING),
};

/** Decides sets of which members are shown together, and from which nothing is removed. */
export const setReads: Monitor = {
  name: "set-reads",
  type: "set",
  roles: ["add", "remove", "contains", "read"],
  decide: (question) => decideGrowing(question, READING),
};

const READING: Reading = {
  partOf: ({ roles, outcomes, outputs, pool }, call) => {
    const role = roles[call];
    if (outcomes[call] === INFO) {
      return role === ADD ? UNKNOWN_ADD : role === REMOVE ? UNKNOWN_REMOVE : LEFT_OUT;
    }
    const output = pool[outputs[call] as number];
    if (role === ADD) return output === true ? ADDS : output === false ? PRESENT : MAY_ADD;
    if (role === REMOVE) return output === true ? REMOVES : output === false ? ABSENT : MAY_REMOVE;
    return output === true ? PRESENT : output === false ? ABSENT : SAYS_NOTHING;
  },
  addsOnce: true,
};
