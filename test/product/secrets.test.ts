import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { finished, startCli, type Finished } from '../stack/command-line.ts';
import { startStack, type Stack } from '../stack/stack.ts';
import { activeBackends, descendantsOf, optionsFor, superuser, until } from './harness.ts';

interface Seen {
  readonly command: string;
  readonly argv: string;
  readonly environment: string;
}

let stack: Stack;
let ended: Finished;
let processes: readonly Seen[];

beforeAll(async () => {
  stack = await startStack({ failed: 6 });
  // Held in its first query, so that every process can be looked into while all are there.
  const [holder, observer] = [await superuser(stack), await superuser(stack)];
  await holder.query('begin; lock table orders in access exclusive mode');
  const child = startCli(['run', 'failed-orders', '--accept-grants', '--output', 'json'], optionsFor(stack));
  const end = finished(child);
  await until('the first query', 20_000, async () => (await activeBackends(observer, stack))[0]);
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

/** Names of the secrets that stand in a text. */
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

test('none is printed, kept or sent', async () => {
  expect(secretsIn(ended.stdout)).toEqual([]);
  expect(secretsIn(ended.stderr)).toEqual([]);
  const entries = await readdir(stack.stateFolder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(3);
  for (const file of files)
    expect({ file, secrets: secretsIn(await readFile(file, 'utf8')) }).toEqual({ file, secrets: [] });
  for (const { body } of stack.claude?.requests() ?? []) expect(secretsIn(JSON.stringify(body))).toEqual([]);
  for (const { body } of stack.jira.requests()) expect(secretsIn(body)).toEqual([]);
  for (const { body } of stack.slack.requests()) expect(secretsIn(body)).toEqual([]);
});
