import { ToolError } from '../../../kit/errors.ts';
import type { Log } from '../../../kit/log.ts';
import type { Settings } from '../../config/config.ts';
import type { Session } from '../../connection/session.ts';

const query = `
  select n.nspname, c.relname, a.attname
  from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where a.attname = any($1) and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'f', 'm', 'v')`;

/**
 * A mistyped mask would mask nothing, so a missing column blocks all reads. With several databases, not every one must
 * have every column, so it is only logged.
 * @throws ToolError `not_configured`
 */
export async function checkMask(session: Session, { guard, targets }: Settings, log: Log): Promise<void> {
  if (guard.maskedColumns.length === 0) return;
  const names = guard.maskedColumns.map(({ column }) => `"${column.replaceAll(/["\\]/g, String.raw`\$&`)}"`);
  const { rows } = await session.read(query, [`{${names.join(',')}}`], 0);
  for (const { schema, table, column } of guard.maskedColumns) {
    const exists = rows.some(
      (row) => (schema === undefined || row[0] === schema) && row[1] === table && row[2] === column,
    );
    if (exists) continue;
    const label = [schema, table, column].filter((part) => part !== undefined).join('.');
    if (targets.length > 1) log('warn', 'a masked column is not in this database', { column: label });
    else
      throw new ToolError('not_configured', `DB_MASK_COLUMNS names ${label}, which this database does not have.`, {
        hint: 'Names are case-sensitive. Nothing can be read until the setting is correct.',
      });
  }
}
