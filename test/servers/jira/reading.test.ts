import { afterAll, beforeAll, expect, test } from 'vitest';
import { toolNamesOf } from '../example-input.ts';
import { bug, startFixture, type Fixture, type Session } from './harness.ts';

// get_jira_issue, get_jira_create_fields, find_jira_users and list_jira_projects.
let fixture: Fixture;
let session: Session;

beforeAll(async () => {
  fixture = await startFixture();
  session = await fixture.open();
  await session.call('create_jira_ticket', {
    ...bug,
    fields: { 'Customer tier': 'Pro', Regions: ['EU', 'US'], 'Root cause': '**why**', 'Story points': 3 },
    description: '# Seen\n\n> [!WARNING]\n> mind *this*\n\n```sql\nselect 1\n```',
  });
});
afterAll(() => fixture.stop());

test('get_jira_issue shows fields, Markdown, links, files and the newest comments', async () => {
  await session.call('create_jira_ticket', { ...bug, summary: 'The other' });
  await session.call('link_jira_issues', { from_key: 'ENG-1', to_key: 'ENG-2', link_type: 'blocks' });
  await session.call('attach_to_jira_issue', { issue_key: 'ENG-1', filename: 'orders.csv', content: 'id\n1' });
  for (const word of ['one', 'two', 'three'])
    await session.call('add_jira_comment', { issue_key: 'ENG-1', body: `**${word}**` });
  const answer = await session.call('get_jira_issue', { issue_key: ' eng-1 ', comments: 2 });
  expect(answer.structured['issue']).toMatchObject({
    key: 'ENG-1',
    type: 'Bug',
    status: 'To Do',
    priority: 'Medium',
    assignee: null,
    reporter: 'Switchboard Bot',
    links: [{ relation: 'blocks', key: 'ENG-2', summary: 'The other', status: 'To Do' }],
    attachments: [{ filename: 'orders.csv', size: 4 }],
    custom: { 'Customer tier': 'Pro', Regions: 'EU, US', 'Root cause': '**why**', 'Story points': '3' },
    description: '# Seen\n\n> [!WARNING]\n>\n> mind *this*\n\n```sql\nselect 1\n```',
  });
  expect(answer.structured.comments.map(({ body }) => body)).toEqual(['**two**', '**three**']);
  expect(
    answer.text
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
      .replaceAll(/swb-(?:fp-)?\w+/g, 'swb-MARK'),
  ).toMatchInlineSnapshot(`
    "ENG-1 Checkout fails for card payments
    http://HOST/browse/ENG-1
    type: Bug; status: To Do; priority: Medium; reporter: Switchboard Bot; labels: swb-MARK, swb-MARK; created: TIME; updated: TIME; Customer tier: Pro; Regions: EU, US; Root cause: **why**; Story points: 3
    account ids: Switchboard Bot 5b10a2844c20165700ede21a
    blocks ENG-2 (To Do) The other
    attachment: orders.csv (4 bytes)

    # Seen

    > [!WARNING]
    >
    > mind *this*

    \`\`\`sql
    select 1
    \`\`\`

    The newest 2 of 3 comments:
    --- Switchboard Bot, TIME
    **two**
    --- Switchboard Bot, TIME
    **three**"
  `);
});

test('get_jira_issue reports a missing issue', async () => {
  const answer = await session.call('get_jira_issue', { issue_key: 'ENG-404' });
  expect(answer.structured.error).toMatchObject({
    code: 'not_found',
    message: 'There is no issue ENG-404, or the account cannot see it.',
  });
});

test('get_jira_create_fields lists required fields first', async () => {
  const answer = await session.call('get_jira_create_fields', { project_key: 'ops', issue_type: 'bug' });
  expect(answer.text.split('\n').slice(0, 4)).toEqual([
    'field | id | type | required | allowed',
    'Summary | summary | string | true | ',
    'Severity | customfield_10010 | option | true | SEV1, SEV2, SEV3',
    'Description | description | string | false | ',
  ]);
  expect(answer.structured).toMatchObject({
    truncated: false,
    columns: [
      { name: 'field' },
      { name: 'id' },
      { name: 'type' },
      { name: 'required', type: 'boolean' },
      { name: 'allowed' },
    ],
  });
});

test('screens are requested once', async () => {
  const asked = () => fixture.jira.requests().filter(({ path }) => path.includes('createmeta')).length;
  await session.call('get_jira_create_fields', { project_key: 'OPS', issue_type: 'Bug' });
  const before = asked();
  await session.call('get_jira_create_fields', { project_key: 'OPS', issue_type: 'Bug' });
  expect(asked()).toBe(before);
});

test('find_jira_users finds the active ones', async () => {
  const answer = await session.call('find_jira_users', { query: 'jordan' });
  expect(answer.structured.rows).toEqual([
    ['Jordan Lee', 'jordan.lee@example.com', '5b10a2844c20165700ede21c'],
    ['Jordan Leeds', 'jordan.leeds@example.com', '5b10a2844c20165700ede21d'],
  ]);
  expect((await session.call('find_jira_users', { query: 'gone' })).text).toBe('No people found.');
});

test('list_jira_projects lists visible projects', async () => {
  expect((await session.call('list_jira_projects', {})).structured.rows).toEqual([
    ['ENG', 'Engineering'],
    ['OPS', 'Operations'],
    ['LEAN', 'Lean team'],
    ['HELP', 'Help desk'],
  ]);
  expect((await session.call('list_jira_projects', { search: 'oper' })).structured.rows).toEqual([
    ['OPS', 'Operations'],
  ]);
});

test('the list of tools stays small', async () => {
  const { tools } = await session.client.listTools();
  expect(tools.map(({ name }) => name).toSorted()).toEqual(toolNamesOf('jira').toSorted());
  expect(JSON.stringify(tools).length).toBeLessThan(10 * 1024);
});
