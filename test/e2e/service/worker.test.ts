import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { recordIncident } from '../../stack/claude/scripts/incident.ts';
import { accessCluster } from '../../stack/database/cluster.ts';
import type { Stack } from '../../stack/stack.ts';
import { startSharedStack, until } from '../harness.ts';
import { madeFor, startWorker, tell, writeTriggers, type Worker } from './workers.ts';

let stack: Stack;
let admin: Client;
let file: string;
let variables: Record<string, string>;
const workers: Worker[] = [];

const nonce = (): string => randomBytes(8).toString('hex').replaceAll(/\d/g, 'x');
const once = { tickets: 1, posts: 1 };
const start = async (): Promise<Worker> => {
  const worker = await startWorker(stack, file, variables);
  workers.push(worker);
  return worker;
};

beforeAll(async () => {
  stack = await startSharedStack({ failed: 12 });
  stack.claude?.play(recordIncident(nonce));
  const url = await accessCluster(inject('postgres')).createDatabase(`worker_${process.pid}_${Date.now()}`);
  admin = new Client(url);
  await admin.connect();
  variables = { SWITCHBOARD_STATE_URL: url, SWITCHBOARD_WORKER_RUNS: '3', SWITCHBOARD_WORKER_DRAIN_SECONDS: '1' };
  file = await writeTriggers(stack, ['incident', 'limited'], {
    attempts: 2,
    limits: { limited: { running: 1, per_hour: 3 } },
  });
  await Promise.all([start(), start()]);
});
afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await Promise.all(workers.map(({ ended }) => ended));
  await admin?.end();
  await stack?.stop();
});

interface Row {
  readonly state: string;
  readonly exit_code: number | null;
  readonly attempts: number;
  readonly message: string | null;
  readonly holder: string;
  readonly started: Date;
  readonly ended: Date;
}
const rowOf = async (trigger: string, incident: string): Promise<Row | undefined> =>
  (await admin.query<Row>('select * from switchboard.occasion where name = $1', [`${trigger}/${trigger}/${incident}`]))
    .rows[0];
const ended = (trigger: string, incident: string): Promise<Row> =>
  until(`the run for ${incident} to end`, async () => {
    const row = await rowOf(trigger, incident);
    return row?.state === 'ended' ? row : undefined;
  });
const [first, second] = [() => workers[0]?.origin ?? '', () => workers[1]?.origin ?? ''];

describe('a worker', () => {
  it('runs once what several webhooks tell several workers, and knows it afterwards', async () => {
    const answers = await Promise.all(
      [first(), second(), first(), second()].map((at) => tell(at, 'incident', 'twice')),
    );
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { runs: { kind: string }[] }[];
    expect(bodies.flatMap(({ runs }) => runs.map(({ kind }) => kind)).toSorted()).toEqual([
      'known',
      'known',
      'known',
      'queued',
    ]);
    expect(await ended('incident', 'twice')).toMatchObject({ exit_code: 0, attempts: 1 });
    const late = await tell(second(), 'incident', 'twice');
    expect(await late.json()).toMatchObject({ runs: [{ kind: 'known', state: 'ended' }] });
    expect(madeFor(stack, 'twice')).toEqual(once);
  });

  it('goes on with the run of one that was killed while its ticket was on the way', async () => {
    stack.jira.misbehave({ on: /^POST \/rest\/api\/3\/issue$/, does: { kind: 'hang-after' } });
    await tell(first(), 'incident', 'killed');
    await until('the ticket to be filed', () => (madeFor(stack, 'killed').tickets > 0 ? true : undefined));
    const holder = (await rowOf('incident', 'killed'))?.holder ?? '';
    const victim = workers.find(({ pid }) => holder.includes(` ${pid} `));
    victim?.kill('SIGKILL');
    await victim?.ended;
    stack.jira.behave();
    if (victim !== undefined) workers[workers.indexOf(victim)] = await startWorker(stack, file, variables);
    expect(victim).toBeDefined();
    const row = await ended('incident', 'killed');
    expect(row).toMatchObject({ exit_code: 0, attempts: 2 });
    expect(row.holder).not.toBe(holder);
    expect(madeFor(stack, 'killed')).toEqual(once);
  });

  it('gives a run that fails to the dead letters after its attempts, and keeps why', async () => {
    const isOfRun = (request: object): boolean => JSON.stringify(request).includes('<hopeless>');
    stack.claude?.misbehave({ fault: { kind: 'refusal' }, times: 20, when: isOfRun });
    await tell(first(), 'incident', 'hopeless');
    const row = await ended('incident', 'hopeless');
    expect(row).toMatchObject({ exit_code: 1, attempts: 2, message: expect.stringContaining('refused') as string });
    await until('the dead letter', async () => {
      const { rowCount } = await admin.query("select from switchboard_queue.job where name = 'dead-runs'");
      return rowCount === 1 ? true : undefined;
    });
    expect(madeFor(stack, 'hopeless')).toEqual({ tickets: 0, posts: 0 });
  });

  it('keeps to the limits of a runbook, in all workers: how many at once, and how many in an hour', async () => {
    const incidents = ['one', 'two', 'three'];
    const answers = await Promise.all(
      incidents.map((incident, index) => tell(index % 2 ? first() : second(), 'limited', incident)),
    );
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    const more = await tell(first(), 'limited', 'four');
    expect([more.status, more.headers.get('retry-after')]).toEqual([429, '300']);
    const rows = (await Promise.all(incidents.map((incident) => ended('limited', incident)))).toSorted(
      (a, b) => a.started.getTime() - b.started.getTime(),
    );
    for (const [index, row] of rows.entries()) {
      const before = rows[index - 1];
      if (before !== undefined) expect(row.started.getTime()).toBeGreaterThanOrEqual(before.ended.getTime());
    }
    for (const incident of incidents) expect(madeFor(stack, incident)).toEqual(once);
  });

  it('that is told to stop is not ready, gives its run to another one, and ends', async () => {
    // The turn does not end by itself, and the next worker asks again.
    const isOfRun = (request: object): boolean => JSON.stringify(request).includes('<drained>');
    stack.claude?.misbehave({ fault: { kind: 'stall', after: 0 }, times: 1, when: isOfRun });
    await tell(first(), 'incident', 'drained');
    const holder = await until('the run to start', async () => {
      const row = await rowOf('incident', 'drained');
      return row?.state === 'running' ? row.holder : undefined;
    });
    const leaving = workers.find(({ pid }) => holder.includes(` ${pid} `));
    leaving?.kill('SIGTERM');
    expect(await leaving?.ended).toBe(0);
    const row = await ended('incident', 'drained');
    expect(row).toMatchObject({ exit_code: 0 });
    expect(row.holder).not.toBe(holder);
    expect(madeFor(stack, 'drained')).toEqual(once);
  });
});
