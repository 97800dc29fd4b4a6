// npm run bench [-- area ...]: what Switchboard costs, as ratios to the least that could be paid on the same machine.
import { startStack, type Stack } from '../stack/stack.ts';
import { benchAgent } from './agent.ts';
import { benchCatalog } from './catalog.ts';
import { benchColdStart } from './cold-start.ts';
import { benchHttp } from './http.ts';
import { benchLatency } from './latency.ts';
import type { Figure } from './measure.ts';
import { benchPostgres } from './postgres.ts';
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

function printFigures(area: string, figures: readonly Figure[]): void {
  const rows = figures.map((figure) => [
    figure.what,
    `${format(figure.median)} ${figure.unit}`,
    `${format(figure.lowest)} to ${format(figure.highest)}`,
    figure.ratio ?? '',
  ]);
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

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => areas[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(`bench: there is no area ${unknown.join(', ')}; there is ${Object.keys(areas).join(', ')}\n`);
  process.exitCode = 2;
} else {
  process.stdout.write('Medians over shuffled passes. Compare ratios, not absolute times between machines.\n');
  const stack = await startStack();
  try {
    for (const [name, run] of Object.entries(areas)) {
      if (asked.length === 0 ? !onlyIfAsked.includes(name) : asked.includes(name)) printFigures(name, await run(stack));
    }
  } finally {
    await stack.stop();
  }
}
