import * as z from 'zod';
import { defineTool } from '../../kit/define-tool.ts';
import type { Databases } from '../databases.ts';
import { withoutConstants } from '../guard/constants.ts';
import { judgeHealth, sections } from '../health.ts';
import { tableText } from '../page-text.ts';
import { cellSchema, columnSchema } from '../schema/table-schema.ts';

const input = z.strictObject({ database: z.string().optional() });
const output = z.object({
  status: z.enum(['ok', 'attention']),
  findings: z.array(z.string()),
  problems: z.array(z.object({ severity: z.enum(['high', 'medium', 'low']), finding: z.string(), action: z.string() })),
  sections: z.record(z.string(), z.object({ columns: z.array(columnSchema), rows: z.array(z.array(cellSchema)) })),
});

export default defineTool<typeof input, typeof output, Databases>({
  name: 'get_database_health',
  title: 'Check database health',
  description: 'Connections, long queries, who blocks whom, bloat, cache, replication; as far as the role may see.',
  input,
  output,
  run: async ({ database }, { connection, signal, progress }) => {
    const chosen = connection.pick(database);
    const masks = chosen.settings.guard.maskedColumns.length > 0;
    const io = { signal, progress: (message: string) => progress(message) };
    const { answers, role, stuck } = await chosen.examine(
      sections.map(({ text }) => ({ text })),
      io,
    );
    const { status, acute, standing, problems } = judgeHealth(answers, role, {
      stuck,
      places: chosen.settings.budget.maxConcurrent,
    });
    const shown = sections.map((section, index) => {
      const columns = section.columns.map(([name, type]) => ({ name, type }));
      const rows = (answers[index] ?? []).map((row) =>
        row.map((cell, column) => {
          const [name = '', type] = section.columns[column] ?? [];
          if (cell !== null && type !== 'text') return Number(cell);
          // Other users' statements, with their constants.
          return cell !== null && masks && name.endsWith('query') ? withoutConstants(cell) : cell;
        }),
      );
      return { name: section.name, columns, rows };
    });
    const tables = shown
      .filter(({ rows }) => rows.length > 0)
      .map(({ name, columns, rows }) => `\n${name}\n${tableText(columns, rows)}`);
    const heading = [
      ...(status === 'ok' ? ['ok: no problems found'] : acute.map((finding) => `! ${finding}`)),
      ...standing.map((finding) => `- ${finding}`),
    ];
    return {
      structured: {
        status,
        findings: [...acute, ...standing],
        problems: [...problems],
        sections: Object.fromEntries(shown.map(({ name, columns, rows }) => [name, { columns, rows }])),
      },
      text: [...heading, ...tables].join('\n'),
    };
  },
});
