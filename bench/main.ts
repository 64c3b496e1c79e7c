/**
 * `npm run bench -- [history|linearizable|simulation]`: runs one benchmark, or all of them one
 * after the other.
 */

/**
 * Every benchmark by name; its module is loaded only when it runs, so that one does not warm up
 * another's code.
 */
const BENCHMARKS: { readonly [name: string]: () => Promise<unknown> } = {
  history: async () => (await import("./history.js")).benchHistory(),
  linearizable: async () => (await import("./linearizable.js")).benchLinearizable(),
  simulation: async () => (await import("./simulation.js")).benchSimulation(),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(BENCHMARKS, name));
if (unknown.length > 0) {
  process.stderr.write(
    `no benchmark is called ${unknown.join(", ")}; there are ${Object.keys(BENCHMARKS).join(", ")}\n`,
  );
  process.exitCode = 254;
} else {
  for (const name of asked.length === 0 ? Object.keys(BENCHMARKS) : asked) {
    process.stdout.write(`\n# ${name}\n\n`);
    await BENCHMARKS[name]?.();
  }
}
