import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterUrl } from '../database.ts';
import { connect, createReader } from '../fixture.ts';
import { PostgresServer } from '../server.ts';

const servers = new Map<string, PostgresServer>();

/** A database in another encoding, with text (also in a comment) that is not valid UTF-8. */
async function prepare(encoding: string, bytes: string): Promise<void> {
  const name = `encoded_${randomBytes(6).toString('hex')}`;
  const admin = await connect(clusterUrl('postgres'));
  await admin.query(`create database ${name} encoding '${encoding}' lc_collate 'C' lc_ctype 'C' template template0`);
  await admin.end();
  const client = await connect(clusterUrl(name));
  await client.query(`set client_encoding = '${encoding}'; create schema audit; create table t (id int, s text);
    insert into t values (1, convert_from('\\x${bytes}', '${encoding}'));
    do $$ begin execute format('comment on table t is %L', convert_from('\\x${bytes}', '${encoding}')); end $$`);
  await client.end();
  const reader = await createReader(clusterUrl(name), `reader_${name}`);
  servers.set(encoding, await PostgresServer.start({ DATABASE_URL: clusterUrl(name, reader) }));
}

beforeAll(async () => {
  await prepare('SQL_ASCII', '61e962');
  await prepare('WIN1252', '618162');
});

afterAll(async () => {
  await Promise.all([...servers.values()].map((server) => server.close()));
});

describe.each([
  ['SQL_ASCII', 'a\\351b'],
  ['WIN1252', 'a\\201b'],
])('a text in a database of %s', (encoding, escaped) => {
  const server = (): PostgresServer => {
    const found = servers.get(encoding);
    if (found === undefined) throw new Error('not prepared');
    return found;
  };

  it.each(['select s from t', 'select * from t', 'select "s" as x from t where id = 1'])('%s', async (query) => {
    const failure = await server().refusal(query);
    expect(failure.hint).toContain(`encode(convert_to(s, '${encoding}'), 'escape')`);
    const expression = /encode\(.*\)/.exec(failure.hint ?? '')?.[0] ?? '';
    expect((await server().query(`select ${expression} from t`)).rows).toEqual([[escaped]]);
  });

  it('does not prevent reading a list or a schema', async () => {
    const list = await server().call('list_tables', {});
    expect(list.isError, list.content[0]?.text).toBeUndefined();
    expect(list.content[0]?.text).toContain('public\tt\ttable');
    const schema = await server().call('get_table_schema', { table_name: 't' });
    expect(schema.content[0]?.text).toContain('s text');
  });
});

it('a character missing from the database encoding is reported as such', async () => {
  const server = servers.get('WIN1252');
  const failure = await server?.failure('query_database', { query: "select '数据'" });
  expect(failure?.hint).toContain('WIN1252, which lacks a character of this query');
});
