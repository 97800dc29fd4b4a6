import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import * as z from 'zod';
import { accessCluster } from '../../stack/database/cluster.ts';
import { containing, matching } from '../jira/harness.ts';
import { callTool } from './calls.ts';
import { message, send, startAndEnd, startHttp, stateFolder, type HttpServer } from './harness.ts';
import { startIssuer, type TestIssuer } from './issuer.ts';

const audience = 'https://mcp.example.com/postgres';
const cluster = accessCluster(inject('postgres'));
const name = `roles_${process.pid}_${Date.now()}`;
/** Roles belong to the whole cluster. The quotes and the space are part of a name. */
const roles = { red: `${name} "red"`, blue: `${name}_blue`, others: `${name}_others`, admin: `${name}_admin` };
const quoted = (role: string): string => `"${role.replaceAll('"', '""')}"`;

let admin: Client;
let issuer: TestIssuer;
let server: HttpServer;
let environment: Record<string, string>;

beforeAll(async () => {
  admin = new Client(await cluster.createDatabase(name));
  await admin.connect();
  const { red, blue, others } = roles;
  const [r, b] = [quoted(red), quoted(blue)];
  await admin.query(`
    create role ${name} login noinherit password 'the-password-of-the-login';
    create role ${r}; create role ${b}; create role ${quoted(others)}; create role ${quoted(roles.admin)} superuser;
    grant ${r}, ${b}, ${quoted(roles.admin)} to ${name};
    create table orders (id int primary key, team text, note text);
    insert into orders select i, case when i % 3 = 0 then 'red' else 'blue' end,
      case when i % 3 = 0 then 'for red eyes ' else 'for blue eyes ' end || i % 4 from generate_series(1, 900) i;
    alter table orders enable row level security;
    create policy red on orders for select to ${r} using (team = 'red');
    create policy blue on orders for select to ${b} using (team = 'blue');
    create table own (sub text, text text);
    insert into own values ('anna', 'of anna'), ('ben', 'of ben');
    alter table own enable row level security;
    create policy own on own for select using (sub = current_setting('switchboard.sub'));
    create table only_red (id int);
    create function becomes() returns text language sql stable as $$ select set_config('role', 'none', true) $$;
    create function switches() returns bigint language sql stable set role to ${b} as $$ select count(*) from orders $$;
    create function defines() returns bigint language sql stable security definer as $$ select count(*) from orders $$;
    create function forgets() returns text language plpgsql stable as $$ begin reset role; return current_user; end $$;
    create function is_red() returns boolean language sql stable as $$ select pg_catalog.pg_has_role('${name}', 'member') $$;
    grant select on orders, own to ${r}, ${b};
    grant select on only_red to ${r};
    analyze orders;
  `);
  issuer = await startIssuer(audience);
  const { host, port } = inject('postgres');
  environment = {
    DB_HOST: host,
    DB_PORT: String(port),
    DB_NAME: name,
    DB_USER: name,
    DB_PASSWORD: 'the-password-of-the-login',
    DB_ROLE_FROM: 'claim:realm_access.roles',
    DB_ROLES: `red=${red}, ${blue}, others=${others}, admin=${roles.admin}, gone=${name}_gone`,
    DB_MAX_CONCURRENT: '1',
    DB_CURSOR_SECONDS: '600',
    SWITCHBOARD_HTTP_URL: audience,
    SWITCHBOARD_HTTP_ISSUER: issuer.url,
  };
  server = await start();
});
afterAll(async () => {
  await issuer.stop();
  await admin.end();
});

const start = async (more: Record<string, string> = {}): Promise<HttpServer> =>
  startHttp('postgres', { ...environment, SWITCHBOARD_STATE_DIR: await stateFolder(), ...more });
const tokenOf = (sub: string, given: unknown): Promise<string> =>
  issuer.sign({ scope: 'postgres:read', sub, realm_access: { roles: given } });
const anna = () => tokenOf('anna', ['red', 'offline_access']);
const ben = () => tokenOf('ben', [roles.blue]);

