import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import type { Log } from '../log.ts';
import { createLimiterOf } from '../rate-limit.ts';
import { openDatabase, stateGone, type StateDatabase } from './database.ts';
import { SharedAudit } from './shared-audit.ts';
import { createSharedLedgerStore, purge } from './shared-ledger.ts';
import type { State } from './state.ts';

const anchorMs = 60_000;
const purgeMs = 3_600_000;
const listenAgainMs = 1_000;

/**
 * State in PostgreSQL for all replicas of a server. Without the database, writes are rejected and reads continue.
 * @throws ConfigurationError
 */
export async function openSharedState(url: string, server: string, log: Log): Promise<State> {
  const database = await openDatabase(url, server, log);
  const audit = new SharedAudit(database, server, log);
  const stops = createStops(database, server, log);
  const every = (ms: number, what: string, work: () => Promise<void>): NodeJS.Timeout =>
    setInterval(() => {
      work().catch((error: unknown) => log('warn', `cannot ${what}`, { error: String(error) }));
    }, ms).unref();
  const timers = [
    every(anchorMs, 'anchor the audit log', () => anchor(database)),
    every(purgeMs, 'purge the state database', () => purge(database)),
  ];
  return {
    ledger: createSharedLedgerStore(database, server),
    audit,
    limiter: (name, { points, durationMs }) =>
      createLimiterOf(() => {
        const limiter = new RateLimiterPostgres({
          storeClient: database.pool,
          storeType: 'pool',
          schemaName: 'switchboard',
          tableName: 'quota',
          tableCreated: true,
          keyPrefix: '',
          points,
          duration: durationMs / 1000,
          clearExpiredByTimeout: false,
        });
        return Promise.resolve({
          consume: async (key: string) => {
            try {
              await database.prepare();
              return await limiter.consume(digest(`${server}\n${name}\n${key}`));
            } catch (error) {
              throw error instanceof Error ? stateGone(error) : error;
            }
          },
        });
      }),
    publishStop: stops.publish,
    onStop: stops.listen,
    close: async () => {
      for (const timer of timers) clearInterval(timer);
      await audit.close();
      await stops.close();
      await database.close();
    },
  };
}

/** Hashed, because names may be long and contain any character. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Stores the heads of all chains separately and prints them. Process logs collected elsewhere then have a copy, so a
 * removed or rewritten chain is detected.
 */
async function anchor(database: StateDatabase): Promise<void> {
  const heads = await database.query<{ chain: string; sequence: string; hash: string }>(
    `insert into switchboard.audit_anchor (chain, sequence, hash)
     select chain, head_sequence, head_hash from switchboard.audit_chain
     where head_sequence > 0 and pg_try_advisory_xact_lock($1)
     on conflict (chain, sequence) do nothing returning chain, sequence, hash`,
    [0x53574241],
  );
  if (heads.length > 0) process.stderr.write(`${JSON.stringify({ auditAnchor: heads })}\n`);
}

const channel = 'switchboard_stop';

/** A stop request reaches any replica, while the call may run in another. */
function createStops(database: StateDatabase, server: string, log: Log) {
  let client: Client | undefined;
  let isClosed = false;
  let onStop: (name: string) => void = () => undefined;
  const connect = async (): Promise<void> => {
    if (isClosed) return;
    try {
      const opened = await database.connect();
      client = opened;
      opened.on('notification', ({ payload }) => {
        const [to, ...name] = payload?.split('\n') ?? [];
        if (to === server) onStop(name.join('\n'));
      });
      opened.on('end', again);
      await opened.query(`listen ${channel}`);
    } catch (error) {
      log('warn', 'cannot listen for stop requests', { error: String(error) });
      if (client === undefined) again();
      else await client.end().catch(() => undefined);
    }
  };
  const again = (): void => {
    client = undefined;
    if (!isClosed) setTimeout(() => void connect(), listenAgainMs).unref();
  };
  return {
    publish: (name: string): void => {
      database
        .query('select pg_notify($1, $2)', [channel, `${server}\n${name}`])
        .catch((error: unknown) => log('warn', 'cannot pass on a stop request', { error: String(error) }));
    },
    listen: (stop: (name: string) => void): void => {
      onStop = stop;
      void connect();
    },
    close: async (): Promise<void> => {
      isClosed = true;
      await client?.end().catch(() => undefined);
    },
  };
}
