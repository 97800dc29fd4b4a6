import { createHash } from 'node:crypto';
import type { StateDatabase } from './database.ts';
import { parseEntry, type LedgerEntry, type LedgerStore } from './ledger-store.ts';

/**
 * One row per key, with its log as an array. Appending is one statement: the row lock orders the entries, and the
 * statement returns the log. A table of entries with a serial number would not work, because a later number can become
 * visible first, and two claimants could each see themselves as first.
 */
export function createSharedLedgerStore(database: StateDatabase, server: string): LedgerStore {
  const keyOf = (key: string): Buffer => createHash('sha256').update(key).digest();
  return {
    isShared: true,
    read: async (key) => {
      const rows = await database.query<{ entries: string[] }>(
        'select entries from switchboard.ledger where server = $1 and key = $2',
        [server, keyOf(key)],
      );
      return parse(rows);
    },
    append: async (key, entry) => {
      // As text, because PostgreSQL's JSON types reject some characters that JSON allows.
      const rows = await database.query<{ entries: string[] }>(
        `insert into switchboard.ledger as known (server, key, entries) values ($1, $2, array[$3::text])
         on conflict (server, key) do update
           set entries = known.entries || excluded.entries, touched = clock_timestamp()
         returning entries`,
        [server, keyOf(key), JSON.stringify(entry)],
      );
      return parse(rows);
    },
    touch: async (key) => {
      await database.query('update switchboard.ledger set touched = clock_timestamp() where server = $1 and key = $2', [
        server,
        keyOf(key),
      ]);
    },
    age: async (key) => {
      const [row] = await database.query<{ age: number }>(
        `select (extract(epoch from clock_timestamp() - touched) * 1000)::float8 as age
         from switchboard.ledger where server = $1 and key = $2`,
        [server, keyOf(key)],
      );
      return row?.age ?? Infinity;
    },
  };
}

/** Removes keys that ended long ago, and limits and pauses that are over. A key with an open effect stays. */
export async function purge(database: StateDatabase): Promise<void> {
  await database.query('select switchboard.purge()', []);
}

function parse([row]: readonly { entries: string[] }[]): readonly LedgerEntry[] {
  return row?.entries.flatMap(parseEntry) ?? [];
}
