/** `ordeal check --consistency LEVEL`: transactions, which need no model, and their evidence. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fileIn, jsonLines, ordeal, program, temporaryDirectory } from "./command-line.js";

/** Write skew: two transactions that each read what the other wrote, before it did. */
const SKEW = `{:type :invoke, :process 0, :f :txn, :value [[:r :x nil] [:append :y 1]]}
{:type :invoke, :process 1, :f :txn, :value [[:r :y nil] [:append :x 2]]}
{:type :ok, :process 0, :f :txn, :value [[:r :x []] [:append :y 1]]}
{:type :ok, :process 1, :f :txn, :value [[:r :y []] [:append :x 2]]}
`;

describe("check --consistency LEVEL", () => {
  test.each([
    ["snapshot-isolation", 0, "snapshot"],
    ["PL-2", 0, "snapshot"],
    ["serializable", 1, undefined],
  ] as const)("%s: exit code %i, with evidence that is verified", async (level, code, manner) => {
    const directory = temporaryDirectory();
    const file = fileIn(directory, "skew.edn", SKEW);
    const out = `${directory}/result.json`;
    const argv = ["check", file, "--consistency", level, "--json", "--out", out];
    const { exitCode, stdout } = await ordeal(...argv);
    expect(exitCode).toBe(code);
    const result = JSON.parse(stdout) as { certificate: { manner?: string } };
    expect(result).toMatchObject({ model: null, consistency: level });
    expect(result.certificate.manner).toBe(manner);
    const verified = await ordeal("verify", out, file);
    expect(verified.stdout).toContain("✓ confirmed");
    expect(verified.exitCode).toBe(0);
  });

  test("evidence about another level than the one that was asked about shows nothing", async () => {
    const directory = temporaryDirectory();
    const file = fileIn(directory, "skew.edn", SKEW);
    const forged = async (level: string, consistency: string): Promise<string> => {
      const { stdout } = await ordeal("check", file, "--consistency", level, "--json");
      const result = JSON.stringify({ ...(JSON.parse(stdout) as object), consistency });
      const { stdout: told } = await ordeal("verify", fileIn(directory, "r.json", result), file);
      return told;
    };
    expect(await forged("serializable", "PL-1")).toContain(
      "✗ refuted  the certificate is about serializable, which does not show that read-uncommitted is invalid",
    );
    expect(await forged("serializable", "strict-serializable")).toContain("✓ confirmed");
    expect(await forged("PL-2", "serializable")).toContain("✗ refuted");
    expect(await forged("PL-2", "read-uncommitted")).toContain("✓ confirmed");
  });

  test("names the cycle and the weakest levels that are ruled out", async () => {
    const file = fileIn(temporaryDirectory(), "skew.edn", SKEW);
    const { stdout } = await ordeal("check", file, "--consistency", "serializable", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      anomalies: [
        {
          kind: "G2-item",
          operations: [0, 1],
          message:
            'G2-item: transaction 0 read "x" without 2, which transaction 1 wrote; transaction 1 read "y" without 1, which transaction 0 wrote: so each would have to come before itself.',
        },
      ],
      details: {
        ruledOut: ["update-serializable", "repeatable-read"],
        strongestPossible: ["strong-snapshot-isolation"],
        transactions: 2,
      },
    });
  });

  test("refuses flags that say nothing about transactions", async () => {
    const file = fileIn(temporaryDirectory(), "skew.edn", SKEW);
    const argv = ["check", file, "--consistency", "serializable"];
    for (const flag of ["--model=register", "--initial=0", "--nil-reads=value"]) {
      const { exitCode, stderr } = await ordeal(...argv, flag);
      expect(exitCode).toBe(254);
      expect(stderr).toContain("says nothing about serializable");
    }
  });

  test("without a level the error names one", async () => {
    const file = fileIn(temporaryDirectory(), "skew.edn", SKEW);
    const { exitCode, stderr } = await ordeal("check", file);
    expect(exitCode).toBe(254);
    expect(stderr).toContain("--consistency serializable");
  });

  test("levels of what a transaction sees: the text format of other tools, and evidence", async () => {
    const directory = temporaryDirectory();
    const lines = ["w(1,1,0,0)", "w(2,1,0,0)", "r(2,1,1,1)", "r(1,0,2,2)", "r(2,1,2,2)", ""];
    const file = fileIn(directory, "fractured.txt", lines.join("\n"));
    const out = `${directory}/result.json`;
    for (const [level, code] of [
      ["monotonic-atomic-view", 0],
      ["read-atomic", 1],
      ["strong-session-TCC", 1],
    ] as const) {
      const { exitCode } = await ordeal("check", file, "--consistency", level, "--out", out);
      expect(exitCode).toBe(code);
      const verified = await ordeal("verify", out, file);
      expect(verified.stdout).toContain("✓ confirmed");
    }
    const { stdout } = await ordeal("check", file, "--consistency", "strongest", "--json");
    const { details } = JSON.parse(stdout) as { details: { next: string[]; strongest: string[] } };
    expect(details.next).toContain("read-atomic");
    expect(details.strongest).toContain("strong-monotonic-atomic-view");
  });

  test("says what is ruled out by what, and what holds, in every report", async () => {
    const directory = temporaryDirectory();
    const file = fileIn(directory, "skew.edn", SKEW);
    const told = async (consistency: string, report: string): Promise<string> => {
      const page = `${directory}/${report}`;
      await ordeal("check", file, "--consistency", consistency, "--report", page);
      return readFileSync(page, "utf8");
    };
    const { stdout } = await ordeal("check", file, "--consistency", "serializable");
    const groups = /  Ruled out\n[^]*?levels? with it\n/.exec(stdout)?.[0];
    expect(groups).toBe(
      [
        "  Ruled out",
        "    ✗ update-serializable        G2-item",
        "    ✗ repeatable-read            G2-item",
        "      and 7 stronger levels with them",
        "  Holds",
        "    ✓ strong-snapshot-isolation",
        "      and 41 weaker levels with it",
        "",
      ].join("\n"),
    );
    const markdown = await told("serializable", "report.md");
    expect(markdown).toContain(
      "- ❌ Ruled out: **update-serializable** (G2-item), **repeatable-read** (G2-item), and 7 stronger levels with them",
    );
    expect(markdown).toContain(
      "- ✅ Holds: **strong-snapshot-isolation**, and 41 weaker levels with it",
    );
    expect(markdown).toContain("| snapshot-isolation | ✅ | ✅ | ✅ |");
    const html = await told("serializable", "report.html");
    expect(html).toContain("<code>✗ repeatable-read</code>");
    expect(html).toContain("<code>✓ strong-snapshot-isolation</code>");
    expect(html).toContain("and 41 weaker levels with it");
    const all = await told("strongest", "strongest.html");
    expect(all.match(/<td class="(?:valid|invalid)" title=/g)).toHaveLength(51);
  });

  test("a right history needs one line, and what proves nothing says nothing of levels", async () => {
    const directory = temporaryDirectory();
    const one = (type: string): string =>
      jsonLines([
        { type: "invoke", process: 0, f: "txn", value: [["append", "x", 1]] },
        { type, process: 0, f: "txn", value: [["append", "x", 1]] },
      ]);
    const right = fileIn(directory, "right.jsonl", one("ok"));
    const { stdout } = await ordeal("check", right, "--consistency", "strict-serializable");
    expect(stdout).toContain(
      "  Holds\n    ✓ strict-serializable\n      and 50 weaker levels with it\n",
    );
    const failed = fileIn(directory, "failed.jsonl", one("fail"));
    const nothing = await ordeal("check", failed, "--consistency", "strict-serializable");
    expect(nothing.exitCode).toBe(2);
    expect(nothing.stdout).toContain("Nothing was proved");
    expect(nothing.stdout).not.toContain("Ruled out");
    expect(nothing.stdout).not.toContain("Holds");
  });

  test.each([
    ["G-single-item", "w(1,1,0,0) w(2,1,0,0) r(1,0,1,1) r(2,1,1,1)", undefined],
    ["cyclic-versions", "r(1,1,0,0) w(1,2,0,0) r(1,2,1,1) w(1,1,1,1)", "writes-follow-reads"],
  ])("evidence about versions of registers is verified: %s", async (kind, lines, rule) => {
    const directory = temporaryDirectory();
    const file = fileIn(directory, "registers.txt", `${lines.replaceAll(" ", "\n")}\n`);
    const out = `${directory}/result.json`;
    const options = [
      "level=repeatable-read",
      ...(rule === undefined ? [] : [`versions=["${rule}"]`]),
    ];
    const argv = ["--checker", "transactional", ...options.flatMap((o) => ["--checker-option", o])];
    const { stdout } = await ordeal("check", file, ...argv, "--json", "--out", out);
    expect(stdout).toContain(kind);
    const verified = await ordeal("verify", out, file);
    expect(verified.stdout).toContain("✓ confirmed");
  });
});

