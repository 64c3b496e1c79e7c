/**
 * Models on the command line: one from the catalog by its name, or one that a user wrote by the
 * path of its module, which exports a model, or what makes one from options, by default.
 */
import { existsSync } from "node:fs";
import { HarnessError, messageOf } from "../errors.js";
import type { Model } from "../model/model.js";
import { makeModel } from "./catalog.js";
import { defaultExportOf, isFile } from "../runner/own-module.js";

const REFUSED =
  "export default { name, options: {}, initial: () => …, step: (state, operation) => [ … ] }";

/** The model of a name or a path. @throws HarnessError when there is none, or it is no model */
export async function modelNamed(word: string, options: object = {}): Promise<Model> {
  if (!isFile(word)) return makeModel(word, options);
  if (!existsSync(word)) {
    throw new HarnessError("unreadable-input", `there is no model file ${word}`);
  }
  const exported = await defaultExportOf(word);
  const made: unknown =
    typeof exported === "function" ? await make(word, exported, options) : exported;
  const model = made as Partial<Model> | null | undefined;
  const lacks = (["name", "options", "initial", "step"] as const).find(
    (field) => typeof model?.[field] !== KINDS[field],
  );
  if (typeof model !== "object" || model === null || lacks !== undefined) {
    const why = lacks === undefined ? "" : ` (${lacks} is missing, or is no ${KINDS[lacks]})`;
    throw new HarnessError(
      "bad-argument",
      `${word} must export a model by default: ${REFUSED}${why}`,
    );
  }
  return model as Model;
}

const KINDS = { name: "string", options: "object", initial: "function", step: "function" } as const;

async function make(file: string, factory: unknown, options: object): Promise<unknown> {
  try {
    return await (factory as (given: object) => unknown)(options);
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    throw new HarnessError(
      "bad-argument",
      `cannot make the model of ${file}: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}
