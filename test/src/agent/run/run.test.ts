import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approvedBytes } from '../../../../servers/contract/approved-bytes.ts';
import { withOrigin } from '../../../../src/agent/policy/grants.ts';
import { lastResults, playRun, readTool, writeTool, type Play, type ScriptedTool } from '../scripted.ts';

const count = readTool('query_database', () => ({
  columns: [{ name: 'failed_count', type: 'int8' }],
  rows: [['37']],
  row_count: 1,
  truncated: false,
}));
const ticket = writeTool('create_jira_ticket', 'jira', 'project_key', () => ({
  issue_key: 'ENG-42',
  issue_url: 'https://jira.example/browse/ENG-42',
}));
const post = writeTool('post_slack_message', 'slack', 'channel', () => ({
  channel: 'C1',
  ts: '1.2',
  permalink: 'https://slack.example/p12',
}));
const tools: readonly ScriptedTool[] = [count, ticket, post];

const file =
  (summary = 'Orders fail', description = 'See {{E1}}'): Play =>
  (_, turn) =>
    turn === 1
      ? {
          calls: [
            { name: 'postgres__query_database', input: { query: 'SELECT count(*) AS failed_count FROM orders' } },
          ],
        }
      : turn === 2
        ? {
            calls: [
              {
                name: 'jira__create_jira_ticket',
                input: { project_key: 'ENG', summary, description, issue_type: 'Bug' },
              },
            ],
          }
        : { text: 'Done.' };

