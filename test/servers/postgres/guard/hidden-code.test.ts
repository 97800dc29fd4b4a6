import { chmod, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analytics, analyticsSchema } from './analytics.ts';
import { calls } from './calls.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { disguises, traps } from './disguises.ts';
import { connect } from '../fixture.ts';
import { PostgresServer } from '../server.ts';

async function fill(url: string, sql: string): Promise<void> {
  const client = await connect(url);
  await client.query(sql);
  await client.end();
}

describe('code that runs without being named', () => {
  let database: TestDatabase;
  let server: PostgresServer;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'switchboard-disguises-'));
    await chmod(folder, 0o777);
    database = await createTestDatabase('empty');
    await fill(database.adminUrl, traps.replaceAll('$DIR', folder));
    // As superuser, so that only the guard protects the server.
    server = await PostgresServer.start({ DATABASE_URL: database.adminUrl, DB_ALLOW_SUPERUSER: '1' });
  });
  afterAll(() => server?.close());

  it.each([...Object.entries(disguises), ['plain calls and statements', calls] as const])(
    'is found: %s',
    async (_family, statements) => {
      const passed: string[] = [];
      for (const query of statements) {
        const answer = await server.call('query_database', { query });
        const error = JSON.stringify(answer.structuredContent?.['error'] ?? 'answered');
        if (!/"code":"refused_by_guard"|"sqlstate":"42601"/.test(error)) passed.push(`${query}: ${error}`);
      }
      expect(passed).toEqual([]);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('is checked quickly, however deep calls are nested', async () => {
    const deep = `${'lpad('.repeat(200)}'x'${', 1)'.repeat(200)}`;
    expect((await server.query(`select ${deep} as text`)).rows).toEqual([['x']]);
  });

  it('of a materialized view does not run, because its rows are stored', async () => {
    expect((await server.query('select * from mv_evil')).rows).toEqual([[1]]);
    expect((await server.query('select * from mv_foreign')).row_count).toBe(1);
  });

  it('of an overload that the view does not use does not matter', async () => {
    await fill(
      database.adminUrl,
      `create function twice(int) returns int language sql immutable as 'select $1 * 2';
       create function twice(text) returns text language sql volatile as 'select $1';
       create view twice_view as select twice(21) as n`,
    );
    expect((await server.query('select n from twice_view')).rows).toEqual([[42]]);
  });
});

describe('a database with custom code', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    const { adminUrl, name } = await createTestDatabase('empty');
    await fill(adminUrl, analyticsSchema);
    await fill(adminUrl, `alter database ${name} set search_path = sales, public, api`);
    server = await PostgresServer.start({ DATABASE_URL: adminUrl, DB_ALLOW_SUPERUSER: '1' });
  });
  afterAll(() => server?.close());

  it("answers analysts' queries", async () => {
    const refused: string[] = [];
    for (const query of analytics) {
      const params = query.includes('$1') ? { params: [1] } : {};
      const answer = await server.call('query_database', { query, ...params });
      if (answer.isError === true) refused.push(`${query}: ${answer.content[0]?.text}`);
    }
    expect(refused).toEqual([]);
  });
});
