import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../../src/agent/events.ts';
import type { ClearedCall } from '../../../../src/agent/run/approved-calls.ts';
import { playRun, readTool, writeTool, type Play, type Sent } from '../scripted.ts';

const by = { who: 'Jane Doe (U0JANE001)', from: 'Slack' };
const ticket = writeTool('create_jira_ticket', 'jira', 'project_key', () => ({ issue_key: 'ENG-1' }));
const message = writeTool('post_slack_message', 'slack', 'channel', () => ({ ts: '1.0' }));
const both: Play = (_, turn) =>
  turn > 1
    ? { text: 'Done.' }
    : {
        calls: [
          { name: 'postgres__list_tables' },
          { name: 'jira__create_jira_ticket', input: { project_key: 'ENG' } },
          { name: 'slack__post_slack_message', input: { channel: 'C1' } },
        ],
      };
const tools = [readTool('list_tables', () => ({ tables: [] })), ticket, message];

function namesOf(sent: readonly Sent[]): readonly string[] {
  return sent.map(({ name }) => name);
}

/** Of the first approval. */
function reasonIn(events: readonly RunEvent[]): string | undefined {
  return events.find((event) => event.type === 'approval-resolved')?.reason;
}

describe('a run whose approvals are given elsewhere', () => {
  it('ends with what is waiting, and leaves the calls of the turn open', async () => {
    const waiting = 'Waiting for Jane Doe.';
    const {
      end,
      tools: source,
      kept,
    } = await playRun({ play: both, tools, ask: () => ({ kind: 'unanswered', waiting }) });
    expect(end).toMatchObject({ reason: 'waiting', message: waiting, writeNotGranted: true });
    expect(namesOf(source.sent)).toEqual(['postgres__list_tables']);
    expect(kept.at(-1)?.role).toBe('assistant');
  });

  it('asks about one write after the other, and keeps who answered from where', async () => {
    const asked: string[] = [];
    const cleared: ClearedCall[] = [];
    const { tools: source, events } = await playRun({
      play: both,
      tools,
      asking: { asksSingly: true },
      cleared: { find: () => undefined, keep: (call) => Promise.resolve(void cleared.push(call)) },
      ask: ({ tool, batch }) => {
        asked.push(`${tool.plainName} after ${cleared.length}`);
        expect(batch).toBeUndefined();
        return { kind: 'approve', scope: 'once', by };
      },
    });
    expect(asked).toEqual(['create_jira_ticket after 0', 'post_slack_message after 1']);
    expect(source.sent).toHaveLength(3);
    expect(cleared[0]?.verdict.approval).toMatchObject({ by: by.who, from: by.from });
    expect(reasonIn(events)).toBe('Approved once. By Jane Doe (U0JANE001), Slack.');
  });

  it('tells the model who denied it', async () => {
    const { events } = await playRun({ play: both, tools, ask: () => ({ kind: 'deny', reason: undefined, by }) });
    expect(reasonIn(events)).toBe('No reason was given. By Jane Doe (U0JANE001), Slack.');
  });

  it('denies writes for which the policy names nobody', async () => {
    const { end, tools: source } = await playRun({
      play: both,
      tools,
      asking: { isAsked: ({ plainName }) => plainName === 'create_jira_ticket', asksSingly: true },
      ask: () => ({ kind: 'approve', scope: 'once', by }),
    });
    expect(namesOf(source.sent)).toEqual(['postgres__list_tables', 'jira__create_jira_ticket']);
    expect(end).toMatchObject({
      reason: 'denied',
      message: expect.stringContaining('so not done: post_slack_message.') as string,
    });
  });
});
