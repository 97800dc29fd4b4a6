import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../database.ts';
import { connect } from '../fixture.ts';
import { PostgresServer } from '../server.ts';

let server: PostgresServer;

beforeAll(async () => {
  const database = await createTestDatabase('shop');
  const admin = await connect(database.adminUrl);
  for (const [name, [count, next]] of Object.entries(doubling)) await admin.query(chain(name, count, next));
  await admin.query(`
    create view wide as ${Array.from({ length: 600 }, (_, index) => `select ${index} as n from orders where id = ${index}`).join(' union all ')};
    create view wide_above as select * from wide;
    create view busy as select ${Array.from({ length: 300 }, (_, index) => `sum(total) filter (where id % 300 = ${index}) as s${index}`).join(', ')} from orders;
    create view "of each" as select id from orders; create view twice as select a.id from "of each" a join "of each" b using (id);
    grant select on all tables in schema public to ${database.reader.user}`);
  await admin.end();
  server = await PostgresServer.start({ DATABASE_URL: database.readerUrl });
});

afterAll(async () => {
  await server?.close();
});

/** WITH s0 ..., each step built from the previous one. */
const steps = (count: number, first: string, next: (before: string) => string, how = ''): string =>
  `with s0 as ${how} (${first}), ${Array.from({ length: count }, (_, index) => `s${index + 1} as ${how} (${next(`s${index}`)})`).join(', ')}`;

const union = (before: string): string => `select * from ${before} union all select * from ${before}`;
const join = (before: string): string => `select a.id from ${before} a join ${before} b using (id)`;
const grow = (first: string, next: string, from = 'r'): string =>
  `with recursive r (t) as (select ${first} union all select ${next} from ${from} where length(t::text) < 1000000000)`;

/** Views, each made of the one before it. */
const chain = (name: string, count: number, next: (before: string) => string): string =>
  Array.from({ length: count }, (_, index) => `create view ${name}_${index + 1} as ${next(`${name}_${index}`)};`)
    .toSpliced(0, 0, `create view ${name}_0 as select id, id as x from orders;`)
    .join('\n');
const doubling: Readonly<Record<string, [count: number, next: (before: string) => string]>> = {
  unions: [20, union],
  joins: [12, (before) => `select a.id, b.x from ${before} a join ${before} b using (id)`],
  columns: [25, (before) => `select id, x + x as x from ${before}`],
};

const nested = (count: number, wrap: (inner: string) => string, first: string): string =>
  Array.from({ length: count }).reduce((inner: string) => wrap(inner), first);

