import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { connect } from '../fixture.ts';
import { PostgresServer } from '../server.ts';

let database: TestDatabase;
let server: PostgresServer;
let admin: Client;

/** Real table names. */
const odd: readonly (readonly [schema: string, table: string])[] = [
  ['UPPER', 'User'],
  ['sch.ema', 'ta.ble'],
  ['My Schema', 'Order Lines'],
  ['public', 'select'],
  ['public', 'Übung'],
  ['public', 'schön'.normalize('NFD')],
  ['public', 'a"b'],
  ['public', '数据'],
  ['public', '2026-report'],
  ['public', ' padded '],
  ['public', "it's"],
  ['order', 'group'],
];
const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

beforeAll(async () => {
  database = await createTestDatabase('empty');
  admin = await connect(database.adminUrl);
  const { user } = database.reader;
  for (const [schema, table] of odd) {
    await admin.query(
      `create schema if not exists ${quote(schema)}; grant usage on schema ${quote(schema)} to ${user}`,
    );
    await admin.query(`create table ${quote(schema)}.${quote(table)} (id int)`);
    await admin.query(`grant select on ${quote(schema)}.${quote(table)} to ${user}`);
  }
  await admin.query('create schema secret; create table secret.plan (id int); create table public.hidden (id int)');
  server = await PostgresServer.start({ DATABASE_URL: database.readerUrl });
});

afterAll(async () => {
  await server?.close();
  await admin?.end();
});

async function described(name: string): Promise<unknown> {
  const { structuredContent, content } = await server.call('get_table_schema', { table_name: name });
  if (structuredContent?.['table'] === undefined) throw new Error(`${name}: ${content[0]?.text}`);
  return [structuredContent['schema'], structuredContent['table']];
}

describe('a name that is shown is accepted', () => {
  it.each(odd)('%s %s, from every list, quoted and not', async (schema, table) => {
    const { resources } = await server.client.listResources();
    const resource = resources.find(({ uri }) => uri.endsWith(`/${[schema, table].map(encodeURIComponent).join('/')}`));
    expect(await described(resource?.name ?? '')).toEqual([schema, table]);
    const { contents } = await server.client.readResource({ uri: resource?.uri ?? '' });
    expect(contents[0]).toMatchObject({ text: expect.stringContaining('id integer') as string });
    for (const value of [resource?.name ?? '', table.trim().slice(0, 3)]) {
      const { completion } = await server.client.complete({
        ref: { type: 'ref/prompt', name: 'write_query' },
        argument: { name: 'table', value },
      });
      const found = await Promise.all(completion.values.map(described));
      if (value !== table.slice(0, 3) || table === table.trim()) expect(found).toContainEqual([schema, table]);
    }
    const listing = await server.call('list_tables', { schema });
    expect(listing.structuredContent?.['rows']).toContainEqual([schema, table, 'table', null, null]);
    if (table === table.trim()) expect(await described(`${schema}.${table}`)).toEqual([schema, table]);
    expect(await described(`${quote(schema)}.${quote(table)}`)).toEqual([schema, table]);
    const prompt = await server.client.getPrompt({
      name: 'write_query',
      arguments: { question: 'x', table: resource?.name ?? '' },
    });
    expect(JSON.stringify(prompt)).toContain('id integer');
  });

  it.each([
    ['upper.user', ['UPPER', 'User']],
    ['SCH.EMA.TA.BLE', ['sch.ema', 'ta.ble']],
    ['übung', ['public', 'Übung']],
    ['schön', ['public', 'schön'.normalize('NFD')]],
    ['"UPPER".user', ['UPPER', 'User']],
    ['my schema.order lines', ['My Schema', 'Order Lines']],
  ])('%s ignores differences in case and letter form', async (name, found) => {
    expect(await described(name)).toEqual(found);
  });

  it('with the name of the database before it', async () => {
    expect(await described(`${database.name}.UPPER.User`)).toEqual(['UPPER', 'User']);
  });
});

describe('a schema', () => {
  it.each(['my schema', '"My Schema"', 'MY SCHEMA', 'My Schema'])('%s is compared as a table is', async (schema) => {
    expect((await server.call('list_tables', { schema })).structuredContent).toMatchObject({ row_count: 1 });
  });

  it('that does not exist is reported, with those that do', async () => {
    const { content } = await server.call('list_tables', { schema: 'nope' });
    expect(content[0]?.text).toMatch(/^0 tables\n[^]*Schema 'nope' does not exist\. Schemas: .*My Schema.*UPPER/);
  });

  it('that may not be used is reported as such', async () => {
    const { content } = await server.call('list_tables', { schema: 'SECRET' });
    expect(content[0]?.text).toContain(`GRANT USAGE ON SCHEMA secret TO ${database.reader.user};`);
  });

  it('that is empty is reported as such', async () => {
    const { content } = await server.call('list_tables', { schema: 'audit' });
    expect(content[0]?.text).toContain('can read nothing in audit');
  });
});

describe('a hint is ready to paste', () => {
  it.each([
    ['select * from UPPER.User', 'Did you mean "UPPER"."User"?'],
    ['select * from user_', 'Did you mean "UPPER"."User"?'],
    ['select * from "Order Line"', 'Did you mean "My Schema"."Order Lines"?'],
    ['select * from selct', 'Did you mean public."select"?'],
  ])('%s', async (query, hint) => {
    const failure = await server.refusal(query);
    expect(failure.hint).toBe(hint);
    const name = /^Did you mean (.*)\?$/.exec(hint)?.[1] ?? '';
    expect((await server.query(`select * from ${name}`)).row_count).toBe(0);
    expect(await described(name)).toBeTruthy();
  });

  it('also in get_table_schema', async () => {
    const failure = await server.failure('get_table_schema', { table_name: 'usr' });
    expect(failure).toMatchObject({ code: 'not_found', hint: 'Did you mean "UPPER"."User"?' });
  });
});
