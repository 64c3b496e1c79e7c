/** The part of `ordeal replay` that is about files of cases. */
import { orderOf } from "../explore/rerun.js";
import { createMessageRecorder } from "../runner/recorded-message.js";
import type { System } from "../runner/system.js";
import type { FailingCase } from "../shrink/failing-case.js";
import { scriptedBy, strikingIn } from "../shrink/rerun.js";
import type { SimulationOptions } from "../simulation/options.js";
import type { World } from "../world/world.js";
import { encodeCase, readCase } from "../store/case-file.js";
import { carryOut } from "./carry-out.js";
import { caseIn, ofCase, resolveCase, type ResolvedCase } from "./case-parts.js";
import { printWarning, type CommandContext } from "./context.js";
import type { ReplayFlags } from "./replay.js";
import { shellCommand } from "./shell-command.js";

/** Carries out a case, as a run with a directory of its own. */
export async function replayCase(
  context: CommandContext,
  file: string,
  flags: ReplayFlags,
): Promise<void> {
  const known = await readCase(file);
  const { anomaly } = known;
  const failing = await caseIn(file, known, flags.system);
  const recorder = createMessageRecorder();
  const chosen =
    failing.order === undefined ? undefined : orderOf(failing, (trip) => recorder.take(trip));
  const { plan, parts, system, world } = await partsIn(file, failing, {
    onMessage: chosen?.onMessage ?? ((trip) => recorder.take(trip)),
    ...(chosen === undefined ? {} : { queue: chosen.queue }),
  });
  const nemeses = strikingIn(failing, parts.nemeses());
  const { script, schedule } = scriptedBy(failing);
  const striking = { ...plan, system, nemeses };
  const { outcome } = await carryOut(context, striking, {
    test: { ...failing.test, nemeses: nemeses.map(({ name }) => name) },
    out: flags.out,
    json: flags.json === true,
    quiet: flags.quiet === true,
    budget: {},
    schedule,
    given: {
      ...(chosen === undefined ? { script } : chosen.options(system)),
      world,
      text: encodeCase({ ...known, failing }),
      replay: shellCommand([
        "npx",
        "ordeal",
        "replay",
        file,
        ...(flags.system === undefined ? [] : ["--system", flags.system]),
      ]),
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

/** What the case names, found and made; what is wrong with it is said of the file. */
async function partsIn(
  file: string,
  failing: FailingCase,
  options: Pick<SimulationOptions, "onMessage" | "queue">,
): Promise<ResolvedCase & { readonly system: System; readonly world: World }> {
  try {
    const resolved = await resolveCase(failing, options);
    const { parts } = resolved;
    return { ...resolved, system: parts.system(), world: parts.world(failing) };
  } catch (error) {
    throw ofCase(file, error);
  }
}
