import * as z from 'zod';
import { commaList, flag, integer, readVariables, type Variables } from '../../kit/environment.ts';
import { ConfigurationError } from '../../kit/errors.ts';
import { splitName } from '../identifiers.ts';
import { readTargets, type Target } from './database-settings.ts';

/** What one query may cost. Times in milliseconds. */
export interface Budget {
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** Most rows of one answer, whatever `limit` asks for. */
  readonly maxRows: number;
  /** Most bytes read from the socket for one answer; past it the connection is dropped. */
  readonly maxSocketBytes: number;
  /** Most bytes of one answer's text. */
  readonly maxResultBytes: number;
  /** Queries of one database that run at once; the rest wait. */
  readonly maxConcurrent: number;
  /** How long a result that was cut waits for its next page; 0 holds nothing. */
  readonly cursorMs: number;
  /** The planner's estimate above which a query is refused; undefined lets all pass. */
  readonly maxCost: number | undefined;
}

export interface GuardSettings {
  readonly allowSuperuser: boolean;
  readonly allowForeignTables: boolean;
  /** Volatile functions that the owner vouches for: `name` or `schema.name`, lower case. */
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
  /** Behind a pooler that lends a connection for one transaction only: nothing may be kept in the session. */
  readonly transactionPooling: boolean;
}

const settingsSchema = z.object({
  DB_STATEMENT_TIMEOUT_MS: integer(100, 3_600_000).default(30_000),
  DB_LOCK_TIMEOUT_MS: integer(10, 3_600_000).default(5000),
  DB_MAX_ROWS: integer(1, 100_000).default(1000),
  DB_MAX_BYTES: integer(10_000, 100_000_000).default(8_000_000),
  DB_MAX_RESULT_BYTES: integer(1000, 10_000_000).default(100_000),
  DB_MAX_CONCURRENT: integer(1, 50).default(4),
  DB_CURSOR_SECONDS: integer(0, 3600).default(60),
  DB_MAX_COST: integer(1, 999_999_999_999).optional(),
  DB_POOL_MODE: z.enum(['session', 'transaction'], 'must be session or transaction').default('session'),
  DB_ALLOW_SUPERUSER: flag.default(false),
  DB_ALLOW_FOREIGN_TABLES: flag.default(false),
  DB_ALLOW_FUNCTIONS: commaList.default([]),
  DB_MASK_COLUMNS: z.string().default(''),
});

/** @throws ConfigurationError naming the variable that is missing or wrong. */
export async function readSettings(variables: Variables): Promise<Settings> {
  const values = await readVariables(variables, settingsSchema);
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
  };
}

/** `customers.email, "My Schema"."a.b"."c"`: a dot or a comma within quotes belongs to the name. */
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
      `DB_MASK_COLUMNS: '${text}' must be table.column or schema.table.column, with double quotes around a name that has a dot`,
    );
  return { schema, table, column };
}
