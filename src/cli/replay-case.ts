/** The part of `ordeal replay` that is about files of cases. */
import { createMessageRecorder } from "../runner/recorded-message.js";
import { scriptedBy, strikingIn } from "../shrink/rerun.js";
import { encodeCase, readCase } from "../store/case-file.js";
import { carryOut } from "./carry-out.js";
import { resolveCase } from "./case-parts.js";
import { printWarning, type CommandContext } from "./context.js";
import { shellCommand } from "./shell-command.js";

/** Carries out a case, as a run with a directory of its own. */
export async function replayCase(
  context: CommandContext,
  file: string,
  flags: { readonly out?: string; readonly json?: boolean; readonly quiet?: boolean },
): Promise<void> {
  const known = await readCase(file);
  const { failing, anomaly } = known;
  const recorder = createMessageRecorder();
  const { plan, parts } = await resolveCase(failing, (trip) => {
    recorder.take(trip);
  });
  const nemeses = strikingIn(failing, parts.nemeses());
  const { script, schedule } = scriptedBy(failing);
  const striking = { ...plan, system: parts.system(), nemeses };
  const { outcome } = await carryOut(context, striking, {
    test: { ...failing.test, nemeses: nemeses.map(({ name }) => name) },
    out: flags.out,
    json: flags.json === true,
    quiet: flags.quiet === true,
    budget: {},
    schedule,
    given: {
      script,
      world: parts.world(failing),
      text: encodeCase(known),
      replay: shellCommand(["npx", "ordeal", "replay", file]),
      messages: () => recorder.messages(),
    },
  });
  if (recorder.messages() === undefined) {
    printWarning(context.terminal, "too many messages to draw; they are not in the run directory");
  }
  const { verdict } = outcome.result;
  if (verdict.verdict === "invalid" && verdict.anomalies.some(({ kind }) => kind === anomaly)) {
    return;
  }
  const seen = verdict.anomalies[0]?.kind ?? `it is ${verdict.verdict}`;
  printWarning(context.terminal, `${file} is a case of ${anomaly}, but now: ${seen}`);
}
