/**
 * Models of the containers that the simulated clients use, as a user would write them: a step, the
 * abstract data type that they are, and the values that an operation is about.
 */
import type { Value } from "../../src/history/value.js";
import type { Model, ModelOperation } from "../../src/model/model.js";

type Elements = readonly number[];

/** What one container does otherwise than another; elements are taken from the end. */
interface Rules {
  readonly put: string;
  readonly take: string;
  readonly insert: (elements: Elements, element: number) => Elements;
  readonly type: "fifo-queue" | "priority-queue" | "stack";
  readonly options?: { readonly [name: string]: Value };
}

function container({ put, take, insert, type, options = {} }: Rules): Model<Elements> {
  const roles = {
    "fifo-queue": { [put]: "enqueue", [take]: "dequeue" },
    "priority-queue": { [put]: "insert", [take]: "extract" },
    stack: { [put]: "push", [take]: "pop" },
  };
  return {
    name: type,
    options,
    functions: [put, take],
    initial: () => [],
    step: (elements, { f, input, output, outcome }) => {
      if (f === put) return [insert(elements, Number(input))];
      const taken = elements.at(-1) ?? null;
      return outcome !== "ok" || taken === output ? [elements.slice(0, -1)] : [];
    },
    type: { name: type, roles: roles[type] },
    values: ({ f, input, output, outcome }: ModelOperation) => {
      if (f === put) return [input];
      return outcome !== "ok" || output == null ? [] : [output];
    },
  };
}

/** A first-in, first-out queue. */
export function queue(): Model {
  const insert = (elements: Elements, element: number): Elements => [element, ...elements];
  return container({ put: "enqueue", take: "dequeue", insert, type: "fifo-queue" });
}

/** A stack. */
export function stack(): Model {
  const insert = (elements: Elements, element: number): Elements => [...elements, element];
  return container({ put: "push", take: "pop", insert, type: "stack" });
}

/** A priority queue of which the largest is extracted. */
export function priorityQueue(): Model {
  const insert = (elements: Elements, element: number): Elements =>
    [...elements, element].toSorted((a, b) => a - b);
  const rules = { put: "insert", take: "extract", insert, type: "priority-queue" } as const;
  return container({ ...rules, options: { order: "max" } });
}

/** A set, element by element: whether it is a member. */
export function set(): Model {
  return {
    name: "set",
    options: {},
    functions: ["add", "remove", "contains"],
    initial: () => false,
    step: (member, { f, output, outcome }) => {
      const found = f === "add" ? member !== true : member;
      if (outcome === "ok" && output !== found) return [];
      return [f === "contains" ? member : f === "add"];
    },
    partition: ({ input }) => input,
    type: { name: "set", roles: { add: "add", remove: "remove", contains: "contains" } },
    readOnly: ({ f }) => f === "contains",
  };
}
