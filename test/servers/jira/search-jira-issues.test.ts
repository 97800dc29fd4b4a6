import { afterAll, beforeAll, expect, test } from 'vitest';
import { bug, containing, matching, startFixture, type Fixture, type Session } from './harness.ts';

let fixture: Fixture;
let session: Session;

beforeAll(async () => {
  fixture = await startFixture();
  session = await fixture.open();
  for (const number of [1, 2, 3])
    await session.call('create_jira_ticket', { ...bug, summary: `Order ${number} fails`, labels: ['shop'] });
});
afterAll(() => fixture.stop());

test('returns a table and pages to the end', async () => {
  const jql = 'project = ENG AND labels = shop ORDER BY created ASC';
  const first = await session.call('search_jira_issues', { jql, max_results: 2 });
  expect(first.structured).toMatchObject({
    columns: [
      { name: 'key', type: 'text' },
      { name: 'type' },
      { name: 'status' },
      { name: 'priority' },
      { name: 'assignee' },
      { name: 'labels' },
      { name: 'updated' },
      { name: 'summary' },
    ],
    row_count: 2,
    truncated: true,
  });
  expect(first.structured.rows[0]).toEqual([
    'ENG-1',
    'Bug',
    'To Do',
    'Medium',
    null,
    matching(/^shop swb-fp-\w+ swb-\w+$/),
    matching(/Z$/),
    'Order 1 fails',
  ]);
  const token = first.structured.next_page_token;
  expect(first.text).toContain(`page_token=${token}`);
  const rest = await session.call('search_jira_issues', { jql, max_results: 2, page_token: token });
  expect(rest.structured).toMatchObject({ row_count: 1, truncated: false });
  expect(rest.structured).not.toHaveProperty('next_page_token');
});

test('requests ten by default', async () => {
  await session.call('search_jira_issues', { jql: 'project = ENG' });
  expect(JSON.parse(fixture.jira.requests().at(-1)?.body ?? '')).toMatchObject({ maxResults: 10 });
});

test('an empty result says so', async () => {
  const answer = await session.call('search_jira_issues', { jql: 'project = ENG AND summary ~ "nothing"' });
  expect(answer.text).toBe('No issues found.');
  expect(answer.structured).toMatchObject({ row_count: 0, rows: [], truncated: false });
});

test('a rejected query is explained', async () => {
  const errorOf = async (input: Record<string, unknown>) =>
    (await session.call('search_jira_issues', input)).structured.error;
  expect(await errorOf({ jql: 'project = ENG AND' })).toMatchObject({
    code: 'invalid_arguments',
    message: containing("'jql' was rejected by Jira"),
    hint: containing('project = ENG AND'),
  });
  expect(await errorOf({ jql: 'ORDER BY created' })).toMatchObject({
    hint: containing('Add a restriction'),
  });
  expect(await errorOf({ jql: 'project = NOPE' })).toMatchObject({
    hint: containing('list_jira_projects'),
  });
  expect(await errorOf({ jql: 'severity = high' })).toMatchObject({ hint: containing('cf[10010]') });
  expect(await errorOf({ jql: 'project = ENG', page_token: 'stale' })).toMatchObject({
    hint: containing('same jql'),
  });
  expect(await errorOf({ jql: 'project = ENG', max_results: 5000 })).toMatchObject({ code: 'invalid_arguments' });
  expect(await errorOf({})).toMatchObject({ message: "'jql' is required (string)" });
});
