/**
 * From names on the command line, or a user's test file, to what a run is put together from.
 */
import { HarnessError } from "../errors.js";
import type { Value } from "../history/value.js";
import type { UserTest } from "../runner/define-test.js";
import type { Nemesis } from "../runner/nemesis.js";
import type { TestDescription } from "../runner/result.js";
import type { System } from "../runner/system.js";
import type { Workload } from "../runner/workload.js";
import type { FaultKind, WorldKind } from "../world/world.js";
import { makeNemesis, makeSystem, makeWorkload } from "./catalog.js";
import {
  strategiesOf,
  SYNCHRONIZED_BY_DEFAULT,
  synchronizedName,
  type Strategy,
} from "./catalog-strategies.js";
import { isFile } from "../runner/own-module.js";
import { systemIn, testIn, type OwnSystem } from "../runner/own-test.js";

/** What was asked for, as names. */
export interface Names {
  /** A workload's name, or the path of a test file. */
  readonly workload: string;
  /** A system's name, or the path of a module that exports one. */
  readonly system?: string | undefined;
  /** How the copies of the system are kept in step; the system is then one that ordeal ships. */
  readonly synchronization?: Strategy | undefined;
  /** Names separated by commas; `none` for none. */
  readonly nemesis?: string | undefined;
  readonly world?: string | undefined;
  readonly nodes?: number | undefined;
}

/** The names in a description. */
export function namesOf(test: TestDescription): Names {
  return {
    workload: test.file ?? test.workload,
    system: test.systemFile ?? test.system,
    world: test.world,
    nodes: test.nodeCount,
    nemesis: test.nemeses.join(",") || "none",
  };
}

/** What a run is made of, resolved. */
export interface Plan {
  readonly system: System;
  readonly workload: Workload;
  readonly nemeses: readonly Nemesis[];
  readonly world: WorldKind;
  readonly nodeCount: number;
  /** Makes these anew, for many runs; what a module exports as it is is the same each time. */
  readonly make: PlanMakers;
  /** The user's test, and the path it came from. */
  readonly user?: UserTest;
  readonly file?: string;
  /** The path of the user's module that the system came from, when it was given as such. */
  readonly systemFile?: string;
}

/** What makes the parts of a run. */
export interface PlanMakers {
  readonly system: (options?: { readonly [name: string]: Value }) => System;
  readonly workload: () => Workload;
  readonly nemeses: () => readonly Nemesis[];
}

/** The first of these that has what the workload needs. */
const DEFAULT_SYSTEMS = ["quorum", "raft", "mvcc"];
const DEFAULT_WORKLOAD = "register";

/** Finds everything by name. @throws HarnessError `bad-argument` with what to do. */
export async function planOf(names: Names): Promise<Plan> {
  const file = isFile(names.workload) ? names.workload : undefined;
  const user = file === undefined ? undefined : await testIn(file);
  const asked = names.system;
  const systemFile = asked !== undefined && isFile(asked) ? asked : undefined;
  const own = systemFile === undefined ? undefined : await systemIn(systemFile);
  assertNotOwn(names, systemFile, user);
  const workloadOf = workloadMaker(names.workload, user, own);
  const workload = workloadOf();
  const systemOf = own?.make ?? systemMaker(names, user, workload);
  const system = systemOf();
  const world = worldOf(names.world ?? user?.world, system);
  const nodeCount = names.nodes ?? user?.nodeCount ?? system.nodes.default;
  const nemesesNow = (): readonly Nemesis[] =>
    nemesesOf(names, [user, own?.test], { system, world, nodeCount });
  return {
    system,
    workload,
    nemeses: nemesesNow(),
    world,
    nodeCount,
    make: { system: systemOf, workload: workloadOf, nemeses: nemesesNow },
    ...(user === undefined ? {} : { user }),
    ...(file === undefined ? {} : { file }),
    ...(systemFile === undefined ? {} : { systemFile }),
  };
}

/** The workload of the test file, or one by its name, which the system's own test may have. */
function workloadMaker(
  name: string,
  user: UserTest | undefined,
  own: OwnSystem | undefined,
): PlanMakers["workload"] {
  if (user === undefined) {
    const theirs = own?.test?.workload;
    return typeof theirs === "object" && theirs.name === name
      ? () => theirs
      : () => makeWorkload(name);
  }
  const { workload = DEFAULT_WORKLOAD } = user;
  return typeof workload === "object" ? () => workload : () => makeWorkload(workload);
}

/** By its name too, so that the command that repeats a run can name everything that was in it. */
function systemMaker(
  names: Names,
  user: UserTest | undefined,
  workload: Workload,
): PlanMakers["system"] {
  if (user !== undefined && isOwnSystem(names, user)) {
    return () => user.system;
  }
  const name = systemNameOf(names, workload);
  return (options) => makeSystem(name, options);
}

function isOwnSystem({ system }: Names, { system: { name } }: UserTest): boolean {
  return (system ?? name) === name;
}

/** Nobody but its author knows what would keep the copies of a system of one's own in step. */
function assertNotOwn(
  { workload, system, synchronization }: Names,
  systemFile: string | undefined,
  user: UserTest | undefined,
): void {
  if (synchronization === undefined) return;
  const isTheirs = user !== undefined && isOwnSystem({ workload, system }, user);
  const file = systemFile ?? (isTheirs ? workload : undefined);
  if (file === undefined) return;
  const message = `the system of ${file} is yours: --synchronization is an option of systems that ordeal ships`;
  throw new HarnessError("bad-argument", message);
}

function systemNameOf({ system, synchronization }: Names, workload: Workload): string {
  if (synchronization === undefined) return system ?? defaultOf(DEFAULT_SYSTEMS, workload);
  // One that there is not is told with those that are near.
  if (system !== undefined) makeSystem(system);
  const able = SYNCHRONIZED_BY_DEFAULT.filter((each) =>
    strategiesOf(each).includes(synchronization),
  );
  return synchronizedName(system ?? defaultOf(able, workload), synchronization);
}

/** Where none has what the workload needs, the run is refused with the reason. */
function defaultOf(names: readonly string[], { requires }: Workload): string {
  const fits = (name: string): boolean => {
    const { functions } = makeSystem(name);
    return requires.every((f) => functions.includes(f));
  };
  return names.find((name) => fits(name)) ?? (names[0] as string);
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
  tests: readonly [user: UserTest | undefined, own: UserTest | undefined],
  target: { readonly system: System; readonly world: WorldKind; readonly nodeCount: number },
): readonly Nemesis[] {
  if (names.nemesis !== undefined) {
    const wanted = names.nemesis.split(",").map((name) => name.trim());
    if (wanted.length === 1 && wanted[0] === "none") return [];
    const own = tests
      .flatMap((test) => test?.nemeses ?? [])
      .filter((nemesis) => typeof nemesis !== "string");
    return [...new Set(wanted)].map(
      (name) => own.find((nemesis) => nemesis.name === name) ?? makeNemesis(name),
    );
  }
  const [user] = tests;
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
