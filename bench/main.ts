/**
 * `npm run bench -- [NAME] [options]`: runs one benchmark, or all of them one after the other.
 * Options are those of the one that is named.
 */

/**
 * Every benchmark by name; its module is loaded only when it runs, so that one does not warm up
 * another's code.
 */
const BENCHMARKS: { readonly [name: string]: (argv: readonly string[]) => Promise<unknown> } = {
  durability: async (argv) => (await import("./durability.js")).benchDurability(argv),
  explore: async (argv) => (await import("./explore.js")).benchExplore(argv),
  history: async () => (await import("./history.js")).benchHistory(),
  isolation: async (argv) => (await import("./isolation.js")).benchIsolation(argv),
  linearizable: async (argv) => (await import("./linearizable.js")).benchLinearizable(argv),
  monitor: async (argv) => (await import("./monitor.js")).benchMonitor(argv),
  mutants: async (argv) => (await import("./mutants.js")).benchMutants(argv),
  nemeses: async (argv) => (await import("./nemeses.js")).benchNemeses(argv),
  scopes: async (argv) => (await import("./scopes.js")).benchScopes(argv),
  simulation: async () => (await import("./simulation.js")).benchSimulation(),
  states: async (argv) => (await import("./states.js")).benchStates(argv),
  transactional: async (argv) => (await import("./transactional.js")).benchTransactional(argv),
  weak: async (argv) => (await import("./weak.js")).benchWeak(argv),
};

const TAKES_OPTIONS = new Set([
  "durability",
  "explore",
  "isolation",
  "linearizable",
  "monitor",
  "mutants",
  "nemeses",
  "scopes",
  "states",
  "transactional",
  "weak",
]);

const argv = process.argv.slice(2);
const firstOption = argv.findIndex((argument) => argument.startsWith("-"));
const asked = firstOption < 0 ? argv : argv.slice(0, firstOption);
const options = firstOption < 0 ? [] : argv.slice(firstOption);
const unknown = asked.filter((name) => !Object.hasOwn(BENCHMARKS, name));
const names = Object.keys(BENCHMARKS).join(", ");
if (unknown.length > 0 || (options.length > 0 && !TAKES_OPTIONS.has(asked.join()))) {
  const wrong =
    unknown.length > 0
      ? `no benchmark is called ${unknown.join(", ")}; there are ${names}`
      : `only one benchmark at a time takes options, of ${[...TAKES_OPTIONS].join(", ")}`;
  process.stderr.write(`${wrong}\n`);
  process.exitCode = 254;
} else {
  for (const name of asked.length === 0 ? Object.keys(BENCHMARKS) : asked) {
    process.stdout.write(`\n# ${name}\n\n`);
    await BENCHMARKS[name]?.(options);
  }
}
