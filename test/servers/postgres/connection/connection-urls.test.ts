import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../../stack/database/cluster.ts';
import { connect } from '../fixture.ts';
import { authority, cancelRunningQuery, configurationFailure, speakTls, useServers } from './own-cluster.ts';

// A separate cluster with TLS that listens on IPv6.
let cluster: Cluster;
let account: string;
const start = useServers();
const password = 'p@ss/w?rd#1:%';

beforeAll(async () => {
  cluster = await startCluster({ settings: { listen_addresses: '127.0.0.1,::1' } });
  await cluster.createDatabase('shop');
  await cluster.createDatabase('reader');
  const admin = await connect(cluster.url('shop'));
  await admin.query(`create role reader login password '${password}'`);
  await admin.query('create schema "My App"; create table "My App".here (id int); create table orders (id int)');
  await admin.query('grant usage on schema "My App" to reader; grant select on "My App".here, orders to reader');
  await admin.end();
  await speakTls(cluster);
  account = `reader:${encodeURIComponent(password)}`;
});

afterAll(async () => {
  await cluster?.stop();
});

function at(url: string): string {
  return url
    .replaceAll('ACCOUNT', account)
    .replaceAll('PORT', String(cluster.port))
    .replaceAll('FOLDER', cluster.folder);
}

async function refusedAtStart(environment: Readonly<Record<string, string>>): Promise<string> {
  const { code, stderr } = await configurationFailure(environment);
  expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 78, lines: 1 });
  return stderr;
}

