import { describe, expect, it } from 'vitest';
import { compact } from '../../../../src/agent/run/compaction.ts';
import { createContextWindow } from '../../../../src/agent/run/context-window.ts';
import { isDigest } from '../../../../src/agent/run/context-removal.ts';
import type { Message } from '../../../../src/agent/model/model.ts';
import { sizeOf } from '../../../../src/agent/run/shorten.ts';
import { wrapUntrusted } from '../../../../src/agent/untrusted-text.ts';
import { failure } from '../../../../src/agent/host-tools.ts';
import { playRun, readTool, specOf } from '../scripted.ts';

function exchange(id: number, text: string, isError = false): readonly Message[] {
  const callId = `call-${id}`;
  return [
    {
      role: 'assistant',
      content: [{ type: 'tool-call', id: callId, name: 'a', input: { kind: 'complete', value: {} } }],
    },
    { role: 'user', content: [{ type: 'tool-result', callId, text, isError }] },
  ];
}

const said = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });
const answered = (text: string): Message => ({ role: 'assistant', content: [{ type: 'text', text }] });
const always = { kept: 0, longestRest: Infinity, isStored: () => true };

function firstResult(messages: readonly Message[]): string {
  const blocks = messages.flatMap(({ content }) =>
    content.flatMap((block) => (block.type === 'tool-result' ? [block.text] : [])),
  );
  return blocks[0] ?? '';
}

const words = 'The element was not found. '.repeat(100);

describe('a shortened result', () => {
  it('names its evidence if it can still be read', () => {
    const result = `E3 (query_database, 12 rows)\n${wrapUntrusted(words, 'x')}`;
    expect(firstResult(compact(exchange(1, result), always).messages)).toBe(
      'E3 (query_database, 12 rows)\n[Removed to save space: read_evidence reads E3.]',
    );
    const lost = firstResult(compact(exchange(1, result), { ...always, isStored: () => false }).messages);
    expect(lost).not.toContain('read_evidence');
    expect(lost).toContain('The element was not found.');
  });

  it.each([
    ['an error of a third party', wrapUntrusted(words, 'x'), true],
    ['an error that begins as evidence does', `E3 (query_database)\n${wrapUntrusted(words, 'x')}`, true],
    ['a part of evidence that was read again', `E3: lines 0 to 9 of 20.\n${wrapUntrusted(words, 'x')}`, false],
    ['words of the host', words, false],
  ])('that is %s keeps its first words with every mark closed, and names no evidence', (_, text, isError) => {
    const short = firstResult(compact(exchange(1, text, isError), always).messages);
    expect(short).toContain('The element was not found.');
    expect(short.match(/<data-x>/g)?.length).toBe(short.match(/<\/data-x>/g)?.length);
    expect(short).not.toMatch(/read_evidence|evidence still/);
    expect(short).toMatch(/\[\d+ more characters were removed to save space\.\]/);
    expect(compact(compact(exchange(1, text, isError), always).messages, always).shortened).toBe(0);
  });

  it('is never among the last ones, which the model is working on', () => {
    const messages = [said('Go.'), ...exchange(1, words), ...exchange(2, words)];
    const { messages: short, shortened } = compact(messages, { ...always, kept: 2 });
    expect(shortened).toBe(1);
    expect(short.slice(-2)).toEqual(messages.slice(-2));
  });
});