describe('a run', () => {
  it('answers a question without tools', async () => {
    const { types, end } = await playRun({ play: () => ({ text: 'None.' }), tools });
    expect(types).toEqual(['run-started', 'text-delta', 'usage-changed', 'run-finished']);
    expect(end.reason).toBe('completed');
  });

  it('turns every read result into evidence and gives it to the model with its id first', async () => {
    const { events, model } = await playRun({ play: file(), tools, ask: () => ({ kind: 'deny', reason: undefined }) });
    expect(events.find((event) => event.type === 'evidence-added')).toMatchObject({
      evidence: { id: 'E1', rowCount: 1 },
    });
    expect(lastResults(model.requests[1]!)[0]?.text).toMatch(/^E1 /);
  });

  it('denies a write that nobody can approve, and says so at the end', async () => {
    const { end, tools: source, types } = await playRun({ play: file(), tools });
    expect(source.sent.map(({ name }) => name)).toEqual(['postgres__query_database']);
    expect(types.slice(types.indexOf('approval-requested'))[1]).toBe('approval-resolved');
    expect(end).toMatchObject({ reason: 'denied', writeNotGranted: true });
  });

  it('sends what was approved, expanded, with a key and the digest of what was shown', async () => {
    let shown = '';
    const { tools: source, end } = await playRun({
      play: file(),
      tools,
      ask: (request) => {
        shown = approvedBytes(request.preview!);
        expect(request.arguments['description']).toContain('37');
        return { kind: 'approve', scope: 'once' };
      },
    });
    const sent = source.sent.find(({ name }) => name === 'jira__create_jira_ticket');
    expect(sent?.input['description']).toContain('37');
    expect(sent?.options).toMatchObject({ approval: { decision: 'once', sha256: shown } });
    expect(sent?.options.idempotencyKey).toMatch(/^[0-9a-f]{64}$/);
    expect(end).toMatchObject({ reason: 'completed', writeNotGranted: false });
  });

  it('shows a revision again before it is sent', async () => {
    const asked: string[] = [];
    const { tools: source } = await playRun({
      play: file(),
      tools,
      ask: ({ arguments: input }) => {
        asked.push(String(input['summary']));
        return asked.length === 1
          ? { kind: 'revise', arguments: { ...input, summary: 'Better' } }
          : { kind: 'approve', scope: 'once' };
      },
    });
    expect(asked).toEqual(['Orders fail', 'Better']);
    expect(source.sent.at(-1)?.input['summary']).toBe('Better');
  });

  it('asks again after a revision that a grant would cover, because a preview is not an approval', async () => {
    const grant = withOrigin(
      { tool: 'create_jira_ticket', where: { project_key: ['ENG'] }, require: ['verified-numbers'] },
      'settings',
    );
    const asked: string[] = [];
    const { tools: source } = await playRun({
      play: file('Orders fail', '4711 orders failed'),
      tools,
      grants: [grant],
      ask: ({ arguments: input }) => {
        asked.push(String(input['description']));
        return asked.length === 1
          ? { kind: 'revise', arguments: { ...input, description: 'Orders failed' } }
          : { kind: 'deny', reason: undefined };
      },
    });
    expect(asked).toEqual(['4711 orders failed', 'Orders failed']);
    expect(source.sent.some(({ name }) => name === 'jira__create_jira_ticket')).toBe(false);
  });

  it('keeps the card when a revision is rejected, and says why', async () => {
    const picky: ScriptedTool = {
      spec: ticket.spec,
      call: (input, options) =>
        input['summary'] === 'wrong'
          ? {
              kind: 'failure',
              text: 'no such priority',
              failure: { code: 'invalid_arguments', message: 'no such priority', retryable: false },
            }
          : ticket.call(input, options),
    };
    const warned: string[] = [];
    const { tools: source } = await playRun({
      play: file(),
      tools: [count, picky, post],
      ask: ({ arguments: input, warnings }) => {
        warned.push(warnings.join());
        return warned.length === 1
          ? { kind: 'revise', arguments: { ...input, summary: 'wrong' } }
          : { kind: 'approve', scope: 'once' };
      },
    });
    expect(warned[1]).toContain('no such priority');
    expect(source.sent.at(-1)?.input['summary']).toBe('Orders fail');
  });

  it('tells the model why the user denied a call', async () => {
    const { model, end } = await playRun({
      play: file(),
      tools,
      ask: () => ({ kind: 'deny', reason: 'Use OPS instead' }),
    });
    expect(lastResults(model.requests[2]!)[0]).toMatchObject({ isError: true });
    expect(lastResults(model.requests[2]!)[0]?.text).toContain('Use OPS instead');
    expect(end.writeNotGranted).toBe(true);
  });

  it('names unsupported figures, and no grant with verified-numbers allows them', async () => {
    const grant = withOrigin(
      { tool: 'create_jira_ticket', where: { project_key: ['ENG'] }, require: ['verified-numbers'] },
      'settings',
    );
    const wrong = await playRun({ play: file('Orders fail', '4711 orders failed'), tools, grants: [grant] });
    expect(wrong.end.writeNotGranted).toBe(true);
    const right = await playRun({
      play: file('Orders fail', '{{E1[0].failed_count}} orders failed'),
      tools,
      grants: [grant],
    });
    expect(right.end).toMatchObject({ reason: 'completed', writeNotGranted: false });
    const asked: string[] = [];
    await playRun({
      play: file('Orders fail', '4711 orders failed'),
      tools,
      ask: ({ warnings }) => {
        asked.push(...warnings);
        return { kind: 'deny', reason: undefined };
      },
    });
    expect(asked.join()).toContain('4711');
  });

  it('returns broken input as an error instead of calling', async () => {
    const { tools: source, model } = await playRun({
      play: (_, turn) =>
        turn === 1
          ? { calls: [{ name: 'postgres__query_database', broken: true }], stop: 'max-tokens' }
          : { text: 'Ok.' },
      tools,
    });
    expect(source.sent).toEqual([]);
    expect(lastResults(model.requests[1]!)[0]).toMatchObject({ isError: true });
  });

  it('runs reads in parallel and answers and numbers them in the order requested', async () => {
    const gates: (() => void)[] = [];
    const slow: ScriptedTool = {
      spec: count.spec,
      call: async (input) => {
        await new Promise<void>((resolve) => {
          gates.push(resolve);
          if (gates.length === 3) for (const open of gates.reverse()) open();
        });
        return { kind: 'result', text: String(input['query']), structured: { n: input['query'] } };
      },
    };
    const { model } = await playRun({
      play: (_, turn) =>
        turn === 1
          ? { calls: ['a', 'b', 'c'].map((query) => ({ name: 'postgres__query_database', input: { query } })) }
          : { text: 'Ok.' },
      tools: [slow],
    });
    const answers = lastResults(model.requests[1]!).map(({ text }) =>
      text.replaceAll(/^(E\d)[^]*\n([abc])\n[^]*$/g, '$1 $2'),
    );
    expect(answers).toEqual(['E1 a', 'E2 b', 'E3 c']);
  });

  it.each([
    ['have no tools to give', () => Promise.resolve([])],
    ['break off', () => Promise.reject(new Error('The server was stopped.'))],
  ])('ends only as cancelled if servers that are stopped while starting %s', async (_, list) => {
    const cancel = new AbortController();
    const {
      end,
      faults,
      tools: source,
    } = await playRun({
      play: () => ({ text: 'None.' }),
      tools,
      signal: cancel.signal,
      list: () => {
        cancel.abort();
        return list();
      },
    });
    expect(end).toMatchObject({ reason: 'cancelled', message: 'Cancelled.' });
    expect([faults, source.sent]).toEqual([[], []]);
  });

  it('stops a model that repeats the same call', async () => {
    const { tools: source, end } = await playRun({
      play: () => ({ calls: [{ name: 'postgres__query_database', input: { query: 'SELECT 1' } }] }),
      tools,
      limits: { maxTurns: 8 },
    });
    expect(source.sent).toHaveLength(2);
    expect(end.reason).toBe('budget');
  });

  it.each([
    [{ maxTurns: 3 }, 'maxTurns'],
    [{ maxToolCalls: 2 }, 'maxToolCalls'],
    [{ maxTokens: 40 }, 'maxTokens'],
  ] as const)('stops at the limit %j and names it', async (limits, name) => {
    const { end } = await playRun({
      play: (_, turn) => ({ calls: [{ name: 'postgres__query_database', input: { query: `SELECT ${turn}` } }] }),
      tools,
      limits,
    });
    expect(end.reason).toBe('budget');
    expect(end.message).toContain(name);
  });

  it('ends as cancelled when it is cancelled while an approval waits, and sends nothing', async () => {
    const cancel = new AbortController();
    const { end, tools: source } = await playRun({
      play: file(),
      tools,
      signal: cancel.signal,
      ask: () => {
        cancel.abort();
        return Promise.reject(new Error('aborted'));
      },
    });
    expect(source.sent.some(({ name }) => name === 'jira__create_jira_ticket')).toBe(false);
    expect(end.reason).toBe('cancelled');
  });

  it('first answers calls left open by an earlier process', async () => {
    const input = { project_key: 'ENG', summary: 'Orders fail', issue_type: 'Bug' };
    const { tools: source, model } = await playRun({
      play: () => ({ text: 'Ok.' }),
      tools,
      ask: () => ({ kind: 'approve', scope: 'once' }),
      request: {
        prompt: 'Go on',
        history: [
          { role: 'user', content: [{ type: 'text', text: 'File it' }] },
          {
            role: 'assistant',
            content: [
              {
                type: 'tool-call',
                id: 'open',
                name: 'jira__create_jira_ticket',
                input: { kind: 'complete', value: input },
              },
            ],
          },
        ],
      },
    });
    expect(source.sent).toHaveLength(1);
    expect(model.requests[0]?.messages.at(-1)?.content.map(({ type }) => type)).toEqual(['tool-result', 'text']);
  });

  it('shortens old results when the conversation outgrows the context, and continues', async () => {
    const wide = readTool('query_database', () => ({
      columns: [{ name: 'a', type: 'text' }],
      rows: [['x'.repeat(3000)]],
      row_count: 1,
    }));
    const { types, end, model } = await playRun({
      play: (_, turn) =>
        turn < 8
          ? { calls: [{ name: 'postgres__query_database', input: { query: `${turn}` } }], inputTokens: turn * 100 }
          : { text: 'Ok.' },
      tools: [wide],
      contextTokens: 3000,
    });
    expect(types).toContain('context-compacted');
    expect(end.reason).toBe('completed');
    expect(JSON.stringify(model.requests.at(-1)?.messages[2])).not.toContain('xxxxx');
    expect(JSON.stringify(model.requests.at(-1)?.messages[2])).toContain('E1');
  });

  it('reports an internal error as the end of the run, never as an exception', async () => {
    const { end, faults } = await playRun({
      play: () => {
        throw new Error('a fault');
      },
      tools,
    });
    expect(end).toMatchObject({ reason: 'failed' });
    expect(faults).toHaveLength(1);
  });

  it('starts with run-started and ends with exactly one run-finished, whatever the model does', async () => {
    const name = fc.constantFrom(
      'postgres__query_database',
      'jira__create_jira_ticket',
      'update_plan',
      'nothing__such',
      '',
    );
    const call = fc.record({ name, input: fc.dictionary(fc.string(), fc.jsonValue()), broken: fc.boolean() });
    const turn = fc.record({
      text: fc.option(fc.string(), { nil: undefined }),
      calls: fc.array(call, { maxLength: 3 }),
      stop: fc.constantFrom('end', 'tool-calls', 'max-tokens', 'refusal', 'pause', 'context-full'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 6 }), fc.boolean(), async (turns, approves) => {
        const { types, tools: source } = await playRun({
          play: (_, index) => {
            const { text, ...rest } = turns[(index - 1) % turns.length]!;
            return text === undefined ? rest : { text, ...rest };
          },
          tools,
          limits: { maxTurns: 10 },
          ask: () => (approves ? { kind: 'approve', scope: 'once' } : { kind: 'deny', reason: undefined }),
        });
        expect(types[0]).toBe('run-started');
        expect(types.filter((type) => type === 'run-finished')).toHaveLength(1);
        expect(types.at(-1)).toBe('run-finished');
        if (!approves) expect(source.sent.every(({ name }) => name === 'postgres__query_database')).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
