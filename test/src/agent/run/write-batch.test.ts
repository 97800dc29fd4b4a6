import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { approvedBytes } from '../../../../servers/contract/approved-bytes.ts';
import { previewSchema, type Preview } from '../../../../servers/contract/preview.ts';
import type { ApprovalDecision, ApprovalRequest } from '../../../../src/agent/approval.ts';
import { failure } from '../../../../src/agent/host-tools.ts';
import { playRun, writeTool, type ScriptedTool } from '../scripted.ts';

const yes: ApprovalDecision = { kind: 'approve', scope: 'once' };
const no: ApprovalDecision = { kind: 'deny', reason: undefined };
const url = 'https://jira.example.com/browse/ENG-7';

const ticket = writeTool('create_jira_ticket', 'jira', 'project_key', () => ({ issue_key: 'ENG-7', issue_url: url }));
const comment = writeTool('add_jira_comment', 'jira', 'issue_key', () => ({}));
const message = writeTool('post_slack_message', 'slack', 'channel', () => ({}));

/** Fails so many times before it succeeds. */
function failing(tool: ScriptedTool, times: number): ScriptedTool {
  let left = times;
  const call: ScriptedTool['call'] = (input, options) => {
    if (options.preview === true) return tool.call(input, options);
    left -= 1;
    return left < 0 ? tool.call(input, options) : failure('upstream_error', 'Jira said no.');
  };
  return { ...tool, call };
}

const filing = { name: 'jira__create_jira_ticket', input: { project_key: 'ENG', summary: 'Down' } };
const commenting = { name: 'jira__add_jira_comment', input: { issue_key: 'ENG-1', body: 'Seen' } };
const posting = { name: 'slack__post_slack_message', input: { channel: '#ops', text: 'Look' } };

/** A ticket whose preview says what its result will hold. */
function giving(result = { issue_key: 'ENG-7', issue_url: url }): ScriptedTool {
  const tool = writeTool('create_jira_ticket', 'jira', 'project_key', () => result);
  const willGive = { issue_key: 'ENG-NEW', issue_url: 'https://jira.example.com/browse/ENG-NEW' };
  return withPreview(tool, (preview) => ({ ...preview, willGive }));
}

/** Would send more once the text names a real ticket. */
function adding(tool: ScriptedTool): ScriptedTool {
  return withPreview(tool, (preview) =>
    preview.raw.includes('ENG-7') ? { ...preview, raw: `${preview.raw}!` } : preview,
  );
}

function withPreview(tool: ScriptedTool, change: (preview: Preview) => Preview): ScriptedTool {
  const call: ScriptedTool['call'] = async (input, options) => {
    const outcome = await tool.call(input, options);
    if (options.preview !== true || outcome.kind !== 'result') return outcome;
    const { preview } = z.object({ preview: previewSchema }).parse(outcome.structured);
    return { ...outcome, structured: { outcome: 'preview', preview: change(preview) } };
  };
  return { ...tool, call };
}

const bare = { title: '', body: '', fields: [], warnings: [], duplicates: [], linkHosts: [], mentions: [] };

const linking = {
  name: 'slack__post_slack_message',
  input: { channel: '#ops', text: 'See [{{E1.issue_key}}]({{E1.issue_url}})' },
};

interface Played {
  readonly tools?: readonly ScriptedTool[];
  readonly calls?: readonly { readonly name: string; readonly input: Record<string, unknown> }[];
  readonly answer?: (request: ApprovalRequest, sent: number) => ApprovalDecision | Promise<ApprovalDecision>;
}

async function play({ tools = [ticket, comment, message], calls = [filing, commenting, posting], answer }: Played) {
  const asked: ApprovalRequest[] = [];
  const started: string[] = [];
  const run = await playRun({
    tools,
    play: (_, turn) => (turn === 1 ? { calls } : { text: 'Done.' }),
    onEvent: (event) => {
      if (event.type === 'tool-call-started') started.push(event.callId);
    },
    ask: (request) => {
      asked.push(request);
      return answer === undefined ? yes : answer(request, started.length);
    },
  });
  return { ...run, asked, started, sent: run.tools.sent.map(({ name }) => name.split('__')[1]) };
}

