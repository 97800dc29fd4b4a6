import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { finished, startCli } from '../../stack/command-line.ts';
import { findButton, ourApp, pressButton, whispersTo } from '../../stack/slack/press.ts';
import type { Stack } from '../../stack/stack.ts';
import { endOf, eventsOf, optionsFor, runCli, startSharedStack, until } from '../../e2e/harness.ts';

const signingSecret = randomBytes(16).toString('hex');
const place = 'C0GENERAL';
const jane = 'U0JANE001';

let stack: Stack;
let policy: string;
let state: Readonly<Record<string, string>>;
let origin: string;
let stopWorker: () => Promise<unknown>;

beforeAll(async () => {
  stack = await startSharedStack({ failed: 6 });
  const url = await stack.cluster.createDatabase(`approvals_${randomBytes(4).toString('hex')}`);
  state = { SWITCHBOARD_STATE_URL: url };
  policy = join(stack.stateFolder, 'policy.yaml');
  await writeFile(
    policy,
    `grants: []\napprovals: [{ post: ${place}, people: [{ slack: ${jane}, name: Jane Doe }], wait: 1m }]\n`,
  );
  const { ANTHROPIC_API_KEY = '', ANTHROPIC_BASE_URL = '' } = stack.environment;
  // Of Jira's and Slack's credentials, this worker has only those of its own app.
  const worker = startCli(['worker', '--http', '127.0.0.1:0'], {
    environment: {
      ...state,
      ANTHROPIC_API_KEY,
      ANTHROPIC_BASE_URL,
      SWITCHBOARD_STATE_DIR: stack.stateFolder,
      SWITCHBOARD_SLACK_BOT_TOKEN: stack.slack.token,
      SWITCHBOARD_SLACK_SIGNING_SECRET: signingSecret,
      SWITCHBOARD_SLACK_TEAM: stack.slack.workspace.team.id,
      SWITCHBOARD_SLACK_APP: ourApp,
      SWITCHBOARD_SLACK_API_URL: stack.slack.apiUrl,
    },
  });
  let said = '';
  worker.stderr?.on('data', (part: Buffer) => (said += part.toString()));
  const ended = finished(worker);
  stopWorker = async () => {
    worker.kill('SIGTERM');
    return ended;
  };
  origin = await until('the address of the worker', () => /listening on (http:\/\/\S+)/u.exec(said)?.[1]);
});

afterAll(async () => {
  await stopWorker?.();
  await stack?.stop();
});

/** Waits for a question about this, and answers it. */
async function answer(title: string, button: 'Approve' | 'Deny', user = jane): Promise<void> {
  const { message } = await until(`a question about ${title}`, () => {
    const found = stack.slack.messages(place).find(({ text }) => text.startsWith('Approve?') && text.includes(title));
    return found === undefined ? undefined : findButton(stack.slack, place, button, found);
  });
  const press = { requestUrl: `${origin}/slack/interactions`, signingSecret, channel: place, message, button, user };
  expect((await pressButton(stack.slack, press)).status).toBe(200);
}

test('a run without a terminal files and posts what people approve in Slack, once', async () => {
  const job = ['run', 'failed-orders', '--output', 'json', '--policy', policy];
  const child = startCli(job, optionsFor(stack, state));
  const ended = finished(child);
  await answer('Create a', 'Approve', 'U0OMAR001');
  await until('what Omar is told', () => whispersTo(stack.slack, 'U0OMAR001').at(-1));
  expect(stack.jira.issues()).toHaveLength(0);
  await answer('Create a', 'Approve');
  await answer('Post', 'Approve');
  const run = await ended;
  const done = { ...run, events: eventsOf(run.stdout) };
  expect([endOf(done).reason, run.code, run.stderr]).toEqual(['completed', 0, '']);
  expect(stack.jira.issues()).toHaveLength(1);
  expect(stack.slack.messages('#operations')).toHaveLength(1);

  const shown = await runCli(stack, ['audit', 'show', '--tool', 'create_jira_ticket', '--output', 'json']);
  expect(shown.stdout).toContain('"by":"Jane Doe (U0JANE001)"');
  expect(shown.stdout).toContain('"from":"Slack"');
  const service = await runCli(stack, ['audit', 'show', '--state', '--output', 'json'], state);
  expect(service.stdout).toContain('"errorCode":"not_named"');
  expect((await runCli(stack, ['audit', 'verify', '--state'], state)).code).toBe(0);
});
