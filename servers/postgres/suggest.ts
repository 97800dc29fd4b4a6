import { ToolError } from '../kit/errors.ts';
import { splitName } from './identifiers.ts';
import { didYouMean, namesLike, nearest } from './near-names.ts';
import type { Session } from './session.ts';
import { serverError, toToolError } from './sql-errors.ts';

/**
 * Runs a read; where it fails for a name or value that does not exist, says which ones there are.
 * @param sent the text that is run: what the caller wrote, with something before it or something replaced in it.
 */
export async function withSuggestion<Result>(
  session: Session,
  { sql, sent }: { readonly sql: string; readonly sent: string },
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    relocate(error, sent, sql);
    const hint = await suggest(session, sql, error);
    if (hint === undefined) throw error;
    const { code, message, details } = toToolError(error, '', sql);
    throw new ToolError(code, message, { hint, ...(details !== undefined && { details }) });
  }
}

/** Makes the place of a failure count from the start of the caller's own text, or leaves it out. */
function relocate(error: unknown, sent: string, sql: string): void {
  const position = Number(serverError(error)?.position);
  if (!(error instanceof Error) || Number.isNaN(position) || sent === sql) return;
  const before = Array.from(sent.slice(0, sent.length - sql.length)).length;
  const known = sent.endsWith(sql) && position > before;
  Object.assign(error, { position: known ? String(position - before) : undefined });
}

async function suggest(session: Session, sql: string, error: unknown): Promise<string | undefined> {
  const failure = serverError(error);
  const enumName = /invalid input value for enum (.+?): /.exec(failure?.message ?? '')?.[1];
  if (enumName !== undefined) return suggestLabels(session, enumName);
  if (failure?.position === undefined) return failure?.code === '42704' ? otherShow(sql) : undefined;
  const rest = Array.from(sql)
    .slice(Number(failure.position) - 1)
    .join('');
  if (failure.code === '42P01') return suggestTables(session, rest);
  const quoted = failure.code === '42703' ? /^"([^"]*)"/.exec(rest)?.[1] : undefined;
  if (quoted === undefined || failure.hint !== undefined) return undefined;
  return `Double quotes are for names. If '${quoted}' is a value, write it in single quotes.`;
}

async function suggestTables(session: Session, rest: string): Promise<string> {
  const name = /^(?:(?:"(?:[^"]|"")+"|[\w$]+)\s*\.?\s*)+/.exec(rest)?.[0] ?? '';
  const wanted = splitName(name).at(-1) ?? '';
  const [answer] = await session.readAll([namesLike(wanted)]);
  return didYouMean(nearest(wanted, answer?.rows ?? []));
}

async function suggestLabels(session: Session, name: string): Promise<string | undefined> {
  const { rows } = await session.read(
    `select pg_catalog.quote_literal(e.enumlabel) from pg_catalog.pg_enum e
     where e.enumtypid = pg_catalog.to_regtype($1) order by e.enumsortorder limit 50`,
    [name],
    0,
  );
  return rows.length > 0 ? `Its values are ${rows.map(([label]) => label).join(', ')}.` : undefined;
}

function otherShow(sql: string): string | undefined {
  return /^\s*show\s+(?:tables|databases|schemas|columns)\b/i.test(sql)
    ? 'list_tables and get_table_schema show tables and columns.'
    : undefined;
}
