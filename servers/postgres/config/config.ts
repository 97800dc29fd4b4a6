import * as z from 'zod';
import { commaList, flag, integer, readVariables, type Variables } from '../../kit/environment.ts';
import { ConfigurationError } from '../../kit/errors.ts';
import { splitName } from '../identifiers.ts';
import { readTargets, type Target } from './database-settings.ts';

/** Limits of one query. Times are in milliseconds. */
export interface Budget {
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** Maximum rows per answer, whatever `limit` says. */
  readonly maxRows: number;
  /** Maximum bytes read from the socket for one answer; past it the connection is dropped. */
  readonly maxSocketBytes: number;
  /** Maximum bytes of one answer's text. */
  readonly maxResultBytes: number;
  /** Concurrent queries per database; the rest wait. */
  readonly maxConcurrent: number;
  /** How long a cut result waits for its next page; 0 disables cursors. */
  readonly cursorMs: number;
  /** Queries with a higher planner estimate are refused; undefined allows all. */
  readonly maxCost: number | undefined;
}

export interface GuardSettings {
  readonly allowSuperuser: boolean;
  readonly allowForeignTables: boolean;
  /** Volatile functions that the owner trusts: `name` or `schema.name`, in lower case. */
  readonly allowedFunctions: readonly string[];
  readonly maskedColumns: readonly MaskedColumn[];
}

export interface MaskedColumn {
  readonly schema: string | undefined;
  readonly table: string;
  readonly column: string;
}

export interface Settings {
  readonly targets: readonly [Target, ...Target[]];
  readonly budget: Budget;
  readonly guard: GuardSettings;
  /** Behind a pooler that assigns connections per transaction: the session must not keep any state. */
  readonly transactionPooling: boolean;
  readonly roles: CallerRoles | undefined;
}

/** The role of a caller. */
export interface CallerRoles {
  /** Name or path of the claim. */
  readonly claim: string;
  /** By value of the claim. */
  readonly byValue: ReadonlyMap<string, string>;
}

/** PostgreSQL reads NONE, quoted or not, as the account that is connected. */
const roleEntry = /^(?:[^=]+=)?(?!none$)[^=]+$/i;

/** What `npm run docs` writes into the README. The variables of the connection itself are read in database-settings.ts. */
export const postgresVariables = z.object({
  DB_STATEMENT_TIMEOUT_MS: integer(100, 3_600_000)
    .default(30_000)
    .describe('Maximum time of one statement, in milliseconds. A stricter limit of the role applies.'),
  DB_LOCK_TIMEOUT_MS: integer(10, 3_600_000)
    .default(5000)
    .describe('Maximum time to wait for a lock, in milliseconds.'),
  DB_MAX_ROWS: integer(1, 100_000).default(1000).describe('Maximum number of rows per page.'),
  DB_MAX_BYTES: integer(10_000, 100_000_000)
    .default(8_000_000)
    .describe('Maximum number of bytes read from the database for one page.'),
  DB_MAX_RESULT_BYTES: integer(1000, 10_000_000)
    .default(100_000)
    .describe('Maximum size of the text of one page, in bytes.'),
  DB_MAX_CONCURRENT: integer(1, 50).default(4).describe('Queries that run at once. Further queries wait.'),
  DB_CURSOR_SECONDS: integer(0, 3600)
    .default(60)
    .describe('How long a truncated result stays open for its next page, in seconds. 0 means never.'),
  DB_MAX_COST: integer(1, 999_999_999_999)
    .optional()
    .describe('Queries that the planner expects to cost more are refused. No limit if unset.'),
  DB_POOL_MODE: z
    .enum(['session', 'transaction'], 'must be session or transaction')
    .default('session')
    .describe('Use `transaction` behind PgBouncer in transaction mode.'),
  DB_ALLOW_SUPERUSER: flag.default(false).describe('Set to 1 to accept a superuser role.'),
  DB_ALLOW_FOREIGN_TABLES: flag.default(false).describe('Set to 1 to allow queries on foreign tables.'),
  DB_ALLOW_FUNCTIONS: commaList
    .default([])
    .describe('Functions that you vouch for, volatile ones or of extensions: `my_report, billing.refresh_totals`.'),
  DB_ROLE_FROM: z
    .string()
    .regex(/^claim:[^\s]{1,100}$/, 'must be claim:NAME, such as claim:groups')
    .optional()
    .describe('Over HTTP: queries run with the rights of a role that this claim of the caller names: `claim:groups`.'),
  DB_ROLES: commaList
    .pipe(z.array(z.string().regex(roleEntry, 'must be role or claim-value=role, and no role may be NONE')).min(1))
    .optional()
    .describe(
      'The only roles for DB_ROLE_FROM, each as `role` or `claim-value=role`: `analyst, payments=payments_reader`.',
    ),
  DB_MASK_COLUMNS: z
    .string()
    .default('')
    .describe(
      'Columns whose values never leave the server: `customers.email, public.users.phone, "my.schema"."t"."c"`.',
    ),
});

