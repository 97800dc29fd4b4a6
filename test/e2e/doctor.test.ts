import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSlack } from '../stack/slack/slack.ts';
import type { Stack } from '../stack/stack.ts';
import { runCli, startSharedStack } from './harness.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startSharedStack({ failed: 6 });
});
afterAll(() => stack?.stop());

type Change = Readonly<Record<string, string | undefined>>;

const noDatabase: Change = Object.fromEntries(
  ['HOST', 'PORT', 'NAME', 'USER', 'PASSWORD', 'SSL'].map((name) => [`DB_${name}`, undefined]),
);

async function doctor(change: Change = {}) {
  const { code, stdout, stderr } = await runCli(stack, ['doctor'], change);
  expect(stderr).toBe('');
  return { code, lines: stdout.trimEnd().split('\n') };
}

test('everything works: 0', async () => {
  const { code, lines } = await doctor();
  expect(lines).toEqual([
    expect.stringMatching(/^ok {6}Claude/),
    'ok      PostgreSQL',
    'ok      Jira',
    'ok      Slack',
  ]);
  expect(code).toBe(0);
});

test('an unconfigured system is skipped without an error', async () => {
  const { code, lines } = await doctor(noDatabase);
  expect(lines).toContainEqual(expect.stringMatching(/^not set PostgreSQL: DB_HOST is not set/));
  expect(code).toBe(0);
});

describe.concurrent('an invalid setting: 78, naming it', () => {
  test.each<[string, Change, RegExp]>([
    ['what cannot be a Slack token', { SLACK_BOT_TOKEN: 'foo' }, /^failed {2}Slack: SLACK_BOT_TOKEN: must be/],
    ['a port that is none', { DB_PORT: 'abc' }, /^failed {2}PostgreSQL: DB_PORT: must be a whole number/],
    ['a Jira token without its account', { JIRA_EMAIL: undefined }, /^failed {2}Jira: JIRA_EMAIL is not set/],
    [
      'a limit that is none',
      { SWITCHBOARD_RATE_LIMITS: 'banana' },
      /^failed {2}Slack: SWITCHBOARD_RATE_LIMITS: .*banana/,
    ],
    ['no key', { ANTHROPIC_API_KEY: undefined }, /^failed {2}Claude.*ANTHROPIC_API_KEY is not set/],
    ['a key that leads nowhere', { ANTHROPIC_API_KEY: 'file:/nowhere' }, /^failed {2}Claude.*\/nowhere.*ENOENT/],
    ['nowhere to keep anything', { SWITCHBOARD_STATE_DIR: '/dev/null/x' }, /^failed {2}State folder: .*\/dev\/null\/x/],
  ])('%s', async (_, change, line) => {
    const { code, lines } = await doctor(change);
    expect(lines).toContainEqual(expect.stringMatching(line));
    expect(code).toBe(78);
  });
});

describe.concurrent('a system rejects: 1', () => {
  test.each<[string, Change, RegExp]>([
    ['a wrong password', { DB_PASSWORD: 'wrong' }, /^failed {2}PostgreSQL: .*password/],
    ['a project that is not there', { JIRA_ALLOWED_PROJECTS: 'ENG,NOPE' }, /^failed {2}Jira: .*NOPE/],
    ['a channel that is not there', { SLACK_ALLOWED_CHANNELS: '#typo' }, /^failed {2}Slack: .*#typo/],
  ])('%s', async (_, change, line) => {
    const { code, lines } = await doctor(change);
    expect(lines).toContainEqual(expect.stringMatching(line));
    expect(code).toBe(1);
  });
});

test('an app that may not post: 1, whether or not a channel is named', async () => {
  const silent = await startSlack({ withoutScopes: ['chat:write'] });
  try {
    const token = { SLACK_BOT_TOKEN: silent.token, SLACK_USER_TOKEN: undefined, SLACK_API_URL: silent.apiUrl };
    for (const change of [token, { ...token, SLACK_ALLOWED_CHANNELS: undefined }]) {
      const { code, lines } = await doctor(change);
      expect(lines).toContainEqual(expect.stringMatching(/^failed {2}Slack: The Slack app lacks the scope chat:write/));
      expect(code).toBe(1);
    }
  } finally {
    await silent.stop();
  }
});

test('libpq variables connect the database, and a file provides the key', async () => {
  const { DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD, ANTHROPIC_API_KEY } = stack.environment;
  const file = join(stack.stateFolder, 'key');
  await writeFile(file, `${ANTHROPIC_API_KEY ?? ''}\n`);
  const passwords = join(stack.stateFolder, 'pgpass');
  await writeFile(passwords, `*:*:*:${DB_USER ?? ''}:${DB_PASSWORD ?? ''}\n`, { mode: 0o600 });
  const libpq = { PGHOST: DB_HOST, PGPORT: DB_PORT, PGDATABASE: DB_NAME, PGUSER: DB_USER, PGPASSFILE: passwords };
  const key = { ANTHROPIC_API_KEY: undefined, ANTHROPIC_API_KEY_FILE: file };
  const { code, lines } = await doctor({ ...noDatabase, ...libpq, ...key });
  expect(lines).toContain('ok      PostgreSQL');
  expect(code).toBe(0);
});
