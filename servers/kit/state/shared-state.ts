import type { Log } from '../log.ts';
import { openDatabase, type StateDatabase } from './database.ts';
import { createNotices } from './notices.ts';
import { SharedAudit } from './shared-audit.ts';
import { createSharedLedgerStore, purge } from './shared-ledger.ts';
import { createSharedLimiter } from './shared-limiter.ts';
import { createSharedPauses } from './shared-pauses.ts';
import type { State } from './state.ts';

const anchorMs = 60_000;
const purgeMs = 3_600_000;

/**
 * State in PostgreSQL for all replicas of a server. Without the database, writes are rejected and reads continue.
 * @throws ConfigurationError
 */
export async function openSharedState(url: string, server: string, log: Log): Promise<State> {
  const database = await openDatabase(url, server, log);
  const audit = new SharedAudit(database, server, log);
  const notices = createNotices(database, server, log);
  const pauses = createSharedPauses(database, server, notices, log);
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
    limiter: (name, rate) => createSharedLimiter(database, `${server}\n${name}`, rate),
    pauses,
    publishStop: (name) => notices.publish('stop', name),
    onStop: (stop) => {
      notices.on('stop', stop);
      notices.listen(pauses.load);
    },
    health: { waiting: () => audit.waiting, isUp: database.isUp },
    load: database.load,
    close: async () => {
      for (const timer of timers) clearInterval(timer);
      await audit.close();
      await notices.close();
      await database.close();
    },
  };
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