describe('URLs from providers connect', () => {
  it.each([
    ['Neon', 'postgres://ACCOUNT@127.0.0.1:PORT/shop?sslmode=require&channel_binding=require'],
    ['Neon, SNI missing', 'postgres://ACCOUNT@127.0.0.1:PORT/shop?sslmode=require&options=-c%20geqo%3Doff'],
    ['Supabase, pooled', 'postgresql://ACCOUNT@127.0.0.1:PORT/shop?pgbouncer=true&connection_limit=1'],
    ['Supabase on Vercel', 'postgres://ACCOUNT@127.0.0.1:PORT/shop?sslmode=require&supa=base-pooler.x'],
    [
      'Prisma',
      'postgresql://ACCOUNT@127.0.0.1:PORT/shop?schema=public&pool_timeout=20&statement_cache_size=0&socket_timeout=5',
    ],
    [
      'Prisma, strict',
      `postgresql://ACCOUNT@localhost:PORT/shop?sslaccept=strict&sslrootcert=${encodeURIComponent(authority)}`,
    ],
    ['RDS', `postgres://ACCOUNT@localhost:PORT/shop?sslmode=verify-full&sslrootcert=${encodeURIComponent(authority)}`],
    ['RDS, Aurora', 'postgres://ACCOUNT@127.0.0.1:PORT/shop?targetServerType=primary&tcpKeepAlive=true'],
    ['Heroku', 'postgres://ACCOUNT@127.0.0.1:PORT/shop?sslmode=no-verify'],
    ['Render', 'postgresql://ACCOUNT@127.0.0.1:PORT/shop'],
    ['Railway', 'postgresql://ACCOUNT@127.0.0.1:PORT/shop?connect_timeout=300'],
    ['Azure', 'host=127.0.0.1 port=PORT dbname=shop user=reader password=KEYWORD sslmode=require'],
    ['Aiven', 'postgres://ACCOUNT@127.0.0.1:PORT/shop?sslmode=require&application_name=x&fallback_application_name=y'],
    ['Cloud SQL', 'postgresql://ACCOUNT@/shop?host=FOLDER&port=PORT'],
    ['Cloud SQL, in the path', 'postgres:///shop?host=FOLDER&port=PORT&user=reader&password=QUERY'],
    ['a socket in the host', 'postgresql://ACCOUNT@SOCKET/shop?port=PORT'],
    ['DigitalOcean', 'postgresql://ACCOUNT@127.0.0.1:PORT/shop?sslmode=require&sslcompression=0&sslsni=1'],
    ['Rails', 'postgres://ACCOUNT@127.0.0.1:PORT/shop?pool=5&prepared_statements=false&encoding=unicode&timeout=5000'],
    [
      'Go',
      'postgres://ACCOUNT@127.0.0.1:PORT/shop?binary_parameters=yes&pool_max_conns=10&default_query_exec_mode=exec',
    ],
    [
      'libpq',
      'postgresql://ACCOUNT@127.0.0.1:PORT/shop?gssencmode=disable&keepalives=1&keepalives_idle=30&keepalives_interval=10&keepalives_count=3&tcp_user_timeout=5&krbsrvname=postgres&client_encoding=UTF8',
    ],
    ['node-postgres', 'postgres://ACCOUNT@127.0.0.1:PORT/shop?uselibpqcompat=true&sslmode=require'],
    ['IPv6', 'postgres://ACCOUNT@[::1]:PORT/shop'],
    ['no database', 'postgres://ACCOUNT@127.0.0.1:PORT'],
    ['no database, a slash', 'postgres://ACCOUNT@127.0.0.1:PORT/?sslmode=require'],
    ['several hosts', 'postgres://ACCOUNT@127.0.0.1:1,[::1]:PORT,127.0.0.1:1/shop'],
    [
      'several hosts, one to write',
      'postgres://ACCOUNT@127.0.0.1:1,127.0.0.1:PORT/shop?target_session_attrs=read-write',
    ],
    ['several hosts, in the query', 'postgres:///shop?host=127.0.0.1,::1&port=1,PORT&user=reader&password=QUERY'],
    ['several hosts, at random', 'postgres://ACCOUNT@127.0.0.1:PORT,[::1]:PORT/shop?load_balance_hosts=random'],
    ['a replica where there is one', 'postgres://ACCOUNT@127.0.0.1:PORT/shop?target_session_attrs=prefer-standby'],
    ['TLS from the first byte', 'postgres://ACCOUNT@127.0.0.1:PORT/shop?sslmode=require&sslnegotiation=direct'],
    ['newest TLS', 'postgres://ACCOUNT@127.0.0.1:PORT/shop?sslmode=require&ssl_min_protocol_version=TLSv1.3'],
    ['one way to ask', 'postgres://ACCOUNT@127.0.0.1:PORT/shop?require_auth=scram-sha-256'],
    ['a password as it is', 'postgres://reader:RAW@127.0.0.1:PORT/shop'],
    [
      'Neon, copied with psql',
      `psql 'postgresql://ACCOUNT@127.0.0.1:PORT/shop?sslmode=require&channel_binding=require'`,
    ],
    ['quotes of a .env file', '"postgres://ACCOUNT@127.0.0.1:PORT/shop"'],
    ['capital letters', 'POSTGRES://ACCOUNT@127.0.0.1:PORT/shop'],
    ['SQLAlchemy', 'postgresql+psycopg2://ACCOUNT@127.0.0.1:PORT/shop'],
    ['asyncpg', 'postgresql+asyncpg://ACCOUNT@127.0.0.1:PORT/shop?ssl=require'],
    ['JDBC', 'jdbc:postgresql://127.0.0.1:PORT/shop?user=reader&password=QUERY&sslmode=require&stringtype=unspecified'],
    ['GeoDjango', 'postgis://ACCOUNT@127.0.0.1:PORT/shop'],
    ['blanks around it', '  postgres://ACCOUNT@127.0.0.1:PORT/shop\n'],
  ])('%s', async (_name, url) => {
    const written = at(url)
      .replaceAll('KEYWORD', `'${password.replaceAll(/['\\]/g, '\\$&')}'`)
      .replaceAll('QUERY', encodeURIComponent(password))
      .replaceAll('SOCKET', encodeURIComponent(cluster.folder))
      .replaceAll('RAW', 'p@ss%2Fw?rd#1:%25');
    const server = await start({ DATABASE_URL: written });
    const { rows } = await server.query('select current_user, current_database()');
    expect(rows).toEqual([['reader', url.includes('shop') ? 'shop' : 'reader']]);
    expect(server.stderr.trim().split('\n').length).toBeLessThanOrEqual(1);
    expect(server.stderr).not.toContain('p@ss');
  });
});

