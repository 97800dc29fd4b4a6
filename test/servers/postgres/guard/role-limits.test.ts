import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterUrl, createTestDatabase, type TestDatabase } from '../database.ts';
import { connect } from '../fixture.ts';
import { PostgresServer } from '../server.ts';

let database: TestDatabase;
let admin: Client;

beforeAll(async () => {
  database = await createTestDatabase('empty');
  admin = await connect(database.adminUrl);
});

afterAll(async () => {
  await admin?.end();
});

const names = [
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'transaction_timeout',
] as const;
type Limits = Readonly<Partial<Record<(typeof names)[number], string>>>;

/** The limits in effect for a role with these settings, in the first call and in later ones. */
async function limitsFor(role: Limits, environment: Readonly<Record<string, string>> = {}): Promise<unknown[]> {
  const user = `limited_${Math.random().toString(36).slice(2)}`;
  await admin.query(`create role ${user} login password 'x'`);
  for (const [name, value] of Object.entries(role)) await admin.query(`alter role ${user} set ${name} = '${value}'`);
  const server = await PostgresServer.start({
    DATABASE_URL: clusterUrl(database.name, { user, password: 'x' }),
    DB_MAX_CONCURRENT: '1',
    ...environment,
  });
  try {
    const query = `select ${names.map((name) => `current_setting('${name}')`).join(', ')}`;
    const [first] = (await server.query(query)).rows;
    await Promise.all([server.query('select 1'), server.query('select 2'), server.query('select 3')]);
    expect((await server.query(query)).rows).toEqual([first]);
    return first ?? [];
  } finally {
    await server.close();
  }
}

describe.each(['session', 'transaction'])("between the role's limits and ours, in %s mode,", (mode) => {
  const environment = { DB_POOL_MODE: mode };

  it('the stricter one applies', async () => {
    const role: Limits = {
      statement_timeout: '1s',
      lock_timeout: '250ms',
      idle_in_transaction_session_timeout: '1s',
      transaction_timeout: '2s',
    };
    expect(await limitsFor(role, environment)).toEqual(['1s', '250ms', '1s', '2s']);
  });

  it('ours applies if the role has none or a laxer one', async () => {
    expect(await limitsFor({}, environment)).toEqual(['30s', '5s', '90s', '0']);
    const lax: Limits = { statement_timeout: '2h', lock_timeout: '1d', idle_in_transaction_session_timeout: '10min' };
    expect(await limitsFor(lax, environment)).toEqual(['30s', '5s', '90s', '0']);
    const own = { ...environment, DB_STATEMENT_TIMEOUT_MS: '1500', DB_LOCK_TIMEOUT_MS: '100' };
    expect(await limitsFor({ statement_timeout: '2s' }, own)).toEqual(['1500ms', '100ms', '90s', '0']);
  });
});

it('a database limit applies, too, and a query that reaches it says so', async () => {
  await admin.query(`alter database ${database.name} set statement_timeout = '300ms'`);
  const server = await PostgresServer.start({ DATABASE_URL: database.readerUrl });
  try {
    expect((await server.query('show statement_timeout')).rows).toEqual([['300ms']]);
    const failure = await server.refusal(
      'select count(*) from generate_series(1, 100000000) a, generate_series(1, 100000) b',
    );
    expect(failure).toMatchObject({ code: 'timeout', details: { sqlstate: '57014' } });
    expect(failure.message).not.toContain('30 s');
  } finally {
    await server.close();
    await admin.query(`alter database ${database.name} reset statement_timeout`);
  }
});
