import { existsSync } from 'node:fs';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { startCluster, type Cluster } from '../../stack/database/cluster.ts';
import { connect } from './fixture.ts';
import { ask } from './masked/ask.ts';
import { honest } from './masked/honest.ts';
import { masks, setup, setup18 } from './masked/schema.ts';
import { ways, ways18 } from './masked/ways.ts';
import { PostgresServer } from './server.ts';

const older = '/usr/lib/postgresql/15/bin';
const database = 'masked_values';
const reader = 'masked_reader';

/** Every word that a masked column holds, however it is written. */
const value = /canary|6361_?6e617279|yranac|770012/i;

/** The role may do all that a role for reading and monitoring can be given. */
async function fill(url: string, statements: readonly string[]): Promise<Client> {
  const admin = await connect(url);
  for (const statement of statements) await admin.query(statement);
  await admin.query(`
    do $$ begin create role ${reader} login password 'reader'; exception when duplicate_object then null; end $$;
    grant pg_read_all_data, pg_monitor to ${reader};
    grant select on all sequences in schema public to ${reader}`);
  await admin.query('refresh materialized view mpat');
  await admin.query('refresh materialized view mpat_above');
  await admin.query('analyze');
  return admin;
}

describe.each([
  { version: 18, binaries: undefined },
  { version: 15, binaries: older },
])('masked columns on PostgreSQL $version', ({ version, binaries }) => {
  if (binaries !== undefined && !existsSync(binaries)) return;
  let cluster: Cluster | undefined;
  let clients: Client[] = [];
  let server: PostgresServer;

  beforeAll(async () => {
    cluster = binaries === undefined ? undefined : await startCluster({ binaries });
    const { host, port, superuser } = cluster ?? inject('postgres');
    const at = (name: string, { user, password }: { user: string; password: string }): string =>
      `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${name}`;
    const first = await connect(at('postgres', superuser));
    await first.query(`create database ${database}`);
    await first.end();
    const admin = await fill(at(database, superuser), version >= 18 ? [setup, setup18] : [setup]);
    const locking = await connect(at(database, superuser));
    const waiting = await connect(at(database, superuser));
    clients = [admin, locking, waiting];
    // Statements of others that hold values: one that is over, one that waits.
    await locking.query(
      "begin; lock table waiting; select 'canary-activity', 770012999, $x$canary-dollar$x$ -- canary-comment",
    );
    void waiting.query("select * from waiting where 'canary-blocked' <> e'canary\\'-too'").catch(() => undefined);
    server = await PostgresServer.start({
      DATABASE_URL: at(database, { user: reader, password: 'reader' }),
      DB_MASK_COLUMNS: [...masks, ...(version >= 18 ? ['virtual_cust.email'] : [])].join(', '),
    });
    await vi.waitFor(async () => {
      const { rowCount } = await admin.query(
        "select from pg_locks where not granted and relation = 'waiting'::regclass",
      );
      expect(rowCount).toBe(1);
    });
  });

  afterAll(async () => {
    await server?.close();
    await Promise.all(clients.map((client) => client.end()));
    await cluster?.stop();
  });

  const all = { ...ways, ...(version >= 18 && { 'what is new in PostgreSQL 18': ways18 }) };
  describe.each(Object.entries(all))('are not seen through %s', (_, lines) => {
    it.each(lines)('%s', async (line) => {
      const { shown } = await ask(server, database, line);
      expect(shown).not.toMatch(value);
      if (line.includes('as found')) expect(shown).not.toMatch(/"rows":\[\[(?:true|1)\]\]/);
    });
  });

  it.each(honest)('do not stop: %s', async (line) => {
    const { shown, failed } = await ask(server, database, line);
    expect(failed, shown).toBe(false);
    expect(shown).not.toMatch(value);
  });
});
