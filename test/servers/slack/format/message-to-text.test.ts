import { expect, it } from 'vitest';
import { mentionedIds, messageSchema, messageText } from '../../../../servers/slack/format/message-to-text.ts';

const names = new Map([['U0JANE001', 'Jane']]);
const read = (message: object): string =>
  messageText(messageSchema.parse({ ts: '1700000000.000100', ...message }), names);
const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });

it("reads other apps' alerts: fields, blocks and buttons of attachments", () => {
  const alert = {
    text: '',
    attachments: [
      {
        fallback: '[FIRING] CheckoutErrors',
        pretext: 'Firing',
        title: 'CheckoutErrors',
        text: 'rate &gt; 5/h for <@U0JANE001>',
        fields: [
          { title: 'Severity', value: 'critical', short: true },
          { title: '', value: '<https://grafana.example/d/1|Dashboard>' },
        ],
      },
      { blocks: [{ type: 'section', text: mrkdwn('*Runbook* &amp; owner') }], fallback: '[no preview available]' },
    ],
  };
  expect(read(alert).split('\n')).toEqual([
    'Firing',
    'CheckoutErrors',
    'rate > 5/h for @Jane',
    'Severity: critical',
    'Dashboard (https://grafana.example/d/1)',
    '*Runbook* & owner',
  ]);
  expect(read({ attachments: [{ fallback: 'Only this' }] })).toBe('Only this');
  // A link preview is not part of what someone wrote.
  expect(read({ text: 'see <https://a.example>', attachments: [{ from_url: 'https://a.example', title: 'A' }] })).toBe(
    'see https://a.example',
  );
});

it('reads a table pasted by a person, and one from an app', () => {
  const cell = (text: string) => ({
    type: 'rich_text',
    elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
  });
  const rows = [
    [cell('code'), { type: 'raw_text', text: 'n' }],
    [cell('PAY_TIMEOUT'), { type: 'raw_number', value: 1187 }],
  ];
  for (const type of ['table', 'data_table'])
    expect(
      read({ text: 'look', attachments: [{ fallback: '[no preview available]', blocks: [{ type, rows }] }] }),
    ).toBe('look\ncode | n\nPAY_TIMEOUT | 1187');
});

it('shows the known blocks if some are unknown, unless the text says more', () => {
  const blocks = [
    { type: 'section', text: mrkdwn('Deploy *failed* at step 3 of 7'), fields: [plain('a'), null] },
    { type: 'image', alt_text: 'Error rate', image_url: 'https://a.example/x.png' },
    { type: 'actions', elements: [{ type: 'button', text: plain('Roll back'), url: 'https://ci.example/r' }, {}] },
    { type: 'context', elements: [{ type: 'image', alt_text: 'bot' }, mrkdwn('by <@U0JANE001>')] },
    { type: 'of_tomorrow' },
  ];
  const shown =
    'Deploy *failed* at step 3 of 7\na\n[image: Error rate]\n[Roll back: https://ci.example/r]\nbot by @Jane';
  expect(read({ text: 'Deploy failed', blocks })).toBe(shown);
  const longer = 'What the new kind of block says, in words for those who cannot see it. '.repeat(3);
  expect(read({ text: longer, blocks })).toBe(longer);
});

it('finds everyone a message mentions', () => {
  const message = {
    text: '<@U0JANE001>',
    attachments: [
      { blocks: [{ type: 'rich_text', elements: [{ elements: [{ type: 'user', user_id: 'U0OMAR001' }] }] }] },
    ],
  };
  expect(mentionedIds(messageSchema.parse({ ts: '1', ...message }))).toEqual(['U0JANE001', 'U0OMAR001']);
});
