import { readFile, writeFile } from 'node:fs/promises';
import { arch, cpus, loadavg, platform } from 'node:os';
import type { Figure } from './measure.ts';

export interface Measured {
  readonly area: string;
  readonly figures: readonly Figure[];
}

const readme = new URL('./README.md', import.meta.url);
const [begin, end] = ['<!-- written by npm run bench -- --readme -->', '<!-- end -->'];

/** When and where it was measured, and how busy the machine was: others' work is in every absolute figure. */
export function machine(): { date: string; machine: string; load: number } {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} x ${cpu?.model.trim() ?? 'unknown'}, ${platform()} ${arch()}, Node ${process.versions.node}`,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

/** What, median, spread, ratio. */
export function rowOf({ what, unit, median, lowest, highest, ratio }: Figure): string[] {
  return [what, `${format(median)} ${unit}`, `${format(lowest)} to ${format(highest)}`, ratio ?? ''];
}

export async function writeReadme(measured: readonly Measured[]): Promise<void> {
  const text = await readFile(readme, 'utf8');
  const { date, machine: where, load } = machine();
  const tables = measured.map(({ area, figures }) => {
    const rows = figures.map((figure) => `| ${rowOf(figure).join(' | ')} |`);
    return [`### ${area}`, '', '| what | median | lowest to highest | ratio |', '|---|---|---|---|', ...rows, ''].join(
      '\n',
    );
  });
  const written = [
    begin,
    '',
    `Measured on ${date}: ${where}. Load average at the end: ${load}.`,
    '',
    ...tables,
    end,
  ].join('\n');
  const [before, after] = [text.indexOf(begin), text.indexOf(end)];
  if (before < 0 || after < before) throw new Error('README.md has no place for tables');
  await writeFile(readme, `${text.slice(0, before)}${written}${text.slice(after + end.length)}`);
}

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
