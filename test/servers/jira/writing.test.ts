import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { adfText } from '../../stack/jira/adf-schema.ts';
import { bug, containing, matching, startFixture, type Fixture, type Session } from './harness.ts';

// add_jira_comment, update_jira_issue, transition_jira_issue, link_jira_issues and attach_to_jira_issue.
let fixture: Fixture;
let session: Session;
let key: string;

beforeAll(async () => {
  fixture = await startFixture();
  session = await fixture.open();
});
beforeEach(async () => {
  fixture.jira.behave();
  const answer = await session.call('create_jira_ticket', { ...bug, labels: ['old'], description: 'Before' });
  key = answer.structured.issue_key;
});
afterAll(() => fixture.stop());

const issue = () => fixture.jira.issues().find((issue) => issue.key === key);

test('add_jira_comment comments, and its preview lists comments with the same text', async () => {
  const input = { issue_key: key, body: 'Seen **again**' };
  const answer = await session.call('add_jira_comment', input);
  expect(answer.structured).toMatchObject({ outcome: 'done', issue_key: key, comment_id: issue()?.comments[0]?.id });
  expect(adfText(issue()?.comments[0]?.body)).toBe('Seen again');
  const { preview } = (await session.call('add_jira_comment', input, { preview: true })).structured;
  expect(preview).toMatchObject({
    destination: { id: key },
    body: 'Seen **again**',
    duplicates: [{ reason: containing('Same text') }],
  });
  expect(issue()?.comments).toHaveLength(1);
});

test('add_jira_comment says when customers will read it', async () => {
  const help = (await session.call('create_jira_ticket', { ...bug, project_key: 'HELP' })).structured.issue_key;
  const audienceOf = async (issue: string) =>
    (await session.call('add_jira_comment', { issue_key: issue, body: 'x' }, { preview: true })).structured.preview
      .destination.audience;
  expect(await audienceOf(help)).toBe('also the customers of this service project');
  expect(await audienceOf(key)).toBeUndefined();
  const move = { issue_key: help, transition: 'Done', comment: 'Solved' };
  const moved = await session.call('transition_jira_issue', move, { preview: true });
  expect(moved.structured.preview.destination.audience).toContain('customers');
});

test('update_jira_issue sets the given fields and leaves the rest', async () => {
  const input = {
    issue_key: key,
    summary: 'After',
    priority: 'low',
    labels: ['new one'],
    assignee: 'me',
    fields: { 'Customer tier': 'Free' },
  };
  const { preview } = (await session.call('update_jira_issue', input, { preview: true })).structured;
  expect(preview.fields).toContainEqual({ label: 'summary now', value: bug.summary });
  expect(preview.fields).toContainEqual({ label: 'Priority', value: 'Low', argument: 'priority' });
  expect(issue()?.fields['summary']).toBe(bug.summary);
  const answer = await session.call('update_jira_issue', input);
  expect(answer.structured).toMatchObject({ outcome: 'done', issue_key: key });
  expect(issue()?.fields).toMatchObject({
    summary: 'After',
    priority: { name: 'Low' },
    labels: ['new-one', matching(/^swb-fp-/), matching(/^swb-[0-9a-f]{16}$/)],
    assignee: { displayName: 'Switchboard Bot' },
  });
  expect(adfText(issue()?.fields['description'])).toBe('Before');
  await session.call('update_jira_issue', { issue_key: key, assignee: 'none', description: '' });
  expect(issue()?.fields).toMatchObject({ assignee: null, description: null });
});

test('update_jira_issue rejects empty updates and fields that bypass another argument', async () => {
  const errorOf = async (input: Record<string, unknown>) =>
    (await session.call('update_jira_issue', { issue_key: key, ...input })).structured.error;
  expect(await errorOf({})).toMatchObject({ message: containing('Nothing to update') });
  expect(await errorOf({ summary: 'x'.repeat(256) })).toMatchObject({
    message: "'summary' must be at most 255 characters.",
  });
  expect(await errorOf({ fields: { labels: [] } })).toMatchObject({
    message: "'fields.labels' is set with labels.",
  });
  expect(await errorOf({ fields: { parent: 'OPS-1' } })).toMatchObject({ code: 'not_found' });
  expect(await errorOf({ assignee: 'jordan' })).toMatchObject({
    details: { candidates: [containing('Jordan Lee '), containing('Jordan Leeds')] },
  });
});

