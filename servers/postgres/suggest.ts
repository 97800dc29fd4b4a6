import { ToolError } from '../kit/errors.ts';
import { nearest, relationNames, splitName } from './names.ts';
import type { Session } from './session.ts';
import { serverError, toToolError } from './sql-errors.ts';

const undefinedTable = '42P01';

/** Runs a read; where it fails for a table that does not exist, says which ones have such a name. */
export async function withSuggestion<Result>(
  session: Session,
  sql: string,
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    const failure = serverError(error);
    if (failure?.code !== undefinedTable || failure.position === undefined) throw error;
    const rest = Array.from(sql)
      .slice(Number(failure.position) - 1)
      .join('');
    const name = /^(?:(?:"(?:[^"]|"")+"|[\w$]+)\s*\.?\s*)+/.exec(rest)?.[0] ?? '';
    const { rows } = await session.read(relationNames, [], 0);
    const all = rows.map(([, schema, table]) => ({ schema: schema ?? '', name: table ?? '' }));
    const near = nearest(splitName(name).at(-1) ?? '', all);
    const { code, message, details } = toToolError(error, '', sql);
    throw new ToolError(code, message, {
      hint: near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'list_tables shows what there is.',
      ...(details !== undefined && { details }),
    });
  }
}
