import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../../stack/database/cluster.ts';
import { connect } from '../fixture.ts';
import { asAdmin, authority, cancelRunningQuery, configurationFailure, speakTls, useServers } from './own-cluster.ts';

// A separate cluster, because it is restarted and reconfigured.
let cluster: Cluster;
let folder: string;
const start = useServers();
const reader = { user: 'reader', password: 'reader-password' };

beforeAll(async () => {
  cluster = await startCluster();
  folder = await mkdtemp(join(tmpdir(), 'switchboard-connections-'));
  for (const name of ['one', 'two']) {
    const client = await connect(await cluster.createDatabase(name));
    await client.query(
      `create table ${name}_table as select '${name}' as name; grant select on ${name}_table to public`,
    );
    await client.end();
  }
  await asAdmin(cluster, `create role reader login password 'reader-password'`);
});

afterAll(async () => {
  await cluster?.stop();
});

function parts(): Record<string, string> {
  return { DB_HOST: cluster.host, DB_PORT: String(cluster.port), DB_NAME: 'one', DB_USER: reader.user };
}

describe('an unreachable server is a clear error', () => {
  it.each<[string, Record<string, string>, string, RegExp]>([
    ['a wrong password', { DB_PASSWORD: 'wrong' }, 'unauthorized', /password authentication failed/],
    ['no password', {}, 'unauthorized', /password/],
    ['an unknown user', { DB_USER: 'nobody', DB_PASSWORD: 'x' }, 'unauthorized', /nobody/],
    ['an unknown database', { DB_NAME: 'nope', DB_PASSWORD: reader.password }, 'not_found', /nope/],
    ['a closed port', { DB_PORT: '1', DB_PASSWORD: 'x' }, 'unreachable', /nothing is listening there/],
    ['an unknown host', { DB_HOST: 'nope.invalid', DB_PASSWORD: 'x', DB_SSL: 'disable' }, 'unreachable', /host/],
    ['a missing socket', { DB_HOST: '/nonexistent', DB_PASSWORD: 'x' }, 'unreachable', /the socket does not exist/],
    ['no TLS', { DB_PASSWORD: reader.password, DB_SSL: 'require' }, 'unreachable', /does not speak TLS/],
  ])('%s', async (_name, environment, code, message) => {
    const server = await start({ ...parts(), ...environment });
    const failure = await server.refusal('select 1');
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(message);
    expect(failure.hint).toBeTruthy();
    expect(JSON.stringify(failure) + server.stderr).not.toContain(reader.password);
  });

  it('rejects a role that could reach the server itself, with the SQL for a better one', async () => {
    const server = await start({ DATABASE_URL: cluster.url('one') });
    const failure = await server.refusal('select 1');
    expect(failure).toMatchObject({ code: 'refused_by_guard', details: { rule: 'role' } });
    const statements = (failure.hint ?? '').split('\n').filter((line) => line.endsWith(';'));
    await asAdmin(
      cluster,
      ...statements
        .filter((line) => !line.includes('SCHEMA'))
        .map((line) => line.replaceAll('switchboard_reader', 'made_by_hint')),
    );
    const better = await start({ DATABASE_URL: cluster.url('one', { user: 'made_by_hint', password: 'choose-one' }) });
    expect((await better.query('select 1')).rows).toEqual([[1]]);
  });

  it.each(['pg_read_server_files', 'pg_execute_server_program'])('a member of %s', async (role) => {
    await asAdmin(cluster, `create role member_${role} login password 'x'`, `grant ${role} to member_${role}`);
    const server = await start({ DATABASE_URL: cluster.url('one', { user: `member_${role}`, password: 'x' }) });
    expect((await server.refusal('select 1')).message).toContain(role);
  });
});