/** @throws ConfigurationError naming the missing or invalid variable. */
export async function readSettings(variables: Variables): Promise<Settings> {
  const values = await readVariables(variables, postgresVariables);
  return {
    targets: await readTargets(variables),
    budget: {
      statementTimeoutMs: values.DB_STATEMENT_TIMEOUT_MS,
      lockTimeoutMs: values.DB_LOCK_TIMEOUT_MS,
      maxRows: values.DB_MAX_ROWS,
      maxSocketBytes: values.DB_MAX_BYTES,
      maxResultBytes: values.DB_MAX_RESULT_BYTES,
      maxConcurrent: values.DB_MAX_CONCURRENT,
      cursorMs: values.DB_CURSOR_SECONDS * 1000,
      maxCost: values.DB_MAX_COST,
    },
    guard: {
      allowSuperuser: values.DB_ALLOW_SUPERUSER,
      allowForeignTables: values.DB_ALLOW_FOREIGN_TABLES,
      allowedFunctions: values.DB_ALLOW_FUNCTIONS.map((name) => name.toLowerCase()),
      maskedColumns: readMaskedColumns(values.DB_MASK_COLUMNS),
    },
    transactionPooling: values.DB_POOL_MODE === 'transaction',
    roles: readRoles(values.DB_ROLE_FROM, values.DB_ROLES),
  };
}

function readRoles(from: string | undefined, entries: readonly string[] | undefined): CallerRoles | undefined {
  if (from === undefined && entries === undefined) return undefined;
  if (entries === undefined)
    throw new ConfigurationError('DB_ROLE_FROM is set, but DB_ROLES is not: list the roles that callers may have');
  if (from === undefined) throw new ConfigurationError('DB_ROLES is set, but DB_ROLE_FROM is not');
  const byValue = new Map(
    entries.map((entry): [string, string] => {
      const [value = '', role = value] = entry.split('=').map((part) => part.trim());
      return [value, role];
    }),
  );
  return { claim: from.slice('claim:'.length), byValue };
}

/** `customers.email, "My Schema"."a.b"."c"`: a dot or comma inside quotes belongs to the name. */
function readMaskedColumns(text: string): MaskedColumn[] {
  const items = text.match(/(?:"(?:[^"]|"")*"|[^,"])+|"/g) ?? [];
  return items
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map(readMaskedColumn);
}

function readMaskedColumn(text: string): MaskedColumn {
  const written = /^(?:"(?:[^"]|"")+"|[^."]+)(?:\s*\.\s*(?:"(?:[^"]|"")+"|[^."]+)){1,2}$/.test(text);
  const [column, table, schema] = splitName(text).toReversed();
  if (!written || column === undefined || table === undefined)
    throw new ConfigurationError(
      `DB_MASK_COLUMNS: '${text}' must be table.column or schema.table.column, with double quotes around a name that contains a dot`,
    );
  return { schema, table, column };
}
