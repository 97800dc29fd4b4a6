import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseWebviewMessage } from '../../../src/chat/messages.ts';
import type { WebviewMessage } from '../../../src/chat/messages.ts';

const card = { requestId: 'approval-1', sha256: 'a'.repeat(64) };

describe('messages from the webview', () => {
  test.each<WebviewMessage>([
    { type: 'ready' },
    { type: 'send', text: 'Why?', chips: ['selection'] },
    { type: 'stop' },
    { type: 'approve', ...card, scope: 'run' },
    { type: 'deny', ...card },
    { type: 'deny', ...card, reason: 'Wrong channel' },
    { type: 'revise', ...card, arguments: { summary: 'Shorter', labels: ['a'], fields: { customfield_1: null } } },
    { type: 'open-evidence', id: 'E1' },
    { type: 'open-file', path: 'src/tax.ts', line: 41 },
    { type: 'open-link', url: 'https://shop.atlassian.net/browse/ENG-57?a=b#c' },
    { type: 'open-link', url: 'http://127.0.0.1:4100/browse/ENG-1' },
    { type: 'run-command', command: 'switchboard.setUpConnections' },
  ])('$type is understood', (message) => {
    expect(parseWebviewMessage(message)).toEqual({ message });
  });

  test.each([
    ['a command that is not on the list', { type: 'run-command', command: 'workbench.action.terminal.sendSequence' }],
    ['a command link', { type: 'open-link', url: 'command:workbench.action.quit' }],
    ['a file link', { type: 'open-link', url: 'file:///etc/passwd' }],
    ['a script link', { type: 'open-link', url: 'javascript:alert(1)' }],
    ['a link with a password', { type: 'open-link', url: 'https://user:secret@example.com/' }],
    ['an invalid link', { type: 'open-link', url: 'https://' }],
    ['an empty prompt', { type: 'send', text: '  \n ', chips: [] }],
    ['a huge prompt', { type: 'send', text: 'x'.repeat(200_001), chips: [] }],
    ['an unknown scope', { type: 'approve', ...card, scope: 'forever' }],
    ['an approval without a card', { type: 'approve', scope: 'once' }],
    ['line 0', { type: 'open-file', path: 'a.ts', line: 0 }],
    ['extra keys', { type: 'stop', force: true }],
    ['arguments that are a list', { type: 'revise', ...card, arguments: ['a'] }],
    ['an unknown type', { type: 'eval', code: '1' }],
    ['a string', 'stop'],
    ['nothing', undefined],
  ])('%s is refused', (_, message) => {
    expect(JSON.stringify(parseWebviewMessage(message))).toMatch(
      /^\{"problem":"message from the chat view refused: \S/u,
    );
  });

  test('returns a message or a problem for any input', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(Object.keys(parseWebviewMessage(value))).toHaveLength(1);
      }),
    );
  });
});
