import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { relationsByName } from '../../../../servers/postgres/catalog/relation-query.ts';
import { nextColumns } from '../../../../servers/postgres/guard/mask/masked-queries.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { connect } from '../fixture.ts';
import { PostgresServer } from '../server.ts';

const tables = 5000;
const partitions = 1000;
const chunks = 800;
/** The size of a tool's first result on the wire, in both its forms. */
const maxBytes = 20_000;

let database: TestDatabase;
let server: PostgresServer;
let admin: Client;

beforeAll(async () => {
  database = await createTestDatabase('empty');
  admin = await connect(database.adminUrl);
  const { user } = database.reader;
  /**
   * `%1$s` is the number, `%2$L` and `%3$L` a day and the next. Created in parts, because the locks of all do not fit
   * in one transaction.
   */
  const each = async (count: number, statement: string): Promise<void> => {
    for (let from = 1; from <= count; from += 500)
      await admin.query(`do $$ begin for i in ${from}..${Math.min(count, from + 499)} loop
        execute format('${statement}', i, date '2020-01-01' + i, date '2020-01-02' + i); end loop; end $$`);
  };
  await each(tables, 'create table app_table_%1$s (id int)');
  await admin.query('create table parts (id int, d date) partition by range (d)');
  await each(partitions, 'create table parts_%1$s partition of parts for values from (%2$L) to (%3$L)');
  // Statistics that make one parent look like the only one.
  await admin.query('analyze pg_class; analyze pg_inherits');
  await admin.query(`create schema _timescaledb_internal; grant usage on schema _timescaledb_internal to ${user};
    create table ht (time timestamptz, v float8); create table customers (id int)`);
  await each(chunks, 'create table _timescaledb_internal._hyper_1_%1$s_chunk () inherits (ht)');
  await admin.query(`insert into _timescaledb_internal._hyper_1_7_chunk select now(), 1 from generate_series(1, 500);
    analyze _timescaledb_internal._hyper_1_7_chunk`);
  for (const schema of ['public', '_timescaledb_internal']) {
    const { rows } = await admin.query<{ name: string }>(
      `select oid::regclass::text as name from pg_class where relnamespace = '${schema}'::regnamespace and relkind in ('r', 'p')`,
    );
    for (let from = 0; from < rows.length; from += 1000)
      await admin.query(
        `grant select on ${rows
          .slice(from, from + 1000)
          .map(({ name }) => name)
          .join(', ')} to ${user}`,
      );
  }
  server = await PostgresServer.start({ DATABASE_URL: database.readerUrl });
});

afterAll(async () => {
  await server?.close();
  await admin?.end();
});

describe('the first result of each tool', () => {
  it.each<[string, Record<string, unknown>]>([
    ['list_tables', {}],
    ['list_tables', { search: 'app_table' }],
    ['list_tables', { search: 'chunk' }],
    ['get_table_schema', { table_name: 'parts' }],
    ['get_table_schema', { table_name: 'parts', detail: true }],
    ['get_table_schema', { table_name: 'ht', detail: true }],
    ['get_table_schema', { table_name: 'app_table_4999' }],
    ['explain_query', { query: 'select * from parts where id = 5' }],
    ['explain_query', { query: 'select * from parts where id = 5', analyze: true }],
    ['explain_query', { query: 'select * from ht order by v', analyze: true }],
    ['explain_query', { query: 'select count(*) from parts a join parts b using (d)' }],
    ['get_database_health', {}],
    ['query_database', { query: 'select * from parts where id = 5' }],
    ['query_database', { query: 'select count(*) from ht' }],
  ])('%s %j is small', async (name, input) => {
    const answer = await server.call(name, input);
    expect(answer.isError, answer.content[0]?.text).toBeUndefined();
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(maxBytes);
  });

  it('a plan folds similar steps and counts them', async () => {
    const { content } = await server.call('explain_query', {
      query: 'select * from parts where id = 5',
      analyze: true,
    });
    expect(content[0]?.text).toMatch(/\n +\.\.\. 995 more like this \[rows \d+ -> 0, cost \d+, [\d.]+ ms in total\]/);
    expect(content[0]?.text.match(/Scan on parts_\d+/g)).toHaveLength(5);
  });

  it('a plan of different steps is truncated, with their number', async () => {
    const parts = Array.from(
      { length: 300 },
      (_, index) =>
        `select ${'id + '.repeat(index % 9)} id from parts_${index + 1} where ${'id > 1 and '.repeat(index % 7)} true order by id limit ${index}`,
    );
    const query = parts.map((part) => `(${part})`).reduce((all, part) => `${all} union ${part}`);
    const { content, isError } = await server.call('explain_query', { query });
    expect(isError, content[0]?.text).toBeUndefined();
    expect(Buffer.byteLength(content[0]?.text ?? '')).toBeLessThan(maxBytes / 2);
  });

  it('resources and errors are small, too', async () => {
    expect(JSON.stringify(await server.client.listResources()).length).toBeLessThan(maxBytes);
    expect(JSON.stringify(await server.refusal('select * from app_tabl')).length).toBeLessThan(maxBytes);
    expect(JSON.stringify(await server.failure('get_table_schema', { table_name: 'nope' })).length).toBeLessThan(
      maxBytes,
    );
  });
});

