/**
 * `npm run state-matrix -- [--write] [--only TEXT] [--seeds N] [--real N]`: runs every store of
 * states under every fault, and prints the tables of docs/state-matrix.md, or writes them there.
 *
 * `--only`: rows whose system has this in its name. `--seeds`: runs a cell in the simulation,
 * default 10. `--real`: runs a cell of databases, default 2.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fillMatrix, type Cell } from "./matrix/cell.js";
import { pageOf, tableOf } from "./matrix/page.js";
import { MATRICES } from "./matrix/rows.js";

const PAGE = fileURLToPath(new URL("../docs/state-matrix.md", import.meta.url));

const argv = process.argv.slice(2);
const valueOf = (name: string): string | undefined => {
  const at = argv.indexOf(name);
  return at === -1 ? undefined : argv[at + 1];
};
const only = valueOf("--only") ?? "";
const writes = argv.includes("--write");
const runs = {
  simulated: Number(valueOf("--seeds") ?? 10),
  real: Number(valueOf("--real") ?? 2),
};

const counts = Object.values(runs);
if (counts.some((count) => !Number.isSafeInteger(count) || count < 1)) {
  refuse("--seeds and --real are numbers from 1 on");
} else if (writes && only !== "") refuse("the page is written whole: --write goes without --only");
else await run();

async function run(): Promise<void> {
  const tables: string[] = [];
  for (const matrix of MATRICES) {
    const rows = matrix.rows.filter(({ system }) => system.includes(only));
    const chosen = { ...matrix, rows };
    const cells = await fillMatrix(chosen, {
      runs,
      onCell: (row, fault, cell) => {
        process.stderr.write(`${row.system} ${row.workload}, ${fault.name}: ${said(cell)}\n`);
      },
    });
    if (rows.length > 0) tables.push(tableOf(chosen, cells));
  }
  if (writes) writeFileSync(PAGE, pageOf(tables));
  else process.stdout.write(`${tables.join("\n")}\n`);
}

function said(cell: Cell): string {
  if (cell.kind === "kept") return `kept in ${cell.runs} runs`;
  return cell.kind === "anomaly" ? cell.name : `${cell.kind}: ${cell.reason}`;
}

function refuse(why: string): void {
  process.stderr.write(`${why}\n`);
  process.exitCode = 254;
}
