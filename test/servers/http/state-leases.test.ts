import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import * as z from 'zod';
import { metaKeys } from '../../../servers/contract/meta.ts';
import { accessCluster } from '../../stack/database/cluster.ts';
import { startJira, type JiraStandIn } from '../../stack/jira/index.ts';
import { callTool } from './calls.ts';
import { startHttp, stateFolder, type HttpServer } from './harness.ts';

const cluster = accessCluster(inject('postgres'));
let url: string;
let admin: Client;
let jira: JiraStandIn;

const start = async (): Promise<HttpServer> =>
  startHttp('jira', {
    JIRA_URL: jira.url,
    JIRA_PAT: jira.token,
    SWITCHBOARD_STATE_DIR: await stateFolder(),
    SWITCHBOARD_STATE_URL: url,
  });

beforeAll(async () => {
  // Data Center, whose index needs less time than Cloud's.
  jira = await startJira({ flavour: 'data-center' });
  url = await cluster.createDatabase(`leases_${process.pid}_${Date.now()}`);
  admin = new Client(url);
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await jira.stop();
});

const bug = { project_key: 'ENG', issue_type: 'Bug', summary: 'Checkout fails' };
const create = ({ port }: HttpServer, key: string) =>
  callTool(port, 'create_jira_ticket', bug, { meta: { [metaKeys.idempotencyKey]: key } });
const posts = (): number =>
  jira.requests().filter(({ method, path }) => method === 'POST' && path.endsWith('/issue')).length;

const entrySchema = z.object({ state: z.string(), generation: z.int().optional() });
async function log(): Promise<string[]> {
  const { rows } = await admin.query<{ entries: string[] }>(
    'select entries from switchboard.ledger order by created desc limit 1',
  );
  return (rows[0]?.entries ?? []).map((line) => {
    const { state, generation } = entrySchema.parse(JSON.parse(line));
    return generation === undefined ? state : `${state} ${generation}`;
  });
}

/** Starts a write that Jira does not answer, and kills its replica. */
async function killWhileSending(doomed: HttpServer, key: string, kind: 'hang' | 'hang-after'): Promise<void> {
  const sent = posts();
  jira.misbehave({ on: /POST \S+\/issue$/u, does: { kind } });
  const lost = create(doomed, key).catch((error: unknown) => error);
  await expect.poll(posts, { timeout: 60_000 }).toBe(sent + 1);
  doomed.kill('SIGKILL');
  expect(await lost).toBeInstanceOf(Error);
  expect(await log()).toEqual(['intended 1', 'sending']);
}

/** As if the lease, whose clock is the database's, had ended. */
const endLeases = () => admin.query(`update switchboard.ledger set touched = touched - interval '16 seconds'`);

it('a replica killed after Jira made the ticket: whoever is asked next finds it', async () => {
  const [doomed, other] = await Promise.all([start(), start()]);
  const before = jira.issues().length;
  await killWhileSending(doomed, 'killed-after', 'hang-after');
  const sent = posts();
  const repeated = create(other, 'killed-after');
  await endLeases();
  const { structured } = await repeated;
  expect(structured).toMatchObject({ outcome: 'replayed', issue_key: jira.issues().at(-1)?.key });
  expect((await log())[2]).toBe('intended 2');
  expect((await create(await start(), 'killed-after')).structured).toEqual(structured);
  expect([jira.issues().length, posts()]).toEqual([before + 1, sent]);
});

it('a replica killed before Jira made the ticket: whoever is asked next says so, and sends nothing', async () => {
  const [doomed, other] = await Promise.all([start(), start()]);
  const before = jira.issues().length;
  await killWhileSending(doomed, 'killed-before', 'hang');
  const sent = posts();
  const repeated = create(other, 'killed-before');
  await endLeases();
  expect((await repeated).structured).toMatchObject({ error: { code: 'outcome_unknown', retryable: false } });
  expect([jira.issues().length, posts()]).toEqual([before, sent]);
});

it('a replica that was stopped for longer than its lease does not send after another took over', async () => {
  const [asleep, other] = await Promise.all([start(), start()]);
  const [before, sent] = [jira.issues().length, posts()];
  let wake: () => void = () => undefined;
  const woken = new Promise<void>((resolve) => (wake = resolve));
  jira.misbehave({ on: /GET \S+\/createmeta/u, does: { kind: 'wait', for: woken } });
  const first = create(asleep, 'asleep-too-long');
  await expect.poll(() => jira.openRequests(), { timeout: 60_000 }).toBe(1);
  asleep.kill('SIGSTOP');
  await endLeases();
  expect((await create(other, 'asleep-too-long')).structured).toMatchObject({ outcome: 'done' });
  asleep.kill('SIGCONT');
  wake();
  const { structured } = await first;
  expect(JSON.stringify(structured['outcome'] ?? structured['error'])).toMatch(/conflict|replayed/u);
  expect(jira.issues()).toHaveLength(before + 1);
  expect(posts()).toBe(sent + 1);
});
