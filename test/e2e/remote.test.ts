import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startHttp, stateFolder, type HttpServer } from '../servers/http/harness.ts';
import type { Stack } from '../stack/stack.ts';
import { endOf, runCli, startSharedStack } from './harness.ts';

const token = randomBytes(32).toString('hex');
let stack: Stack;
let server: HttpServer;
let folder: string;

beforeAll(async () => {
  stack = await startSharedStack({ failed: 6 });
  folder = await stateFolder();
  const tokens = join(folder, 'tokens');
  const sha256 = createHash('sha256').update(token).digest('hex');
  await writeFile(tokens, `anna@example.com ${sha256} jira:read,jira:write\n`);
  const { JIRA_URL = '', JIRA_EMAIL = '', JIRA_TOKEN = '' } = stack.environment;
  server = await startHttp('jira', {
    JIRA_URL,
    JIRA_EMAIL,
    JIRA_TOKEN,
    SWITCHBOARD_STATE_DIR: folder,
    SWITCHBOARD_HTTP_TOKENS_FILE: tokens,
  });
});
afterAll(() => stack?.stop());

/** Jira runs elsewhere: the command line has nothing of its own to reach it. */
const elsewhere = (change: Readonly<Record<string, string | undefined>>) => ({
  JIRA_URL: undefined,
  JIRA_EMAIL: undefined,
  JIRA_TOKEN: undefined,
  SWITCHBOARD_REMOTE_JIRA: server.url.href,
  ...change,
});

const found = (): string => `ok      Jira (runs at ${server.url.host} as anna@example.com)`;

test('a server that runs elsewhere is tested with a secret from a file, and named with whom it knows', async () => {
  const file = join(folder, 'token');
  await writeFile(file, `${token}\n`);
  const good = await runCli(stack, ['doctor'], elsewhere({ SWITCHBOARD_REMOTE_JIRA_TOKEN: `file:${file}` }));
  expect(good.stdout.split('\n')).toContain(found());
  expect(good.code).toBe(0);
  const wrong = await runCli(stack, ['doctor'], elsewhere({ SWITCHBOARD_REMOTE_JIRA_TOKEN: 'f'.repeat(64) }));
  expect(wrong.stdout).toMatch(/^failed {2}Jira cannot be used: \S+ rejected the token/m);
  expect(wrong.code).toBe(78);
  const missing = await runCli(stack, ['doctor'], elsewhere({ SWITCHBOARD_REMOTE_JIRA_TOKEN: 'file:/nowhere' }));
  expect(missing.stdout).toContain('SWITCHBOARD_REMOTE_JIRA_TOKEN names the file /nowhere');
  expect(missing.code).toBe(78);
  const none = await runCli(stack, ['doctor'], elsewhere({}));
  expect(none.stdout).toMatch(/^failed {2}Jira.* asks for a sign-in.* switchboard mcp login/m);
  expect(none.code).toBe(1);
});

test('a file names a server of ours that runs elsewhere, and any other entry is a third party', async () => {
  const file = join(folder, 'mcp.json');
  const entry = { type: 'http', url: server.url.href, headers: { Authorization: 'Bearer ${JIRA_SERVER_TOKEN}' } };
  await writeFile(file, JSON.stringify({ mcpServers: { tickets: { ...entry, system: 'jira' }, jira: entry } }));
  const change = elsewhere({ SWITCHBOARD_REMOTE_JIRA: undefined, JIRA_SERVER_TOKEN: token });
  const good = await runCli(stack, ['doctor', '--mcp-config', file], change);
  expect(good.stdout.split('\n')).toContain(found());
  const listed = await runCli(stack, ['mcp', 'list', '--mcp-config', file], change);
  expect(listed.stdout).toMatch(/^jira +Jira +http/m);
  expect(listed.stdout).toMatch(/^jira-2 +jira +http/m);
});

test('a run files its ticket through a server elsewhere, as the one whom that server knows', async () => {
  const before = stack.jira.issues().length;
  const run = await runCli(
    stack,
    [
      'run',
      'failed-orders',
      '--param',
      'table=orders',
      '--param',
      'threshold=5',
      '--accept-grants',
      '--output',
      'json',
    ],
    elsewhere({ SWITCHBOARD_REMOTE_JIRA_TOKEN: token }),
  );
  expect(endOf(run).reason).toBe('completed');
  expect(stack.jira.issues().length).toBe(before + 1);
  expect(run.stdout + run.stderr).not.toContain(token);
});
