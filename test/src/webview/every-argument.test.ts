import { describe, expect, test } from 'vitest';
import { tools as jira } from '../../../servers/jira/tools/index.ts';
import { describeTool } from '../../../servers/kit/describe-tool.ts';
import { tools as slack } from '../../../servers/slack/tools/index.ts';
import type { ApprovalRequest } from '../../../src/agent/approval.ts';
import { fieldsOf as fieldsOnTerminal } from '../../../src/terminal/approval/edit-arguments.ts';
import { applyEdits, fieldsOf, type FieldKind } from '../../../src/webview/format/edit-arguments.ts';
import { ticketRequest } from '../chat/recorded-run.ts';

/** Every tool that changes something, as the host hears of it. */
const writes = [
  ...jira.filter(({ risk }) => risk !== 'read').map((tool) => describeTool(tool)),
  ...slack.filter(({ risk }) => risk !== 'read').map((tool) => describeTool(tool)),
];

const typed: Readonly<Record<FieldKind, readonly [text: string, value: unknown]>> = {
  line: ['changed', 'changed'],
  text: ['changed\nin two lines', 'changed\nin two lines'],
  list: ['a, b', ['a', 'b']],
  number: ['7', 7],
  boolean: ['true', true],
  json: ['[{"a":1}]', [{ a: 1 }]],
};

/** A call with no argument at all, and a preview that names one of them twice. */
function requestOf({ name, title, inputSchema }: (typeof writes)[number]): ApprovalRequest {
  const { preview } = ticketRequest;
  const [first = ''] = Object.keys(inputSchema['properties'] ?? {});
  const fields = ['One', 'Two'].map((label) => ({ label, value: label, argument: first }));
  const tool = { ...ticketRequest.tool, name, plainName: name, title, inputSchema };
  return { ...ticketRequest, tool, arguments: {}, preview: preview && { ...preview, fields } };
}

describe.each(writes.map((tool) => [tool.name, tool] as const))('%s', (_, tool) => {
  const names = Object.keys(tool.inputSchema['properties'] ?? {});

  test('has every argument in its form, once, and what is typed there is what is asked for', () => {
    const request = requestOf(tool);
    const fields = fieldsOf(request);
    expect(fields.flatMap(({ argument }) => argument ?? []).toSorted()).toEqual(names.toSorted());
    for (const { argument = '', kind } of fields) {
      const [text, value] = typed[kind];
      const revised = applyEdits(request, fields, new Map([[argument, text]]));
      expect(revised, argument).toEqual({ arguments: { [argument]: value } });
    }
  });

  test('has every argument on the terminal', () => {
    const fields = fieldsOnTerminal(requestOf(tool));
    expect(fields.map(({ argument }) => argument).toSorted()).toEqual(names.toSorted());
  });
});

test('a text that refers to evidence is edited as it was written', () => {
  const request = { ...ticketRequest, draft: { summary: '{{E1.row_count}} orders failed' } };
  const field = fieldsOf(request).find(({ argument }) => argument === 'summary');
  expect(field?.text).toBe('{{E1.row_count}} orders failed');
  // What was not edited stays what it became.
  expect(applyEdits(request, fieldsOf(request), new Map())).toEqual({ arguments: ticketRequest.arguments });
});
