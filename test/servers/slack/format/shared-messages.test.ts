import { expect, it } from 'vitest';
import { messageSchema, messageText, namedIds } from '../../../../servers/slack/format/message-to-text.ts';

const names = new Map([
  ['U0JANE001', 'Jane'],
  ['C0ENGROOM2', 'engineering'],
  ['S012345', 'oncall'],
]);
const read = (message: object): string =>
  messageText(messageSchema.parse({ ts: '1700000000.000100', ...message }), names);
const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const link = 'https://shop.slack.com/archives/C0ENGROOM2/p1700000000000100';

it('a forwarded message is read with its text, author and place', () => {
  const forwarded = {
    is_share: true,
    is_msg_unfurl: true,
    from_url: link,
    author_name: 'Bob',
    channel_id: 'C0ENGROOM2',
    text: 'DB is down &amp; <@U0JANE001> knows',
  };
  expect(read({ text: '', attachments: [forwarded] })).toBe(
    `[forwarded message of Bob in #engineering ${link}]\n> DB is down & @Jane knows`,
  );
  const blocks = [
    {
      type: 'rich_text',
      elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'in blocks\nof two lines' }] }],
    },
  ];
  const inBlocks = {
    ...forwarded,
    text: 'cut',
    ts: '1700000000.000100',
    message_blocks: [{ team: 'T1', channel: 'C1', ts: '1', message: { blocks } }],
    files: [{ id: 'F0LOG0001', name: 'app.log', size: 12 }],
  };
  expect(read({ text: 'see', attachments: [inBlocks] }).split('\n')).toEqual([
    'see',
    `[forwarded message of Bob in #engineering 2023-11-14T22:13:20Z ${link}]`,
    '> in blocks',
    '> of two lines',
    '> [file: app.log (F0LOG0001, 12 bytes)]',
  ]);
  // A posted link to a message shows the message, as people see it.
  expect(read({ text: `<${link}>`, attachments: [{ ...forwarded, is_share: false }] })).toContain(
    '[linked message of Bob',
  );
  expect(read({ attachments: [{ is_share: true, fallback: 'only this' }] })).toBe('[forwarded message]\n> only this');
});

it('an alert shows its sender, title link, image, buttons and time', () => {
  const alert = {
    author_name: 'Grafana',
    author_link: 'https://grafana.example',
    title: 'CheckoutErrors',
    title_link: 'https://grafana.example/d/1',
    text: 'rate is high',
    image_url: 'https://grafana.example/render/1.png',
    actions: [
      { type: 'button', text: 'Acknowledge', url: 'https://grafana.example/ack' },
      { type: 'button', text: 'Silence', name: 'silence' },
    ],
    footer: 'Alertmanager',
    ts: 1_700_000_000,
  };
  expect(read({ attachments: [alert] }).split('\n')).toEqual([
    'Grafana (https://grafana.example)',
    'CheckoutErrors (https://grafana.example/d/1)',
    'rate is high',
    '[image: https://grafana.example/render/1.png]',
    '[Acknowledge: https://grafana.example/ack] [Silence]',
    'Alertmanager, 2023-11-14T22:13:20Z',
  ]);
  expect(read({ attachments: [{ title_link: 'https://a.example/1', fallback: 'x' }] })).toBe('https://a.example/1');
});

it('a link preview is read only if the message has no other content', () => {
  const card = { from_url: 'https://a.example', title: 'A', title_link: 'https://a.example', text: 'of it' };
  expect(read({ text: 'see <https://a.example>', attachments: [card] })).toBe('see https://a.example');
  expect(read({ text: '', attachments: [card] })).toBe('A (https://a.example)\nof it');
});

it('dates and section accessories are shown', () => {
  const elements = [
    { type: 'text', text: 'due ' },
    { type: 'date', timestamp: 1_763_769_600, format: '{date_num}', fallback: 'Nov 22' },
    { type: 'text', text: ', begun ' },
    { type: 'date', timestamp: 1_700_000_000, format: '{date}', url: 'https://cal.example' },
    { type: 'text', text: ' by ' },
    { type: 'usergroup', usergroup_id: 'S012345' },
    { type: 'text', text: ' in ' },
    { type: 'channel', channel_id: 'C0ENGROOM2' },
  ];
  const blocks = [
    { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] },
    {
      type: 'section',
      text: mrkdwn('Approve <!date^1763769600^{date_num}^https://cal.example|2025-11-22>?'),
      accessory: { type: 'button', text: plain('Approve'), url: 'https://ci.example/1' },
    },
    {
      type: 'section',
      text: plain('More'),
      accessory: { type: 'overflow', options: [{ text: plain('Retry') }, { text: plain('Stop') }] },
    },
    {
      type: 'actions',
      elements: [
        { type: 'static_select', placeholder: plain('Choose a team') },
        { type: 'button', text: plain('Go') },
      ],
    },
    { type: 'video', title: plain('Demo'), title_url: 'https://v.example/1', alt_text: 'demo' },
  ];
  expect(read({ text: 'x', blocks }).split('\n')).toEqual([
    'due Nov 22, begun 2023-11-14T22:13:20Z (https://cal.example) by @oncall in #engineering',
    'Approve 2025-11-22 (https://cal.example)?',
    '[Approve: https://ci.example/1]',
    'More',
    '[Retry] [Stop]',
    '[Choose a team] [Go]',
    '[video: Demo https://v.example/1]',
  ]);
});

it.each([
  [
    '<!subteam^S012345|@oncall> <#C0ENGROOM2|> <!date^1763769600^{date_num}|2025-11-22>',
    '@oncall #engineering 2025-11-22',
  ],
  [
    '<!subteam^S999999> <!subteam^S999998|sre> <#C0OTHER01|> <#C0OTHER02|other>',
    '@group S999999 @sre #C0OTHER01 #other',
  ],
  [
    '<!date^1763769600^{date_num}> <!here> <!channel|@channel> <@U0JANE001|>',
    '2025-11-22T00:00:00Z @here @channel @Jane',
  ],
  [
    '<@U0OTHER01|bob> <https://a.example|> <mailto:a@b.example|a@b.example>',
    '@bob https://a.example a@b.example (mailto:a@b.example)',
  ],
])('the markup %s reads as people see it', (text, shown) => {
  expect(read({ text })).toBe(shown);
});

it('names are looked up for ids in any place', () => {
  const message = {
    text: '<#C0ENGROOM2|> <!subteam^S012345>',
    attachments: [{ is_share: true, text: '<@U0JANE001> in <#C0DEEP001>' }],
  };
  expect(namedIds(messageSchema.parse({ ts: '1', ...message }))).toEqual({
    people: ['U0JANE001'],
    channels: ['C0ENGROOM2', 'C0DEEP001'],
    groups: ['S012345'],
  });
});
