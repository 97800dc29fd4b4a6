import { spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { distFolder, finished, type Finished } from '../stack/command-line.ts';
import type { Stack } from '../stack/stack.ts';
import { optionsFor, runCli, startSharedStack } from './harness.ts';

let stack: Stack;
beforeEach(async () => {
  stack = await startSharedStack({ failed: 12 });
});
afterEach(() => stack.stop());

/** On a terminal, without a model, answering the question. */
async function attended(parameters: readonly string[], answer: string): Promise<Finished> {
  const { environment, cwd } = optionsFor(stack, { ANTHROPIC_API_KEY: undefined });
  const words = [process.execPath, `${distFolder}cli.cjs`, ...parameters].map((word) => `'${word}'`);
  const child = spawn('script', ['-qefc', words.join(' '), '/dev/null'], {
    cwd,
    env: { PATH: process.env['PATH'], TERM: 'xterm', NO_COLOR: '1', ...environment },
  });
  const end = finished(child);
  let shown = '';
  child.stdout.on('data', (part: Buffer) => {
    const before = shown.includes('Send it?');
    shown += part.toString();
    if (!before && shown.includes('Send it?')) child.stdin.write(answer);
  });
  return end;
}

it('takes back a write of an earlier session at the terminal, once, after its own question', async () => {
  await runCli(stack, ['run', 'failed-orders', '--accept-grants', '--output', 'json']);
  expect(stack.slack.messages('#operations')).toHaveLength(1);
  const listed = await runCli(stack, ['undo']);
  expect(listed.stdout).toMatch(/1\s+Create Jira ticket\s+ENG-\d+\s+deletes the ticket, or closes it/u);
  expect(listed.stdout).toMatch(/2\s+Post Slack message\s.*deletes the message/u);
  const [session = ''] = (await runCli(stack, ['sessions', 'list', '--output', 'json'])).stdout.match(
    /\d{8}-\d{6}-[0-9a-f]{8}/u,
  ) ?? [''];

  // A grant covers what a runbook writes, never what a person takes back.
  const unasked = await runCli(stack, ['undo', session, '2', '--output', 'json']);
  expect(unasked.stdout).toContain('no one can be asked here');
  expect(stack.slack.messages('#operations')).toHaveLength(1);

  const asked = await attended(['undo', session, '2'], 'y\r');
  expect(asked.stdout).toContain('Delete a Slack message');
  expect(stack.slack.messages('#operations')).toEqual([]);
  const left = await runCli(stack, ['undo', session]);
  expect(left.stdout).toContain('Create Jira ticket');
  expect(left.stdout).not.toContain('Post Slack message');
  const wrong = await runCli(stack, ['undo', session, '2']);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('There is no number 2: 1 to 1');
  const verified = await runCli(stack, ['audit', 'verify']);
  expect(verified.code, verified.stdout).toBe(0);
});
