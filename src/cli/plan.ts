/**
 * From names on the command line, or a user's test file, to what a run is put together from.
 */
import { existsSync } from "node:fs";
import { HarnessError } from "../errors.js";
import type { UserTest } from "../runner/define-test.js";
import type { Nemesis } from "../runner/nemesis.js";
import type { System } from "../runner/system.js";
import type { Workload } from "../runner/workload.js";
import type { FaultKind, WorldKind } from "../world/world.js";
import { makeNemesis, makeSystem, makeWorkload } from "./catalog.js";
import { defaultExportOf, isFile } from "./own-module.js";

/** What was asked for, as names. */
export interface Names {
  /** A workload's name, or the path of a test file. */
  readonly workload: string;
  readonly system?: string | undefined;
  /** Names separated by commas; `none` for none. */
  readonly nemesis?: string | undefined;
  readonly world?: string | undefined;
  readonly nodes?: number | undefined;
}

/** What a run is made of, resolved. */
export interface Plan {
  readonly system: System;
  readonly workload: Workload;
  readonly nemeses: readonly Nemesis[];
  readonly world: WorldKind;
  readonly nodeCount: number;
  /** The user's test, and the path it came from. */
  readonly user?: UserTest;
  readonly file?: string;
}

/** The first of these that has what the workload needs. */
const DEFAULT_SYSTEMS = ["quorum", "raft", "mvcc"];
const DEFAULT_WORKLOAD = "register";

/** Finds everything by name. @throws HarnessError `bad-argument` with the choices. */
export async function planOf(names: Names): Promise<Plan> {
  const file = isFile(names.workload) ? names.workload : undefined;
  const user = file === undefined ? undefined : await loadUserTest(file);
  const workload =
    user === undefined
      ? makeWorkload(names.workload)
      : typeof user.workload === "object"
        ? user.workload
        : makeWorkload(user.workload ?? DEFAULT_WORKLOAD);
  // By its name too, so that the command that repeats a run can name everything that was in it.
  const system =
    user !== undefined && (names.system ?? user.system.name) === user.system.name
      ? user.system
      : makeSystem(names.system ?? defaultSystemFor(workload));
  const world = worldOf(names.world ?? user?.world, system);
  const nodeCount = names.nodes ?? user?.nodeCount ?? system.nodes.default;
  return {
    system,
    workload,
    nemeses: nemesesOf(names, user, { system, world, nodeCount }),
    world,
    nodeCount,
    ...(user === undefined ? {} : { user }),
    ...(file === undefined ? {} : { file }),
  };
}

/** Where none has it, the run is refused with the reason. */
function defaultSystemFor({ requires }: Workload): string {
  const fits = (name: string): boolean => {
    const { functions } = makeSystem(name);
    return requires.every((f) => functions.includes(f));
  };
  return DEFAULT_SYSTEMS.find((name) => fits(name)) ?? (DEFAULT_SYSTEMS[0] as string);
}

function worldOf(asked: string | undefined, system: System): WorldKind {
  if (asked === undefined) return system.worlds.includes("simulated") ? "simulated" : "real";
  if (asked === "simulated" || asked === "real") return asked;
  throw new HarnessError(
    "bad-argument",
    `no world is called "${asked}"; use --world simulated or --world real`,
  );
}

function nemesesOf(
  names: Names,
  user: UserTest | undefined,
  target: { readonly system: System; readonly world: WorldKind; readonly nodeCount: number },
): readonly Nemesis[] {
  if (names.nemesis !== undefined) {
    const wanted = names.nemesis.split(",").map((name) => name.trim());
    if (wanted.length === 1 && wanted[0] === "none") return [];
    const own = (user?.nemeses ?? []).filter((nemesis) => typeof nemesis !== "string");
    return [...new Set(wanted)].map(
      (name) => own.find((nemesis) => nemesis.name === name) ?? makeNemesis(name),
    );
  }
  if (user?.nemeses !== undefined) {
    return user.nemeses.map((nemesis) =>
      typeof nemesis === "string" ? makeNemesis(nemesis) : nemesis,
    );
  }
  return promisedFaults(target);
}

/**
 * The faults that the system says it survives: what it is put through when nobody says otherwise.
 */
function promisedFaults(target: {
  readonly system: System;
  readonly world: WorldKind;
  readonly nodeCount: number;
}): readonly Nemesis[] {
  const byFault: readonly (readonly [FaultKind, string])[] = [
    ["cut-link", "partition"],
    ["kill", "crash"],
    ["pause", "pause"],
  ];
  return byFault
    .filter(([fault]) => target.system.promise.under.includes(fault))
    .map(([, name]) => makeNemesis(name))
    .filter((nemesis) => nemesis.available(target.nodeCount).available);
}

/** Loads a TypeScript or JavaScript module, without a build step. */
async function loadUserTest(file: string): Promise<UserTest> {
  if (!existsSync(file)) {
    throw new HarnessError(
      "unreadable-input",
      `there is no test file ${file}; ordeal init writes one to start from`,
    );
  }
  const test = (await defaultExportOf(file)) as Partial<UserTest> | null | undefined;
  if (typeof test !== "object" || test === null || typeof test.system?.connect !== "function") {
    throw new HarnessError(
      "bad-argument",
      `${file} must export a test by default: export default defineTest({ system: … }) (see: ordeal init)`,
    );
  }
  return test as UserTest;
}
