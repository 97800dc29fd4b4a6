import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterUrl, createTestDatabase, type TestDatabase } from '../database.ts';
import { connect } from '../fixture.ts';
import { PostgresServer } from '../server.ts';

let database: TestDatabase;
let server: PostgresServer;
let admin: Client;
let reader: string;

beforeAll(async () => {
  database = await createTestDatabase('empty');
  reader = database.reader.user;
  admin = await connect(database.adminUrl);
  await admin.query(`
    create table closed (id int, "Full Name" text);
    create table partial (id int, email text, "Phone No" text); grant select (id) on partial to ${reader};
    create table half (id int, email text, "Phone No" text); grant select (id, email) on half to ${reader};
    create schema "Locked Up"; create table "Locked Up"."Plan" (id int);
    create sequence counter;
    create function own_sum(a int, b int) returns int language sql immutable as 'select a + b';
    revoke execute on function own_sum from public;
    create role ${reader}_owner; grant create, usage on schema public to ${reader}_owner;
    create table below (id int); create view above as select id from below;
    alter view above owner to ${reader}_owner; grant select on above to ${reader};
    create table policed (id int); alter table policed enable row level security;
    create policy mine on policed using (id = 1); grant select on policed to ${reader};
    insert into policed values (1), (2);`);
  server = await PostgresServer.start({ DATABASE_URL: database.readerUrl });
});

afterAll(async () => {
  await server?.close();
  await admin?.query(`drop view above; drop owned by ${reader}_owner; drop role ${reader}_owner`);
  await admin?.end();
});

/** Runs the GRANT of each hint unchanged until there are no more. Each must bring the query further. */
async function grantAsHinted(query: string): Promise<string[]> {
  const run: string[] = [];
  for (let step = 0; step < 5; step += 1) {
    const answer = await server.call('query_database', { query });
    if (answer.isError !== true) return run;
    const hint = (await server.refusal(query)).hint ?? '';
    const statements = hint.match(/(?:GRANT|ALTER) .*?;/g) ?? [];
    expect(statements.length, hint).toBeGreaterThan(0);
    for (const statement of statements) await admin.query(statement);
    run.push(...statements);
  }
  throw new Error(`still refused after ${run.join(' ')}`);
}

describe('the GRANT in a hint helps', () => {
  it.each([
    ['select * from closed', () => [`GRANT SELECT ON public.closed TO ${reader};`]],
    ['select id, email from partial', () => [`GRANT SELECT (email) ON public.partial TO ${reader};`]],
    ['select * from half', () => [`GRANT SELECT ("Phone No") ON public.half TO ${reader};`]],
    [
      'select * from "Locked Up"."Plan"',
      () => [`GRANT USAGE ON SCHEMA "Locked Up" TO ${reader};`, `GRANT SELECT ON "Locked Up"."Plan" TO ${reader};`],
    ],
    ['select last_value from counter', () => [`GRANT SELECT ON SEQUENCE public.counter TO ${reader};`]],
    ['select own_sum(1, 2)', () => [`GRANT EXECUTE ON FUNCTION own_sum(integer,integer) TO ${reader};`]],
    ['select * from above', () => [`GRANT SELECT ON public.below TO ${reader}_owner;`]],
    ['show data_directory', () => [`GRANT pg_read_all_settings TO ${reader};`]],
  ])('%s', async (query, grants) => {
    expect(await grantAsHinted(query)).toEqual(grants());
  });

  it('no hint grants access to passwords', async () => {
    const failure = await server.refusal('select * from pg_catalog.pg_statistic');
    expect(failure).toMatchObject({ code: 'forbidden', details: { sqlstate: '42501' } });
    expect(failure.hint).not.toContain('GRANT');
    expect(failure.hint).toContain('on purpose');
  });

  it('row_security = off is named as the cause', async () => {
    await admin.query(`alter role ${reader} set row_security = off`);
    const fresh = await PostgresServer.start({ DATABASE_URL: database.readerUrl });
    const failure = await fresh.refusal('select * from policed');
    await fresh.close();
    expect(failure.hint).toContain(`ALTER ROLE ${reader} SET row_security = on;`);
    await admin.query(/ALTER ROLE [^;]*;/.exec(failure.hint ?? '')?.[0] ?? '');
    const again = await PostgresServer.start({ DATABASE_URL: database.readerUrl });
    expect((await again.query('select * from policed')).rows).toEqual([[1]]);
    await again.close();
  });

  it('CONNECT, if the role may not connect to the database', async () => {
    const user = `${reader}_stranger`;
    await admin.query(
      `create role "${user} 2" login password 'x'; revoke connect on database ${database.name} from public`,
    );
    const stranger = await PostgresServer.start({
      DB_HOST: new URL(database.adminUrl).hostname,
      DB_PORT: new URL(database.adminUrl).port,
      DB_NAME: database.name,
      DB_USER: `${user} 2`,
      DB_PASSWORD: 'x',
    });
    const failure = await stranger.refusal('select 1');
    await stranger.close();
    expect(failure).toMatchObject({
      code: 'forbidden',
      hint: `Ask the owner to run: GRANT CONNECT ON DATABASE ${database.name} TO "${user} 2";`,
    });
    await admin.query(/GRANT [^;]*;/.exec(failure.hint ?? '')?.[0] ?? '');
    await admin.query(`grant connect on database ${database.name} to public`);
  });

  it('LOGIN, if the role may not log in', async () => {
    await admin.query(`create role ${reader}_group nologin password 'x'`);
    const group = await PostgresServer.start({
      DATABASE_URL: clusterUrl(database.name, { user: `${reader}_group`, password: 'x' }),
    });
    expect((await group.refusal('select 1')).hint).toContain(`ALTER ROLE ${reader}_group LOGIN;`);
    await group.close();
  });
});

describe('names in PostgreSQL hints', () => {
  it('are quoted as SQL requires', async () => {
    await admin.query(`create table "Odd" ("userId" int); grant select on "Odd" to ${reader}`);
    const failure = await server.refusal('select userid from "Odd"');
    expect(failure.hint).toContain('"Odd"."userId"');
    expect((await server.query('select "Odd"."userId" from "Odd"')).row_count).toBe(0);
  });
});
