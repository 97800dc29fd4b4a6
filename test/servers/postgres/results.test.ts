import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from './database.ts';
import { connect } from './fixture.ts';
import { PostgresServer } from './server.ts';

let server: PostgresServer;
let admin: Client;

beforeAll(async () => {
  const database = await createTestDatabase('shop');
  server = await PostgresServer.start({ DATABASE_URL: database.readerUrl });
  admin = await connect(database.adminUrl);
});

afterAll(async () => {
  await server?.close();
  await admin?.end();
});

/** Literals of every type, including extremes. The result must be what PostgreSQL prints. */
const values: readonly (readonly [type: string, ...literals: string[]])[] = [
  ['int8', '9223372036854775807', '-9223372036854775808', '9007199254740993', '0'],
  ['int4', '2147483647', '-2147483648'],
  ['int2', '-32768'],
  ['numeric', '12.50', '0.1000', '-0.00', '123456789012345678901234567890.123456789', 'NaN', 'Infinity'],
  ['float8', '0.1', '-0', '1e308', '-5e-324', 'NaN', '-Infinity', '123456789.123456789'],
  ['float4', '0.1', '3.4e38'],
  ['text', '', ' ', 'a\tb', 'a\nb', 'back\\slash', '\\N', 'ünï 😀 𝕏', '{"not": "json"}', 'null', 'a\rb'],
  ['varchar', 'x'],
  ['bpchar', 'x  '],
  ['bytea', '\\x00ff10', '\\x'],
  [
    'timestamptz',
    '2026-03-29 01:59:59.123456+00',
    '0044-03-15 12:00:00+00 BC',
    'infinity',
    '294276-12-31 23:59:59.999999+00',
  ],
  ['timestamp', '2026-11-22 10:20:30.5'],
  ['date', '2026-02-28', '-infinity', '0001-01-01'],
  ['time', '24:00:00'],
  ['timetz', '10:00:00+05:30'],
  ['interval', '1 year 2 mons -3 days 04:05:06.789'],
  ['json', '{"a":1.0,  "b":[1e400, 9007199254740993]}', 'null'],
  ['jsonb', '{"a": 1.10, "b": null}', '"text"'],
  ['xml', '<a>b</a>'],
  ['uuid', '00000000-0000-0000-0000-000000000001'],
  ['inet', '10.0.0.1/8', '::1'],
  ['cidr', '10.0.0.0/8'],
  ['macaddr', '08:00:2b:01:02:03'],
  ['int4[]', '{}', '{1,NULL,3}', '{{1,2},{3,4}}', '[0:1]={1,2}'],
  ['text[]', '{"a,b","","NULL",NULL,"q\\"uote"}'],
  ['int4range', '[1,5)', 'empty', '(,5)'],
  ['tstzrange', '["2026-01-01 00:00:00+00",)'],
  ['int4multirange', '{[1,3),[5,7)}'],
  ['money', '$1.00'],
  ['point', '(1.5,-2)'],
  ['bit', '1'],
  ['varbit', '10101'],
  ['tsvector', "'a':1 'b':2"],
  ['tsquery', "'a' & 'b'"],
  ['pg_lsn', '0/16B3748'],
  ['bool', 't', 'f'],
  ['order_status', 'failed'],
  ['regclass', 'orders'],
];

