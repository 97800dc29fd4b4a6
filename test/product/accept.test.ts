import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startStack, type Stack } from '../stack/stack.ts';
import { endOf, runCli } from './harness.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ failed: 6 });
});
afterAll(() => stack.stop());

test('an accepted runbook writes without being asked; changed by one line it asks again', async () => {
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