describe('sources of settings', () => {
  it('single variables, the password from a file', async () => {
    await writeFile(join(folder, 'password'), `${reader.password}\n`);
    const server = await start({ ...parts(), DB_PASSWORD_FILE: join(folder, 'password') });
    expect((await server.query('table one_table')).rows).toEqual([['one']]);
  });

  it('the variables of libpq', async () => {
    const server = await start({
      PGHOST: cluster.host,
      PGPORT: String(cluster.port),
      PGDATABASE: 'two',
      PGUSER: 'reader',
      PGPASSWORD: reader.password,
    });
    expect((await server.query('table two_table')).rows).toEqual([['two']]);
  });

  it('a password file, if no one else can read it', async () => {
    const file = join(folder, '.pgpass');
    await writeFile(
      file,
      `# comment\nother:*:*:*:x\n${cluster.host}:${cluster.port}:one:reader:${reader.password.replace('-', '\\-')}\n`,
      { mode: 0o600 },
    );
    const server = await start({ ...parts(), HOME: folder });
    expect((await server.query('select 1')).rows).toEqual([[1]]);
    await chmod(file, 0o644);
    const { code, stderr } = await configurationFailure({ HOME: folder, ...parts(), PGPASSFILE: file });
    expect({ code, stderr }).toMatchObject({ code: 78, stderr: expect.stringContaining('chmod 600') as string });
    await chmod(file, 0o600);
  });

  it('a service file', async () => {
    const file = join(folder, 'services');
    await writeFile(
      file,
      `[other]\nhost=nope\n[shop]\nhost=${cluster.host}\nport=${cluster.port}\ndbname=one\nuser=reader\npassword=${reader.password}\n`,
    );
    const server = await start({ PGSERVICE: 'shop', PGSERVICEFILE: file });
    expect((await server.query('table one_table')).rows).toEqual([['one']]);
  });

  it('several databases by name, the first being the default', async () => {
    const server = await start({
      DATABASES: `first=${cluster.url('one', reader)}, second=${cluster.url('two', reader)}`,
    });
    expect((await server.query('table one_table')).rows).toEqual([['one']]);
    expect((await server.query('table two_table', { database: 'second' })).rows).toEqual([['two']]);
    expect((await server.failure('list_tables', { database: 'third' })).hint).toBe('Databases: first, second.');
    expect((await server.call('list_tables', { database: 'second' })).content[0]?.text).toContain('two_table');
  });

  it('a Unix socket', async () => {
    const server = await start({ ...parts(), DB_HOST: cluster.folder, DB_PASSWORD: reader.password });
    expect((await server.query('table one_table')).rows).toEqual([['one']]);
  });
});

describe('TLS', () => {
  beforeAll(() => speakTls(cluster));

  const encrypted = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';

  it.each<[string, Record<string, string>, boolean]>([
    ['disable', { DB_SSL: 'disable' }, false],
    ['allow', { DB_SSL: 'allow' }, false],
    ['prefer', { DB_SSL: 'prefer' }, true],
    ['require', { DB_SSL: 'require' }, true],
    ['verify-ca', { DB_SSL: 'verify-ca', DB_SSL_ROOT_CERT: authority }, true],
    ['verify-full', { DB_SSL: 'verify-full', DB_SSL_ROOT_CERT: authority, DB_HOST: 'localhost' }, true],
    ['true, the strict mode', { DB_SSL: 'true', DB_SSL_ROOT_CERT: authority, DB_HOST: 'localhost' }, true],
  ])('%s', async (_mode, environment, expected) => {
    const server = await start({ ...parts(), DB_PASSWORD: reader.password, ...environment });
    expect((await server.query(encrypted)).rows).toEqual([[expected]]);
  });

  it.each<[string, Record<string, string>]>([
    ['verify-full refuses another host name', { DB_SSL: 'verify-full', DB_SSL_ROOT_CERT: authority }],
    ['verify-full refuses an unknown authority', { DB_SSL: 'verify-full', DB_HOST: 'localhost' }],
    ['verify-ca refuses an unknown authority', { DB_SSL: 'verify-ca' }],
    ['true refuses an unknown authority', { DB_SSL: 'true', DB_HOST: 'localhost' }],
  ])('%s', async (_name, environment) => {
    const server = await start({ ...parts(), DB_PASSWORD: reader.password, ...environment });
    expect(await server.refusal('select 1')).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('certificate') as string,
    });
  });

  it('takes the authority as text, and parameters from the URL', async () => {
    const url = `${cluster.url('one', reader).replace('127.0.0.1', 'localhost')}?sslmode=verify-full`;
    const server = await start({ DATABASE_URL: url, DB_SSL_ROOT_CERT: await readFile(authority, 'utf8') });
    expect((await server.query(encrypted)).rows).toEqual([[true]]);
  });

  it('cancels over TLS', async () => {
    const server = await start({ ...parts(), DB_PASSWORD: reader.password, DB_SSL: 'require' });
    const abort = new AbortController();
    const client = await connect(cluster.url('one'));
    const active = async (): Promise<number> => {
      const { rows } = await client.query(
        `select 1 from pg_stat_activity where state = 'active' and query like 'select count(*) from generate%'`,
      );
      return rows.length;
    };
    const answer = server
      .call(
        'query_database',
        { query: 'select count(*) from generate_series(1, 1e12::int8)' },
        { signal: abort.signal },
      )
      .catch(() => undefined);
    while ((await active()) === 0);
    abort.abort();
    await answer;
    while ((await active()) > 0);
    await client.end();
    expect((await server.query('select 1')).rows).toEqual([[1]]);
  });
});