describe('values', () => {
  it.each(values)('%s comes back as PostgreSQL prints it', async (type, ...literals) => {
    for (const literal of literals) {
      const { rows } = await admin.query<{ text: string }>(`select format('%s', $1::text::${type}) as text`, [literal]);
      const answer = await server.query(`select cast($1::text as ${type}) as v, null::${type} as n`, {
        params: [literal],
      });
      const cell = answer.rows[0]?.[0];
      const expected = rows[0]?.text;
      expect(typeof cell === 'boolean' ? String(cell).charAt(0) : String(cell), `${type} ${literal}`).toBe(
        typeof cell === 'number' ? String(Number(expected)) : expected,
      );
      expect(answer.rows[0]?.[1]).toBeNull();
    }
  });

  it('names the types as PostgreSQL does', async () => {
    const answer = await server.query(
      "select 1 a, 1::int8 b, 'x' c, status d, total e, array[1] f, created_at g from orders limit 1",
    );
    expect(answer.columns.map((column) => column.type)).toEqual([
      'int4',
      'int8',
      'text',
      'order_status',
      'numeric',
      'int4[]',
      'timestamptz',
    ]);
  });

  it('distinguishes null, empty and the word in the text, too', async () => {
    const { text } = await server.query(`select null::text as a, '' as b, '\\N' as c, 'NULL' as d, E'x\ty' as e`);
    expect(text.split('\n')[2]).toBe('\\N\t\t\\\\N\tNULL\tx\\ty');
  });

  it('accepts parameters of every plain type', async () => {
    const answer = await server.query('select $1::int + 1, $2::text, $3::bool, $4::int[], $5::jsonb, $6::text', {
      params: [41, "it's", true, [1, 2, null], { a: [1] }, null],
    });
    expect(answer.rows).toEqual([[42, "it's", true, '{1,2,NULL}', '{"a": [1]}', null]]);
  });

  it('passes a list as an array or as JSON, as the query needs', async () => {
    const { rows } = await server.query('select $1::int[], $2::jsonb, $3::jsonb', {
      params: [[[1, 2], [3, null]], { a: 1 }, [{ b: [1] }]],
    }); // prettier-ignore
    expect(rows).toEqual([['{{1,2},{3,NULL}}', '{"a": 1}', '[{"b": [1]}]']]);
    expect((await server.query('select $1::jsonb', { params: [[1, 'x', [2]]] })).rows).toEqual([['[1, "x", [2]]']]);
  });

  it('masks secrets anywhere in a cell', async () => {
    const token = ['xoxb', '1234567890', 'abcdefghij'].join('-'); // in one piece it would look like a leaked secret in this file
    const answer = await server.query('select $1::text as a, 1 as b, $2::text as c', {
      params: [`x\n${token}`, `${token}\ty`],
    });
    expect(JSON.stringify(answer)).not.toContain(token);
    expect(answer.rows[0]).toEqual(['x\n[redacted Slack token]', 1, '[redacted Slack token]\ty']);
  });

  it('keeps columns of the same name apart', async () => {
    const answer = await server.query('select 1 as x, 2 as x, 3');
    expect(answer.columns.map((column) => column.name)).toEqual(['x', 'x', '?column?']);
    expect(answer.rows).toEqual([[1, 2, 3]]);
  });
});

describe('pages', () => {
  it('reads a result page by page to its end, each row once', async () => {
    const query = 'select id from orders order by id';
    const seen: unknown[] = [];
    let page = await server.query(query, { limit: 500 });
    seen.push(...page.rows.flat());
    while (page.next_cursor !== undefined) {
      page = await server.query(query, { limit: 500, cursor: page.next_cursor });
      seen.push(...page.rows.flat());
    }
    const { rows } = await admin.query<{ id: string }>(query);
    expect(seen).toEqual(rows.map((row) => Number(row.id)));
    expect(page.truncated).toBe(false);
  });

  it('shows one snapshot despite writes in between', async () => {
    const query = 'select count(*) over () as n, id from employees order by id';
    const first = await server.query(query, { limit: 5 });
    await admin.query('insert into employees values (1000, $1)', ['later']);
    const second = await server.query(query, { limit: 100, cursor: first.next_cursor });
    await admin.query('delete from employees where id = 1000');
    expect([...first.rows, ...second.rows]).toHaveLength(15);
  });

  it('says truncated only when there is more', async () => {
    expect(await server.query('select * from generate_series(1, 100)')).toMatchObject({
      row_count: 100,
      truncated: false,
    });
    expect(await server.query('select * from generate_series(1, 101)')).toMatchObject({
      row_count: 100,
      truncated: true,
    });
    expect(await server.query('select 1 where false')).toMatchObject({ row_count: 0, truncated: false, rows: [] });
  });

  it('estimates the total rows of a truncated result', async () => {
    const page = await server.query('select * from orders', { limit: 10 });
    expect(page.estimated_rows).toBe(1200);
    expect(page.text).toContain('about 1200 in total');
  });

  it('cuts by size between rows and continues with the rest', async () => {
    const query = "select i, repeat('x', 3000) as x from generate_series(1, 60) i";
    const first = await server.query(query);
    expect(first.truncated).toBe(true);
    expect(first.row_count).toBeLessThan(60);
    expect(first.notes?.join()).toContain('DB_MAX_RESULT_BYTES');
    const second = await server.query(query, { cursor: first.next_cursor });
    expect([...first.rows, ...second.rows].map((row) => row[0])).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  });

  it('marks a truncated cell', async () => {
    const page = await server.query("select 1, repeat('ä', 9000)");
    expect(page.cut_cells).toEqual([[0, 1]]);
    expect(page.text).toContain('...[cut, 9000 characters in total]');
  });

  it('shares the size limit among the cells of a wide row', async () => {
    const columns = Array.from({ length: 600 }, (_, index) => `repeat('x', 3000) as c${index}`);
    const page = await server.query(`select ${columns.join(', ')}`);
    expect(page.row_count).toBe(1);
    expect(page.cut_cells).toHaveLength(600);
    expect(page.text.length).toBeLessThan(200_000);
  });

  it('rejects a cursor that is unknown, used or from another query', async () => {
    const query = 'select * from orders order by id';
    const { next_cursor: cursor } = await server.query(query, { limit: 1 });
    expect((await server.failure('query_database', { query: 'select 1', cursor })).message).toContain(
      'a different query',
    );
    await server.query(query, { limit: 1, cursor });
    expect((await server.failure('query_database', { query, cursor })).code).toBe('not_found');
    expect((await server.failure('query_database', { query, cursor: 'nope' })).code).toBe('not_found');
  });

  it('keeps at most two results open; the oldest is closed and no connection is lost', async () => {
    const query = 'select * from orders order by id';
    const cursors: (string | undefined)[] = [];
    for (let index = 0; index < 12; index += 1) cursors.push((await server.query(query, { limit: 1 })).next_cursor);
    expect((await server.failure('query_database', { query, cursor: cursors[0] })).code).toBe('not_found');
    expect((await server.query(query, { limit: 1, cursor: cursors.at(-1) })).rows[0]?.[0]).toBe(2);
    expect(await Promise.all(Array.from({ length: 20 }, () => server.query('select 1')))).toHaveLength(20);
  });
});

