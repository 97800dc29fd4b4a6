import Anthropic, { APIError, InternalServerError, RateLimitError } from '@anthropic-ai/sdk';
import type { MessageCreateParams, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startClaude, type ClaudeStandIn } from '../stack/claude/start-claude.ts';
import type { Script } from '../stack/claude/conversation.ts';

const apiKey = 'sk-ant-test';
const tools = [
  { name: 'postgres__query_database', description: 'Runs a query.', input_schema: { type: 'object' as const } },
];
const longSystem = 'Everything that an agent has to know about the shop. '.repeat(120);

/** Calls once, then reports the length of the result. */
const askOnce: Script = ({ exchanges, find }) => {
  const [first] = exchanges;
  if (first !== undefined)
    return { text: `The result ${first.evidence ?? '?'} has ${first.text.length} characters. 🙂` };
  const name = find('query_database') ?? 'none';
  return { thinking: 'What is there?', text: 'I look.', calls: [{ name, input: { query: 'select 1', limit: 5 } }] };
};

let claude: ClaudeStandIn;
let client: Anthropic;

beforeEach(async () => {
  claude = await startClaude({ apiKey, script: askOnce });
  client = new Anthropic({ apiKey, baseURL: claude.url, maxRetries: 0 });
});

afterEach(async () => {
  await claude.stop();
});

function parameters(messages: MessageParam[]): MessageCreateParams & { stream?: false } {
  const system = [{ type: 'text' as const, text: longSystem, cache_control: { type: 'ephemeral' as const } }];
  return {
    model: 'claude-sonnet-5-5',
    max_tokens: 1000,
    system,
    tools,
    messages,
    cache_control: { type: 'ephemeral' },
  };
}

async function failureOf(work: Promise<unknown>): Promise<APIError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof APIError)) throw new Error(`expected an APIError, got ${String(error)}`);
  return error;
}

const opening: MessageParam = { role: 'user', content: [{ type: 'text', text: 'How many orders failed?' }] };

describe('a conversation', () => {
  test('streams text, thinking and tool input, reads the result, and caches the prefix for the second turn', async () => {
    const seen: string[] = [];
    const first = await client.messages
      .stream(parameters([opening]))
      .on('text', (delta) => seen.push(delta))
      .finalMessage();
    expect(seen.join('')).toBe('I look.');
    expect(first.stop_reason).toBe('tool_use');
    expect(first.content.map((block) => block.type)).toEqual(['thinking', 'text', 'tool_use']);
    const call = first.content.find((block) => block.type === 'tool_use');
    expect(call).toMatchObject({ name: 'postgres__query_database', input: { query: 'select 1', limit: 5 } });
    expect(first.usage.cache_creation_input_tokens).toBeGreaterThan(1024);
    expect(first.usage.cache_read_input_tokens).toBe(0);

    const result = { type: 'tool_result' as const, tool_use_id: call?.id ?? '', content: 'E1 (query_database, 1 row)' };
    const messages: MessageParam[] = [
      opening,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [result] },
    ];
    const second = await client.messages.stream(parameters(messages)).finalMessage();
    expect(second.content).toMatchObject([{ type: 'text', text: 'The result E1 has 26 characters. 🙂' }]);
    expect(second.stop_reason).toBe('end_turn');
    expect(second.usage.cache_read_input_tokens).toBe(first.usage.cache_creation_input_tokens);
    expect(second.usage.cache_creation_input_tokens).toBeGreaterThan(0);
  });

  test('reads nothing from the cache when the tools are in a different order', async () => {
    const both = [
      ...tools,
      { name: 'other', description: 'Something else.', input_schema: { type: 'object' as const } },
    ];
    await client.messages.create({ ...parameters([opening]), tools: both });
    const again = await client.messages.create({ ...parameters([opening]), tools: both });
    expect(again.usage.cache_read_input_tokens).toBeGreaterThan(1024);
    const turned = await client.messages.create({ ...parameters([opening]), tools: both.toReversed() });
    expect(turned.usage.cache_read_input_tokens).toBe(0);
  });

  test('counts tokens', async () => {
    const { max_tokens: _, ...countable } = parameters([opening]);
    const { input_tokens: counted } = await client.messages.countTokens(countable);
    expect(counted).toBeGreaterThan(1024);
  });
});

