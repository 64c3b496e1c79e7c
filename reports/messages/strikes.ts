/**
 * The faults of a small run one by one, with the nodes that they strike. Unlike the bands of the
 * timeline (`faults.ts`), two crashes that overlap are two here: each is drawn on its own lanes.
 */
import { NEMESIS, NONE, type History } from "../../src/history/history.js";
import type { Value } from "../../src/history/value.js";
import { formatValue } from "../operation-label.js";

/** One fault that took effect. */
export interface Strike {
  readonly name: string;
  /** Names of the nodes whose lanes are marked; of a partition the smallest side. */
  readonly nodes: readonly string[];
  /** `n3 | n1 n2`, `n1 n2`. */
  readonly detail: string;
  readonly startNs: number;
  /** Infinity when the history does not say that it ended. */
  readonly endNs: number;
}

interface Begun {
  readonly name: string;
  readonly startNs: number;
  readonly value: Value;
  endNs: number;
}

/** Finds the faults. The nemesis writes each step twice, before and after it acts. */
export function strikesOf(history: History): readonly Strike[] {
  const begun: Begun[] = [];
  const announced = new Map<string, number>();
  for (let index = 0; index < history.length; index++) {
    if (history.processes[index] !== NEMESIS) continue;
    const f = history.functionNames[history.functions[index] as number] as string;
    const timeNs = history.timesNs[index] as number;
    const first = announced.get(f);
    if (first === undefined) {
      announced.set(f, timeNs);
      continue;
    }
    announced.delete(f);
    if (history.errors[index] !== NONE) continue;
    const [, verb, name] = /^(start|stop)-(.+)$/.exec(f) ?? [];
    if (verb === "start" && name !== undefined) {
      const value = history.pool[history.values[index] as number] as Value;
      begun.push({ name, startNs: first, value, endNs: Infinity });
    } else if (verb === "stop" || f === "heal") {
      for (const each of begun) {
        if (each.endNs === Infinity && (f === "heal" || each.name === name)) each.endNs = timeNs;
      }
    }
  }
  return begun.map(({ name, startNs, endNs, value }) => {
    return { name, startNs, endNs, nodes: struckBy(value), detail: detailOf(value) };
  });
}

function fieldsOf(value: Value): { readonly [name: string]: Value | undefined } {
  const isRecord = value !== null && typeof value === "object" && !Array.isArray(value);
  return isRecord ? (value as { readonly [name: string]: Value }) : {};
}

function textsIn(value: Value | undefined): readonly string[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly Value[]).filter((item) => typeof item === "string");
}

function groupsIn(value: Value | undefined): readonly (readonly string[])[] {
  return Array.isArray(value) ? (value as readonly Value[]).map((group) => textsIn(group)) : [];
}

function struckBy(value: Value): readonly string[] {
  const { nodes, groups, from } = fieldsOf(value);
  const direct = [...textsIn(nodes), ...textsIn(from)];
  if (direct.length > 0) return direct;
  const sides = groupsIn(groups).toSorted((a, b) => a.length - b.length);
  return sides[0] ?? [];
}

function detailOf(value: Value): string {
  const { nodes, groups, from, to, cuts, shape, jumpMs, rate } = fieldsOf(value);
  const how = [
    ...(typeof jumpMs === "number" ? [`${jumpMs} ms`] : []),
    ...(typeof rate === "number" ? [`× ${rate}`] : []),
    ...(typeof shape === "string" && groups === undefined && cuts === undefined ? [shape] : []),
  ];
  if (textsIn(nodes).length > 0) return [...how, ...textsIn(nodes)].join(" ");
  if (how.length > 0) return how.join(" ");
  if (textsIn(from).length > 0) return `${textsIn(from).join(" ")} ⇸ ${textsIn(to).join(" ")}`;
  const sides = groupsIn(groups);
  if (sides.length > 0) return sides.map((side) => side.join(" ")).join(" | ");
  if (textsIn(cuts).length > 0) return `no ${textsIn(cuts).join(", ")}`;
  return value === null ? "" : formatValue(value, 60);
}