describe('parameters take effect', () => {
  const read = async (url: string, query: string): Promise<unknown> =>
    (await (await start({ DATABASE_URL: at(url) })).query(query)).rows[0]?.[0];

  it('options reach the server, and ours still win', async () => {
    const url =
      'postgres://ACCOUNT@127.0.0.1:PORT/shop?options=-c%20geqo%3Doff%20-c%20default_transaction_read_only%3Doff%20-c%20statement_timeout%3D0';
    const query = `select array[current_setting('geqo'), current_setting('default_transaction_read_only'), current_setting('statement_timeout')]`;
    expect(await read(url, query)).toBe('{off,on,30s}');
  });

  it.each([
    'schema=My%20App',
    'currentSchema=My%20App',
    'search_path=My%20App',
    'options=-csearch_path%3D%22My%5C%20App%22',
  ])('%s is the schema in which names are looked up', async (parameter) => {
    expect(await read(`postgres://ACCOUNT@127.0.0.1:PORT/shop?${parameter}`, 'select count(*) from here')).toBe(0);
  });

  it('also behind a pooler', async () => {
    const url = 'postgres://ACCOUNT@127.0.0.1:PORT/shop?pgbouncer=true&schema=My%20App';
    expect(await read(url, 'select count(*) from here')).toBe(0);
    expect(await read(url, `select current_setting('statement_timeout')`)).toBe('30s');
  });

  it('PGOPTIONS is read', async () => {
    const server = await start({
      DATABASE_URL: at('postgres://ACCOUNT@127.0.0.1:PORT/shop'),
      PGOPTIONS: '-c geqo=off',
    });
    expect((await server.query('show geqo')).rows).toEqual([['off']]);
  });

  it('parameters without effect are reported in one line', async () => {
    const server = await start({
      DATABASE_URL: at('postgres://ACCOUNT@127.0.0.1:PORT/shop?keepalives_count=3&supa=x&pool_timeout=1'),
    });
    await server.query('select 1');
    const lines = server.stderr.trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('ignored: keepalives_count, supa, pool_timeout');
  });

  it('uses the first host that responds, and cancels reach it', async () => {
    const server = await start({
      DATABASE_URL: at('postgres://ACCOUNT@127.0.0.1:1,127.0.0.1:PORT/shop?sslmode=require&sslnegotiation=direct'),
      DB_STATEMENT_TIMEOUT_MS: '60000',
    });
    await cancelRunningQuery(server, cluster, 'shop');
  });

  it('several databases of several hosts each', async () => {
    const server = await start({
      DATABASES: at(
        'a=postgres://ACCOUNT@127.0.0.1:1,127.0.0.1:PORT/shop?sslmode=require, b=postgres://ACCOUNT@127.0.0.1:PORT/reader',
      ),
    });
    expect((await server.query('select current_database()')).rows).toEqual([['shop']]);
    expect((await server.query('select current_database()', { database: 'b' })).rows).toEqual([['reader']]);
  });

  it.each([
    ['DB_HOST in brackets', { DB_HOST: '[::1]' }],
    ['DB_HOST without', { DB_HOST: '::1' }],
    ['PGHOST in brackets', { PGHOST: '[::1]' }],
    ['several in DB_HOST', { DB_HOST: 'nope.invalid,[::1]' }],
  ])('%s', async (_name, environment) => {
    const server = await start({
      ...environment,
      DB_PORT: String(cluster.port),
      DB_NAME: 'shop',
      DB_USER: 'reader',
      DB_PASSWORD: password,
    });
    expect((await server.query('select 1')).rows).toEqual([[1]]);
  });
});

describe('what cannot be honored is rejected, not ignored', () => {
  it.each([
    ['channel_binding=require without TLS', 'sslmode=disable&channel_binding=require', /channel_binding=require/],
    ['another way to ask', 'require_auth=md5', /require_auth: the server asks for scram-sha-256/],
    [
      'a replica where there is none',
      'target_session_attrs=standby',
      /is the primary, but target_session_attrs asks for a replica/,
    ],
    ['the authorities of the system', 'sslmode=require&sslrootcert=system', /certificate/],
    ['a strict Prisma', 'sslaccept=strict', /certificate/],
  ])('%s', async (_name, parameters, message) => {
    const server = await start({ DATABASE_URL: at(`postgres://ACCOUNT@127.0.0.1:PORT/shop?${parameters}`) });
    const failure = await server.refusal('select 1');
    expect(failure.message).toMatch(message);
    expect(JSON.stringify(failure)).not.toContain('p@ss');
  });

  it.each([
    ['sslmod=verify-full', /unknown parameter 'sslmod'/],
    ['gssencmode=require', /gssencmode=require/],
    ['channel_binding=maybe', /channel_binding: must be/],
    ['target_session_attrs=any-old', /target_session_attrs: must be/],
    ['sslnegotiation=x', /sslnegotiation: must be/],
    ['ssl_min_protocol_version=2', /ssl_min_protocol_version: must be/],
    ['port=1,2,3', /3 ports for 1 hosts/],
  ])('%s at the start', async (parameters, message) => {
    expect(await refusedAtStart({ DATABASE_URL: `postgres://u:canary@h/d?${parameters}` })).toMatch(message);
  });

  it('a password file that the URL names', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'switchboard-urls-')), 'passwords');
    await writeFile(file, `[::1]:x\n*:*:*:reader:${password.replaceAll(/[:\\]/g, '\\$&')}\n`, { mode: 0o600 });
    const server = await start({
      DATABASE_URL: at(`postgres://reader@[::1]:PORT/shop?passfile=${encodeURIComponent(file)}`),
    });
    expect((await server.query('select 1')).rows).toEqual([[1]]);
  });
});
