import { describe, expect } from 'vitest';
import { eventually } from './window/patience.ts';
import { scene } from './window/scene.ts';

describe('a plan of three writes', () => {
  scene(
    'of which the second fails ends in what its list says, each once, with the key of the ticket in the message',
    { connected: true },
    async ({ window, stack }) => {
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
      const [issue, ...more] = stack.jira.issues();
      expect(more).toEqual([]);
      expect(issue?.comments).toHaveLength(1);
      const messages = stack.slack.messages('#operations');
      expect(messages).toHaveLength(before + 1);
      expect(JSON.stringify(messages.at(-1))).toContain(stack.jira.browseUrl(issue?.key ?? ''));
      expect(JSON.stringify(messages)).not.toContain('ENG-NEW');
    },
  );
});
