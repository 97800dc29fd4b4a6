import { describe, expect, it } from 'vitest';
import { factsOfTool, toolNames } from '../../../servers/contract/tool-facts.ts';
import type { RunEvent } from '../../../src/agent/events.ts';
import { callsAsModel, undoCalls } from '../../../src/agent/undo.ts';
import { playRun, writeTool } from './scripted.ts';

function ofIssue(change: unknown) {
  return [{ plainName: 'undo_jira_change', arguments: { issue_key: 'ENG-7', change } }];
}

/** What the servers say after each write that can be undone. */
const results: Readonly<Record<string, readonly [result: unknown, calls: unknown]>> = {
  post_slack_message: [
    { channel: 'C1', ts: '1.1', parts: [{ ts: '1.1' }, { ts: '1.2' }] },
    [
      { plainName: 'delete_slack_message', arguments: { channel: 'C1', ts: '1.2' } },
      { plainName: 'delete_slack_message', arguments: { channel: 'C1', ts: '1.1' } },
    ],
  ],
  add_slack_reaction: [
    { channel: 'C1', ts: '1.1', name: 'eyes', removed: false, changed: true },
    [{ plainName: 'add_slack_reaction', arguments: { channel: 'C1', ts: '1.1', name: 'eyes', remove: true } }],
  ],
  pin_slack_message: [
    { channel: 'C1', ts: '1.1', pinned: true, changed: true },
    [{ plainName: 'pin_slack_message', arguments: { channel: 'C1', ts: '1.1', unpin: true } }],
  ],
  update_slack_message: [
    { channel: 'C1', ts: '1.1', parts: [{ ts: '1.2' }], undo: { text: 'Old', blocks: [], after: 'd' } },
    [
      { plainName: 'delete_slack_message', arguments: { channel: 'C1', ts: '1.2' } },
      {
        plainName: 'restore_slack_message',
        arguments: { channel: 'C1', ts: '1.1', text: 'Old', blocks: [], after: 'd' },
      },
    ],
  ],
  upload_slack_file: [
    { channel: 'C1', file_id: 'F1' },
    [{ plainName: 'delete_slack_file', arguments: { channel: 'C1', file_id: 'F1' } }],
  ],
  create_jira_ticket: [{ issue_key: 'ENG-7' }, ofIssue({ created: true })],
  add_jira_comment: [{ issue_key: 'ENG-7', comment_id: '12' }, ofIssue({ comment_id: '12' })],
  attach_to_jira_issue: [{ issue_key: 'ENG-7', attachment_id: '12' }, ofIssue({ attachment_id: '12' })],
  link_jira_issues: [{ issue_key: 'ENG-7', undo: { link_id: '12' } }, ofIssue({ link_id: '12' })],
  update_jira_issue: [
    { issue_key: 'ENG-7', undo: { before: { summary: 'Old' }, after: { summary: 'd' } } },
    ofIssue({ before: { summary: 'Old' }, after: { summary: 'd' } }),
  ],
  transition_jira_issue: [
    { issue_key: 'ENG-7', undo: { status: { from: 'To Do', to: 'Done' } } },
    ofIssue({ status: { from: 'To Do', to: 'Done' } }),
  ],
};

describe('undoing a write', () => {
  it('takes the comment of a transition along, even if there is no way back', () => {
    const [comment, back] = [{ comment_id: '10001' }, { status: { from: 'To Do', to: 'Done' } }];
    const result = { issue_key: 'ENG-7', ...comment };
    expect(undoCalls('transition_jira_issue', { ...result, undo: back })).toEqual([
      ...ofIssue(comment),
      ...ofIssue(back),
    ]);
    expect(undoCalls('transition_jira_issue', result)).toEqual(ofIssue(comment));
  });

  const undoable = toolNames.filter((name) => factsOfTool(name)?.undo !== undefined);

  it.each(undoable)('of %s is made of what the server said it did', (name) => {
    const [result, calls] = results[name] ?? [];
    expect(undoCalls(name, result)).toEqual(calls);
    expect(undoCalls(name, { outcome: 'done' })).toEqual([]);
  });

  it('leaves what was so before the write, and puts back what the write removed', () => {
    const reaction = { channel: 'C1', ts: '1.1', name: 'eyes', removed: false, changed: false };
    expect(undoCalls('add_slack_reaction', reaction)).toEqual([]);
    expect(undoCalls('pin_slack_message', { channel: 'C1', ts: '1.1', pinned: true, changed: false })).toEqual([]);
    expect(undoCalls('add_slack_reaction', { ...reaction, removed: true, changed: true })).toMatchObject([
      { arguments: { name: 'eyes', remove: false } },
    ]);
  });

  it('is not offered for anything else', () => {
    for (const name of toolNames) if (!undoable.includes(name)) expect(undoCalls(name, { channel: 'C1' })).toEqual([]);
  });

  it('is a run of its own: previewed, approved by a person, sent once, without a model', async () => {
    const events: RunEvent[] = [];
    const tool = writeTool('delete_slack_message', 'slack', 'channel', ({ channel, ts }) => ({ channel, ts }));
    const calls = undoCalls('post_slack_message', results['post_slack_message']?.[0]);
    const model = callsAsModel(calls, () => crypto.randomUUID());
    const { tools, end } = await playRun({
      tools: [tool],
      play: () => ({ text: 'never asked' }),
      model,
      onEvent: (event) => events.push(event),
      ask: () => ({ kind: 'approve', scope: 'once' }),
    });
    expect(tools.previewed.map(({ input }) => input['ts'])).toEqual(['1.2', '1.1']);
    expect(tools.sent.map(({ input }) => input['ts'])).toEqual(['1.2', '1.1']);
    expect(events.filter(({ type }) => type === 'approval-requested')).toHaveLength(2);
    expect(end.reason).toBe('completed');
  });

  it('leaves everything as it is when a person says no', async () => {
    const tool = writeTool('delete_slack_message', 'slack', 'channel', () => ({}));
    const model = callsAsModel(undoCalls('post_slack_message', { channel: 'C1', ts: '1.1' }), () => 'undo-1');
    const { tools, end } = await playRun({
      tools: [tool],
      play: () => ({ text: '' }),
      model,
      ask: () => ({ kind: 'deny', reason: undefined }),
    });
    expect(tools.sent).toEqual([]);
    expect(end.message).toBe('Not allowed, so not done: delete_slack_message.');
  });

  it('is for a person: the model is not offered what only undoes', async () => {
    const tool = writeTool('delete_slack_message', 'slack', 'channel', () => ({}));
    const { model } = await playRun({ tools: [tool], play: () => ({ text: 'Done.' }) });
    expect(model.requests[0]?.tools.map(({ name }) => name)).not.toContain('slack__delete_slack_message');
  });
});
