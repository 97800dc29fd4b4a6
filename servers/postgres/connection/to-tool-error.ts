import * as z from 'zod';
import type { ErrorCode } from '../../contract/errors.ts';
import { ToolError } from '../../kit/errors.ts';
import { stopReason, type Timing } from './stop-reasons.ts';

const serverErrorSchema = z.object({
  code: z.string().length(5),
  message: z.string(),
  severity: z.string().optional(),
  position: z.string().optional(),
  hint: z.string().optional(),
  detail: z.string().optional(),
  routine: z.string().optional(),
});

/** https://www.postgresql.org/docs/18/errcodes-appendix.html; the longest prefix wins. */
const codes: readonly (readonly [prefix: string, code: ErrorCode])[] = [
  ['08', 'unreachable'],
  ['22', 'invalid_arguments'],
  ['25006', 'refused_by_guard'],
  ['28', 'unauthorized'],
  ['3D000', 'not_found'],
  ['3F000', 'not_found'],
  ['40', 'conflict'],
  ['42', 'invalid_arguments'],
  ['42501', 'forbidden'],
  ['42P01', 'not_found'],
  ['53', 'unreachable'],
  ['53200', 'too_large'],
  ['54', 'too_large'],
  ['55P03', 'timeout'],
  ['57P', 'unreachable'],
];

const unreadableText =
  "A text contains invalid UTF-8. Read the column as encode(convert_to(column_name, getdatabaseencoding()), 'escape').";

const hints: Readonly<Record<string, string>> = {
  '08P01': 'If this is PgBouncer, set DB_POOL_MODE=transaction.',
  '28P01': 'Check DB_USER and DB_PASSWORD.',
  '28000':
    'The server does not allow this user from this host with these settings: check pg_hba.conf, DB_USER and DB_SSL.',
  '3D000': 'Check DB_NAME.',
  '22021': unreadableText,
  '22P05': unreadableText,
  '55P03': 'Another session holds a lock. get_database_health shows which.',
  '57P03': 'The server is starting or shutting down. Try again shortly.',
};

/** The fields of an error from the server, not from the network or our code. */
export function serverError(error: unknown): z.infer<typeof serverErrorSchema> | undefined {
  return serverErrorSchema.safeParse(error).data;
}

export function sqlState(error: unknown): string | undefined {
  return serverError(error)?.code;
}

/**
 * Turns an error of `pg` or the network into one for the caller.
 * @param sql the caller's text, for line and column; undefined if the text was ours.
 */
export function toToolError(error: unknown, where: string, sql?: string, timing?: Timing): ToolError {
  if (error instanceof ToolError) return error;
  const parsed = serverErrorSchema.safeParse(error);
  if (!parsed.success) return connectionError(error, where);
  const { code: state, position } = parsed.data;
  const [message, hint, detail] = [parsed.data.message, parsed.data.hint, parsed.data.detail].map(cutText);
  const bound = /supplies (\d+) parameters?, but .* requires (\d+)/.exec(parsed.data.message);
  if (state === '08P01' && bound !== null)
    return new ToolError('invalid_arguments', `'params' has ${bound[1]} values but the query uses ${bound[2]}.`, {
      hint: 'Give one value for each of $1, $2, ... in order.',
      details: { sqlstate: state },
    });
  const stopped = stopReason({ state, message: parsed.data.message, routine: parsed.data.routine }, timing);
  if (stopped !== undefined) return stopped;
  const code = codes.findLast(([prefix]) => state.startsWith(prefix))?.[1] ?? 'upstream_error';
  const place = sql === undefined || position === undefined ? undefined : locate(sql, Number(position) - 1);
  const advice = [hints[state], hint].filter((text) => text !== undefined).join(' ');
  return new ToolError(
    code,
    `PostgreSQL: ${message}${place === undefined ? '' : ` at line ${place.line}, column ${place.column}: ${place.near}`}`,
    {
      ...(advice !== '' && { hint: advice }),
      details: {
        sqlstate: state,
        ...(place !== undefined && { position: Number(position), line: place.line, column: place.column }),
        ...(detail !== undefined && { detail }),
      },
    },
    { cause: error },
  );
}

/** A message may quote a value from the query, however long. */
const maxMessageLength = 1000;

function cutText(text: string | undefined): string | undefined {
  return text === undefined || text.length <= maxMessageLength
    ? text
    : `${text.slice(0, maxMessageLength)}...[cut, ${text.length} characters in total]`;
}

export interface Place {
  /** Both start at 1. */
  readonly line: number;
  readonly column: number;
  /** A few characters of the text from there, quoted. */
  readonly near: string;
}

/** @param index in characters (not UTF-16 units) from the start of the text, as PostgreSQL counts. */
export function locate(sql: string, index: number): Place {
  const before = Array.from(sql).slice(0, index).join('');
  const line = before.split('\n').length;
  const column = Array.from(before.slice(before.lastIndexOf('\n') + 1)).length + 1;
  const rest = sql.slice(before.length).split('\n')[0] ?? '';
  return { line, column, near: rest === '' ? 'at its end' : `>>>${rest.slice(0, 40)}${rest.length > 40 ? '...' : ''}` };
}

const networkReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing is listening there',
  ENOTFOUND: 'the host does not exist',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'no answer',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ENOENT: 'the socket does not exist',
  EACCES: 'no permission to open the socket',
};

function connectionError(error: unknown, where: string): ToolError {
  const text = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (error instanceof AggregateError && error.errors.length > 0) return connectionError(error.errors[0], where);
  if (/does not support SSL/.test(text))
    return new ToolError('unreachable', `The database at ${where} does not speak TLS.`, {
      hint: 'Set DB_SSL=disable if that is right, or turn ssl on at the server.',
      retryable: false,
    });
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/.test(code) || /certificate/i.test(text))
    return new ToolError('unreachable', `The certificate of the database at ${where} was rejected: ${text}.`, {
      hint: 'Set DB_SSL_ROOT_CERT to a file with the authority, or use DB_SSL=require to encrypt without verifying.',
      retryable: false,
    });
  if (/terminated unexpectedly|Connection terminated|not queryable|EPIPE/.test(text))
    return new ToolError('unreachable', `The connection to the database at ${where} was lost.`, {
      hint: 'The next call reconnects.',
    });
  if (/timeout expired/.test(text))
    return new ToolError('unreachable', `The database at ${where} cannot be reached: no answer in time.`);
  if (/password must be a string|SASL|SCRAM/.test(text))
    return new ToolError('unauthorized', `Password authentication with the database at ${where} failed: ${text}.`, {
      hint: 'Check DB_PASSWORD.',
    });
  const reason = networkReasons[code];
  if (reason !== undefined)
    return new ToolError('unreachable', `The database at ${where} cannot be reached: ${reason}.`, {
      hint: 'Check DB_HOST and DB_PORT, and that the server is running.',
      details: { cause: code },
    });
  return new ToolError('upstream_error', `The database at ${where} could not be used: ${text}`, {}, { cause: error });
}
