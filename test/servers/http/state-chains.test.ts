import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import * as z from 'zod';
import { metaKeys } from '../../../servers/contract/meta.ts';
import { administerState } from '../../../servers/contract/state/administer.ts';
import { finished, startCli } from '../../stack/command-line.ts';
import { accessCluster } from '../../stack/database/cluster.ts';
import { startJira, type JiraStandIn } from '../../stack/jira/index.ts';
import { containing } from '../jira/harness.ts';
import { callTool } from './calls.ts';
import { startHttp, stateFolder } from './harness.ts';

const cluster = accessCluster(inject('postgres'));
const original = `chains_${process.pid}_${Date.now()}`;
let jira: JiraStandIn;
let folder: string;

const cli = (words: readonly string[], url: string) =>
  finished(startCli(['audit', ...words], { environment: { SWITCHBOARD_STATE_URL: url } }));

async function withAdmin(url: string, sql: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  await client.query(sql);
  await client.end();
}

/** A database with the chains of two replicas and an anchor in the middle of each, copied for every case. */
beforeAll(async () => {
  jira = await startJira();
  folder = await stateFolder();
  const url = await cluster.createDatabase(original);
  const environment = {
    JIRA_URL: jira.url,
    JIRA_EMAIL: jira.email,
    JIRA_TOKEN: jira.token,
    SWITCHBOARD_STATE_DIR: folder,
    SWITCHBOARD_STATE_URL: url,
  };
  const replicas = await Promise.all([startHttp('jira', environment), startHttp('jira', environment)]);
  const write = async (round: number): Promise<void> => {
    for (const [index, { port }] of replicas.entries()) {
      const bug = { project_key: 'ENG', issue_type: 'Bug', summary: 'Checkout fails' };
      const meta = {
        [metaKeys.idempotencyKey]: `ticket-${round}-${index}`,
        [metaKeys.run]: { session: 's1', run: 'r1' },
      };
      await callTool(port, 'create_jira_ticket', bug, { meta });
    }
  };
  await write(1);
  await withAdmin(
    url,
    `insert into switchboard.audit_anchor (chain, sequence, hash)
     select chain, head_sequence, head_hash from switchboard.audit_chain`,
  );
  await write(2);
  for (const replica of replicas) replica.kill('SIGTERM');
  await Promise.all(replicas.map(({ ended }) => ended));
});
afterAll(() => jira.stop());

const headsSchema = z.record(z.string(), z.object({ sequence: z.int(), hash: z.string() }));

let copies = 0;
async function copy(sql: string): Promise<string> {
  copies += 1;
  const name = `${original}_${copies}`;
  await withAdmin(
    cluster.url('postgres'),
    `create database ${escapeIdentifier(name)} template ${escapeIdentifier(original)} strategy file_copy`,
  );
  await withAdmin(cluster.url(name), sql);
  return cluster.url(name);
}

/** Every statement below is of somebody who owns the tables, and about the first of the two chains. */
const first = '(select min(chain) from switchboard.audit_chain)';
const rewritten = `update switchboard.audit_chain c set head_sequence = r.sequence, head_hash = r.hash
  from (select chain, sequence, substring(line from '"hash":"([0-9a-f]{64})"}$') as hash from switchboard.audit_record
        where chain = ${first} order by sequence desc limit 1) r where c.chain = r.chain`;

