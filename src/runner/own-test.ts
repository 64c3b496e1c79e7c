/**
 * Tests and systems of users, by the paths of their modules, which are loaded without a build step.
 */
import { existsSync } from "node:fs";
import { HarnessError, messageOf } from "../errors.js";
import type { Value } from "../history/value.js";
import type { UserTest } from "./define-test.js";
import type { System } from "./system.js";
import { defaultExportOf } from "./own-module.js";

/** What a module has that was given for a system. */
export interface OwnSystem {
  /** The same each time where the module exports it as it is. */
  readonly make: (options?: SystemOptions) => System;
  /** The whole test, when it is one. */
  readonly test?: UserTest;
}

type SystemOptions = { readonly [name: string]: Value };

/** The test that a module exports. @throws HarnessError when there is none. */
export async function testIn(file: string): Promise<UserTest> {
  if (!existsSync(file)) {
    throw new HarnessError(
      "unreadable-input",
      `there is no test file ${file}; ordeal init writes one to start from`,
    );
  }
  const test = await defaultExportOf(file);
  if (isTest(test)) return test;
  throw new HarnessError(
    "bad-argument",
    `${file} must export a test by default: export default defineTest({ system: … }) (see: ordeal init)`,
  );
}

/** The system that a module exports, or makes, or tests. @throws HarnessError without one. */
export async function systemIn(file: string): Promise<OwnSystem> {
  if (!existsSync(file)) {
    throw new HarnessError("unreadable-input", `there is no module ${file} with a system`);
  }
  const exported = await defaultExportOf(file);
  if (isTest(exported)) return { make: () => exported.system, test: exported };
  if (typeof exported === "function") {
    const make = (options: SystemOptions = {}): System => made(file, exported, options);
    make();
    return { make };
  }
  if (isSystem(exported)) return { make: () => exported };
  throw notASystem(file);
}

function made(file: string, factory: unknown, options: SystemOptions): System {
  let system: unknown;
  try {
    system = (factory as (given: SystemOptions) => unknown)(options);
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    throw new HarnessError(
      "bad-argument",
      `cannot make the system of ${file}: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
  if (isSystem(system)) return system;
  throw notASystem(file);
}

function notASystem(file: string): HarnessError {
  return new HarnessError(
    "bad-argument",
    `${file} must export a system by default, or what makes one, or a test: ` +
      "export default { name, …, deployment, connect }",
  );
}

function isTest(given: unknown): given is UserTest {
  return typeof given === "object" && given !== null && isSystem((given as UserTest).system);
}

function isSystem(given: unknown): given is System {
  return typeof (given as Partial<System> | null | undefined)?.connect === "function";
}
