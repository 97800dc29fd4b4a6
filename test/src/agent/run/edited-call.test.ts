import { describe, expect, it } from 'vitest';
import type { ApprovalDecision, ApprovalRequest } from '../../../../src/agent/approval.ts';
import { playRun, readTool, writeTool } from '../scripted.ts';

const orders = readTool('query_database', () => ({
  columns: [
    { name: 'failed', type: 'int8' },
    { name: 'note', type: 'text' },
  ],
  rows: [[12, 'see {{E1.row_count}}']],
  row_count: 1,
}));
const comment = writeTool('add_jira_comment', 'jira', 'issue_key', () => ({ issue_key: 'ENG-1' }));

/** One read, one write with these arguments, and a user who answers the cards in turn. */
async function play(input: Record<string, unknown>, answers: readonly ApprovalDecision[]) {
  const asked: ApprovalRequest[] = [];
  const turns = [
    { calls: [{ name: 'postgres__query_database', input: { query: 'SELECT 1' } }] },
    { calls: [{ name: 'jira__add_jira_comment', input: { issue_key: 'ENG-1', ...input } }] },
  ];
  const { tools } = await playRun({
    tools: [orders, comment],
    play: (_, turn) => turns[turn - 1] ?? { text: 'Done.' },
    ask: (request) => {
      asked.push(request);
      return answers[asked.length - 1] ?? { kind: 'approve', scope: 'once' };
    },
  });
  return { asked, sent: tools.sent.at(-1)?.input };
}

describe('a text that refers to evidence', () => {
  it('is edited as written and sent as shown', async () => {
    const { asked, sent } = await play({ body: '{{E1[0].failed}} failed' }, []);
    expect(asked[0]).toMatchObject({
      draft: { body: '{{E1[0].failed}} failed' },
      arguments: { body: '12 failed' },
      preview: { body: 'ENG-1\n12 failed' },
    });
    expect(sent).toEqual({ issue_key: 'ENG-1', body: '12 failed' });
  });

  it('stays as written when something else is edited, and may be edited with its references', async () => {
    const { asked, sent } = await play({ body: '{{E1[0].failed}} failed' }, [
      { kind: 'revise', arguments: { issue_key: 'ENG-2', body: '12 failed' } },
      { kind: 'revise', arguments: { issue_key: 'ENG-2', body: '{{E1[0].failed}} orders failed' } },
    ]);
    expect(asked.map(({ draft }) => draft)).toEqual([
      { body: '{{E1[0].failed}} failed' },
      { body: '{{E1[0].failed}} failed' },
      { body: '{{E1[0].failed}} orders failed' },
    ]);
    expect(sent).toEqual({ issue_key: 'ENG-2', body: '12 orders failed' });
  });

  it('is edited as expanded if the data itself looks like a reference', async () => {
    const { asked } = await play({ body: '{{E1[0].note}}' }, []);
    expect(asked[0]?.arguments['body']).toContain('{{E1.row_count}}');
    expect(asked[0]?.draft).toBeUndefined();
  });

  it('without a reference has no draft beside it', async () => {
    const { asked } = await play({ body: 'Nothing to see' }, []);
    expect(asked[0]?.draft).toBeUndefined();
  });
});