describe('requests that the API rejects', () => {
  const call = { type: 'tool_use' as const, id: 'toolu_1', name: 'postgres__query_database', input: {} };
  const result = { type: 'tool_result' as const, tool_use_id: 'toolu_1', content: 'x' };
  const text = { type: 'text' as const, text: 'and now?' };

  test.each<[string, MessageParam[], RegExp]>([
    [
      'a call without its result',
      [opening, { role: 'assistant', content: [call] }, { role: 'user', content: [text] }],
      /without `tool_result`/,
    ],
    ['a result that nobody asked for', [{ role: 'user', content: [result] }], /unexpected `tool_use_id`/],
    [
      'a result after text',
      [opening, { role: 'assistant', content: [call] }, { role: 'user', content: [text, result] }],
      /must come before/,
    ],
    ['two messages of the user', [opening, opening], /alternate/],
    ['a prefilled answer', [opening, { role: 'assistant', content: [text] }], /prefill/],
    ['empty text', [{ role: 'user', content: [{ type: 'text', text: '' }] }], /non-empty/],
    [
      'altered thinking',
      [
        opening,
        { role: 'assistant', content: [{ type: 'thinking', thinking: 'x', signature: 'bm8=' }, text] },
        opening,
      ],
      /cannot be modified/,
    ],
  ])('%s', async (_, messages, complaint) => {
    const error = await failureOf(client.messages.create(parameters(messages)));
    expect(error.status).toBe(400);
    expect(error.message).toMatch(complaint);
  });

  test('temperature, an unknown field, a wrong version, a wrong key', async () => {
    const send = async (change: object, headers: Record<string, string> = {}) => {
      const response = await fetch(`${claude.url}/v1/messages`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'anthropic-version': '2026-10-21', ...headers },
        body: JSON.stringify({ ...parameters([opening]), ...change }),
      });
      return `${response.status} ${await response.text()}`;
    };
    expect(await send({ temperature: 1 })).toMatch(/^400 .*temperature/);
    expect(await send({ thread: {} })).toMatch(/^400 .*thread/);
    expect(await send({}, { 'anthropic-version': '2023-06-01' })).toMatch(/^400 .*anthropic-version/);
    expect(await send({}, { authorization: 'Bearer wrong' })).toMatch(/^401 /);
    expect(await send({})).toMatch(/^200 /);
  });
});

describe('misbehaviour on request', () => {
  test('429 with Retry-After and 529, for a given number of requests', async () => {
    claude.misbehave({ fault: { kind: 'status', status: 429, retryAfter: '7' } });
    claude.misbehave({ fault: { kind: 'status', status: 529 } });
    const limited = await failureOf(client.messages.create(parameters([opening])));
    expect(limited).toBeInstanceOf(RateLimitError);
    expect(limited.headers?.get('retry-after')).toBe('7');
    const overloaded = await failureOf(client.messages.create(parameters([opening])));
    expect(overloaded).toBeInstanceOf(InternalServerError);
    expect(overloaded).toMatchObject({ status: 529, type: 'overloaded_error' });
    await expect(client.messages.create(parameters([opening]))).resolves.toMatchObject({ role: 'assistant' });
  });

  test('an error event, a disconnect and an early end break the stream after the first events', async () => {
    const textBefore = async (kind: 'error-event' | 'cut' | 'end-early'): Promise<[string, unknown]> => {
      claude.play(() => ({ text: 'x'.repeat(400) }));
      claude.misbehave({ fault: { kind, after: 10 } });
      let text = '';
      const stream = client.messages.stream(parameters([opening])).on('text', (delta) => (text += delta));
      const error = await stream.finalMessage().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      return [text, error];
    };
    const [beforeError, error] = await textBefore('error-event');
    expect(beforeError).not.toBe('');
    expect(error).toMatchObject({ type: 'overloaded_error' });
    const [beforeEnd, ended] = await textBefore('end-early');
    expect(beforeEnd).not.toBe('');
    expect(String(ended)).toMatch(/without producing a Message/);
    const [, cut] = await textBefore('cut');
    expect(cut).toBeInstanceOf(Error);
  });

  test('a stalled stream stays open until the client leaves', async () => {
    claude.misbehave({ fault: { kind: 'stall', after: 3 } });
    const leaving = new AbortController();
    const stream = await client.messages.create({ ...parameters([opening]), stream: true }, { signal: leaving.signal });
    const types: string[] = [];
    const reading = (async () => {
      for await (const event of stream) {
        types.push(event.type);
        // The last frame before the silence: the SDK drops pings.
        if (event.type === 'content_block_start') leaving.abort();
      }
    })();
    await reading.catch((error: unknown) => error);
    expect(types).toEqual(['message_start', 'content_block_start']);
  });

  test('truncated tool input ends in max_tokens', async () => {
    claude.misbehave({ fault: { kind: 'cut-input' } });
    let partial = '';
    const stream = client.messages.stream(parameters([opening])).on('inputJson', (delta) => (partial += delta));
    const message = await stream.finalMessage();
    expect(message.stop_reason).toBe('max_tokens');
    expect(() => JSON.parse(partial) as unknown).toThrow(SyntaxError);
  });
});