const growing: Readonly<Record<string, string>> = {
  'a union of each with itself': `${steps(20, 'select id from orders', union, 'not materialized')} select count(*) from s20`,
  'a join of each with itself': `${steps(12, 'select id from orders', join, 'not materialized')} select count(*) from s12`,
  'values, without any table': `${steps(20, 'values (1)', (before) => `select * from ${before}, ${before} b`, 'not materialized')} select 1 from s20`,
  'a column that each uses twice': `${steps(25, 'select id as x from orders', (before) => `select x + x as x from ${before}`)} select max(x) from s25`,
  'a column that each uses twice, in subqueries': nested(25, (inner) => `select x + x as x from (${inner}) q`, 'select id as x from orders'),
  'a column under other names': nested(25, (inner) => `select y + y from (${inner}) q (y)`, 'select id from orders'),
  'a column in a condition': `${steps(20, 'select id as x from orders', (before) => `select case when x > 1 then x else -x end as x from ${before}`)} select 1 from s20 where x > 1`,
  'all columns by *': nested(20, (inner) => `select *, x + y as x, x - y as y from (select x + y as x, x - y as y from (${inner}) q) q`, 'select id as x, customer_id as y from orders'),
  'a row that stands for its columns': nested(16, (inner) => `select row_to_json(q)::text || row_to_json(q)::text as x, 1 as y from (${inner}) q`, 'select note as x, 1 as y from orders'),
  'in EXPLAIN': `explain ${steps(20, 'select id from orders', union, 'not materialized')} select count(*) from s20`,
  'below another WITH': `with t as not materialized (${steps(20, 'select id from orders', union, 'not materialized')} select id from s20) select 1 from t`,
  'in a subquery of a condition': `select 1 where exists (${steps(20, 'select id from orders', union, 'not materialized')} select 1 from s20)`,
  'views, each read twice by the next': 'select count(*) from unions_20',
  'views, each joined with itself by the next': 'select 1 from public.joins_12',
  'views that use a column twice': 'select max(x) from columns_25',
  'views that a statement goes on doubling': `${steps(6, 'select id from unions_5', union, 'not materialized')} select count(*) from s6`,
  'views in EXPLAIN': 'explain select count(*) from unions_20',
  'recursion that doubles a text': `${grow("'x'::text", 't || t')} select length(t) from r`,
  'recursion that doubles a text by a function': `${grow("'x'::text", 'concat(t, upper(t))')} select length(t) from r`,
  'recursion that doubles a text by a format': `${grow("'x'::text", "format('%s%s', t, t)")} select length(t) from r`,
  'recursion that doubles an array': `${grow('array[1]', 'a.t || a.t', 'r a')} select count(*) from r`,
  'recursion that doubles JSON': `${grow("'1'::jsonb", 'jsonb_build_array(t, t)')} select count(*) from r`,
  'recursion that doubles in one of two cases': `${grow("'x'::text", "case when length(t) > 3 then t || '-' || t else t || 'x' end")} select 1 from r`,
  'recursion that replaces each letter by ten': `${grow("'x'::text", "replace(t, 'x', 'xxxxxxxxxx')")} select length(t) from r`,
  'recursion that repeats': `${grow("'x'::text", 'repeat(t, 2)')} select length(t) from r`,
  'recursion of two texts, each made of both': "with recursive r(a, b) as (select 'x'::text, 'y'::text union all select a || b, b || a from r where length(a) < 1000000000) select length(a) from r",
  'a length from VALUES': "select length(repeat('x', n)) from (values (1000000000)) v (n)",
  'a length from a series': "select length(lpad('x', n)) from generate_series(900000000, 900000001) n",
  'a length from a subquery': "select length(repeat('x', n::int)) from (select 1000000000 as n) s",
  'a length from a WITH part': "with s as (select 500000000 * 2 as n) select length(repeat('x', s.n)) from s",
  'lengths of an array from VALUES': 'select array_fill(0, array[n, n]) from (values (30000)) v (n)',
  'a quotient': "select repeat('x', 1000000000 / (select 1))",
  'array_agg of long texts': "select array_agg(repeat('x', 1000000)) from generate_series(1, 10000)",
  'string_agg of long texts': "select string_agg(repeat('x', 1000000), ',') from generate_series(1, 10000)",
  'json_agg of long texts': "select json_agg(x) from (select lpad('', 1000000, 'x') as x from generate_series(1, 10000)) q",
  'jsonb_object_agg of long texts': "select jsonb_object_agg(i, repeat('x', 1000000)) from generate_series(1, 10000) i",
  'json_arrayagg of long texts': "select json_arrayagg(repeat('x', 1000000)) from generate_series(1, 10000)",
  'an array of a subquery': "select array(select repeat('x', 1000000) from generate_series(1, 10000))",
  'array_agg of very many values': 'select array_agg(a) from generate_series(1, 100000) a, generate_series(1, 100000) b',
  'array_agg within a subquery': 'select 1 where 1 = any((select array_agg(a) from generate_series(1, 100000) a, generate_series(1, 100000) b)::int[])',
  'array_agg of long texts of a WITH part': "with t as (select repeat('x', 1000000) as x from generate_series(1, 10000)) select array_agg(x) from t",
  'array_agg of long texts of a subquery in FROM': "select array_agg(x) from (select repeat('x', 1000000) as x from generate_series(1, 10000)) t",
  'array_agg of a long series': 'select array_agg(g) from generate_series(1, 1000000000) g',
  'array_agg of a series downwards': 'select array_agg(g) from generate_series(1000000000, 1, -1) g',
  'long texts for every row of a table': "select string_agg(repeat('x', 1000000), '') from orders",
  'many long texts in one row': `select ${Array.from({ length: 20 }, () => "repeat('x', 9000000)").join(' || ')}`,
  'many long texts in one array': `select array[${Array.from({ length: 20 }, () => "repeat('x', 9000000)").join(', ')}]`,
  'a long text that each step uses twice': nested(5, (inner) => `select x || x as x from (${inner}) q`, "select repeat('x', 9000000) as x"),
  'a long text whose characters become texts': "select replace(repeat('x', 9000000), 'x', 'yyyyyyyyyyyyyyyyyyyyyyy')",
  'a long text of a long text': "select repeat('0123456789012345678901234567890123456789', 9000000)",
}; // prettier-ignore

it.each(Object.entries(growing))('is rejected before planning: %s', async (_name, query) => {
  expect(await server.refusal(query)).toMatchObject({ code: 'refused_by_guard', details: { rule: 'memory' } });
});

