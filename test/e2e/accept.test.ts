import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Stack } from '../stack/stack.ts';
import { endOf, runCli, startSharedStack } from './harness.ts';

let stack: Stack;
beforeAll(async () => {});
beforeEach(async () => {
  stack = await startSharedStack({ failed: 6 });
});
afterEach(() => stack?.stop());

test('an accepted runbook writes without asking; after a one-line change it asks again', async () => {
  const file = join(stack.workspace.folder, 'ours.md');
  const source = (await readFile('src/runbooks/failed-orders.md', 'utf8')).replace('name: failed-orders', 'name: ours');
  await writeFile(file, source);
  const run = (...more: string[]) => runCli(stack, ['run', file, '--output', 'json', ...more]);

  expect(endOf(await run())).toMatchObject({ reason: 'denied', writeNotGranted: true });
  const accepted = await runCli(stack, ['accept', file]);
  expect(accepted.code).toBe(0);
  expect(accepted.stdout).toContain('create_jira_ticket where project_key is ENG');

  await writeFile(file, `${source}\nAlso tell everybody.\n`);
  expect(endOf(await run())).toMatchObject({ reason: 'denied', writeNotGranted: true });
  await writeFile(file, source);
  expect(stack.jira.issues()).toHaveLength(0);

  expect(endOf(await run())).toMatchObject({ reason: 'completed', writeNotGranted: false });
  expect(stack.jira.issues()).toHaveLength(1);
  expect(stack.slack.messages('#operations')).toHaveLength(1);
});

test('an accepted runbook asks again for another destination, but not for another threshold', async () => {
  const job = ['run', 'failed-orders', '--output', 'json'];
  const both = { SLACK_ALLOWED_CHANNELS: '#operations,#general', JIRA_ALLOWED_PROJECTS: 'ENG,HELP' };
  const sent = () => ({
    tickets: stack.jira.issues().length,
    messages: stack.slack.messages('#operations').length + stack.slack.messages('#general').length,
  });
  expect((await runCli(stack, ['accept', 'failed-orders'])).code).toBe(0);

  for (const elsewhere of ['channel=#general', 'project=HELP']) {
    const run = await runCli(stack, [...job, '--param', elsewhere], both);
    expect({ code: run.code, end: endOf(run) }, elsewhere).toMatchObject({ code: 3, end: { writeNotGranted: true } });
  }
  expect(sent()).toEqual({ tickets: 0, messages: 0 });

  const same = await runCli(stack, [...job, '--param', 'threshold=4'], both);
  expect({ code: same.code, end: endOf(same) }).toMatchObject({ code: 0, end: { writeNotGranted: false } });
  expect(sent()).toEqual({ tickets: 1, messages: 1 });
});

test('a workspace runbook is found by name, and its grants count once accepted', async () => {
  const folder = join(stack.workspace.folder, '.switchboard', 'runbooks');
  await mkdir(folder, { recursive: true });
  const source = await readFile('src/runbooks/failed-orders.md', 'utf8');
  await writeFile(join(folder, 'team-orders.md'), source.replace('name: failed-orders', 'name: team-orders'));
  await writeFile(join(folder, 'failed-orders.md'), source.replace(/^title: .*$/m, 'title: Orders of this code'));
  const posted = stack.slack.messages('#operations').length;
  const run = (name: string, ...more: string[]) => runCli(stack, ['run', name, '--output', 'json', ...more]);

  expect(endOf(await run('team-orders'))).toMatchObject({ reason: 'denied', writeNotGranted: true });
  expect((await runCli(stack, ['accept', 'team-orders'])).code).toBe(0);
  expect(endOf(await run('team-orders'))).toMatchObject({ reason: 'completed', writeNotGranted: false });
  expect(stack.slack.messages('#operations')).toHaveLength(posted + 1);

  const hiding = await run('failed-orders');
  expect(hiding.stderr).toContain("failed-orders.md overrides the built-in runbook 'failed-orders'");
  expect(hiding.events[0]).toMatchObject({ prompt: 'Orders of this code' });
  const unseen = await run('failed-orders', '--accept-grants');
  expect({ code: unseen.code, stdout: unseen.stdout }).toEqual({ code: 2, stdout: '' });

  const elsewhere = ['--workspace', stack.stateFolder, '--accept-grants'];
  expect(endOf(await run('failed-orders', ...elsewhere)).reason).toBe('completed');
});
