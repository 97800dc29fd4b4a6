import { l10n } from 'vscode';
import { countOf, livelyOf, quote } from './first-questions.ts';
import { rowsOf, type CallTool, type KnownTable } from './system-mentions.ts';

/** Says in which tables the code stands in rows of the last day. Asks the database, not a model. */
export async function recentFailures(
  code: string,
  tables: readonly KnownTable[],
  call: CallTool,
  signal: AbortSignal,
): Promise<string> {
  const found = await Promise.all(
    livelyOf(tables).map(async ({ table: { schema, table }, time, failure }) => {
      if (failure === undefined) return [];
      const query =
        `select count(*) as rows, min(${quote(time)}) as first, max(${quote(time)}) as last ` +
        `from ${quote(schema)}.${quote(table)} ` +
        `where ${quote(failure)}::text = $1 and ${quote(time)} > now() - interval '1 day'`;
      try {
        const { rows } = await rowsOf(call, 'postgres__query_database', { query, params: [code] }, signal);
        const [{ rows: count = '0', first = '', last = '' } = {}] = rows;
        const name = schema === 'public' ? table : `${schema}.${table}`;
        return Number(count) === 0
          ? []
          : [l10n.t('{0} in @{1}, from {2} to {3}', countOf(Number(count)), name, first, last)];
      } catch {
        return []; // too slow, or not readable after all
      }
    }),
  );
  const said = found.flat();
  return said.length === 0
    ? l10n.t('no failures in the last day')
    : l10n.t('failures of the last day: {0}', said.join('; '));
}
