import { afterEach, describe, expect, it } from 'vitest';
import { createClaudeModel, type ClaudeOptions } from '../../../../src/agent/model/claude-model.ts';
import type { Message, ModelEvent, ModelRequest } from '../../../../src/agent/model/model.ts';
import type { Script } from '../../../stack/claude/conversation.ts';
import type { Fault } from '../../../stack/claude/misbehaviour.ts';
import { startClaude, type ClaudeStandIn } from '../../../stack/claude/start-claude.ts';

const running: ClaudeStandIn[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((claude) => claude.stop()));
});

async function start(script: Script, faults: readonly Fault[] = []): Promise<ClaudeStandIn> {
  const claude = await startClaude({ script, apiKey: 'key-for-tests' });
  for (const fault of faults) claude.misbehave({ fault });
  running.push(claude);
  return claude;
}

const quick = { maxAttempts: 4, firstDelayMs: 1, longestDelayMs: 4, patienceMs: 3000 };

function request(overrides: Partial<ModelRequest> = {}): ModelRequest {
  return {
    system: 'Be brief.',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'How many orders failed?' }] }],
    tools: [
      { name: 'postgres__query_database', description: 'Queries.', inputSchema: { type: 'object', properties: {} } },
    ],
    maxTokens: 1000,
    signal: new AbortController().signal,
    ...overrides,
  };
}

async function turn(claude: ClaudeStandIn, overrides: Partial<ClaudeOptions> = {}, over: Partial<ModelRequest> = {}) {
  const model = createClaudeModel({
    model: 'claude-sonnet-5-5',
    apiKey: 'key-for-tests',
    baseUrl: claude.url,
    retry: quick,
    random: () => 0,
    ...overrides,
  });
  const events: ModelEvent[] = [];
  for await (const event of model.stream(request(over))) events.push(event);
  return { events, last: events.at(-1), types: events.map((event) => event.type) };
}

const calling: Script = () => ({
  thinking: 'Two queries.',
  text: 'I look.',
  calls: [
    { name: 'postgres__query_database', input: { query: 'SELECT 1', limit: 5 } },
    { name: 'postgres__query_database', input: {} },
  ],
});

