// npm run bench [-- area ... --json --readme]: what Switchboard costs, as ratios to the least that could be paid on the
// same machine. --json prints that instead of tables; --readme writes the tables into README.md beside this file.
import { startStack, type Stack } from '../stack/stack.ts';
import { benchAgent } from './agent.ts';
import { benchCatalog } from './catalog.ts';
import { benchColdStart } from './cold-start.ts';
import { benchHttp } from './http.ts';
import { benchLatency } from './latency.ts';
import type { Figure } from './measure.ts';
import { benchPostgres } from './postgres.ts';
import { machine, rowOf, writeReadme, type Measured } from './report.ts';
import { benchSoak } from './soak.ts';

type Area = (stack: Stack) => Promise<readonly Figure[]>;

const areas: Readonly<Record<string, Area>> = {
  'cold-start': benchColdStart,
  latency: benchLatency,
  http: benchHttp,
  agent: benchAgent,
  postgres: benchPostgres,
  catalog: benchCatalog,
  soak: benchSoak,
};
/** These take minutes. */
const onlyIfAsked = ['soak'];

function print(area: string, figures: readonly Figure[]): void {
  const rows = figures.map(rowOf);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  process.stdout.write(`\n${area}\n`);
  for (const row of rows)
    process.stdout.write(
      `  ${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
}

const words = process.argv.slice(2);
const [isJson, isForReadme] = ['--json', '--readme'].map((option) => words.includes(option));
const asked = words.filter((word) => word !== '--json' && word !== '--readme');
const unknown = asked.filter((name) => areas[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(`bench: there is no area ${unknown.join(', ')}; there is ${Object.keys(areas).join(', ')}\n`);
  process.exitCode = 2;
} else {
  if (isJson !== true)
    process.stdout.write('Medians over shuffled passes. Compare ratios, not absolute times between machines.\n');
  const measured: Measured[] = [];
  const stack = await startStack();
  try {
    for (const [name, run] of Object.entries(areas)) {
      if (asked.length === 0 ? onlyIfAsked.includes(name) : !asked.includes(name)) continue;
      const figures = await run(stack);
      measured.push({ area: name, figures });
      if (isJson !== true) print(name, figures);
    }
    if (isJson === true) process.stdout.write(`${JSON.stringify({ ...machine(), measured }, undefined, 2)}\n`);
    if (isForReadme === true) await writeReadme(measured);
  } finally {
    await stack.stop();
  }
}
