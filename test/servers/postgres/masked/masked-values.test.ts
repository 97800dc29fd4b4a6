import { existsSync } from 'node:fs';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { startCluster, type Cluster } from '../../../stack/database/cluster.ts';
import { connect } from '../fixture.ts';
import { ask } from './ask.ts';
import { honest } from './honest.ts';
import { masks, setup, setup18 } from './schema.ts';
import { closed, readable } from './views.ts';
import { ways, ways18 } from './ways.ts';
import { PostgresServer } from '../server.ts';

const older = '/usr/lib/postgresql/15/bin';
const database = 'masked_values';
const reader = 'masked_reader';

/** Every word of a masked column, in any notation. */
const value = /canary|6361_?6e617279|yranac|770012/i;

/** The role has every privilege for reading and monitoring. */
async function fill(url: string, statements: readonly string[]): Promise<Client> {
  const admin = await connect(url);
  for (const statement of statements) await admin.query(statement);
  await admin.query(`
    do $$ begin create role ${reader} login password 'reader'; exception when duplicate_object then null; end $$;
    grant pg_read_all_data, pg_monitor to ${reader};
    grant select on all sequences in schema public to ${reader}`);
  await admin.query('create extension pg_stat_statements');
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
  let ownUrl = '';
  let server: PostgresServer;

  beforeAll(async () => {
    cluster =
      binaries === undefined
        ? undefined
        : await startCluster({ binaries, settings: { shared_preload_libraries: 'pg_stat_statements' } });
    const { host, port, superuser } = cluster ?? inject('postgres');
    const at = (name: string, { user, password }: { user: string; password: string }): string =>
      `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${name}`;
    const first = await connect(at('postgres', superuser));
    await first.query(`create database ${database}`);
    await first.end();
    ownUrl = at(database, superuser);
    const admin = await fill(ownUrl, version >= 18 ? [setup, setup18] : [setup]);
    const locking = await connect(ownUrl);
    const waiting = await connect(ownUrl);
    clients = [admin, locking, waiting];
    // Statements of other sessions that contain values: one finished, one waiting. This lock takes no transaction id, which
    // would have the server read what is masked again for every view that a test creates.
    await locking.query(
      "begin; lock table waiting in exclusive mode; select 'canary-activity', 770012999, $x$canary-dollar$x$ -- canary-comment",
    );
    void waiting
      .query("select * from waiting where 'canary-blocked' <> e'canary\\'-too' for update")
      .catch(() => undefined);
    server = await PostgresServer.start({
      DATABASE_URL: at(database, { user: reader, password: 'reader' }),
      DB_MASK_COLUMNS: [...masks, ...(version >= 18 ? ['virtual_cust.email'] : [])].join(', '),
      // An open result locks its tables, which some tests change.
      DB_CURSOR_SECONDS: '0',
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

  /** Each as a view, a view on that view, and a materialized view. */
  async function define(name: string, definitions: readonly string[]): Promise<void> {
    for (const [index, definition] of definitions.entries())
      await clients[0]?.query(`
        create view ${name}_${index} as ${definition};
        create view above_${name}_${index} as select * from ${name}_${index};
        create materialized view stored_${name}_${index} as ${definition};
        grant select on ${name}_${index}, above_${name}_${index}, stored_${name}_${index} to ${reader}`);
  }

  const all = { ...ways, ...(version >= 18 && { 'what is new in PostgreSQL 18': ways18 }) };
  describe.each(Object.entries(all))('are not seen through %s', (_, lines) => {
    it.each(lines)('%s', async (line) => {
      const { shown } = await ask(server, database, line);
      expect(shown).not.toMatch(value);
      if (line.includes('as found')) expect(shown).not.toMatch(/"rows":\[\[(?:true|1)\]\]/);
    });
  });

  it('are not seen through objects created after the first query', async () => {
    const [admin] = clients;
    // In progress before and after them.
    const older = await connect(ownUrl);
    await older.query('begin; select txid_current()');
    await ask(server, database, 'select id from cust');
    await admin?.query(`
      create table patients_new partition of patients for values in ('new');
      create view v_new as select email from cust;
      create table blood_new () inherits (blood);
      create table kept_new (id int, c cust);
      insert into patients values (1, 'new', 'canary-new', 1); insert into blood_new values (1, 'canary-new', 'x');
      insert into kept_new select id, c from cust c`);
    for (const table of ['patients_new', 'v_new', 'blood_new', 'kept_new'])
      for (const line of [`select * from ${table}`, `schema: ${table}`, `table ${table}`])
        expect((await ask(server, database, line)).shown, line).not.toMatch(value);
    await older.end();
  });

  it('leave definitions of other columns unchanged', async () => {
    const orders = await ask(server, database, 'schema: orders');
    expect(orders.shown).toContain("'2026-01-01'");
    const withdef = await ask(server, database, 'schema: withdef');
    expect(withdef.shown).toContain("'open-a'");
    expect(withdef.shown).toContain("chk <> '[masked]'");
    const index = await ask(server, database, `select pg_get_indexdef('people_part'::regclass)`);
    expect(index.shown).toContain('(name) WHERE (ssn = [masked]::text)');
    const expression = await ask(
      server,
      database,
      `select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'orders'::regclass`,
    );
    expect(expression.shown).toContain('2026-01-01');
    const activity = await ask(
      server,
      database,
      `select query from pg_stat_activity where query like '%dollar%' or query like 'begin%'`,
    );
    expect(activity.shown).toContain(
      'begin; lock table waiting in exclusive mode; select [masked], [masked], [masked]',
    );
  });

  it('are not mistaken for other columns of the same table, nor matched without their table', async () => {
    const rows = await server.query('select id, email, name, email_lc from cust order by id');
    expect(rows.rows).toEqual([
      [1, '[masked]', 'Ann', '[masked]'],
      [2, '[masked]', 'Bob', '[masked]'],
      [3, null, 'Cy', null],
    ]);
    expect(rows.masked).toContain('cust.email_lc');
    const groups = await server.query(
      'select c.id, name, count(o.id) from cust c join orders o on o.cust_id = c.id group by c.id order by 1',
    );
    expect(groups.rows).toEqual([[1, 'Ann', 10], [2, 'Bob', 10], [3, 'Cy', 10]]); // prettier-ignore
    expect((await server.query('select *, ctid from cust')).columns).toHaveLength(8);
  });

  it('leave the counts of pg_stat_statements, without constants', async () => {
    const query = 'select query, calls, s.* from pg_stat_statements s order by calls desc';
    if (version >= 18) expect((await server.refusal(query)).code).not.toBe('refused_by_guard');
    else expect((await server.query(query)).masked).toContain('pg_stat_statements.query');
    expect((await ask(server, database, query)).shown).not.toMatch(value);
  });

  it('are hidden in views, whose other columns can be read', async () => {
    await define('readable', readable.map(([definition]) => definition)); // prettier-ignore
    for (const [index, [definition, columns]] of readable.entries()) {
      const { rows, masked = [], columns: all } = await server.query(`select * from readable_${index}`);
      expect([...masked].toSorted(), definition).toEqual(
        columns.map((column) => `readable_${index}.${column}`).toSorted(),
      );
      expect(JSON.stringify(rows), definition).not.toMatch(value);
      expect(rows.length, definition).toBeGreaterThan(0);
      const above = await server.query(`select * from above_readable_${index}`);
      expect(above.rows, definition).toEqual(rows);
      const schema = await ask(server, database, `schema: stored_readable_${index}`);
      expect(schema.shown, definition).not.toMatch(value);
      expect(schema.shown.split(' masked').length - 1, definition).toBe(columns.length);
      expect(all.length, definition).toBeGreaterThan(columns.length);
    }
  });

  it('close views whose rows depend on them', async () => {
    await define('closed', closed);
    for (const [index, definition] of closed.entries())
      for (const name of [`closed_${index}`, `above_closed_${index}`, `stored_closed_${index}`])
        expect(await server.refusal(`select 1 from ${name}`), definition).toMatchObject({
          details: { rule: 'masked-columns' },
        });
  });

  it.each(honest)('do not stop: %s', async (line) => {
    const { shown, failed } = await ask(server, database, line);
    expect(failed, shown).toBe(false);
    expect(shown).not.toMatch(value);
  });
});
