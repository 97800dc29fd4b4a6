import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { metaKeys } from '../../../servers/contract/meta.ts';
import { migrate, migrations } from '../../../servers/contract/state/migrations.ts';
import { finished, startCli } from '../../stack/command-line.ts';
import { accessCluster } from '../../stack/database/cluster.ts';
import { startJira, type JiraStandIn } from '../../stack/jira/index.ts';
import { containing } from '../jira/harness.ts';
import { callTool } from './calls.ts';
import { startAndEnd, startHttp, stateFolder } from './harness.ts';

const cluster = accessCluster(inject('postgres'));
const name = `roles_${process.pid}_${Date.now()}`;
const bug = { project_key: 'ENG', issue_type: 'Bug', summary: 'Checkout fails' };
let url: string;
let admin: Client;
let jira: JiraStandIn;

const urlOf = (role: string): string => cluster.url(name, { user: `${name}_${role}`, password: `secret-of-${role}` });
const environment = async (stateUrl: string): Promise<Record<string, string>> => ({
  JIRA_URL: jira.url,
  JIRA_EMAIL: jira.email,
  JIRA_TOKEN: jira.token,
  SWITCHBOARD_STATE_DIR: await stateFolder(),
  SWITCHBOARD_STATE_URL: stateUrl,
});
const cli = (words: readonly string[], variables: Record<string, string>) =>
  finished(startCli(words, { environment: variables }));

beforeAll(async () => {
  jira = await startJira();
  url = await cluster.createDatabase(name);
  admin = new Client(url);
  await admin.connect();
  for (const role of ['owner', 'servers', 'auditor'])
    await admin.query(`create role ${name}_${role} login password 'secret-of-${role}'`);
  await admin.query(`grant create on database ${name} to ${name}_owner`);
});
afterAll(async () => {
  await admin.end();
  await jira.stop();
});

/** SQLSTATE of what a role may not do; 'done' for what it may. */
async function attempt(role: string, sql: string): Promise<string> {
  const client = new Client(urlOf(role));
  await client.connect();
  try {
    await client.query(sql);
    return 'done';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  } finally {
    await client.end();
  }
}

describe('the role of the servers', () => {
  it('needs the tables of the owner, who is named when they are missing', async () => {
    const refused = await startAndEnd('jira', await environment(urlOf('servers')), '127.0.0.1:0');
    expect([refused.code, refused.stderr]).toEqual([78, containing('switchboard state migrate')]);
    const roles = ['--role', `${name}_servers`, '--auditor', `${name}_auditor`];
    const made = await cli(['state', 'migrate', ...roles], { SWITCHBOARD_STATE_URL: urlOf('owner') });
    expect([made.code, made.stdout]).toEqual([0, `The state database has version ${migrations.length}.\n`]);
    // Once more, as with each update.
    expect((await cli(['state', 'migrate', ...roles], { SWITCHBOARD_STATE_URL: urlOf('owner') })).code).toBe(0);
  });

  it('suffices for all that a server does, and for nothing else', async () => {
    const server = await startHttp('jira', {
      ...(await environment(urlOf('servers'))),
      SWITCHBOARD_RATE_LIMITS: 'create_jira_ticket=5/1h',
    });
    const create = async () =>
      (
        await callTool(server.port, 'create_jira_ticket', bug, {
          meta: { [metaKeys.idempotencyKey]: 'the-key-of-a-ticket' },
        })
      ).structured['outcome'];
    expect([await create(), await create()]).toEqual(['done', 'replayed']);
    server.kill('SIGTERM');
    await server.ended;
    expect(await attempt('servers', 'select switchboard.purge()')).toBe('done');
    for (const sql of [
      `update switchboard.audit_record set line = 'x'`,
      'delete from switchboard.audit_record',
      'truncate switchboard.audit_record',
      'select line from switchboard.audit_record',
      'delete from switchboard.audit_chain',
      `update switchboard.audit_chain set writer = 'x'`,
      `update switchboard.audit_anchor set hash = 'x'`,
      'delete from switchboard.audit_anchor',
      'delete from switchboard.ledger',
      'delete from switchboard.quota',
      'delete from switchboard.upstream_pause',
      `insert into switchboard.migration (id, sha256) values (9, 'x')`,
      'create table switchboard.mine (id int)',
      'drop table switchboard.ledger',
    ])
      expect([sql, await attempt('servers', sql)]).toEqual([sql, '42501']);
  });

  it('that audits reads the chains and changes nothing', async () => {
    const variables = { SWITCHBOARD_STATE_URL: urlOf('auditor') };
    const verified = await cli(['audit', 'verify', '--state'], variables);
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringMatching(/^whole {3}jira-\S+ {2}4 records\n$/u)]);
    const shown = await cli(['audit', 'show', '--tool', 'create_jira_ticket', '--state'], variables);
    expect(shown.stdout).toContain('create_jira_ticket');
    expect(await attempt('auditor', 'select * from switchboard.ledger')).toBe('42501');
    expect(await attempt('auditor', 'delete from switchboard.audit_record')).toBe('42501');
  });
});

describe('the tables', () => {
  it('of a new version serve the version before, and the other way round', async () => {
    const older = await cluster.createDatabase(`${name}_older`);
    const client = new Client(older);
    await client.connect();
    await migrate(client, migrations.slice(0, -1));
    const server = await startHttp('jira', await environment(older));
    await migrate(client, migrations.slice(0, -1));
    const create = async (key: string) =>
      (await callTool(server.port, 'create_jira_ticket', bug, { meta: { [metaKeys.idempotencyKey]: key } })).structured;
    const first = await create('before-the-update');
    await migrate(client, [
      ...migrations,
      `alter table switchboard.ledger add column note text;
       alter table switchboard.audit_record add column note text default 'x';
       create table switchboard.later (id integer)`,
    ]);
    expect(await create('before-the-update')).toMatchObject({ outcome: 'replayed', issue_key: first['issue_key'] });
    expect(await create('after-the-update')).toMatchObject({ outcome: 'done' });
    const next = await startHttp('jira', await environment(older));
    const read = await callTool(next.port, 'list_jira_projects', {});
    expect(read.structured['row_count']).toBeGreaterThan(0);
    await client.end();
  });

  it('are purged of what is over, whatever its characters, and never of an open effect', async () => {
    const entry = (state: string, text = ''): string => JSON.stringify({ state, structured: { text }, text: '' });
    await admin.query(
      `insert into switchboard.ledger (server, key, touched, entries) select 'test', sha256(key::bytea), now() - age::interval, array[entry]
       from unnest($1::text[], $2::text[], $3::text[]) as given (key, age, entry)`,
      [
        ['odd', 'old', 'open', 'fresh'],
        ['31 days', '31 days', '31 days', '1 day'],
        [entry('done', '\u0000\ud800'), entry('failed'), entry('sending', '{"state":"done"'), entry('done')],
      ],
    );
    await admin.query(`insert into switchboard.quota values ('over', 1, 1), ('now', 1, 99999999999999)`);
    await admin.query(`insert into switchboard.upstream_pause values ('test', 'x', now() - interval '1 second')`);
    await admin.query('select switchboard.purge()');
    const { rows } = await admin.query<{ entry: string }>(
      `select entries[1] as entry from switchboard.ledger where server = 'test' order by touched`,
    );
    expect(rows.map((row) => row.entry)).toEqual([entry('sending', '{"state":"done"'), entry('done')]);
    const left = await admin.query(
      `select key from switchboard.quota where key in ('over', 'now') union select upstream from switchboard.upstream_pause`,
    );
    expect(left.rows).toEqual([{ key: 'now' }]);
  });
});
