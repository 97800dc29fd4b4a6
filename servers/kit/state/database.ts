import { setTimeout as delay } from 'node:timers/promises';
import { Client, Pool, type PoolConfig, type QueryResultRow } from 'pg';
import { migrate, StateVersionError } from '../../contract/state/migrations.ts';
import { ConfigurationError, ToolError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { PoolLoad } from '../telemetry/metrics.ts';

/** The database shared by replicas. Every failure to reach it is a ToolError `unreachable`. */
export interface StateDatabase {
  readonly query: <Row extends QueryResultRow>(sql: string, values: readonly unknown[]) => Promise<Row[]>;
  /** Updates the tables if the database was unavailable at the start. */
  readonly prepare: () => Promise<void>;
  /** Whether it answers within two seconds. Never rejects. */
  readonly isUp: () => Promise<boolean>;
  /** Of its connections. */
  readonly load: () => PoolLoad;
  /** A separate connection for notifications. */
  readonly connect: () => Promise<Client>;
  readonly close: () => Promise<void>;
}

const poolSize = 4;
const upLimitMs = 2_000;
/** A database that is gone refuses at once; these are for one that is slow. */
const timeouts = { connectionTimeoutMillis: 10_000, query_timeout: 15_000, statement_timeout: 14_000 } as const;
/** SQLSTATEs that waiting does not fix: wrong password, no such role or database, missing privileges. */
const lacksRights = '42501';
const hopeless = new Set(['28P01', '28000', '3D000', lacksRights]);
const howToMigrate = (server: string): string =>
  server === 'worker' || server === 'run'
    ? 'Let the owner of the tables run `switchboard state migrate --worker` with this role first'
    : 'Let the owner of the tables run `switchboard state migrate --role` with the role of this server first';

/**
 * Connects and updates the tables. If the database is unavailable, that happens on first use, because reads need no
 * state.
 * @throws ConfigurationError
 */
export async function openDatabase(url: string, server: string, log: Log): Promise<StateDatabase> {
  const config: PoolConfig = {
    connectionString: url,
    application_name: `switchboard-${server}`,
    max: poolSize,
    keepAlive: true,
    ...timeouts,
  };
  const pool = new Pool(config);
  // An idle connection that breaks is replaced by the pool.
  pool.on('error', (error) => log('warn', 'the state database closed a connection', { error: error.message }));
  const connect = async (): Promise<Client> => {
    const client = new Client(config);
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  let ready: Promise<void> | undefined;
  const prepare = (): Promise<void> => {
    ready ??= (async () => {
      const client = await connect();
      try {
        await migrate(client);
      } finally {
        await client.end().catch(() => undefined);
      }
    })().catch((error: unknown) => {
      ready = undefined;
      throw error;
    });
    return ready;
  };
  try {
    await prepare();
  } catch (error) {
    if (error instanceof StateVersionError) throw new ConfigurationError(error.message);
    if (hopeless.has(codeOf(error)))
      throw new ConfigurationError(
        `SWITCHBOARD_STATE_URL: ${error instanceof Error ? error.message : ''}${codeOf(error) === lacksRights ? `. ${howToMigrate(server)}` : ''}`,
      );
    log('error', 'the state database cannot be reached', { error: String(error) });
  }
  return {
    prepare,
    connect,
    query: async <Row extends QueryResultRow>(sql: string, values: readonly unknown[]): Promise<Row[]> => {
      try {
        await prepare();
        return (await pool.query<Row>(sql, [...values])).rows;
      } catch (error) {
        throw stateGone(error);
      }
    },
    isUp: () => answers(pool),
    load: () => ({ used: pool.totalCount - pool.idleCount, waiting: pool.waitingCount }),
    close: () => pool.end(),
  };
}

function answers(pool: Pool): Promise<boolean> {
  const asked = pool.query('select 1').then(
    () => true,
    () => false,
  );
  return Promise.race([asked, delay(upLimitMs, false, { ref: false })]);
}

export function stateGone(error: unknown): ToolError {
  return new ToolError(
    'unreachable',
    'The state database cannot be reached, so the call cannot be recorded. Nothing was sent.',
    { hint: 'Reads still work. Try again later.' },
    { cause: error },
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
