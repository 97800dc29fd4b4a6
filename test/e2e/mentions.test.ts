import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assemble } from '../../src/assemble.ts';
import { settingsSchema } from '../../src/settings.ts';
import type { Switchboard } from '../../src/switchboard.ts';
import { peopleSearches, readTables, systemSources, type CallTool } from '../../src/vscode/composer/system-mentions.ts';
import { firstQuestions } from '../../src/vscode/composer/first-questions.ts';
import { recentFailures } from '../../src/vscode/composer/recent-failures.ts';
import { distFolder } from '../stack/command-line.ts';
import type { Stack } from '../stack/stack.ts';
import { startSharedStack, superuser } from './harness.ts';

let stack: Stack;
let switchboard: Switchboard;

beforeEach(async () => {
  stack = await startSharedStack({ failed: 3 });
  switchboard = assemble({
    variables: stack.environment,
    settings: settingsSchema.parse({}),
    distFolder,
    stateFolder: join(stack.stateFolder, 'composer'),
    mcpConfig: undefined,
    grants: [],
    workspace: undefined,
    report: (error) => {
      throw error;
    },
  });
});

afterEach(async () => {
  await switchboard.dispose();
  await stack.stop();
});

const call: CallTool = (name, input, signal) =>
  switchboard.hub.call(name, input, { signal, run: { session: 'composer', run: 'composer', actor: 'person' } });

test('what the systems know can be mentioned, and a mention brings what is known of it', async () => {
  const { signal } = new AbortController();
  await fileTicket('Payments time out');
  const sources = systemSources(call, (stop) => readTables(call, stop));
  const lists = await Promise.all(sources.map((each) => each.load(signal)));
  const people = await Promise.all(peopleSearches(call).map((each) => each.search('lin', signal)));
  const all = [...lists, ...people].flat();
  const factOf = async (insert: string) => all.find((each) => each.insert === insert)?.fact(signal);
  expect(await factOf('@orders')).toMatchObject({
    label: 'Table public.orders of PostgreSQL',
    text: expect.stringMatching(/status order_status.*error_code text/s) as string,
  });
  expect(await factOf('@orders.error_code')).toMatchObject({ text: 'type text' });
  expect(await factOf('#partner-acme')).toMatchObject({
    text: expect.stringContaining('shared with another company') as string,
  });
  expect(await factOf('@ENG-1')).toMatchObject({
    text: expect.stringContaining('summary: Payments time out') as string,
  });
  expect(await factOf('@Lin Wei')).toMatchObject({ text: 'id U0LIN0001\nhandle lin' });
});

test('the first questions are about what the tables saw in the last hour', async () => {
  const client = await superuser(stack);
  await client.query("update orders set created_at = now() - interval '5 minutes' where status = 'failed'");
  await client.end();
  const { signal } = new AbortController();
  const tables = await readTables(call, signal);
  const questions = await firstQuestions(tables, call, signal);
  expect(questions).toHaveLength(3);
  expect(questions[0]).toMatch(/^Why do \d+ of @orders have [A-Z_]+ in the last hour\?$/u);
  const code = / have (?<code>[A-Z_]+) /u.exec(questions[0] ?? '')?.groups?.['code'] ?? '';
  expect(await recentFailures(code, tables, call, signal)).toMatch(
    /^failures of the last day: \d+ in @orders, from 20/u,
  );
  expect(await recentFailures("'; drop table orders", tables, call, signal)).toBe('no failures in the last day');
  expect(questions.slice(1).join('\n')).toMatch(/@(?:orders|payments|order_events)/u);
});

async function fileTicket(summary: string): Promise<void> {
  const { url, email, token } = stack.jira;
  const answer = await fetch(`${url}/rest/api/3/issue`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`${email}:${token}`).toString('base64')}`,
    },
    body: JSON.stringify({ fields: { project: { key: 'ENG' }, issuetype: { name: 'Bug' }, summary } }),
  });
  expect(answer.status).toBe(201);
}
