/**
 * Where the modules of users are that a case or a run names: from the current directory, as they
 * were named, or else from where the case is, in a project that was entered by another door.
 */
import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { HarnessError } from "../errors.js";
import type { TestDescription } from "../runner/result.js";

/** What helps where nothing else can be named. */
export const FROM_THERE = "call ordeal from the directory in which the run was made";

/**
 * The description with modules that are there; `folder` is that of the case, or the run.
 * @throws HarnessError `unreadable-input` with the places where one is not.
 */
export function withModules(
  test: TestDescription,
  folder: string,
  fix = "name it: --system ./FILE",
): TestDescription {
  const { file, systemFile } = test;
  return {
    ...test,
    ...(file === undefined ? {} : { file: found(file, folder, fix) }),
    ...(systemFile === undefined ? {} : { systemFile: found(systemFile, folder, fix) }),
  };
}

function found(named: string, folder: string, fix: string): string {
  if (existsSync(named)) return named;
  const places = projectOf(folder).filter((place) => place !== process.cwd());
  const place = places.find((each) => existsSync(resolve(each, named)));
  if (place !== undefined) return fromHere(resolve(place, named));
  const looked = ["the current directory", ...places.map((each) => fromHere(each))].join(", ");
  throw new HarnessError(
    "unreadable-input",
    `there is no module ${named} (looked in ${looked}); ${fix}`,
  );
}

/** The folder and its parents, up to the one that has a package.json; all where none has. */
function projectOf(folder: string): readonly string[] {
  const here = resolve(folder);
  const parent = dirname(here);
  if (parent === here || existsSync(join(here, "package.json"))) return [here];
  return [here, ...projectOf(parent)];
}

function fromHere(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith(".") ? short : `./${short}`;
}