describe('when shortening is not enough', () => {
  const long: Message[] = [said('How many orders failed in run 1?')];
  for (let index = 0; index < 200; index += 1)
    long.push(...exchange(index, `E${index + 1} (query_database, 1 row)\n${'x'.repeat(300)}`));
  long.push(
    answered('Inconclusive: 4711 orders.'),
    said('And in run 2?'),
    ...exchange(201, 'E201 (query_database, 1 row)\nx'),
  );
  const options = { kept: 2, longestRest: 20_000, isStored: (id: string) => id !== 'E2' };

  it("the oldest messages are removed; the user's text, answers and readable results are kept", () => {
    const { messages } = compact(long, options);
    expect(sizeOf(messages)).toBeLessThan(25_000);
    const [first] = messages;
    const texts = first?.content.map((block) => (block.type === 'text' ? block.text : '')) ?? [];
    expect(texts[1]).toBe('How many orders failed in run 1?');
    expect(texts.at(-1)).toMatch(/:\]\n- query_database: E1, E3-E1\d\d$/);
    expect(messages.at(-3)).toEqual(said('And in run 2?'));
  });

  it('every call still has its result, even after many rounds', () => {
    let messages: readonly Message[] = long;
    for (let round = 0; round < 5; round += 1) {
      messages = compact([...messages, ...long.slice(1)], options).messages;
      const calls = messages.flatMap(({ content }) =>
        content.flatMap((block) => (block.type === 'tool-call' ? [block.id] : [])),
      );
      const results = messages.flatMap(({ content }) =>
        content.flatMap((block) => (block.type === 'tool-result' ? [block.callId] : [])),
      );
      expect(results).toEqual(calls);
      expect(messages.map(({ role }) => role)).toEqual(
        messages.map((_, index) => (index % 2 === 0 ? 'user' : 'assistant')),
      );
      expect(sizeOf(messages)).toBeLessThan(40_000);
    }
    expect(JSON.stringify(messages[0])).toContain('How many orders failed in run 1?');
  });

  it("the model's text never becomes the user's", () => {
    const [first] = compact([...long, answered('Done: 815 orders.'), ...long.slice(0, 60)], {
      ...options,
      kept: 0,
    }).messages;
    const texts = first?.content.map((block) => (block.type === 'text' ? block.text : '')) ?? [];
    expect(texts.filter((text) => !isDigest(text)).join('\n')).not.toMatch(/4711|815/);
    expect(texts.filter(isDigest).join('\n')).toMatch(/4711[\s\S]*815/);
  });
});

describe('a run whose conversation grows', () => {
  it('shortens it before sending and keeps it shortened', async () => {
    const history: Message[] = [said('Before.')];
    for (let index = 0; index < 50; index += 1) history.push(...exchange(index, `E${index} (a)\n${'x'.repeat(4000)}`));
    history.push(answered('Done.'));
    const { model, types, kept } = await playRun({
      play: () => ({ text: 'Ok.' }),
      tools: [],
      contextTokens: 20_000,
      request: { history },
    });
    expect(types.indexOf('context-compacted')).toBeLessThan(types.indexOf('text-delta'));
    expect(sizeOf(model.requests[0]?.messages ?? [])).toBeLessThan(80_000);
    expect(kept.slice(0, -1)).toEqual(model.requests[0]?.messages);
  });

  it('continues when the model rejects it as too long, and ends only when nothing is left to shorten', async () => {
    const wide = readTool('query_database', () => ({
      columns: [{ name: 'a', type: 'text' }],
      rows: [['x'.repeat(9000)]],
    }));
    const broken = { spec: specOf('list_tables', 'postgres', 'read'), call: () => failure('internal', words) };
    const run = (most: number) =>
      playRun({
        play: ({ messages }, turn) =>
          sizeOf(messages) > most
            ? { stop: 'context-full' }
            : turn > 12
              ? { text: 'Done.' }
              : {
                  calls: [
                    { name: 'postgres__query_database', input: { query: turn } },
                    { name: 'postgres__list_tables' },
                  ],
                },
        tools: [wide, broken],
        limits: { maxTurns: 60 },
      });
    const { end, types } = await run(60_000);
    expect(end.reason).toBe('completed');
    expect(types.filter((type) => type === 'context-compacted').length).toBeGreaterThan(0);
    const { end: last } = await run(100);
    expect(last.reason).toBe('budget');
    expect(last.message).toContain('nothing is left to shorten');
  });

  it('learns from the model how many tokens it takes', () => {
    const window = createContextWindow(150_000, () => true);
    const messages = [
      said('Go.'),
      ...Array.from({ length: 60 }, (_, id) => exchange(id, `E${id} (a)\n${'x'.repeat(2000)}`)).flat(),
    ];
    expect(window.fit(messages)).toBeUndefined();
    const shorter = window.shrink(messages, { tokens: 40_000, most: 32_000 });
    expect(shorter?.tokensBefore).toBe(40_000);
    expect(window.fit([...messages, ...messages.slice(1)])?.shortened).toBeGreaterThan(0);
  });
});