/** One transaction, as JSON Lines after a line that is empty. */
function linesOf(asked: string, told = asked): string {
  const line = (type: string, value: string): string =>
    `{"type":"${type}","process":0,"f":"txn","value":${value}}\n`;
  return `\n${line("invoke", asked)}${line("ok", told)}`;
}

describe("what is no transaction is refused with file, line and what would be one", () => {
  test.each([
    ["an unknown name", '[["apend","x",1]]', undefined, 'its value has in it ["apend","x",1]; exp'],
    [
      "too short",
      '[["r","x",null]]',
      '[["append","x"]]',
      'its value has in it ["append","x"]; exp',
    ],
    ["no list", "5", undefined, "its value is 5; expected a list of micro-operations"],
    ["no micro-operations", '["append","x",1]', undefined, 'its value has in it "append"; exp'],
    ["a list and a register", '[["append","x",1],["w","x",2]]', undefined, "expected one of both"],
    [
      "a list read as a number",
      '[["append","x",1],["r","x",1]]',
      undefined,
      "expected one of both",
    ],
    [
      "a row of null",
      '[["insert","x",null]]',
      undefined,
      'expected micro-operations such as ["ins',
    ],
    ["an unknown predicate", '[["rp",["<",3],{}]]', undefined, 'expected "true", ["=", value]'],
    ["no rows", '[["rp","true",[1]]]', undefined, "expected an object from key to value"],
    ["a set and a row", '[["add","x",1],["insert","x",1]]', undefined, "expected one of both"],
    ["no elements", '[["add","x",1],["r","x",{}]]', undefined, "expected a list of its elements"],
    ["a fraction", '[["inc","x",1.5]]', undefined, "with integers, or transfers"],
  ])("%s", async (_, asked, told, message) => {
    const file = fileIn(temporaryDirectory(), "wrong.jsonl", linesOf(asked, told));
    const { exitCode, stderr } = await ordeal("check", file, "--consistency", "serializable");
    expect(exitCode).toBe(254);
    // After an empty line; what a transaction did is what its completion says.
    expect(stderr).toContain(`${file}:3:1: `);
    expect(stderr).toContain(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("in EDN, and in one JSON array", async () => {
    const wrong = SKEW.replace(
      "[:append :y 1]]}\n{:type :ok, :process 1",
      "[:apend :y 1]]}\n{:type :ok, :process 1",
    );
    const edn = fileIn(temporaryDirectory(), "wrong.edn", wrong);
    const inEdn = await ordeal("check", edn, "--consistency", "serializable");
    expect(inEdn.stderr).toContain(`${edn}:3:1: event 2 is no transaction`);
    const events = linesOf('[["apend","x",1]]').trim().replaceAll("\n", ",\n");
    const array = fileIn(temporaryDirectory(), "wrong.json", `[\n${events}\n]\n`);
    const inArray = await ordeal("check", array, "--consistency", "serializable");
    expect(inArray.stderr).toContain(`${array}:3:1: event 1 is no transaction`);
  });

  test("from standard input it names the event", async () => {
    const argv = ["check", "-", "--consistency", "read-committed"];
    const { exitCode, stderr } = await program(argv, { input: linesOf("5") });
    expect(exitCode).toBe(254);
    expect(stderr).toContain("event 1 is no transaction: its value is 5");
  });

  test("a history without transactions says what its operations are", async () => {
    const line = '{"type":"TYPE","process":0,"f":"add","value":1}\n';
    const text = line.replace("TYPE", "invoke") + line.replace("TYPE", "ok");
    const file = fileIn(temporaryDirectory(), "set.jsonl", text);
    const { exitCode, stdout } = await ordeal("check", file, "--consistency", "serializable");
    expect(exitCode).toBe(2);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      "none of the 1 operations is a transaction; they are add. A transaction has the function txn",
    );
  });
});

describe("names and options", () => {
  test.each([
    [
      ["--consistency", "serialisable"],
      'no consistency is called "serialisable"; did you mean serializable?',
    ],
    [
      ["--consistency", "SI", "--checker-option", 'versions=["foo"]'],
      "there are writes-follow-reads, sessions, realtime",
    ],
    [["--consistency", "SI", "--checker-option", "versions=5"], "expected a list of rules"],
    [["--consistency", "SI", "--checker-option", "level=RC"], "--consistency SI says it already"],
    [
      ["--consistency", "strongest", "--checker-option", "level=RC"],
      "--consistency strongest asks all levels",
    ],
    [
      ["--consistency", "strongest", "--checker-option", 'versions=["foo"]'],
      "there are writes-follow-reads, sessions, realtime",
    ],
    [
      ["--consistency", "SI", "--checker-option", "x=1"],
      "has no option x (it takes level, versions)",
    ],
    [["--checker", "transactional", "--checker-option", "level=5"], 'there is no level "5"'],
  ])("%j are refused", async (argv, message) => {
    const file = fileIn(temporaryDirectory(), "skew.edn", SKEW);
    const { exitCode, stderr } = await ordeal("check", file, ...argv);
    expect(exitCode).toBe(254);
    expect(stderr).toContain(message);
  });

  test("rules of versions go with a level, and the command that checks again has them", async () => {
    const lines = "r(1,1,0,0)\nw(1,2,0,0)\nr(1,2,1,1)\nw(1,1,1,1)\n";
    const file = fileIn(temporaryDirectory(), "registers.txt", lines);
    const rule = ["--checker-option", 'versions=["writes-follow-reads"]'];
    const argv = ["check", file, "--consistency", "read-uncommitted"];
    expect((await ordeal(...argv)).exitCode).toBe(0);
    const { exitCode, stdout } = await ordeal(...argv, ...rule);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("cyclic-versions");
    expect(stdout).toMatch(/--consistency read-uncommitted --checker-option '?versions=/);
    // Nobody asked how reads of null are taken.
    expect(stdout).not.toContain("--nil-reads");
  });

  test("rules of versions go with the strongest levels, also where their checker is named", async () => {
    interface Answer {
      readonly verdict: string;
      readonly consistency: string | null;
      readonly details: { readonly strongest: readonly string[]; readonly next: readonly string[] };
      readonly parts: { readonly [name: string]: { readonly certificate?: object } };
    }
    const directory = temporaryDirectory();
    const lines = "r(1,1,0,0)\nw(1,2,0,0)\nr(1,2,1,1)\nw(1,1,1,1)\n";
    const file = fileIn(directory, "registers.txt", lines);
    const out = `${directory}/result.json`;
    const rule = ["--checker-option", 'versions=["writes-follow-reads"]'];
    const told = async (...more: readonly string[]): Promise<Answer> => {
      const argv = ["check", file, "--consistency", "strongest", "--out", out, ...more];
      return JSON.parse((await ordeal(...argv, "--json")).stdout) as Answer;
    };
    expect((await told()).details.strongest).toEqual(["strong-read-uncommitted"]);
    for (const words of [rule, ["--checker", "transactional", ...rule]]) {
      const { verdict, consistency, details, parts } = await told(...words);
      expect({ verdict, consistency }).toEqual({ verdict: "invalid", consistency: "strongest" });
      expect(details).toMatchObject({ strongest: [], next: ["read-uncommitted"] });
      expect(Object.keys(parts)).not.toContain("transactional");
      expect((await ordeal("verify", out, file)).stdout).toContain("✓ confirmed");
    }
    // With a level of its own the checker is asked that beside.
    const beside = ["--checker", "transactional", "--checker-option", "level=read-committed"];
    expect(Object.keys((await told(...beside, ...rule)).parts)).toEqual([
      "strongest",
      "transactional",
    ]);
  });
});
