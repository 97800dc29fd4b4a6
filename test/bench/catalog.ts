import { Client } from 'pg';
import type { Stack } from '../stack/stack.ts';
import { distFolder } from '../stack/command-line.ts';
import { measureShuffled, summarize, timed, type Figure } from './measure.ts';
import { startRawClient } from './raw-client.ts';

const bundle = process.env['POSTGRES_BUNDLE'] ?? `${distFolder}servers/postgres.cjs`;
const tables = 5000;
const partitions = 1000;
/** What psql's \d asks for, more or less: the floor for whatever looks at the catalog. */
const plainQuery = `select n.nspname, c.relname, c.relkind, c.reltuples from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_' and has_table_privilege(c.oid, 'select') order by 1, 2`;

const calls: readonly (readonly [name: string, input: Record<string, unknown>])[] = [
  ['list_tables', {}],
  ['list_tables', { search: 'app_table_49' }],
  ['get_table_schema', { table_name: 'parts', detail: true }],
  ['get_table_schema', { table_name: 'app_table_4999' }],
  ['explain_query', { query: 'select * from parts where id = 5' }],
  ['query_database', { query: 'select count(*) from parts' }],
  ['query_database', { query: 'select * from app_tabl_499' }],
  ['get_database_health', {}],
];

/** A large catalog: the first answer of each tool (a process that knows nothing yet) beside one plain catalog query. */
export async function benchCatalog(stack: Stack): Promise<Figure[]> {
  const adminUrl = await stack.cluster.createDatabase(`bench_catalog_${Date.now()}`);
  const admin = new Client(adminUrl);
  await admin.connect();
  await fill(admin);
  const url = stack.cluster.url(new URL(adminUrl).pathname.slice(1), stack.database.reader);
  const plain = new Client(url);
  await plain.connect();
  try {
    const samples = await measureShuffled(
      [
        { name: 'plain catalog query', once: () => timed(() => plain.query(plainQuery)) },
        ...calls.map(([name, input]) => ({
          name: `${name} ${JSON.stringify(input)}`,
          once: () => firstAnswer(url, name, input),
        })),
      ],
      7,
    );
    const [[name, values] = ['', []], ...rest] = samples;
    const base = { name, values };
    return [summarize(name, 'ms', values), ...rest.map(([what, theirs]) => summarize(what, 'ms', theirs, base))];
  } finally {
    await plain.end();
    await admin.end();
  }
}

async function fill(admin: Client): Promise<void> {
  const each = async (count: number, statement: string): Promise<void> => {
    for (let from = 1; from <= count; from += 500)
      await admin.query(`do $$ begin for i in ${from}..${from + 499} loop
        execute format('${statement}', i, date '2020-01-01' + i, date '2020-01-02' + i); end loop; end $$`);
  };
  await each(tables, 'create table app_table_%1$s (id int); grant select on app_table_%1$s to public');
  await admin.query('create table parts (id int, d date) partition by range (d); grant select on parts to public');
  await each(
    partitions,
    'create table parts_%1$s partition of parts for values from (%2$L) to (%3$L); grant select on parts_%1$s to public',
  );
  await admin.query('vacuum analyze pg_class, pg_attribute, pg_inherits, pg_type');
}

/** The connection is open already: what is measured is the call. */
async function firstAnswer(url: string, name: string, input: Record<string, unknown>): Promise<number> {
  const client = startRawClient({
    command: process.execPath,
    args: [bundle],
    env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: url },
  });
  try {
    await client.initialize();
    await client.request('tools/call', { name: 'query_database', arguments: { query: 'select 1' } });
    return await timed(() => client.request('tools/call', { name, arguments: input }));
  } finally {
    await client.close();
  }
}
