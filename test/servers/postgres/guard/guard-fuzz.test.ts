import fc from 'fast-check';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../../stack/database/cluster.ts';
import { attacks } from './attacks.ts';
import { connect, createShop, stateHash } from '../fixture.ts';
import { honest } from './honest.ts';
import { PostgresServer } from '../server.ts';

let cluster: Cluster;
let admin: Client;
let server: PostgresServer;
const heard: string[] = [];

beforeAll(async () => {
  cluster = await startCluster({ settings: { shared_preload_libraries: 'pg_stat_statements' } });
  const url = await cluster.createDatabase('shop');
  await createShop(url);
  admin = await connect(url);
  await admin.query('listen canary');
  admin.on('notification', ({ channel }) => heard.push(channel));
  // As superuser, so that only the guard protects the server.
  server = await PostgresServer.start({ DATABASE_URL: url, DB_ALLOW_SUPERUSER: '1', DB_STATEMENT_TIMEOUT_MS: '2000' });
});

afterAll(async () => {
  await server?.close();
  await admin?.end();
  await cluster?.stop();
});

// A grammar of SELECT that may put anything harmful wherever an expression, a table or a clause is allowed.
const harmful = fc.constantFrom(
  "nextval('counter')", "setval('counter', 7)", "pg_notify('canary', 'x')", 'pg_try_advisory_lock(7)', "lo_create(777)", "lo_unlink(4242)",
  'touch()', 'sneaky_notify()', 'sneaky_twice()', 'sneaky_atomic()', 'sneaky_plus(1, 2)', '(1 @+ 2)', "('counter'::regclass).nextval", '(8::bigint).pg_try_advisory_lock',
  "'3'::sneaky_domain", '(5::pair).a', "set_config('statement_timeout', '0', false)", "query_to_xml('select nextval(''counter'')', true, false, '')",
  "dblink_exec('dbname=shop', 'create table evil ()')", 'txid_current()', "lo_from_bytea(778, 'x')", "pg_logical_emit_message(false, 'a', 'b')", "pg_catalog . \"nextval\" ('counter')",
  'U&"next\\0076al"(\'counter\')', "sneaky_text('select nextval(''counter'')')", 'pg_create_restore_point($$x$$)', '(select sneaky_sum(id) from employees)',
); // prettier-ignore
const plain = fc.constantFrom(
  '1',
  "'x'",
  'null',
  'now()',
  'id',
  'count(*)',
  'random()',
  'o.total',
  '$$a;b$$',
  "E'\\'; --'",
  'true',
  'array[1, 2]',
  'row(1, 2)',
);
const { expression, query } = fc.letrec<{ expression: string; source: string; query: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    plain,
    harmful,
    fc.tuple(tie('expression'), fc.constantFrom('=', '||', '+', '@+', 'is distinct from', 'in', 'and'), tie('expression')).map(([a, operator, b]) => (operator === 'in' ? `${a} in (${b})` : `(${a} ${operator} ${b})`)),
    tie('expression').map((inner) => `coalesce(${inner}, ${inner})`),
    tie('expression').map((inner) => `case when ${inner} is null then 1 else length((${inner})::text) end`),
    tie('query').map((inner) => `(${inner} limit 1)`),
    tie('query').map((inner) => `exists (${inner})`),
    tie('expression').map((inner) => `max((${inner})::text) over (order by ${inner})`),
    tie('expression').map((inner) => `count(*) filter (where (${inner})::text <> '')`),
    tie('expression').map((inner) => `cast(${inner} as text)`),
    tie('expression').map((inner) => `json_object('a': ${inner})`),
  ),
  source: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('orders o', 'employees', 'sneaky_view', 'sneaky_view_above', 'sneaky_operator_view', 'failed_orders', 'guarded', 'customers c', "nextval('counter') n", 'rows from (sneaky_notify(), generate_series(1, 2)) r'),
    tie('query').map((inner) => `(${inner}) s`),
    fc.tuple(tie('source'), tie('expression')).map(([from, on]) => `${from} left join lateral (select ${on} as z) l on true`),
    tie('expression').map((inner) => `(values (${inner})) v (id)`),
  ),
  query: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(tie('expression'), tie('source')).map(([what, from]) => `select ${what} from ${from}`),
    fc.tuple(tie('expression'), tie('source'), tie('expression')).map(([what, from, where]) => `select ${what} from ${from} where (${where}) is not null limit 3`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `select ${a} group by ${b} having ${a} is null order by ${b}`),
    fc.tuple(tie('query'), tie('query')).map(([a, b]) => `(${a}) union all (${b})`),
    fc.tuple(tie('query'), tie('query')).map(([a, b]) => `with w as (${a}) ${b}`),
    fc.constantFrom("delete from payments returning 1", "insert into audit.log values (1, 'x') returning 1", 'update employees set name = name returning 1').map((write) => `with w as (${write}) select * from w`),
    tie('query').map((inner) => `explain analyze ${inner}`),
    tie('query').map((inner) => `${inner} for update`),
    tie('query').map((inner) => `select * into evil from (${inner}) i`),
    fc.tuple(tie('query'), fc.constantFrom('; ', '\0; ', ' -- \n; ')).map(([inner, end]) => `${inner}${end}insert into audit.log values (1, 'x')`),
  ),
})); // prettier-ignore

/** Known statements, cut and joined at random, for what our own grammar would not generate. */
const spliced = fc
  .tuple(
    fc.constantFrom(...honest, ...Object.values(attacks).flat()),
    fc.constantFrom(...honest),
    fc.nat(200),
    fc.nat(200),
  )
  .map(([a, b, cutA, cutB]) => a.slice(0, cutA) + b.slice(cutB));

it('whatever passes leaves the server unchanged', async () => {
  const before = await stateHash(admin);
  let passed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          query,
          expression.map((inner) => `select ${inner}`),
          spliced,
        ),
        { minLength: 25, maxLength: 25 },
      ),
      async (statements) => {
        for (const statement of statements) {
          const answer = await server.call('query_database', { query: statement });
          if (answer.isError !== true) passed += 1;
        }
        await admin.query('select 1'); // notifications arrive with a response
        expect(heard).toEqual([]);
        expect(await stateHash(admin)).toBe(before);
      },
    ),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 20), endOnFailure: true },
  );
  expect(passed).toBeGreaterThan(0);
}, 600_000);

it('the oracle detects what a plain connection does', async () => {
  for (const change of [
    "select nextval('counter')",
    'select lo_create(779)',
    'select pg_try_advisory_lock(9)',
    "insert into audit.log values (2, 'y')",
  ]) {
    const before = await stateHash(admin);
    await admin.query(change);
    expect(await stateHash(admin), change).not.toBe(before);
  }
});
