import { afterEach, expect, test } from 'vitest';
import { withExamples } from '../example-input.ts';
import { disguises, plant, requireEveryArgument } from '../plant.ts';
import { bug, startFixture, type Fixture } from './harness.ts';

let fixture: Fixture | undefined;
afterEach(() => fixture?.stop());

const token = 'jira/stand-in+token=1';
const mara = '5b10a2844c20165700ede21b';

/** For tools that need real values. All others get arguments from their schema. */
const inputsFor = (key: string, other: string): [string, Record<string, unknown>][] => [
  ['search_jira_issues', { jql: 'project = ENG AND text ~ "x"' }],
  ['search_jira_issues', { jql: 'project = ENG', page_token: '' }],
  [
    'create_jira_ticket',
    {
      ...bug,
      description: `Seen [~accountid:${mara}]`,
      priority: 'High',
      labels: ['one', 'two words'],
      assignee: 'mara',
      fields: {
        'Ticket reference': 'R-1',
        Components: ['Checkout'],
        'Root cause': 'none',
        Environment: '# production',
      },
      mentions: [mara],
    },
  ],
  ['create_jira_ticket', { ...bug, issue_type: 'Sub-task', parent: key }],
  [
    'update_jira_issue',
    {
      issue_key: key,
      summary: 'Other',
      description: `Seen [~accountid:${mara}]`,
      priority: 'Low',
      labels: ['three'],
      assignee: 'mara',
      fields: { 'Ticket reference': 'R-2' },
      mentions: [mara],
      parent: other,
      watchers: ['mara'],
    },
  ],
  ['add_jira_comment', { issue_key: key, body: `Seen [~accountid:${mara}]`, mentions: [mara] }],
  ['transition_jira_issue', { issue_key: key, transition: 'To Do', comment: 'Back' }],
  ['transition_jira_issue', { issue_key: key, transition: 'Done', fields: { Resolution: 'Done' } }],
  ['link_jira_issues', { from_key: key, to_key: other, link_type: 'blocks' }],
  ['attach_to_jira_issue', { issue_key: key, filename: 'a.csv', content: 'a,b', media_type: 'text/csv' }],
  ['read_jira_attachment', { issue_key: key, attachment: 'a.csv' }],
];

test('the token is not sent in any argument of any tool, at any depth', async () => {
  fixture = await startFixture({ token });
  const { jira, open } = fixture;
  const session = await open();
  const [key, other] = await Promise.all(
    [1, 2].map(async () => (await session.call('create_jira_ticket', bug)).structured.issue_key),
  );
  const { tools } = await session.client.listTools();
  const known = { project_key: 'ENG', issue_type: 'Bug', issue_key: key, query: 'mara', search: 'ENG', mentions: [] };
  const inputs = withExamples(tools, inputsFor(key ?? '', other ?? ''), known);
  requireEveryArgument(tools, inputs);
  for (const [tool, input] of inputs) {
    if (tool === 'transition_jira_issue') await session.call(tool, { issue_key: key, transition: 'Start Progress' });
    if (input['page_token'] === undefined) expect((await session.call(tool, input)).text, tool).not.toContain('Error');
    for (const disguise of disguises(token))
      for (const planted of plant(input, disguise)) await session.call(tool, planted.input);
  }
  // Everything that could be sent was sent with the secret masked.
  const sent = JSON.stringify(jira.issues());
  for (const place of [
    'Checkout fails for card payments [redacted secret]',
    'two-words-[redacted-secret]',
    'a,b [redacted',
  ])
    expect(sent + JSON.stringify(jira.requests())).toContain(place);
  await expect(jira.stop()).resolves.toBeUndefined();
});

test('dashes that replace spaces in a label do not complete a secret', async () => {
  fixture = await startFixture({ token: 'dashed-own-word' });
  const session = await fixture.open();
  const answer = await session.call('create_jira_ticket', { ...bug, labels: ['my dashed own word'] });
  expect(fixture.jira.issues().find(({ key }) => key === answer.structured.issue_key)?.fields['labels']).toContain(
    'my-[redacted-secret]',
  );
  await session.call('update_jira_issue', { issue_key: answer.structured.issue_key, labels: ['dashed  own word'] });
  await expect(fixture.jira.stop()).resolves.toBeUndefined();
});

test('personal data in an attachment is named, even below what the card shows', async () => {
  fixture = await startFixture();
  const session = await fixture.open();
  const { issue_key: key } = (await session.call('create_jira_ticket', bug)).structured;
  const rows = Array.from({ length: 40 }, (_, row) => `${row},declined`);
  const file = [...rows, 'jane@example.com,4111 1111 1111 1111', '(555) 123-4567,x'].join('\n');
  const input = { issue_key: key, filename: 'orders.csv', content: file };
  const { preview } = (await session.call('attach_to_jira_issue', input, { preview: true })).structured;
  const found = ['an email address (j…@example.com)', 'a payment card number (…1111)', 'a phone number (…67)'];
  expect(preview.body).not.toContain('jane@example.com');
  expect(preview.personalData).toEqual(found);
  expect(preview.warnings).toEqual([`Contains ${found.join(', ')}.`]);
});
