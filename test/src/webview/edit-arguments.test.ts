import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ApprovalRequest } from '../../../src/agent/approval.ts';
import type { Arguments } from '../../../src/agent/tools.ts';
import { applyEdits, fieldsOf } from '../../../src/webview/format/edit-arguments.ts';
import { ticketRequest } from '../chat/recorded-run.ts';

function asked(
  properties: Record<string, unknown>,
  values: Arguments,
  required: readonly string[] = [],
): ApprovalRequest {
  const tool = { ...ticketRequest.tool, inputSchema: { type: 'object', properties, required } };
  return { ...ticketRequest, tool, preview: undefined, arguments: values };
}

function edited(request: ApprovalRequest, edits: Record<string, string>): unknown {
  return applyEdits(request, fieldsOf(request), new Map(Object.entries(edits)));
}

describe('the form of a card', () => {
  test('has the fields of the preview first, then the arguments that it does not name', () => {
    const fields = fieldsOf(ticketRequest).map(({ label, kind, options }) => [label, kind, options.length]);
    expect(fields).toEqual([
      ['Summary', 'line', 0],
      ['Description', 'text', 0],
      ['Type', 'line', 3],
      ['Priority', 'line', 0],
      ['Labels', 'list', 0],
      ['Project', 'line', 0],
    ]);
  });

  test('has every property and every argument if there is no preview', () => {
    const request = asked({ count: { type: 'integer', description: 'How many' } }, { extra: { deep: [1] } });
    expect(fieldsOf(request)).toMatchObject([
      { label: 'count', kind: 'number', text: '', description: 'How many' },
      { label: 'extra', kind: 'json', text: '{\n  "deep": [\n    1\n  ]\n}' },
    ]);
  });
});

describe('edits', () => {
  test.each<[Record<string, unknown>, string, unknown]>([
    [{ type: 'string' }, 'text', 'text'],
    [{ type: 'integer' }, '7', 7],
    [{ type: 'boolean' }, 'true', true],
    [{ type: 'array', items: { type: 'string' } }, ' a, b ,, c', ['a', 'b', 'c']],
    [{ type: 'array', items: { type: 'object' } }, '[{"a":1}]', [{ a: 1 }]],
    [{ type: 'object' }, '{"a":null}', { a: null }],
  ])('keep the type of %o', (schema, text, value) => {
    expect(edited(asked({ field: schema }, {}), { field: text })).toEqual({ arguments: { field: value } });
  });

  test('an emptied field is omitted unless the tool requires it', () => {
    const request = asked(
      { a: { type: 'string' }, b: { type: 'string' }, c: { type: 'number' } },
      { a: 'x', b: 'y', c: 1 },
      ['b'],
    );
    expect(edited(request, { a: '', b: '', c: '' })).toEqual({ arguments: { b: '' } });
  });

  test('an emptied list is empty, which is not the same as left out', () => {
    const request = asked({ labels: { type: 'array', items: { type: 'string' } } }, { labels: ['old', 'older'] });
    expect(edited(request, { labels: '' })).toEqual({ arguments: { labels: [] } });
  });

  test.each([
    [{ type: 'integer' }, 'many', 'field must be a number, like 5.'],
    [{ type: 'boolean' }, 'yes', 'field must be true or false.'],
    [{ type: 'object' }, '{a', 'field must be JSON: '],
  ])('that are invalid for %o name the field', (schema, text, problem) => {
    const result = edited(asked({ field: schema }, {}), { field: text });
    expect(result).toMatchObject({ argument: 'field' });
    expect(JSON.stringify(result)).toContain(problem);
  });

  test('without changes, or with the same text typed again, change nothing', () => {
    const value = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.array(fc.stringMatching(/^[a-z]{1,5}$/u), { minLength: 1 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.boolean(),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/u), fc.jsonValue(), { minKeys: 1 }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/u), value), (values) => {
        const request = asked({}, values);
        expect(applyEdits(request, fieldsOf(request), new Map())).toEqual({ arguments: values });
        const same = Object.fromEntries(fieldsOf(request).map(({ argument, text }) => [argument ?? '', text]));
        expect(JSON.stringify(edited(request, same))).toBe(JSON.stringify({ arguments: values }));
      }),
    );
  });
});