describe('a turn of Claude', () => {
  it("continues after a run that ended with tool results, merging the user's turns", async () => {
    const claude = await start(() => ({ text: 'Hello.' }));
    const messages: readonly Message[] = [
      { role: 'user', content: [{ type: 'text', text: 'Count.' }] },
      {
        role: 'assistant',
        content: [
          { type: 'tool-call', id: 'a', name: 'postgres__query_database', input: { kind: 'complete', value: {} } },
        ],
      },
      { role: 'user', content: [{ type: 'tool-result', callId: 'a', text: 'Cancelled.', isError: true }] },
      { role: 'user', content: [{ type: 'text', text: 'Something else.' }] },
    ];
    const { last } = await turn(claude, {}, { messages });
    expect(last).toMatchObject({ type: 'turn-finished' });
  });

  it('streams text and thinking, and returns parallel calls with their full input', async () => {
    const claude = await start(calling);
    const { events, last } = await turn(claude);
    const text = events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');
    expect(text).toBe('I look.');
    expect(last).toMatchObject({
      type: 'turn-finished',
      stop: 'tool-calls',
      content: [
        { type: 'opaque', value: { type: 'thinking', thinking: 'Two queries.' } },
        { type: 'text', text: 'I look.' },
        { type: 'tool-call', input: { kind: 'complete', value: { query: 'SELECT 1', limit: 5 } } },
        { type: 'tool-call', input: { kind: 'complete', value: {} } },
      ],
    });
  });

  it('returns thinking unchanged, and reads the prompt from the cache on the second turn', async () => {
    const claude = await start((conversation) =>
      conversation.exchanges.length === 0 ? calling(conversation) : { text: 'Done.' },
    );
    // Long enough to be cached.
    const system = 'All rules stand here. '.repeat(1000);
    const first = await turn(claude, {}, { system });
    if (first.last?.type !== 'turn-finished') throw new Error('the first turn did not finish');
    const calls = first.last.content.filter((block) => block.type === 'tool-call');
    const messages: Message[] = [
      { role: 'user', content: [{ type: 'text', text: 'How many orders failed?' }] },
      { role: 'assistant', content: first.last.content },
      {
        role: 'user',
        content: calls.map(({ id }) => ({ type: 'tool-result', callId: id, text: 'E1', isError: false })),
      },
    ];
    const second = await turn(claude, {}, { system, messages });
    expect(second.last).toMatchObject({ type: 'turn-finished', stop: 'end' });
    if (second.last?.type !== 'turn-finished') throw new Error('the second turn did not finish');
    expect(second.last.usage.cacheReadTokens).toBeGreaterThan(second.last.usage.inputTokens);
  });

  it.each([1, 10, 15, 20, 40])('reads earlier turns from the cache, with %i calls per turn', async (calls) => {
    const claude = await start(({ exchanges }) =>
      exchanges.length >= 4 * calls
        ? { text: 'Done.' }
        : {
            thinking: 'All of them.',
            calls: Array.from({ length: calls }, (_, limit) => ({
              name: 'postgres__query_database',
              input: { query: `SELECT ${exchanges.length}`, limit },
            })),
          },
    );
    const system = 'All rules stand here. '.repeat(1000);
    const messages: Message[] = [{ role: 'user', content: [{ type: 'text', text: 'How many orders failed?' }] }];
    let before = 0;
    for (let index = 0; index < 5; index += 1) {
      const { last } = await turn(claude, {}, { system, messages: [...messages] });
      if (last?.type !== 'turn-finished') throw new Error(`the turn ended in ${JSON.stringify(last)}`);
      const { cacheReadTokens, cacheWriteTokens, inputTokens } = last.usage;
      expect(cacheReadTokens).toBe(before);
      before = cacheReadTokens + cacheWriteTokens;
      expect(inputTokens).toBe(0);
      messages.push(
        { role: 'assistant', content: last.content },
        {
          role: 'user',
          content: last.content.flatMap((block) =>
            block.type === 'tool-call'
              ? [{ type: 'tool-result', callId: block.id, text: 'row '.repeat(200), isError: false } as const]
              : [],
          ),
        },
      );
    }
  });

  it.each([
    ['prompt is too long: 213000 tokens > 200000 maximum', { tokens: 213_000, most: 200_000 }],
    [
      'input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length',
      { tokens: 188_240, most: 178_667 },
    ],
    ['prompt is too long: 1,213,000 tokens > 1,000,000 maximum', { tokens: 1_213_000, most: 1_000_000 }],
    ['Input is too long for requested model.', undefined],
    ["This model's maximum context length is 128000 tokens.", undefined],
  ])('recognizes a conversation that is too long: %s', async (message, tooLong) => {
    for (const status of [400, 413]) {
      const claude = await start(() => ({ text: 'Yes.' }), [{ kind: 'status', status, message }]);
      const { last } = await turn(claude);
      expect(last).toMatchObject({ type: 'turn-failed', failure: { kind: 'too-long' } });
      expect(last?.type === 'turn-failed' ? last.failure.tooLong : 'none').toEqual(tooLong);
    }
  });

  it.each([
    'Could not process image',
    'messages.2.content.0.tool_result.content.1.image.source.base64: image dimensions exceed max allowed size: 8000 pixels',
    'The image was specified using the image/png media type, but it appears to be image/jpeg: image does not match',
  ])('is told that an image is not accepted: %s', async (message) => {
    const claude = await start(() => ({ text: 'Yes.' }), [{ kind: 'status', status: 400, message }]);
    expect((await turn(claude)).last).toMatchObject({ type: 'turn-failed', failure: { kind: 'bad-image' } });
  });

  it.each<Fault>([
    { kind: 'status', status: 529 },
    { kind: 'status', status: 500 },
    { kind: 'status', status: 429, retryAfter: '0' },
    { kind: 'error-event', after: 3 },
    { kind: 'cut', after: 4 },
    { kind: 'end-early', after: 4 },
  ])('tries again after $kind $status', async (fault) => {
    const claude = await start(() => ({ text: 'Five orders failed.' }), [fault]);
    const { types, last } = await turn(claude);
    expect(types).toContain('retry-scheduled');
    expect(last).toMatchObject({ type: 'turn-finished', content: [{ type: 'text', text: 'Five orders failed.' }] });
    expect(claude.requests()).toHaveLength(2);
  });

  it('says that streamed text is void when the stream breaks after it', async () => {
    const claude = await start(
      () => ({ text: 'Five orders failed, and more words follow here.' }),
      [{ kind: 'cut', after: 4 }],
    );
    const { types } = await turn(claude);
    const restarted = types.indexOf('turn-restarted');
    expect(types.slice(0, restarted)).toContain('text-delta');
    expect(types.slice(restarted)).toContain('text-delta');
  });

  it('aborts a stream that goes silent', async () => {
    const claude = await start(() => ({ text: 'Five orders failed.' }), [{ kind: 'stall', after: 3 }]);
    const { types, last } = await turn(claude, { idleMs: 1_000 });
    expect(types).toContain('retry-scheduled');
    expect(last).toMatchObject({ type: 'turn-finished' });
  });

  it('waits for Retry-After, and gives up if that is too long', async () => {
    const claude = await start(() => ({ text: 'Yes.' }), [{ kind: 'status', status: 429, retryAfter: '1' }]);
    const { events } = await turn(claude);
    expect(events.find((event) => event.type === 'retry-scheduled')).toMatchObject({ delayMs: 1000, attempt: 1 });
    const patient = await start(() => ({ text: 'Yes.' }), [{ kind: 'status', status: 429, retryAfter: '3600' }]);
    const { last } = await turn(patient);
    expect(last).toMatchObject({ type: 'turn-failed', failure: { kind: 'rate-limited' } });
    expect(JSON.stringify(last)).toContain('3600 s');
  });

  it('never treats truncated input as a call', async () => {
    const claude = await start(calling, [{ kind: 'cut-input' }]);
    const { last } = await turn(claude);
    if (last?.type !== 'turn-finished') throw new Error('not finished');
    expect(last.stop).toBe('max-tokens');
    expect(last.content.at(-1)).toMatchObject({ type: 'tool-call', input: { kind: 'broken' } });
  });

  it.each([
    [401, 'unauthorized', 'ANTHROPIC_API_KEY'],
    [404, 'not-found', 'model'],
    [402, 'payment', 'pay'],
    [400, 'bad-request', 'rejected'],
  ] as const)('fails at once on %i, saying what to do', async (status, kind, word) => {
    const claude = await start(() => ({ text: 'Yes.' }), [{ kind: 'status', status }]);
    const { last } = await turn(claude);
    expect(last).toMatchObject({ type: 'turn-failed', failure: { kind } });
    expect(JSON.stringify(last)).toContain(word);
    expect(claude.requests()).toHaveLength(1);
  });

  it('distinguishes a refusal from an answer', async () => {
    const claude = await start(() => ({ text: 'Yes.' }), [{ kind: 'refusal', category: 'cyber' }]);
    const { last } = await turn(claude);
    expect(last).toMatchObject({ type: 'turn-finished', stop: 'refusal' });
  });

  it('ends as cancelled when the signal aborts, mid-stream and while waiting to retry', async () => {
    const claude = await start(
      () => ({ text: 'Yes.' }),
      [
        { kind: 'stall', after: 4 },
        { kind: 'status', status: 529 },
      ],
    );
    const cancel = new AbortController();
    const model = createClaudeModel({ model: 'claude-sonnet-5-5', apiKey: 'key-for-tests', baseUrl: claude.url });
    const events: ModelEvent[] = [];
    for await (const event of model.stream(request({ signal: cancel.signal }))) {
      events.push(event);
      cancel.abort();
    }
    expect(events.at(-1)).toMatchObject({ type: 'turn-failed', failure: { kind: 'cancelled' } });
    const waiting = new AbortController();
    const later: ModelEvent[] = [];
    for await (const event of model.stream(request({ signal: waiting.signal }))) {
      later.push(event);
      if (event.type === 'retry-scheduled') waiting.abort();
    }
    expect(later.at(-1)).toMatchObject({ type: 'turn-failed', failure: { kind: 'cancelled' } });
  });

  it('names the address when nothing responds there', async () => {
    const claude = await start(() => ({ text: 'Yes.' }));
    await claude.stop();
    const { last } = await turn(claude);
    expect(last).toMatchObject({ type: 'turn-failed', failure: { kind: 'unreachable' } });
  });
});