describe('several writes of one turn', () => {
  it('are all asked about before the first is answered, and run in their order, once each', async () => {
    let release = (): void => undefined;
    const all = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { asked, sent } = await play({
      answer: async (request) => {
        if (request.batch?.index === 3) release();
        await all;
        return yes;
      },
    });
    expect(asked.map(({ batch }) => [batch?.index, batch?.count])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    expect(new Set(asked.map(({ batch }) => batch?.id)).size).toBe(1);
    expect(sent).toEqual(['create_jira_ticket', 'add_jira_comment', 'post_slack_message']);
  });

  it('run in their order however they are answered, and one that is denied is left out', async () => {
    let release = (): void => undefined;
    const others = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { sent } = await play({
      answer: async ({ batch }) => {
        if (batch?.index === 3) release();
        if (batch?.index === 1) await others;
        return batch?.index === 2 ? no : yes;
      },
    });
    expect(sent).toEqual(['create_jira_ticket', 'post_slack_message']);
  });

  it('are one question where one needs the key of another: it is shown with a stand-in, and filled in when it is sent', async () => {
    const { asked, tools, kept, end } = await play({
      tools: [giving(), message],
      calls: [filing, linking],
      answer: (_, sent) => (sent === 0 ? yes : no),
    });
    // Both were asked about before anything was sent.
    expect(asked.map(({ arguments: input }) => input['text'] ?? input['summary'])).toEqual([
      'Down',
      'See [ENG-NEW](https://jira.example.com/browse/ENG-NEW)',
    ]);
    expect(asked[1]).toMatchObject({
      batch: { index: 2, count: 2 },
      draft: { text: linking.input.text },
    });
    expect(asked[1]?.warnings).toContain(
      'ENG-NEW stands for what “create_jira_ticket” will give. It is filled in when this is sent.',
    );
    const [, sent] = tools.sent;
    expect(sent?.input['text']).toBe(`See [ENG-7](${url})`);
    // The server compares the approval with what it sends.
    const raw = JSON.stringify(sent?.input);
    expect(sent?.options.approval?.sha256).toBe(
      approvedBytes({ ...bare, destination: { id: '#ops', name: '#ops' }, raw }),
    );
    expect(end.reason).toBe('completed');
    expect(JSON.stringify(kept)).not.toContain('ENG-NEW');
  });

  it.each<[string, ScriptedTool]>([
    ['the ticket went elsewhere', giving({ issue_key: 'OPS-7', issue_url: 'https://jira.example.com/browse/OPS-7' })],
    ['its address is on another host', giving({ issue_key: 'ENG-7', issue_url: 'https://evil.example/browse/ENG-7' })],
  ])('are asked about again if %s', async (_, tool) => {
    const { asked, sent } = await play({
      tools: [tool, message],
      calls: [filing, linking],
      answer: ({ warnings }) => (warnings.includes('What is sent differs from what you approved.') ? no : yes),
    });
    expect(asked).toHaveLength(3);
    expect(sent).toEqual(['create_jira_ticket']);
  });

  it('are asked about again if the server would send more than what was filled in', async () => {
    const { asked, sent } = await play({
      tools: [giving(), adding(message)],
      calls: [filing, linking],
      answer: ({ warnings }) => (warnings.includes('What is sent differs from what you approved.') ? no : yes),
    });
    expect(asked).toHaveLength(3);
    expect(sent).toEqual(['create_jira_ticket']);
  });

  it('wait for the key itself where a server cannot show anything with a stand-in', async () => {
    const call: ScriptedTool['call'] = (input, options) =>
      input['issue_key'] === 'ENG-NEW' ? failure('invalid_arguments', 'No such key.') : comment.call(input, options);
    const { asked, sent } = await play({
      tools: [giving(), { ...comment, call }, message],
      calls: [filing, { ...commenting, input: { issue_key: '{{E1.issue_key}}', body: 'Seen' } }, linking],
    });
    expect(asked.map(({ tool, arguments: input }) => [tool.plainName, input['issue_key']])).toEqual([
      ['create_jira_ticket', undefined],
      ['post_slack_message', undefined],
      ['add_jira_comment', 'ENG-7'],
    ]);
    expect(sent).toEqual(['create_jira_ticket', 'add_jira_comment', 'post_slack_message']);
  });

  it('do not go on with a stand-in if what it stands for was denied', async () => {
    const { sent } = await play({
      tools: [giving(), message],
      calls: [filing, linking],
      answer: ({ tool }) => (tool.plainName === 'create_jira_ticket' ? no : yes),
    });
    expect(sent).toEqual([]);
  });

  it('are asked about one by one where one needs what another creates, and its key is filled in', async () => {
    const linking = { ...posting, input: { channel: '#ops', text: 'See [{{E1.issue_key}}]({{E1.issue_url}})' } };
    const { asked, tools } = await play({ calls: [filing, linking] });
    expect(asked[1]?.arguments['text']).toBe(`See [ENG-7](${url})`);
    expect(asked[1]?.batch).toMatchObject({ index: 2, count: 2 });
    expect(tools.sent.at(-1)?.input['text']).toBe(asked[1]?.arguments['text']);
  });

  it('stop at one that fails, which may be tried again', async () => {
    const { asked, sent, end } = await play({ tools: [ticket, failing(comment, 1), message] });
    expect(asked.map(({ tool, failed }) => [tool.plainName, failed])).toEqual([
      ['create_jira_ticket', undefined],
      ['add_jira_comment', undefined],
      ['post_slack_message', undefined],
      ['add_jira_comment', 'Jira said no.'],
    ]);
    expect(sent).toEqual(['create_jira_ticket', 'add_jira_comment', 'add_jira_comment', 'post_slack_message']);
    expect(end.reason).toBe('completed');
  });

  it('go on without one that failed only when a person says so, and the run says what was done', async () => {
    const { sent, end, kept } = await play({
      tools: [ticket, failing(comment, 9), message],
      answer: ({ failed }) => (failed === undefined ? yes : no),
    });
    expect(sent).toEqual(['create_jira_ticket', 'add_jira_comment', 'post_slack_message']);
    expect(end.reason).toBe('failed');
    expect(end.message).toContain('Already done: create_jira_ticket (ENG-7), post_slack_message');
    expect(JSON.stringify(kept)).toContain('The person chose to go on without it.');
  });

  it('are one card where there is only one', async () => {
    const { asked } = await play({ calls: [filing] });
    expect(asked[0]?.batch).toBeUndefined();
  });
});
