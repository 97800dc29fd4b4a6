import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import { ConfigurationError } from '../errors.ts';

/**
 * Each is applied once and never changed. A new one may only add, because the previous version still runs while
 * replicas are replaced.
 */
const migrations: readonly string[] = [
  `create table switchboard.ledger (
     server text not null, key bytea not null,
     created timestamptz not null default clock_timestamp(), touched timestamptz not null default clock_timestamp(),
     entries text[] not null,
     primary key (server, key)
   ) with (fillfactor = 70);
   create index on switchboard.ledger (touched);
   create table switchboard.quota (key varchar(255) primary key, points integer not null default 0, expire bigint);
   create table switchboard.audit_chain (
     chain text primary key, writer text not null, replica text not null,
     started timestamptz not null default clock_timestamp(),
     head_sequence bigint not null default 0, head_hash text not null
   );
   create table switchboard.audit_record (
     chain text not null references switchboard.audit_chain, sequence bigint not null,
     time timestamptz not null, tool text, actor text, session text, run text, line text not null,
     primary key (chain, sequence)
   );
   create index on switchboard.audit_record (time);
   create table switchboard.audit_anchor (
     time timestamptz not null default clock_timestamp(), chain text not null, sequence bigint not null,
     hash text not null, primary key (chain, sequence)
   );`,
];

const lock = 0x53574244; // "SWBD"

/**
 * Updates the tables. Many replicas may do so concurrently.
 * @throws ConfigurationError where the database is of a version too far ahead, or was changed by others.
 */
export async function migrate(client: Client): Promise<void> {
  await client.query('begin');
  try {
    const { rows } = await client.query<{ exists: boolean }>(
      `select to_regclass('switchboard.migration') is not null as exists`,
    );
    const exists = rows[0]?.exists === true;
    if (!exists || (await appliedIn(client)) < migrations.length) await apply(client);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function apply(client: Client): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [lock]);
  await client.query('create schema if not exists switchboard');
  await client.query(
    'create table if not exists switchboard.migration (id integer primary key, sha256 text not null, applied timestamptz not null default now())',
  );
  const applied = await appliedIn(client);
  for (const [index, sql] of migrations.entries()) {
    if (index < applied) continue;
    await client.query(sql);
    await client.query('insert into switchboard.migration (id, sha256) values ($1, $2)', [index + 1, digest(sql)]);
  }
}

/** @returns how many are applied. */
async function appliedIn(client: Client): Promise<number> {
  const { rows } = await client.query<{ id: number; sha256: string }>(
    'select id, sha256 from switchboard.migration order by id',
  );
  if (rows.length > migrations.length + 1)
    throw new ConfigurationError(
      `The state database is ${rows.length - migrations.length} versions ahead of this server. Update the server`,
    );
  for (const [index, sql] of migrations.entries()) {
    const row = rows[index];
    if (row !== undefined && row.sha256 !== digest(sql))
      throw new ConfigurationError(`The state database does not have the tables of this server (version ${row.id})`);
  }
  return rows.length;
}

function digest(sql: string): string {
  return createHash('sha256').update(sql).digest('hex');
}