const rowsSchema = z.array(z.array(z.unknown()));
async function ask(token: string, query: string, more: Record<string, unknown> = {}, port = server.port) {
  const { structured } = await callTool(port, 'query_database', { query, ...more }, { token });
  return structured;
}
async function rows(token: string, query: string, port = server.port): Promise<unknown[][]> {
  return rowsSchema.parse((await ask(token, query, {}, port))['rows']);
}
const teams = 'select team, count(*)::int from orders group by team';

describe('callers with roles of their own', () => {
  it('see different rows of the same table, by one statement over one connection', async () => {
    const [forAnna, forBen] = [await anna(), await ben()];
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, index) => rows(index % 2 === 0 ? forAnna : forBen, teams)),
    );
    for (const [index, answer] of answers.entries())
      expect(answer).toEqual(index % 2 === 0 ? [['red', 300]] : [['blue', 600]]);
    const who = 'select current_user::text, session_user::text';
    expect(await rows(forAnna, who)).toEqual([[roles.red, name]]);
    expect(await rows(forBen, who)).toEqual([[roles.blue, name]]);
    expect(await rows(forAnna, 'select text from own')).toEqual([['of anna']]);
    expect(await rows(forBen, 'select text from own')).toEqual([['of ben']]);
    // Another person with the same role.
    expect(await rows(await tokenOf('carla', ['red']), 'select text from own')).toEqual([]);
  });

  it('read a result page by page in their own rows, and cannot read the pages of others', async () => {
    const [forAnna, forBen] = [await anna(), await ben()];
    const query = 'select id, team from orders order by id';
    const first = await ask(forAnna, query, { limit: 100 });
    const cursor = first['next_cursor'];
    expect(cursor).toEqual(matching(/./u));
    const next = (token: string) => ask(token, query, { limit: 200, cursor });
    for (const token of [forBen, await tokenOf('carla', ['red']), await tokenOf('anna', [roles.blue])])
      expect(await next(token)).toMatchObject({ error: { code: 'not_found' } });
    await rows(forBen, teams);
    const second = await next(forAnna);
    const seen = [first, second].flatMap((page) => rowsSchema.parse(page['rows']).map(([, team]) => team));
    expect([seen.length, new Set(seen)]).toEqual([300, new Set(['red'])]);
  });

  it('see no more in plans, schemas, examples, resources, lists and completions', async () => {
    const [forAnna, forBen] = [await anna(), await ben()];
    const explain = async (token: string) => {
      const input = { query: 'select * from orders', analyze: true };
      return (await callTool(server.port, 'explain_query', input, { token })).structured['actual_rows'];
    };
    expect([await explain(forAnna), await explain(forBen)]).toEqual([300, 600]);
    const get = async (token: string, method: string, params: Record<string, unknown>) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await send(server.port, { headers, body: message(method, params) })).text;
    };
    const call = (token: string, tool: string, input: Record<string, unknown>) =>
      get(token, 'tools/call', { name: tool, arguments: input });
    const orders = { uri: `postgres://${name}/public/orders` };
    for (const [token, others] of [
      [forAnna, 'blue eyes'],
      [forBen, 'red eyes'],
    ] as const) {
      expect(await call(token, 'get_table_schema', { table_name: 'orders', detail: true })).not.toContain(others);
      expect(await get(token, 'resources/read', orders)).not.toContain(others);
    }
    const ref = { type: 'ref/resource', uri: 'postgres://{database}/{schema}/{table}' };
    const complete = (token: string) =>
      get(token, 'completion/complete', { ref, argument: { name: 'table', value: 'only' } });
    for (const list of [
      (token: string) => call(token, 'list_tables', {}),
      (token: string) => get(token, 'resources/list', {}),
      complete,
    ]) {
      expect(await list(forAnna)).toContain('only_red');
      expect(await list(forBen)).not.toContain('only_red');
    }
    expect(await rows(forAnna, 'select count(*)::int from only_red')).toEqual([[0]]);
    expect(await ask(forBen, 'select count(*)::int from only_red')).toHaveProperty('error');
    expect(await call(forBen, 'get_database_health', {})).toContain('"status"');
  });

  it.each([
    'reset role',
    'RESET ALL',
    'set role none',
    `set role "${name}_blue"`,
    'set local role none',
    "set role to 'none'",
    'set session role none',
    'set session authorization default',
    'reset session authorization',
    'discard all',
    'commit',
    'rollback',
    "select set_config('role', 'none', false)",
    "select set_config('role', 'none', true)",
    "select pg_catalog.set_config('session_authorization', 'postgres', true)",
    "select set_config('switchboard.sub', 'ben', true), text from own",
    "select * from own where set_config('switchboard.sub', 'ben', true) is not null",
    "with x as (select set_config(concat('ro', 'le'), 'none', true)) select * from x, orders",
    "explain analyze select set_config('role', 'none', true)",
    "update pg_settings set setting = 'none' where name = 'role'",
    'select becomes()',
    'select switches()',
    'select defines()',
    'do $$ begin reset role; end $$',
    'select 1; reset role',
    "select query_to_xml('select set_config(''role'', ''none'', true)', true, false, '')",
    'set transaction read write',
  ])('cannot take on other rights by %s', async (query) => {
    const token = await anna();
    const answer = await ask(token, query);
    expect([answer['error'], query]).toEqual([expect.objectContaining({ code: 'refused_by_guard' }), query]);
    expect(await rows(token, teams)).toEqual([['red', 300]]);
  });

  it('keep their rights in a function that tries to give them back', async () => {
    const token = await anna();
    expect(await ask(token, 'select forgets()')).toHaveProperty('error');
    expect(await rows(token, teams)).toEqual([['red', 300]]);
  });

  it('keep their rights behind a pooler that assigns connections per transaction', async () => {
    const { port } = await start({ DB_POOL_MODE: 'transaction' });
    const [forAnna, forBen] = [await anna(), await ben()];
    for (let round = 0; round < 3; round += 1) {
      expect(await rows(forAnna, teams, port)).toEqual([['red', 300]]);
      expect(await rows(forBen, teams, port)).toEqual([['blue', 600]]);
    }
  });
});

