import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { undoCalls } from '../../../src/agent/undo.ts';
import { bug, startFixture, type Fixture, type Session } from './harness.ts';

// What every write can be taken back with, made from what the server said it did.
let fixture: Fixture;
let session: Session;
let key: string;
let other: string;

beforeAll(async () => {
  fixture = await startFixture();
  session = await fixture.open();
  other = (await session.call('create_jira_ticket', { ...bug, summary: 'Another' })).structured.issue_key;
});
beforeEach(async () => {
  fixture.jira.letDelete(false);
  const more = { labels: ['old'], description: '## Before\n\n> [!WARNING]\n> Mind', priority: 'High', assignee: 'me' };
  key = (await session.call('create_jira_ticket', { ...bug, ...more })).structured.issue_key;
});
afterAll(() => fixture.stop());

const issue = () => fixture.jira.issues().find((each) => each.key === key);
/** Without the time of its last change. */
const state = () => structuredClone({ ...issue(), fields: { ...issue()?.fields, updated: undefined } });

async function write(tool: string, input: Record<string, unknown>) {
  const answer = await session.call(tool, input);
  expect(answer.text, tool).not.toMatch(/^\w+: /u);
  const [undo, ...more] = undoCalls(tool, answer.structured);
  expect(more).toEqual([]);
  if (undo === undefined) throw new Error(`${tool} cannot be undone: ${JSON.stringify(answer.structured)}`);
  return undo;
}

const previewed = async ({ plainName, arguments: input }: Awaited<ReturnType<typeof write>>) =>
  session.call(plainName, input, { preview: true });

describe('taking back', () => {
  test.each<[string, () => Record<string, unknown>, title: () => string]>([
    ['add_jira_comment', () => ({ issue_key: key, body: 'Mine' }), () => `Delete a comment on ${key}`],
    [
      'attach_to_jira_issue',
      () => ({ issue_key: key, filename: 'orders.csv', content: 'a,b' }),
      () => `Delete orders.csv from ${key}`,
    ],
    [
      'link_jira_issues',
      () => ({ from_key: key, to_key: other, link_type: 'blocks' }),
      () => `Remove a link of ${key}`,
    ],
    [
      'link_jira_issues',
      () => ({ from_key: key, to_key: other, link_type: 'is blocked by' }),
      () => `Remove a link of `,
    ],
    [
      'update_jira_issue',
      () => ({
        issue_key: key,
        summary: 'After',
        description: 'After',
        priority: 'Low',
        labels: [],
        assignee: 'none',
        fields: { 'Customer tier': 'Free' },
      }),
      () => `Set ${key} back`,
    ],
    ['transition_jira_issue', () => ({ issue_key: key, transition: 'Done' }), () => `Move ${key} back to To Do`],
  ])('%s: leaves the issue as it was before, once for a key', async (tool, input, title) => {
    const before = state();
    const undo = await write(tool, input());
    expect(state()).not.toEqual(before);
    const shown = (await previewed(undo)).structured.preview;
    expect(shown.title).toContain(title());
    expect(shown.warnings).toEqual([]);
    const changed = state();
    expect(changed).toEqual(state());
    for (const outcome of ['done', 'replayed'])
      expect((await session.call(undo.plainName, undo.arguments, { key: `undo-${key}` })).structured['outcome']).toBe(
        outcome,
      );
    expect(withoutNull(state())).toEqual(withoutNull(before));
  });

  test('an edit keeps what somebody changed since, and says so', async () => {
    const undo = await write('update_jira_issue', { issue_key: key, summary: 'After', priority: 'Low' });
    await session.call('update_jira_issue', { issue_key: key, priority: 'Lowest' });
    const { preview } = (await previewed(undo)).structured;
    expect(preview.warnings).toEqual(['“priority” was changed since, and stays as it is.']);
    expect(JSON.parse(preview.raw)).toEqual({ fields: { summary: bug.summary } });
    await session.call(undo.plainName, undo.arguments);
    expect(issue()?.fields).toMatchObject({ summary: bug.summary, priority: { name: 'Lowest' } });
  });

  test('an edit that somebody replaced altogether, or a move after a move, is refused', async () => {
    const edit = await write('update_jira_issue', { issue_key: key, summary: 'After' });
    await session.call('update_jira_issue', { issue_key: key, summary: 'Later' });
    expect((await previewed(edit)).text).toContain('changed since. Nothing can be set back.');
    const move = await write('transition_jira_issue', { issue_key: key, transition: 'In Progress' });
    await session.call('transition_jira_issue', { issue_key: key, transition: 'Done' });
    expect((await previewed(move)).text).toContain(`${key} is Done now, not In Progress: it was moved since.`);
  });

  test('a link that was there before is not ours to remove', async () => {
    const input = { from_key: key, to_key: other, link_type: 'blocks' };
    await session.call('link_jira_issues', input);
    const again = await session.call('link_jira_issues', input);
    expect(undoCalls('link_jira_issues', again.structured)).toEqual([]);
  });

  test('the comment of a transition is removed with it, and no older one of the same words', async () => {
    await session.call('add_jira_comment', { issue_key: key, body: 'Over **there**' });
    const before = state();
    const input = { issue_key: key, transition: 'Done', comment: 'Over **there**' };
    const { structured } = await session.call('transition_jira_issue', input);
    const calls = undoCalls('transition_jira_issue', structured);
    expect(calls).toHaveLength(2);
    for (const undo of calls) await session.call(undo.plainName, undo.arguments);
    expect(withoutNull(state())).toEqual(withoutNull(before));
  });

  test('what was removed by hand is not removed again', async () => {
    const undo = await write('add_jira_comment', { issue_key: key, body: 'Mine' });
    await session.call(undo.plainName, undo.arguments);
    const again = await previewed(undo);
    expect(again.isError).toBe(true);
    expect(again.text).toMatch(/^not_found/u);
  });
});

describe('withdrawing a ticket', () => {
  test('closes it if the account may not delete', async () => {
    const undo = { plainName: 'undo_jira_change', arguments: { issue_key: key, change: { created: true } } };
    const { preview } = (await previewed(undo)).structured;
    expect(preview).toMatchObject({
      title: `Close ${key}`,
      warnings: ['The account may not delete it, so it is closed.'],
    });
    await session.call(undo.plainName, undo.arguments);
    expect(issue()?.fields['status']).toMatchObject({ statusCategory: { key: 'done' } });
  });

  test('deletes it if the account may', async () => {
    fixture.jira.letDelete(true);
    const undo = { plainName: 'undo_jira_change', arguments: { issue_key: key, change: { created: true } } };
    expect((await previewed(undo)).structured.preview).toMatchObject({ title: `Delete ${key}`, warnings: [] });
    expect(issue()).toBeDefined();
    const answers = [];
    for (const attempt of ['first', 'second'])
      answers.push([attempt, (await session.call(undo.plainName, undo.arguments, { key: 'withdraw-1' })).text]);
    expect(answers).toEqual([
      ['first', `Deleted ${key}.`],
      ['second', expect.stringContaining(`Deleted ${key}.`)],
    ]);
    expect(issue()).toBeUndefined();
  });
});

/** An empty field is null after it was set, and absent before. */
function withoutNull({ fields, ...rest }: ReturnType<typeof state>): unknown {
  return {
    ...rest,
    fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)),
  };
}