const honest: readonly string[] = [
  "with recursive r (id, path) as (select 1, 'a'::text union all select id + 1, path || '/' || id from r where id < 5) select path from r",
  "with recursive r (id, parent, path, depth) as (select id, customer_id, array[id], 0 from orders where id = 1 union all select o.id, o.customer_id, r.path || o.id, depth + 1 from orders o join r on o.id = r.id + 1 where not o.id = any(r.path) and depth < 4) select lpad('', depth * 2) || id, path from r",
  'with recursive r (id, crumbs) as (select 1, to_jsonb(array[1]) union all select id + 1, crumbs || to_jsonb(id + 1) from r where id < 5) select crumbs from r',
  'with recursive fib (a, b) as (select 0::numeric, 1::numeric union all select b, a + b from fib where b < 1000) select a from fib',
  "with recursive s (t, at) as (select '12 4'::text, position(' ' in '12 4') union all select substr(t, 1, at - 1) || z || substr(t, at + 1), position(' ' in substr(t, at + 1)) from s, (select chr(51) as z) d where at > 0) select t from s",
  "with recursive r (t) as (select 'a/b/c'::text union all select regexp_replace(t, '/[^/]*$', '') from r where t like '%/%') select t from r",
  "with recursive r (rest, word) as (select 'a,b,c'::text, ''::text union all select case when rest like '%,%' then substr(rest, position(',' in rest) + 1) else '' end, split_part(rest, ',', 1) from r where rest <> '') select word from r",
  "with recursive r (day) as (select date '2026-01-01' union all select day + 1 from r where day < date '2026-01-05') select day from r",
  "select repeat('#', n) || ' ' || n from (values (3), (5)) v (n)",
  "select k, repeat('#', (50 * n / max(n) over ())::int) from (values ('a', 25000000), ('b', 5000000)) v (k, n)",
  "select repeat('#', n / 1000000) from (values (25000000)) v (n)",
  "select lpad(n::text, 12, '0') from generate_series(99999999, 100000001) n",
  'select count(*) from unions_4',
  'select max(x) from columns_4',
  'select count(*) from wide',
  'select count(*) from wide_above',
  'select * from busy',
  'select count(*) from twice',
  `${steps(6, 'select id from orders', union, 'not materialized')} select count(*) from s6`,
  `${steps(20, 'select id from orders limit 1', union, 'materialized')} select count(*) from s4`,
  `${steps(20, 'select id as x from orders', (before) => `select x + 1 as x from ${before}`)} select max(x) from s20`,
  `${steps(8, 'select id as x, note from orders', (before) => `select x, note, coalesce(note, '') as note2 from ${before}`)} select count(*) from s8`,
  `select ${Array.from({ length: 300 }, (_, index) => `sum(total) filter (where id % 300 = ${index})`).join(', ')} from orders`,
  `select id from orders where id in (${Array.from({ length: 5000 }, (_, index) => index).join(', ')}) limit 1`,
  Array.from({ length: 600 }, (_, index) => `select ${index} from orders where id = ${index}`).join(' union all '),
  'select array_agg(g) from generate_series(1, 100000) g',
  // Each subquery generates its own rows.
  'select (select array_agg(g) from generate_series(1, 60000) g) = (select array_agg(g) from generate_series(1, 60000) g)',
  "select string_agg(lpad(id::text, 10, '0'), ',') from orders",
  'select json_agg(o) from orders o',
  "select array(select to_char(d, 'YYYY-MM-DD') from generate_series('2026-01-01'::date, '2026-12-31', '1 day') d)",
  "select d, string_agg(status::text, ',') from generate_series(timestamp '2026-11-01', timestamp '2026-11-30', interval '1 day') d left join orders on created_at::date = d group by d",
  "select replace(note, ' ', ''), regexp_replace(note, '[aeiou]', '*', 'g'), repeat('-', 80) from orders limit 1",
  'with recursive t (n) as (select 1 union all select n + 1 from t where n < 50) select array_agg(n), sum(n) from t',
  'select count(*) from generate_series(1, 1000) a, generate_series(1, 1000) b',
  `with a as (select status, count(*) as n from orders group by status), b as (select status, n, n::numeric / sum(n) over () as share from a)
   select a.status, a.n, b.share, round(b.share * 100, 1) || '%' as percent from a join b using (status) order by b.share desc`,
];

it.each(honest)('runs: %s', async (query) => {
  await server.query(query);
});