describe('a caller is refused', () => {
  it.each([
    ['without the claim', undefined],
    ['with an empty claim', []],
    ['with a role that is not listed', ['postgres', roles.red, 'NONE', '__proto__']],
    ['with several roles', ['red', roles.blue]],
    ['with a claim of another kind', { red: true }],
  ])('%s', async (_what, given) => {
    const { status } = await callTool(
      server.port,
      'query_database',
      { query: teams },
      { token: await tokenOf('eve', given) },
    );
    expect(status).toBe(403);
  });

  it('with a role that the account may not have, that is gone, or that is a superuser', async () => {
    for (const given of ['others', 'gone'])
      expect(await ask(await tokenOf('eve', [given]), teams)).toMatchObject({
        error: { code: 'not_configured', hint: containing('GRANT') },
      });
    expect(await ask(await tokenOf('eve', ['admin']), teams)).toMatchObject({ error: { code: 'refused_by_guard' } });
    expect(await rows(await anna(), teams)).toEqual([['red', 300]]);
  });
});

it.each([
  ['over stdio', {}, undefined, 'DB_ROLE_FROM depends on the caller'],
  [
    'where callers do not sign in',
    { SWITCHBOARD_HTTP_ISSUER: '' },
    '127.0.0.1:0',
    'DB_ROLE_FROM depends on the caller',
  ],
  ['without the roles that there may be', { DB_ROLES: '' }, '127.0.0.1:0', 'DB_ROLES'],
  ['without the claim', { DB_ROLE_FROM: '' }, '127.0.0.1:0', 'DB_ROLE_FROM'],
  ['with the role NONE', { DB_ROLES: 'red=None' }, '127.0.0.1:0', 'DB_ROLES'],
])('a server with roles of callers does not start %s', async (_what, more, address, named) => {
  const { code, stderr } = await startAndEnd(
    'postgres',
    { ...environment, SWITCHBOARD_HTTP_URL: '', ...more },
    address,
  );
  expect([code, stderr]).toEqual([78, containing(named)]);
});
