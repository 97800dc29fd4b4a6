import { ToolError } from '../../kit/errors.ts';
import { isEncodingFailure, suggestForEncoding } from '../connection/encoding-hint.ts';
import { suggestGrant } from '../catalog/grants.ts';
import { quoteName, splitName } from '../identifiers.ts';
import { didYouMean, namesLike, nearest } from './similar-names.ts';
import type { Session } from '../connection/session.ts';
import { serverError, toToolError } from '../connection/to-tool-error.ts';

/**
 * Runs a read. If it fails because a name or value does not exist, adds the existing ones.
 * @param sent the text that is run: the caller's text, possibly with a prefix or replacements.
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
    const hint = await suggest(session, sql, error).catch(() => undefined); // the original error matters more
    if (hint === undefined) throw error;
    const { code, message, details } = toToolError(error, '', sql);
    throw new ToolError(code, message, { hint, ...(details !== undefined && { details }) });
  }
}

/** Maps the position of an error to the caller's own text, or removes it. */
function relocate(error: unknown, sent: string, sql: string): void {
  const position = Number(serverError(error)?.position);
  if (!(error instanceof Error) || Number.isNaN(position) || sent === sql) return;
  const before = Array.from(sent.slice(0, sent.length - sql.length)).length;
  const known = sent.endsWith(sql) && position > before;
  Object.assign(error, { position: known ? String(position - before) : undefined });
}

async function suggest(session: Session, sql: string, error: unknown): Promise<string | undefined> {
  const failure = serverError(error);
  if (failure === undefined) return undefined;
  const { code, message } = failure;
  const rest =
    failure.position === undefined
      ? ''
      : Array.from(sql)
          .slice(Number(failure.position) - 1)
          .join('');
  const enumName = /invalid input value for enum (.+?): /.exec(message)?.[1];
  if (enumName !== undefined) return suggestLabels(session, enumName);
  if (isEncodingFailure(code)) return suggestForEncoding(session, message, sql);
  if (code === '42501') return suggestGrant(session, { message, detail: failure.detail, rest, sql });
  if (code === '42704') return otherShow(sql) ?? missingMapping(message);
  if (code === '42P01' && rest !== '') return suggestTables(session, rest);
  if (code !== '42703') return undefined;
  if (failure.hint !== undefined) return pastable(failure.hint);
  const quoted = /^"([^"]*)"/.exec(rest)?.[1];
  return quoted === undefined
    ? undefined
    : `Double quotes are for names. If '${quoted}' is a value, use single quotes.`;
}

/** PostgreSQL suggests columns as "table.Column", which SQL would read as a single name. */
function pastable(hint: string): string {
  return hint.replaceAll(/"([^".]+)\.([^"]+)"/g, (_, table: string, column: string) =>
    [table, column].map(quoteName).join('.'),
  );
}

/** Reading a foreign table needs a user on the other server. */
function missingMapping(message: string): string | undefined {
  const [, user, server] = /user mapping not found for (?:user )?"(.+?)"(?:, server "(.+)")?$/.exec(message) ?? [];
  if (user === undefined) return undefined;
  const at = server === undefined ? 'the_server' : quoteName(server);
  return `Ask the owner to run: CREATE USER MAPPING FOR ${quoteName(user)} SERVER ${at} OPTIONS (user '...', password '...');`;
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
  return rows.length > 0 ? `Valid values: ${rows.map(([label]) => label).join(', ')}.` : undefined;
}

function otherShow(sql: string): string | undefined {
  return /^\s*show\s+(?:tables|databases|schemas|columns)\b/i.test(sql)
    ? 'list_tables and get_table_schema show tables and columns.'
    : undefined;
}
