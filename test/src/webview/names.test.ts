import { describe, expect, test } from 'vitest';
import type { ChatEvent } from '../../../src/chat/chat-state.ts';
import { replay } from '../../../src/chat/reduce.ts';
import { NamesOfSession, splitNames } from '../../../src/webview/markdown/names.ts';
import { failures, untilMessage, untilTicket } from '../chat/recorded-run.ts';

const found = (tool: string, columns: readonly string[], rows: readonly (readonly unknown[])[]): ChatEvent => ({
  type: 'evidence-added',
  callId: 'call-1',
  evidence: {
    ...failures,
    id: `E${tool.length}`,
    tool,
    arguments: {},
    columns: columns.map((name) => ({ name, type: 'text' })),
    rows,
  },
});

/** A ticket was filed, tickets and files were found, and a message is waiting. */
const session: readonly ChatEvent[] = [
  ...untilTicket,
  found('search_jira_issues', ['key', 'status', 'summary'], [['ENG-40', 'In Progress', 'Checkout fails']]),
  found('search_workspace', ['path', 'line', 'text'], [['src/tax.ts', 41, 'throw']]),
  ...untilMessage,
  {
    type: 'tool-call-finished',
    callId: 'call-4',
    outcome: 'ok',
    durationMs: 1,
    summary: 'posted',
    link: { label: '#orders-oncall', url: 'https://shop.slack.com/archives/C024BE91L/p1700000000000100' },
  },
];

const linksIn = (text: string, events = session): readonly unknown[] =>
  splitNames(text, new NamesOfSession().of(replay(events))).flatMap((part) =>
    typeof part === 'string'
      ? []
      : [[part.text, part.target.kind === 'web' ? part.target.url : part.target, part.hint]],
  );

describe('a name in a text', () => {
  test.each<[string, string, unknown]>([
    ['a ticket that was filed', 'Filed as ENG-57.', ['ENG-57', 'https://shop.atlassian.net/browse/ENG-57', '']],
    [
      'a ticket that was found, with its summary and status',
      'see (ENG-40)',
      ['ENG-40', 'https://shop.atlassian.net/browse/ENG-40', 'Checkout fails (In Progress)'],
    ],
    [
      'a possible duplicate',
      'like ENG-41',
      ['ENG-41', 'https://shop.atlassian.net/browse/ENG-41', 'Orders to Puerto Rico fail at checkout'],
    ],
    [
      'a channel',
      'Tell #orders-oncall, please',
      ['#orders-oncall', 'https://shop.slack.com/archives/C024BE91L', 'Open in Slack'],
    ],
    [
      'a file with a line',
      'It is src/tax.ts:41, and',
      ['src/tax.ts:41', { kind: 'file', path: 'src/tax.ts', line: 41 }, 'src/tax.ts:41'],
    ],
    ['a file', 'in src/tax.ts.', ['src/tax.ts', { kind: 'file', path: 'src/tax.ts', line: undefined }, 'src/tax.ts']],
  ])('is a link: %s', (_, text, link) => {
    expect(linksIn(text)).toEqual([link]);
  });

  test.each([
    'UTF-8 and SHA-256 and ENG-999',
    '#general and #1',
    'src/other.ts:3 and ../src/tax.ts',
    'https://evil.example/browse/ENG-57x',
    'ENG-571 MENG-57',
  ])('is only text if nothing has named it: %s', (text) => {
    expect(linksIn(text)).toEqual([]);
  });

  test("never leads where a third party's result or the model says", () => {
    const events: readonly ChatEvent[] = [
      { type: 'run-started', session: 's', run: 'r', time: '', model: 'm', prompt: 'p' },
      {
        type: 'tool-call-proposed',
        callId: 'c',
        tool: 'create_jira_ticket',
        server: 'jira-look-alike',
        title: 'T',
        risk: 'write',
        arguments: {},
      },
      {
        type: 'tool-call-finished',
        callId: 'c',
        outcome: 'ok',
        durationMs: 1,
        summary: '',
        link: { label: 'ENG-57', url: 'https://evil.example/browse/ENG-57' },
      },
      { type: 'text-delta', text: '[ENG-57](https://evil.example/browse/ENG-57)' },
    ];
    expect(linksIn('ENG-57', events)).toEqual([]);
  });

  test('is gathered once for all texts between two results', () => {
    const names = new NamesOfSession();
    const state = replay(session);
    expect(names.of(state)).toBe(names.of(replay([...session, { type: 'text-delta', text: 'More' }])));
  });
});
