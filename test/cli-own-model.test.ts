/**
 * `ordeal check --model ./my-model.ts`: models that a user wrote, loaded without a build step; and
 * what a format says of registers is not said of other models.
 */
import { describe, expect, test } from "vitest";
import { fileIn, INVALID, jsonLines, ordeal, temporaryDirectory, VALID } from "./command-line.js";

const REGISTER = `
enum F { Read = "read", Write = "write" }
export default {
  name: "own-register",
  options: {},
  functions: [F.Read, F.Write],
  initial: () => null,
  step: (state: unknown, { f, input, output, outcome }: { [name: string]: unknown }) =>
    f === F.Write ? [input] : outcome === "info" || output === state ? [state] : [],
};
`;

const FACTORY = `
export default ({ initial = 7, ...others } = {}) => ({
  name: "own-constant",
  options: { initial, others: Object.keys(others).length },
  initial: () => initial,
  step: (state, { output, outcome }) => (outcome === "info" || output === state ? [state] : []),
});
`;

function files(model: string, name: string, history: string): readonly [string, string] {
  const folder = temporaryDirectory();
  return [fileIn(folder, "history.jsonl", history), fileIn(folder, name, model)];
}

const reads = (value: number): string =>
  jsonLines([
    { type: "invoke", process: 0, f: "read", value: null },
    { type: "ok", process: 0, f: "read", value },
  ]);

describe("a model in a file", () => {
  test("accepts and rejects, in TypeScript", async () => {
    for (const [history, code] of [
      [VALID, 0],
      [INVALID, 1],
    ] as const) {
      const [file, model] = files(REGISTER, "own.ts", history);
      const { exitCode, stdout, stderr } = await ordeal("check", file, "--model", model, "--json");
      expect(exitCode, stdout + stderr).toBe(code);
      expect(JSON.parse(stdout)).toMatchObject({ model: { name: "own-register", options: {} } });
    }
  });

  test("may be made from options: those that were given, none of the format", async () => {
    const [file, model] = files(FACTORY, "own.mjs", reads(7));
    expect((await ordeal("check", file, "--model", model)).exitCode).toBe(0);
    const given = await ordeal("check", file, "--model", model, "--initial", "8", "--json");
    expect(given.exitCode).toBe(1);
    expect(JSON.parse(given.stdout)).toMatchObject({
      model: { options: { initial: 8, others: 0 } },
    });
  });

  test.each([
    ["export default 7;", "must export a model by default"],
    ["export default { name: 'x', options: {}, initial: () => 0 };", "(step is missing, or is no"],
    ["export default { name: ;", "cannot load"],
    ["export default () => { throw new Error('not today'); };", "not today"],
  ])("that is none is told: %s", async (text, message) => {
    const [file, model] = files(text, "own.mjs", VALID);
    const { exitCode, stderr } = await ordeal("check", file, "--model", model);
    expect(exitCode).toBe(254);
    expect(stderr).toContain(message);
    expect(stderr).toContain("own.mjs");
  });

  test("that is not there is told", async () => {
    const { exitCode, stderr } = await ordeal("check", "-", "--model", "./nowhere.ts");
    expect(exitCode).toBe(254);
    expect(stderr).toContain("there is no model file ./nowhere.ts");
  });

  test("that does not know the history's functions is told", async () => {
    const history = jsonLines([{ type: "invoke", process: 0, f: "swap", value: 1 }]);
    const [file, model] = files(REGISTER, "own.ts", history);
    const { exitCode, stderr } = await ordeal("check", file, "--model", model);
    expect(exitCode).toBe(254);
    expect(stderr).toContain("the own-register model knows read, write");
  });
});

describe("the value at first that a format says", () => {
  test("is that of registers only: what does not fit is the history", async () => {
    const text = `{ :process 0, :type :invoke, :f :get, :key "x", :value nil }
{ :process 0, :type :ok, :f :get, :key "x", :value "" }
`;
    const file = fileIn(temporaryDirectory(), "history.txt", text);
    const argv = ["check", file, "--format", "porcupine-kv", "--model"];
    expect((await ordeal(...argv, "kv")).exitCode).toBe(0);
    for (const model of ["counter", "set"]) {
      const { exitCode, stderr } = await ordeal(...argv, model);
      expect(exitCode).toBe(254);
      expect(stderr).toContain(`the ${model} model knows`);
      expect(stderr).toContain("use --model kv");
    }
  });

  test("is refused when it was asked for and cannot be", async () => {
    const file = fileIn(temporaryDirectory(), "history.jsonl", reads(0));
    const { exitCode, stderr } = await ordeal(
      "check",
      file,
      "--model",
      "counter",
      "--initial",
      '""',
    );
    expect(exitCode).toBe(254);
    expect(stderr).toContain("initial");
  });
});

describe("verify with a model in a file", () => {
  test("confirms, and refuses another model than the result is about", async () => {
    const [file, model] = files(REGISTER, "own.ts", INVALID);
    const result = fileIn(temporaryDirectory(), "result.json", "");
    await ordeal("check", file, "--model", model, "--out", result);
    const confirmed = await ordeal("verify", result, file, "--model", model);
    expect(confirmed.stdout + confirmed.stderr).toContain("✓ confirmed");
    expect(confirmed.exitCode).toBe(0);
    const without = await ordeal("verify", result, file);
    expect(without.exitCode).toBe(254);
    expect(without.stderr).toContain("name its file: --model FILE");
    const [, other] = files(FACTORY, "other.mjs", INVALID);
    const refused = await ordeal("verify", result, file, "--model", other);
    expect(refused.exitCode).toBe(254);
    expect(refused.stderr).toContain("is about the model own-register");
  });
});
