import { afterEach, beforeEach, expect, test } from 'vitest';
import { bug, containing, matching, startFixture, type Fixture, type Session } from './harness.ts';

// Jira Data Center: a personal access token, version 2 of the API below a context path, wiki markup.
let fixture: Fixture;
let session: Session;

beforeEach(async () => {
  fixture = await startFixture({ flavour: 'data-center', contextPath: '/jira' });
  session = await fixture.open();
});
afterEach(() => fixture.stop());

const newest = () => fixture.jira.issues().at(-1);

test('a ticket arrives as wiki markup and reads back as Markdown', async () => {
  const description =
    '## Seen\n\n- **50** orders\n  - nested `code`\n\n| code | count |\n| --- | --- |\n| A\\|B | 5 |\n\n```sql\nselect 1\n```\n\n> [!WARNING]\n>\n> {code} [~mara] [link](https://x.example/a|b)';
  const answer = await session.call('create_jira_ticket', {
    ...bug,
    description,
    priority: 'High',
    assignee: 'mara',
    fields: { 'Root cause': '*why*' },
  });
  expect(answer.structured).toMatchObject({ issue_url: `${fixture.jira.url}/browse/${newest()?.key}` });
  expect(newest()?.fields['description']).toMatchInlineSnapshot(`
    "h2. Seen

    * *50* orders
    ** nested {{code}}

    ||code||count||
    |A\\|B|5|

    {code:sql}
    select 1
    {code}

    {warning}
    \\{code\\} \\[\\~mara\\] [link|https://x.example/a%7Cb]
    {warning}"
  `);
  expect(newest()?.fields).toMatchObject({ assignee: { name: 'mara' }, customfield_10021: '_why_' });
  const read = await session.call('get_jira_issue', { issue_key: answer.structured.issue_key });
  expect((read.structured['issue'] as { description: string }).description).toMatchInlineSnapshot(`
    "## Seen

    - **50** orders
       - nested \`code\`

    | code | count |
    | --- | --- |
    |A\\|B|5|

    \`\`\`sql
    select 1
    \`\`\`

    > [!WARNING]
    > {code} [~mara] [link](https://x.example/a%7Cb)"
  `);
});

test('every tool works', async () => {
  const first = (await session.call('create_jira_ticket', { ...bug, summary: 'First' })).structured.issue_key;
  const second = (await session.call('create_jira_ticket', { ...bug, summary: 'Second' })).structured.issue_key;
  const calls: [string, Record<string, unknown>, RegExp][] = [
    ['add_jira_comment', { issue_key: first, body: 'Seen **again**' }, /^Commented/],
    [
      'update_jira_issue',
      { issue_key: first, priority: 'Low', assignee: 'jordan.lee@example.com', fields: { Regions: ['EU'] } },
      /^Updated/,
    ],
    ['transition_jira_issue', { issue_key: first, transition: 'In Progress', comment: 'On it' }, /is In Progress/],
    ['link_jira_issues', { from_key: first, to_key: second, link_type: 'blocks' }, /blocks/],
    ['attach_to_jira_issue', { issue_key: first, filename: 'a.csv', content: 'x' }, /^Attached/],
    ['find_jira_users', { query: 'jordan' }, /Jordan Lee \| jordan.lee@example.com \| jordan/],
    ['list_jira_projects', { search: 'eng' }, /ENG \| Engineering/],
    ['get_jira_create_fields', { project_key: 'OPS', issue_type: 'Bug' }, /Severity/],
  ];
  for (const [name, input, text] of calls) expect((await session.call(name, input)).text, name).toMatch(text);
  const read = await session.call('get_jira_issue', { issue_key: first });
  expect(read.structured['issue']).toMatchObject({
    status: 'In Progress',
    priority: 'Low',
    assignee: 'Jordan Lee',
    attachments: [{ filename: 'a.csv' }],
    links: [{ key: second }],
  });
  expect(read.structured.comments).toMatchObject([{ body: 'Seen **again**' }, { body: 'On it' }]);
});

test('search pages by offset', async () => {
  for (const summary of [bug.summary, 'Another']) {
    await session.call('create_jira_ticket', { ...bug, summary, priority: 'High', assignee: 'mara' });
  }
  const first = await session.call('search_jira_issues', { jql: 'project = ENG ORDER BY created ASC', max_results: 1 });
  expect(first.structured).toMatchObject({
    truncated: true,
    rows: [
      ['ENG-1', 'Bug', 'To Do', 'High', 'Mara Novak', matching(/^swb-fp-\w+ swb-\w+$/), matching(/Z$/), bug.summary],
    ],
  });
  const second = await session.call('search_jira_issues', {
    jql: 'project = ENG ORDER BY created ASC',
    max_results: 1,
    page_token: first.structured.next_page_token,
  });
  expect(second.structured.rows[0]?.[0]).toBe('ENG-2');
  const wrong = await session.call('search_jira_issues', { jql: 'project = ENG', page_token: 'x' });
  expect(wrong.structured.error).toMatchObject({ message: containing("'page_token'") });
});

test('a lost response is recovered here, too', async () => {
  fixture.jira.misbehave({ on: /^POST .*\/issue$/, does: { kind: 'reset', at: 'after' } });
  fixture.jira.misbehave({ on: /^POST .*\/comment$/, does: { kind: 'reset', at: 'after' } });
  const count = fixture.jira.issues().length;
  const answer = await session.call('create_jira_ticket', { ...bug, summary: 'Lost' }, { key: 'data-center-1' });
  expect(answer.structured).toMatchObject({ outcome: 'done', issue_key: newest()?.key });
  expect(fixture.jira.issues().length).toBe(count + 1);
  const comment = await session.call(
    'add_jira_comment',
    { issue_key: answer.structured.issue_key, body: 'Lost' },
    { key: 'data-center-2' },
  );
  expect(comment.structured).toMatchObject({ outcome: 'done', comment_id: newest()?.comments[0]?.id });
  expect(newest()?.comments).toHaveLength(1);
});

test('only version 2 is used, with the token', () => {
  for (const { path, headers } of fixture.jira.requests()) {
    expect(path).toMatch(/^\/rest\/api\/2\//);
    expect(headers['authorization']).toBe(`Bearer ${fixture.jira.token}`);
  }
});