test('transition_jira_issue accepts the name of the transition or the status', async () => {
  const byStatus = await session.call('transition_jira_issue', {
    issue_key: key,
    transition: 'in progress',
    comment: 'On it',
  });
  expect(byStatus.structured).toMatchObject({ outcome: 'done', status: 'In Progress' });
  const { preview } = (
    await session.call('transition_jira_issue', { issue_key: key, transition: 'Done' }, { preview: true })
  ).structured;
  expect(preview).toMatchObject({
    title: `Move ${key} to Done`,
    fields: [{ label: 'Current status', value: 'In Progress' }, { value: 'Done' }],
  });
  await session.call('transition_jira_issue', { issue_key: key, transition: '31' });
  expect(issue()?.fields['status']).toMatchObject({ name: 'Done' });
  const refused = await session.call('transition_jira_issue', { issue_key: key, transition: 'Start Progress' });
  expect(refused.structured.error).toMatchObject({
    message: `'transition': ${key} is Done and has no transition “Start Progress” from there.`,
    hint: 'Possible: To Do (to To Do).',
  });
});

test('link_jira_issues reads as a sentence in both directions', async () => {
  const other = (await session.call('create_jira_ticket', { ...bug, summary: 'Other' })).structured.issue_key;
  const answer = await session.call('link_jira_issues', { from_key: key, to_key: other, link_type: 'is blocked by' });
  expect(answer.text).toBe(`${other} blocks ${key}`);
  const again = await session.call('link_jira_issues', { from_key: other, to_key: key, link_type: 'Blocks' });
  expect(again.structured['warnings']).toEqual(['They were already linked this way.']);
  expect(issue()?.links).toHaveLength(1);
  const { preview } = (
    await session.call('link_jira_issues', { from_key: key, to_key: other, link_type: 'relates to' }, { preview: true })
  ).structured;
  expect(preview.body).toBe(`${key} relates to ${other}`);
  const errorOf = async (input: Record<string, unknown>) =>
    (await session.call('link_jira_issues', input)).structured.error;
  expect(await errorOf({ from_key: key, to_key: key, link_type: 'blocks' })).toMatchObject({
    code: 'invalid_arguments',
  });
  expect(await errorOf({ from_key: key, to_key: other, link_type: 'haunts' })).toMatchObject({
    hint: containing('blocks / is blocked by'),
  });
});

test('attach_to_jira_issue attaches content, never a path', async () => {
  const content = 'id,name\n1,Zoë 👩‍👩‍👧\n';
  const answer = await session.call('attach_to_jira_issue', { issue_key: key, filename: 'orders.csv', content });
  const file = issue()?.attachments[0];
  expect(answer.structured).toMatchObject({ outcome: 'done', attachment_id: file?.id, warnings: [] });
  expect(file).toMatchObject({ filename: 'orders.csv', mimeType: 'text/csv' });
  expect(file?.content.toString()).toBe(content);
  const formulas = await session.call(
    'attach_to_jira_issue',
    { issue_key: key, filename: 'x.csv', content: 'a\n=cmd()' },
    { preview: true },
  );
  expect(formulas.structured.preview.warnings).toEqual([containing('formulas')]);
  for (const filename of ['../../etc/passwd', '/etc/passwd', 'a\\b.csv', '..', 'a\nb'])
    expect(
      (await session.call('attach_to_jira_issue', { issue_key: key, filename, content: 'x' })).isError,
      filename,
    ).toBe(true);
  expect(issue()?.attachments).toHaveLength(1);
});

test('a secret in a comment or a file is masked', async () => {
  const token = 'xoxb-1234567890-abcdefghij';
  await session.call('add_jira_comment', { issue_key: key, body: `Token ${token}` });
  await session.call('attach_to_jira_issue', { issue_key: key, filename: 'log.txt', content: `Token ${token}` });
  expect(adfText(issue()?.comments[0]?.body)).toBe('Token [redacted Slack token]');
  expect(issue()?.attachments[0]?.content.toString()).toBe('Token [redacted Slack token]');
});