it('costs less than 45 % of indented JSON for 100 orders of 8 columns', async () => {
  const query =
    'select id, customer_id, status, total, error_code, note, updated_at, created_at from orders order by id limit 100';
  const { text, row_count } = await server.query(query);
  const { rows } = await admin.query(query);
  expect(row_count).toBe(100);
  expect(Buffer.byteLength(text) / Buffer.byteLength(JSON.stringify(rows, null, 2))).toBeLessThan(0.45);
});

describe('errors', () => {
  it.each([
    ['select * from ordrs', 'not_found', '42P01', /line 1, column 15/],
    ['select\n  nope\nfrom orders', 'invalid_arguments', '42703', /line 2, column 3/],
    ["select 'ü', nope from orders", 'invalid_arguments', '42703', /column 13/],
    ['selec 1', 'invalid_arguments', '42601', /line 1, column 1/],
    ["select 'ü' from from", 'invalid_arguments', '42601', /column 17/],
    ['select 1 / 0', 'invalid_arguments', '22012', /division by zero/],
    ["select 'x'::int", 'invalid_arguments', '22P02', /invalid input syntax/],
    ['select nope(1)', 'invalid_arguments', '42883', /function nope/],
    ['select * from pg_catalog.pg_statistic', 'forbidden', '42501', /permission denied/],
    ['select total from orders group by status', 'invalid_arguments', '42803', /GROUP BY/],
  ])('%s', async (query, code, sqlstate, message) => {
    const failure = await server.refusal(query);
    expect(failure).toMatchObject({ code, details: { sqlstate } });
    expect(failure.message).toMatch(message);
  });

  it.each([
    [{}, "'query' is required"],
    [{ query: '   ' }, "'query': must be one SQL statement"],
    [{ query: ';' }, "'query' contains no statement"],
    [{ query: 'select 1', limit: 0 }, "'limit': must be at least 1"],
    [{ query: 'select 1', limit: 1001 }, "'limit' must be at most 1000"],
    [{ query: 'select 1', database: 'nope' }, "'nope' does not exist"],
    [{ query: 'select 1', sql: 'x' }, "unknown argument 'sql'"],
    [{ query: 'select $1::int', params: 'x' }, "'params'"],
  ])('%j', async (input, message) => {
    expect((await server.failure('query_database', input)).message).toContain(message);
  });

  it('shortens a message with a long value', async () => {
    const failure = await server.refusal("select ('x' || repeat('y', 3000000))::int");
    expect(failure.message).toContain('cut, ');
    expect(JSON.stringify(failure).length).toBeLessThan(3000);
  });

  it.each([
    ["select * from orders where status = 'shipped'", "Valid values: 'new', 'paid', 'failed', 'refunded'."],
    ['select * from orders where note = "failed"', "If 'failed' is a value, use single quotes."],
    ['\\d orders', 'get_table_schema'],
    ['show tables', 'list_tables'],
    ['select `id` from orders', 'double quotes'],
    ['select top 5 * from orders', 'LIMIT'],
    ['begin', 'its own read-only transaction'],
  ])('says what to do about %s', async (query, hint) => {
    expect((await server.refusal(query)).hint).toContain(hint);
  });

  it.each([
    ['select $1::int', []],
    ['select 1', [5]],
  ])('counts the parameters of %s', async (query, params) => {
    const failure = await server.failure('query_database', { query, params });
    expect(failure).toMatchObject({ code: 'invalid_arguments', retryable: false });
    expect(failure.message).toMatch(/'params' has \d values but the query uses \d/);
  });

  it('gives the position in the original text, whatever was prepended', async () => {
    const failure = await server.failure('explain_query', { query: 'select nope from orders' });
    expect(failure.details).toMatchObject({ position: 8, line: 1, column: 8 });
  });

  it('suggests the intended table', async () => {
    expect((await server.refusal('select * from ordrs')).hint).toContain('public.orders');
    expect((await server.refusal('select * from log')).hint).toContain('audit.log');
  });
});
