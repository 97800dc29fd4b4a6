import { describe, expect } from 'vitest';
import { eventually } from './window/patience.ts';
import { shareScene } from './window/scene.ts';
import type { Workbench } from './window/workbench.ts';

/** Opens the line of a call and asks to undo it. */
async function undo({ chat }: Workbench, title: string): Promise<void> {
  const call = chat.locator('tool-call').filter({ hasText: title }).first();
  await call.locator('.call-toggle').click();
  await call.getByRole('button', { name: 'Undo…' }).click();
}

const scene = shareScene({ connected: true });

describe('what was filed and posted', () => {
  scene('is undone after a reload, each with a card and a record of its own', async ({ window, stack }) => {
    const issues = stack.jira.issues().length;
    const before = stack.slack.messages('#operations').length;
    await window.run('Switchboard: Investigate Failed Orders');
    await window.chat.getByRole('heading', { name: /Create Jira ticket/u }).waitFor();
    await window.chat.getByText('Can be undone afterwards: deletes the ticket, or closes it.').waitFor();
    await window.approve.click();
    await window.chat.getByRole('heading', { name: /Post Slack message/u }).waitFor();
    await window.approve.click();
    await window.runEnds();
    expect(stack.slack.messages('#operations')).toHaveLength(before + 1);

    await window.reload();
    await window.openChat();
    await undo(window, 'Post Slack message');
    await window.chat.getByRole('heading', { name: /Delete Slack message/u }).waitFor();
    expect(stack.slack.messages('#operations')).toHaveLength(before + 1);
    await window.screenshot('undo-message');
    await window.approve.click();
    await window.runEnds(2);
    expect(stack.slack.messages('#operations')).toHaveLength(before);

    await undo(window, 'Create Jira ticket');
    await window.chat.getByRole('heading', { name: /Undo Jira change/u }).waitFor();
    await window.chat.getByText('The account may not delete it, so it is closed.').waitFor();
    await window.approve.click();
    await window.runEnds(3);
    const [issue] = stack.jira.issues().slice(issues);
    await eventually(() => JSON.stringify(issue?.fields['status'])).toContain('Done');

    // What was taken back is not offered again, also after another reload.
    await window.reload();
    await window.openChat();
    const calls = window.chat.locator('tool-call').filter({ hasText: /Create Jira ticket|Post Slack message/u });
    for (const call of await calls.all()) await call.locator('.call-toggle').click();
    await eventually(() => window.chat.getByText('Undone.', { exact: true }).count()).toBe(2);
    expect(await window.chat.getByRole('button', { name: 'Undo…' }).count()).toBe(0);
  });
});

describe('a plan of three writes', () => {
  scene(
    'of which the second fails ends in what its list says, each once, with the key of the ticket in the message',
    async ({ window, stack }) => {
      const issues = stack.jira.issues().length;
      const before = stack.slack.messages('#operations').length;
      stack.claude?.play(({ exchanges, find }) => {
        if (exchanges.length > 0) return { text: 'This is the end.' };
        const named = (name: string): string => find(name) ?? name;
        return {
          text: 'I ask for three changes.',
          calls: [
            { name: named('create_jira_ticket'), input: { project_key: 'ENG', issue_type: 'Bug', summary: 'First' } },
            { name: named('add_jira_comment'), input: { issue_key: '{{E1.issue_key}}', body: 'Second' } },
            {
              name: named('post_slack_message'),
              input: { channel: '#operations', text: 'Filed as [{{E1.issue_key}}]({{E1.issue_url}})' },
            },
          ],
        };
      });
      await window.openChat();
      await window.ask('File it and tell the channel');
      const { chat } = window;
      // The comment needs a key that Jira knows; the message does not, and is shown with one in its place.
      await chat.getByRole('heading', { name: '2 changes to approve' }).waitFor();
      await chat.getByText('ENG-NEW stands for what').waitFor({ state: 'attached' });
      await window.screenshot('plan-with-key-to-come');
      stack.jira.misbehave({ on: /^POST .*\/comment$/u, does: { kind: 'answer', status: 403 } });
      await chat.getByRole('button', { name: /^Approve all 2/u }).click();
      await chat.getByRole('heading', { name: /Add Jira comment/u }).waitFor();
      await window.approve.click();
      await chat.getByText('It failed:').waitFor();
      const rows = chat.locator('.approval-plan > ol > li');
      await eventually(() => rows.allInnerTexts()).toEqual([
        expect.stringContaining('done'),
        expect.stringMatching(/Comment on ENG-\d+/u),
        expect.stringContaining('approved, waits for its turn'),
      ]);
      expect(stack.slack.messages('#operations')).toHaveLength(before);
      await window.screenshot('plan-failed');
      await chat.getByRole('button', { name: 'Try Again' }).click();
      await window.runEnds();
      const [issue, ...more] = stack.jira.issues().slice(issues);
      expect(more).toEqual([]);
      expect(issue?.comments).toHaveLength(1);
      const messages = stack.slack.messages('#operations');
      expect(messages).toHaveLength(before + 1);
      expect(JSON.stringify(messages.at(-1))).toContain(stack.jira.browseUrl(issue?.key ?? ''));
      expect(JSON.stringify(messages)).not.toContain('ENG-NEW');
    },
  );
});