describe('audit verify of a state database', () => {
  it('finds the chains of all replicas whole, a line each', async () => {
    const { code, stdout } = await cli(['verify', '--state'], cluster.url(original));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^(?:whole {3}jira-\S+ {2}4 records\n){2}$/u);
  });

  it.each([
    ['a changed record', `update switchboard.audit_record set line = replace(line, 'Checkout', 'Nothing')`, 'hash'],
    [
      'a changed column',
      `update switchboard.audit_record set session = 'other' where chain = ${first}`,
      'its columns differ from the record',
    ],
    [
      'a removed record',
      `delete from switchboard.audit_record where chain = ${first} and sequence = 2`,
      'the sequence is 3 instead of 2',
    ],
    [
      'a tail that was cut',
      `delete from switchboard.audit_record where chain = ${first} and sequence = 4`,
      'the tail was cut',
    ],
    [
      'a tail that was cut up to before an anchor, with its head moved back',
      `delete from switchboard.audit_record where chain = ${first} and sequence > 1; ${rewritten}`,
      'record 2 was written: the tail was cut',
    ],
    [
      'a chain that was removed whole',
      `delete from switchboard.audit_record where chain = ${first}; delete from switchboard.audit_chain where chain = ${first}`,
      'the head is missing',
    ],
    [
      'a record that was moved to another chain',
      `alter table switchboard.audit_record drop constraint audit_record_pkey;
       update switchboard.audit_record set chain = (select max(chain) from switchboard.audit_chain) where chain = ${first} and sequence = 4`,
      'the sequence is 4 instead of 5',
    ],
    [
      'a record that was added',
      `insert into switchboard.audit_record (chain, sequence, time, line) values (${first}, 5, now(), '{}')`,
      'not an audit record',
    ],
  ])('finds %s', async (_what, sql, said) => {
    const logs = await administerState(await copy(sql)).verify({});
    const broken = logs.filter(({ status }) => status === 'broken');
    expect(broken.map(({ problem }) => problem).join()).toContain(said);
    expect(logs).toHaveLength(2);
  });

  it('compares with heads that were kept elsewhere, as printed or as the servers log them', async () => {
    const whole = cluster.url(original);
    const printed = join(folder, 'anchor.json');
    const { stdout } = await cli(['anchor', '--state'], whole);
    await writeFile(printed, stdout);
    const logged = join(folder, 'server.log');
    const heads = Object.entries(headsSchema.parse(JSON.parse(stdout))).map(([chain, { sequence, hash }]) => ({
      chain,
      sequence: String(sequence),
      hash,
    }));
    await writeFile(logged, `{"level":"warn"}\nnot JSON\n${JSON.stringify({ auditAnchor: heads })}\n`);
    const cut = await copy(
      `delete from switchboard.audit_record where chain = ${first} and sequence > 3; ${rewritten}`,
    );
    expect((await cli(['verify', '--state'], cut)).code).toBe(0);
    for (const anchor of [printed, logged]) {
      expect((await cli(['verify', '--state', '--anchor', anchor], whole)).code).toBe(0);
      const found = await cli(['verify', '--state', '--anchor', anchor], cut);
      expect([found.code, found.stdout]).toEqual([1, containing('the tail was cut')]);
    }
  });

  it('takes the URL without a password, and says what is wrong with one', async () => {
    const { host } = new URL(cluster.url(original));
    const given = `postgres://${host}/${original}`;
    const run = (words: readonly string[], environment: Record<string, string> = {}) =>
      finished(startCli(['audit', ...words], { environment }));
    const { user, password } = inject('postgres').superuser;
    const named = await run(['verify', '--state', given], { PGUSER: user, PGPASSWORD: password });
    expect([named.code, named.stdout]).toEqual([0, expect.stringMatching(/^whole/u)]);
    const told = await run(['verify', '--state', `postgres://u:secret-in-sight@${host}/x`]);
    expect([told.code, told.stderr]).toEqual([2, containing('PGPASSWORD')]);
    expect(told.stderr).not.toContain('secret-in-sight');
    expect((await run(['verify', '--state', 'postgres://db.example/x'])).stderr).toContain('sslmode');
    expect((await run(['verify', '--state'])).code).toBe(78);
    const wrong = await run(['verify', '--state'], { SWITCHBOARD_STATE_URL: `postgres://u:wrong-one@${host}/x` });
    expect([wrong.code, wrong.stdout]).toEqual([1, '']);
    expect(wrong.stderr).toMatch(/^switchboard: the state database: (?!.*wrong-one).*\n$/u);
  });
});
