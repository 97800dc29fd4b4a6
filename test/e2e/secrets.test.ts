import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Script } from '../stack/claude/conversation.ts';
import { callTo, once } from '../stack/claude/scripts/script-kit.ts';
import { finished, startCli, type Finished } from '../stack/command-line.ts';
import type { Stack } from '../stack/stack.ts';
import { activeBackends, descendantsOf, optionsFor, runCli, superuser, until, startSharedStack } from './harness.ts';

interface Seen {
  readonly command: string;
  readonly argv: string;
  readonly environment: string;
}

let stack: Stack;
let ended: Finished;
let processes: readonly Seen[];

beforeAll(async () => {
  stack = await startSharedStack({ failed: 6 });
  // Paused in its first query, so that all processes can be inspected while running.
  const [holder, observer] = [await superuser(stack), await superuser(stack)];
  await holder.query('begin; lock table orders in access exclusive mode');
  const child = startCli(['run', 'failed-orders', '--accept-grants', '--output', 'json'], optionsFor(stack));
  const end = finished(child);
  await until('the first query', async () => (await activeBackends(observer, stack))[0]);
  const below = descendantsOf(child.pid ?? 0).map(({ pid }) => pid);
  processes = await Promise.all([child.pid ?? 0, ...below].map(lookInto));
  await holder.query('rollback');
  await Promise.all([holder.end(), observer.end()]);
  ended = await end;
});

afterAll(async () => {
  await stack?.stop();
});

async function lookInto(pid: number): Promise<Seen> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8');
  const argv = await read('cmdline');
  return { command: /(\w+)\.cjs/.exec(argv)?.[1] ?? argv, argv, environment: await read('environ') };
}

/** Names of the secrets found in a text. */
function secretsIn(text: string): string[] {
  return Object.entries(stack.secrets).flatMap(([name, value]) => (text.includes(value) ? [name] : []));
}

test('the run did its work', () => {
  expect(ended.code).toBe(0);
  expect(stack.jira.issues()).toHaveLength(1);
  expect(stack.slack.messages('#operations')).toHaveLength(1);
});

test('each server process has its own secrets and no others; no argument list has any', () => {
  const owned = Object.fromEntries(
    processes.map(({ command, environment }) => [command, secretsIn(environment).sort()]),
  );
  expect(owned).toEqual({
    cli: Object.keys(stack.secrets).sort(),
    postgres: ['DB_PASSWORD'],
    jira: ['JIRA_TOKEN'],
    slack: ['SLACK_BOT_TOKEN', 'SLACK_USER_TOKEN'],
  });
  expect(processes.flatMap(({ argv }) => secretsIn(argv))).toEqual([]);
});

test('none is printed, stored or sent', async () => {
  await expectNoneSeen(ended);
});

/** Reads everything that can contain a row and passes it on. */
const gossip: Script = (conversation) => {
  const note = 'SELECT customer_note FROM orders WHERE customer_note IS NOT NULL';
  const read = callTo(conversation, 'query_database', { query: note });
  const texts = { project_key: 'ENG', issue_type: 'Bug', summary: 'Notes', description: '{{E1}}' };
  const send = [
    callTo(conversation, 'create_jira_ticket', texts),
    callTo(conversation, 'post_slack_message', { channel: '#operations', text: '{{E1}}' }),
  ];
  return once(conversation, 'I read.', [read]) ?? once(conversation, 'I tell.', send) ?? { text: 'Told.' };
};

test('planted in a row, they reach neither the model nor a log, and no grant lets them through', async () => {
  const client = await superuser(stack);
  await client.query(`update orders set customer_note = $1 where status = 'failed'`, [
    Object.values(stack.secrets).join(' and '),
  ]);
  await client.end();
  stack.claude?.play(gossip);
  const policy = join(stack.stateFolder, 'policy.yaml');
  await writeFile(
    policy,
    'grants:\n  - tool: create_jira_ticket\n    where: {project_key: [ENG]}\n  - tool: post_slack_message\n    where: {channel: ["#operations"]}\n',
  );
  const run = await runCli(stack, ['ask', 'What do customers say?', '--policy', policy, '--output', 'json']);
  expect(run.code).toBe(3);
  expect(stack.claude?.requests().at(-1)?.conversation?.exchanges[0]?.text).toContain('[redacted');
  expect(stack.jira.issues()).toHaveLength(1);
  expect(stack.slack.messages('#operations')).toHaveLength(1);
  await expectNoneSeen(run);
});

async function expectNoneSeen(run: Finished): Promise<void> {
  expect(secretsIn(run.stdout)).toEqual([]);
  expect(secretsIn(run.stderr)).toEqual([]);
  const entries = await readdir(stack.stateFolder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(3);
  for (const file of files)
    expect({ file, secrets: secretsIn(await readFile(file, 'utf8')) }).toEqual({ file, secrets: [] });
  for (const { body } of stack.claude?.requests() ?? []) expect(secretsIn(JSON.stringify(body))).toEqual([]);
  for (const { body } of stack.jira.requests()) expect(secretsIn(body)).toEqual([]);
  for (const { body } of stack.slack.requests()) expect(secretsIn(body)).toEqual([]);
}