const node = z.looseObject({
  'Rows Removed by Filter': z.number().default(0),
  'Actual Loops': z.number(),
  get Plans() {
    return z.array(node).default([]);
  },
});
const plan = z.tuple([z.looseObject({ Plan: node })]);

/** Rows that a query read needlessly. */
function discarded(step: z.infer<typeof node>): number {
  const own = step['Rows Removed by Filter'] * step['Actual Loops'];
  return step.Plans.reduce((sum, part) => sum + discarded(part), own);
}

describe('the list of all partitions is not read once per partition', () => {
  it.each<[string, string, string[]]>([
    ['for what a query reads', relationsByName.text, [`array['parts']`]],
    [
      'for what is masked',
      nextColumns,
      [`array(select inhrelid from pg_inherits)`, ...['2', 'true', `'parts.d'::text`].map(filled)],
    ],
  ])('%s', async (_, text, values) => {
    const written = values.reduce((sql, value, index) => sql.replaceAll(`$${index + 1}`, value), text);
    const { rows } = await admin.query<Record<string, unknown>>(`explain (analyze, format json) ${written}`);
    expect(discarded(plan.parse(rows[0]?.['QUERY PLAN'])[0].Plan)).toBeLessThan(100 * partitions);
  });
});

function filled(value: string): string {
  return `array_fill(${value}, array[(select count(*)::int from pg_inherits)])`;
}

describe('everything is reachable', () => {
  it('all partitions and children are counted', async () => {
    const ask = async (table_name: string, detail: boolean): Promise<string> =>
      (await server.call('get_table_schema', { table_name, detail })).content[0]?.text ?? '';
    expect(await ask('parts', false)).toContain(`partitions: ${partitions} in total`);
    expect(await ask('parts', true)).toContain(`... ${partitions - 50} more, ${partitions} in total`);
    expect(await ask('ht', false)).toContain(`children: ${chunks} in total`);
  });

  it('a list continues by cursor, each table once, without children', async () => {
    const seen: string[] = [];
    let cursor: unknown;
    do {
      const { structuredContent } = await server.call('list_tables', cursor === undefined ? {} : { cursor });
      const rows: unknown = structuredContent?.['rows'];
      if (Array.isArray(rows)) for (const row of rows) if (Array.isArray(row)) seen.push(row.slice(0, 2).join('.'));
      cursor = structuredContent?.['next_cursor'];
    } while (cursor !== undefined);
    expect(new Set(seen).size).toBe(seen.length);
    const { rows } = await admin.query<{ name: string }>(
      `select 'public.' || relname as name from pg_class where relkind in ('r', 'p') and not relispartition
        and relnamespace = 'public'::regnamespace`,
    );
    expect(seen.toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
    expect(seen).toContain('public.customers');
  });

  it('names the tables that are read through their parent, with all their rows', async () => {
    const { content } = await server.call('list_tables', { search: 'ht' });
    expect(content[0]?.text).toContain(`the children of public.ht (${chunks})`);
    expect(content[0]?.text).toContain('public\tht\ttable\t500\t');
  });

  it('resources continue by cursor', async () => {
    let count = 0;
    let cursor: string | undefined;
    do {
      const page = await server.client.listResources(cursor === undefined ? {} : { cursor });
      count += page.resources.length;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(count).toBe(tables + 3);
    await expect(server.client.listResources({ cursor: 'nonsense' })).rejects.toThrow(/'cursor'/);
    expect((await server.failure('list_tables', { cursor: 'bm9wZQ' })).code).toBe('invalid_arguments');
  });

  it('completion searches every name and counts matches', async () => {
    const ask = async (value: string) =>
      (
        await server.client.complete({
          ref: { type: 'ref/prompt', name: 'write_query' },
          argument: { name: 'table', value },
        })
      ).completion;
    expect(await ask('app_table_499')).toMatchObject({ total: 11, hasMore: false });
    expect((await ask('app_table_499')).values).toContain('public.app_table_4999');
    expect(await ask('public.app_table_49')).toMatchObject({ total: 111, hasMore: true });
    expect(await ask('APP_')).toMatchObject({ total: tables, hasMore: true });
  });

  it('the closest of all names is suggested', async () => {
    expect((await server.refusal('select * from app_tabl_4998')).hint).toMatch(
      /^Did you mean public\.app_table_4998\b/,
    );
    expect((await server.failure('get_table_schema', { table_name: 'app_tabl_9' })).hint).toMatch(
      /^Did you mean public\.app_table_9\b/,
    );
  });
});
