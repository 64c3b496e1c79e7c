/**
 * The options that say what the events of a history mean, what is promised of them, and what
 * finding out may cost: the same for every command that judges histories.
 */
import { InvalidArgumentError, type Command } from "commander";
import type { Value } from "../history/value.js";
import { parseDuration, parseSize } from "./quantities.js";

/** Adds them to a command; see `CheckFlags` for what comes of them. */
export function withCheckOptions(command: Command): Command {
  return command
    .option(
      "-m, --model <name>",
      "what the operations mean (see: ordeal list models), or a file of yours",
    )
    .option("--consistency <name>", "the promise (see: ordeal list checkers)", "linearizable")
    .option(
      "--checker <name>",
      "judge a property that needs no model, or several (see: ordeal list checkers)",
      collect,
    )
    .option(
      "--checker-option <name=json>",
      "an option of the checkers that have it; CHECKER.NAME=JSON for one of them",
      collect,
    )
    .option(
      "-f, --format <name>",
      "the format of the files (default: detected; see: ordeal list formats)",
    )
    .option("--independent", "take [key value] vectors of EDN for tuples whose tag was lost")
    .option(
      "--initial <json>",
      "the value before the first operation (default: the format's, else null)",
      parseJson,
    )
    .option(
      "--nil-reads <meaning>",
      "what a read of null says: unknown or value (default: the format's)",
      oneOf("unknown", "value"),
    )
    .option(
      "--failed-cas <meaning>",
      "what a failed cas says: observe or ignore (default: the format's)",
      oneOf("observe", "ignore"),
    )
    .option("--time-budget <duration>", "for the search, per file (default: 60s)", parseDuration)
    .option("--memory-budget <size>", "for the search, per file (default: 2GiB)", parseSize);
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** Boxed, because commander takes a parsed null for a missing value. */
function parseJson(text: string): { readonly json: Value } {
  try {
    return { json: JSON.parse(text) as Value };
  } catch {
    throw new InvalidArgumentError(`It takes JSON: 0, null, true, '"text"' or '[1, 2]'.`);
  }
}

function oneOf<Choice extends string>(...choices: readonly Choice[]): (text: string) => Choice {
  return (text) => {
    const choice = choices.find((each) => each === text);
    if (choice === undefined) throw new InvalidArgumentError(`It is ${choices.join(" or ")}.`);
    return choice;
  };
}