describe('a long-running server', () => {
  it.each(['fast', 'crash'] as const)('reconnects after a restart (%s)', async (how) => {
    const server = await start({ DATABASE_URL: cluster.url('one', reader) });
    await server.query('select 1');
    await cluster.restart(how);
    expect((await server.query('table one_table')).rows).toEqual([['one']]);
  });

  it('reports a lost connection and continues', async () => {
    const server = await start({ DATABASE_URL: cluster.url('one', reader) });
    const answer = server.refusal('select count(*) from generate_series(1, 1e12::int8)');
    const client = await connect(cluster.url('one'));
    const running = `select pid from pg_stat_activity where state = 'active' and query like 'select count(*) from generate%'`;
    while ((await client.query(running)).rows.length === 0);
    await client.query(`select pg_terminate_backend(pid) from (${running}) x`);
    await client.end();
    expect((await answer).code).toBe('unreachable');
    expect((await server.query('select 1')).rows).toEqual([[1]]);
  });

  it('picks up a rotated password', async () => {
    const file = join(folder, 'rotating');
    await asAdmin(cluster, `create role rotating login password 'first'`);
    await writeFile(file, 'first');
    const server = await start({ ...parts(), DB_USER: 'rotating', DB_PASSWORD_FILE: file });
    await server.query('select 1');
    await asAdmin(
      cluster,
      `alter role rotating password 'second'`,
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'rotating'`,
    );
    await writeFile(file, 'second');
    expect((await server.query('select 1')).rows).toEqual([[1]]);
  });

  it('keeps its limits within each transaction behind a pooler', async () => {
    const server = await start({
      DATABASE_URL: cluster.url('one', reader),
      DB_POOL_MODE: 'transaction',
      DB_STATEMENT_TIMEOUT_MS: '4321',
    });
    expect((await server.query('show statement_timeout')).rows).toEqual([['4321ms']]);
    expect((await server.query('show transaction_read_only')).rows).toEqual([['on']]);
    const client = await connect(cluster.url('one'));
    const { rows } = await client.query(`select query from pg_stat_activity where usename = 'reader'`);
    await client.end();
    expect(rows.every(({ query }: { query: string }) => query === 'ROLLBACK')).toBe(true);
  });

  it('cancels through a pooler that drops the request of a disconnected client', async () => {
    const cancelCode = 80_877_102;
    const proxy = createServer({ allowHalfOpen: true }, (near) => {
      const far = createConnection(cluster.port, cluster.host);
      for (const end of [near, far]) end.on('error', () => undefined);
      far.pipe(near);
      near.once('data', (first: Buffer) => {
        near.pause();
        // PgBouncer may act on a later turn of its loop.
        void setImmediate()
          .then(() => setImmediate())
          .then(() => {
            near.resume();
            if (first.length === 16 && first.readInt32BE(4) === cancelCode && near.readableEnded) return far.destroy();
            far.write(first);
            return near.pipe(far);
          });
      });
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    const server = await start({
      ...parts(),
      DB_PORT: String(port),
      DB_PASSWORD: reader.password,
      DB_MAX_CONCURRENT: '1',
      DB_CURSOR_SECONDS: '0',
    });
    // Without the cancel request the connection would be dropped after a while, so its survival shows that the request
    // arrived.
    const { rows: backend } = await server.query('select pg_backend_pid()');
    await cancelRunningQuery(server, cluster, 'one');
    expect((await server.query('select pg_backend_pid()')).rows).toEqual(backend);
    await server.close();
    proxy.close();
  });

  it('otherwise sets its limits in the session, read-only by default', async () => {
    const server = await start({ DATABASE_URL: cluster.url('one', reader) });
    const settings =
      await server.query(`select name, setting from pg_settings where name in ('statement_timeout', 'lock_timeout',
      'default_transaction_read_only', 'client_connection_check_interval') order by name`);
    expect(settings.rows).toEqual([
      ['client_connection_check_interval', '500'],
      ['default_transaction_read_only', 'on'],
      ['lock_timeout', '5000'],
      ['statement_timeout', '30000'],
    ]);
  });
});

describe('SSH', () => {
  /** A stand-in for `ssh -N -L socket:host:port destination` that forwards locally. */
  const fakeSsh = `#!${process.execPath}
    const { createServer, connect } = require('node:net');
    const forward = process.argv[process.argv.indexOf('-L') + 1].match(/^(.*):([^:]+):(\\d+)$/);
    if (process.argv.at(-1) !== 'bastion') { console.error('Permission denied (publickey).'); process.exit(255); }
    createServer((near) => { const far = connect(forward[3], forward[2]); near.pipe(far).pipe(near); near.on('error', () => {}); far.on('error', () => {}); })
      .listen(forward[1], () => console.log('forwarding'));`;

  beforeAll(async () => {
    await writeFile(join(folder, 'ssh'), fakeSsh, { mode: 0o755 });
  });

  it("goes through the user's own ssh", async () => {
    const server = await start({
      DATABASE_URL: cluster.url('one', reader),
      DB_SSH: 'bastion',
      PATH: `${folder}:${process.env['PATH']}`,
    });
    expect((await server.query('table one_table')).rows).toEqual([['one']]);
    expect((await server.query('select inet_client_addr() is not null')).rows).toEqual([[true]]);
  });

  it("reports ssh's own error", async () => {
    const server = await start({
      DATABASE_URL: cluster.url('one', reader),
      DB_SSH: 'elsewhere',
      PATH: `${folder}:${process.env['PATH']}`,
    });
    expect(await server.refusal('select 1')).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('Permission denied (publickey).') as string,
    });
  });
});
