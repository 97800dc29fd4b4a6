import { createHash } from 'node:crypto';
import type { Client } from 'pg';

/** The tables are not those of this version. The message says what to do. */
export class StateVersionError extends Error {
  override readonly name = 'StateVersionError';
}

/**
 * Each is applied once and never changed. A new one may only add, because the previous version still runs while
 * replicas are replaced.
 */
export const migrations: readonly string[] = [
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
  // Deleting is for this function alone, so that the role of the servers needs no right to it. Entries are compared as
  // text, because results with NUL characters are no jsonb.
  `create table switchboard.upstream_pause (
     upstream text not null, bucket bytea not null, until timestamptz not null, primary key (upstream, bucket)
   );
   create function switchboard.purge() returns void language sql security definer set search_path = pg_catalog, pg_temp
   as $$
     delete from switchboard.ledger where (server, key) in (
       select server, key from switchboard.ledger
       where touched < clock_timestamp() - interval '30 days'
         and (entries[cardinality(entries)] like '{"state":"done"%'
           or entries[cardinality(entries)] like '{"state":"failed"%')
       limit 1000);
     delete from switchboard.quota where expire < extract(epoch from clock_timestamp() - interval '7 days') * 1000;
     delete from switchboard.upstream_pause where until < clock_timestamp();
   $$;
   revoke execute on function switchboard.purge() from public;`,
  // Writes of runs that ask people elsewhere. `shown` is the state that the posted message shows, `leased` when a process
  // took it to post it.
  `create table switchboard.approval (
     id uuid primary key, session text not null, run text not null, call text not null, title text not null,
     request text not null, digest text not null, people jsonb not null, place text not null,
     created timestamptz not null default clock_timestamp(), expires timestamptz not null,
     state text not null default 'waiting' check (state in ('waiting', 'approved', 'denied', 'withdrawn')),
     answered timestamptz, answered_by text, answered_from text, answered_digest text,
     shown text not null default 'nothing', leased timestamptz, nonce uuid, channel text, message text
   );
   create index on switchboard.approval (session, call);
   create index on switchboard.approval (created) where shown in ('nothing', 'waiting');
   -- Runs that may be tried again by another process, and their sessions, line by line as in a session file. As text:
   -- JSON with NUL characters is no jsonb.
   create table switchboard.occasion (
     id text primary key, name text not null unique, runbook text not null, parameters text not null,
     source text not null, session text not null unique,
     state text not null check (state in ('queued', 'running', 'waiting', 'ended')),
     holder text, touched timestamptz not null default clock_timestamp(), attempts integer not null default 0,
     created timestamptz not null default clock_timestamp(), started timestamptz, ended timestamptz,
     reason text, exit_code integer, message text, reply text, uses text[] not null default '{}',
     options text not null default '{}'
   );
   create index on switchboard.occasion (state, touched);
   create index on switchboard.occasion (runbook, created);
   create table switchboard.session_line (
     session text not null, sequence integer not null, line text not null, primary key (session, sequence)
   );
   -- What waited for people, 30 days after it could be answered.
   create function switchboard.purge_approvals() returns void language sql security definer
   set search_path = pg_catalog, pg_temp
   as $$
     delete from switchboard.approval where expires < clock_timestamp() - interval '30 days';
   $$;
   revoke execute on function switchboard.purge_approvals() from public;`,
];

const lock = 0x53574244; // "SWBD"

/**
 * Updates the tables. Many replicas may do so concurrently.
 * @param known the migrations of this version.
 * @throws StateVersionError where the database is of a version too far ahead, or was changed by others.
 */
export async function migrate(client: Client, known = migrations): Promise<void> {
  await client.query('begin');
  try {
    const { rows } = await client.query<{ exists: boolean }>(
      `select to_regclass('switchboard.migration') is not null as exists`,
    );
    const exists = rows[0]?.exists === true;
    if (!exists || (await appliedIn(client, known)) < known.length) await apply(client, known);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function apply(client: Client, known: readonly string[]): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [lock]);
  await client.query('create schema if not exists switchboard');
  await client.query(
    'create table if not exists switchboard.migration (id integer primary key, sha256 text not null, applied timestamptz not null default now())',
  );
  const applied = await appliedIn(client, known);
  for (const [index, sql] of known.entries()) {
    if (index < applied) continue;
    await client.query(sql);
    await client.query('insert into switchboard.migration (id, sha256) values ($1, $2)', [index + 1, digest(sql)]);
  }
}

/** @returns how many are applied. */
async function appliedIn(client: Client, known: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ id: number; sha256: string }>(
    'select id, sha256 from switchboard.migration order by id',
  );
  if (rows.length > known.length + 1)
    throw new StateVersionError(
      `The state database is ${rows.length - known.length} versions ahead of this server. Update the server`,
    );
  for (const [index, sql] of known.entries()) {
    const row = rows[index];
    if (row !== undefined && row.sha256 !== digest(sql))
      throw new StateVersionError(`The state database does not have the tables of this server (version ${row.id})`);
  }
  return rows.length;
}

function digest(sql: string): string {
  return createHash('sha256').update(sql).digest('hex');
}
