import { expect, it } from 'vitest';
import { toParams } from '../../../src/agent/model/claude-params.ts';
import { compact } from '../../../src/agent/run/compaction.ts';
import { createContextWindow, mend } from '../../../src/agent/run/context-window.ts';
import type { Message } from '../../../src/agent/model/model.ts';

const images = [{ mediaType: 'image/png', data: 'AAAA' }] as const;
const seen: readonly Message[] = [
  { role: 'user', content: [{ type: 'text', text: 'Look.' }] },
  {
    role: 'assistant',
    content: [{ type: 'tool-call', id: 'c1', name: 'shop__picture', input: { kind: 'complete', value: {} } }],
  },
  { role: 'user', content: [{ type: 'tool-result', callId: 'c1', text: '[image]', isError: false, images }] },
];

it('an image that the person gave goes to the model before the prompt, and the effort with it', () => {
  const prompt: Message = { role: 'user', content: [{ type: 'text', text: 'What is this?', images }] };
  const request = { system: 's', messages: [prompt], tools: [], maxTokens: 1, signal: new AbortController().signal };
  const params = toParams({ model: 'claude', effort: 'low' }, request);
  expect(params.output_config).toEqual({ effort: 'low' });
  expect(toParams({ model: 'claude' }, request)).not.toHaveProperty('output_config');
  expect(params.messages[0]?.content).toMatchObject([
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
    { type: 'text', text: 'What is this?' },
  ]);
});

it('an image goes to the model in the result of its call', () => {
  const request = { system: 's', messages: seen, tools: [], maxTokens: 1, signal: new AbortController().signal };
  expect(toParams({ model: 'claude' }, request).messages.at(-1)?.content).toMatchObject([
    {
      type: 'tool_result',
      tool_use_id: 'c1',
      content: [
        { type: 'text', text: '[image]' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
      ],
    },
  ]);
});

it('an old image is dropped first when the context is full, and that is reported', () => {
  const { messages, shortened } = compact(seen, { kept: 0, isStored: () => false, longestRest: 1_000_000 });
  expect(shortened).toBe(1);
  expect(JSON.stringify(messages)).not.toContain('AAAA');
  expect(JSON.stringify(messages)).toContain('Images were removed to save space.');
});

it('an image that the model does not accept goes, and does not end the run', () => {
  const window = createContextWindow(100_000, () => false);
  const failure = { kind: 'bad-image', message: '' } as const;
  const mended = mend(window, seen, { type: 'turn-failed', failure });
  if (mended === undefined || mended === 'hopeless') throw new Error('not mended');
  expect(mended.messages.at(-1)).toEqual({
    role: 'user',
    content: [
      {
        type: 'tool-result',
        callId: 'c1',
        text: '[image]\n[Images were removed: the model does not accept one of them.]',
        isError: false,
      },
    ],
  });
  // Where there is none, that was not it: the run ends with what the model said.
  expect(mend(window, mended.messages, { type: 'turn-failed', failure })).toBeUndefined();
});
