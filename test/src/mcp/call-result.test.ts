import { expect, it } from 'vitest';
import { callResultSchema, toOutcome } from '../../../src/mcp/call-result.ts';

const said = [{ type: 'text', text: 'done' }];

it.each<[string, unknown, object]>([
  ['null for structured content', { content: said, structuredContent: null }, { text: 'done', structured: undefined }],
  [
    'a list as structured content',
    { content: [], structuredContent: [1, 2] },
    { text: '[1,2]', structured: undefined },
  ],
  ['a number as structured content', { structuredContent: 7 }, { text: '7' }],
  ['a list beside its text', { content: said, structuredContent: [1] }, { text: 'done', structured: undefined }],
  ['an object without text', { structuredContent: { a: 1 } }, { text: '{"a":1}', structured: { a: 1 } }],
  ['null for the error mark', { content: said, isError: null }, { kind: 'result', text: 'done' }],
  ['null for content', { content: null }, { kind: 'result', text: '' }],
  [
    'content of an unknown kind',
    { content: [{ type: 'hologram' }] },
    { text: "[content of the kind 'hologram': not shown]" },
  ],
  ['text without text', { content: [{ type: 'text' }] }, { text: "[content of the kind 'text': not shown]" }],
])('a call that was made is not lost to its answer: %s', (_what, answer, outcome) => {
  expect(toOutcome(callResultSchema.parse(answer), false)).toMatchObject({ kind: 'result', ...outcome });
});
