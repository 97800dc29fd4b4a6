import { describe, expect, it } from 'vitest';
import { startServer, startStandIn } from './harness.ts';

const operations = '#operations';

describe('post_slack_message', () => {
  it('posts what the preview showed, and shows what it will post', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack);
    const input = {
      channel: operations,
      text: '# Failed orders\n\n**12** orders failed with `CARD_DECLINED`.\n\n| code | n |\n|---|--:|\n| A | 5 |',
      mentions: [{ type: 'user', id: 'U0JANE001' }, { type: 'here' }],
    };
    const preview = await server.preview('post_slack_message', input);
    expect(slack.messages(operations)).toEqual([]);
    expect(preview).toMatchObject({
      author: 'switchboard',
      title: 'Post to Slack',
      destination: { id: 'C0OPERATE', name: '#operations', audience: '41 members' },
      body: '**@Jane Doe** **@here**\n\n## Failed orders\n\n**12** orders failed with `CARD_DECLINED`.\n\n| code | n |\n| --- | --: |\n| A | 5 |',
      warnings: [],
      mentions: ['@Jane Doe', '@here'],
    });
    const { structured, text } = await server.call('post_slack_message', input);
    const [message] = slack.messages(operations);
    const permalink = `${slack.url}/archives/C0OPERATE/p${message?.ts.replace('.', '')}`;
    expect(structured).toEqual({
      outcome: 'done',
      channel: 'C0OPERATE',
      ts: message?.ts,
      permalink,
      parts: [{ ts: message?.ts, permalink }],
      warnings: [],
    });
    expect(text).toBe(`Posted to #operations: ${permalink}`);
    expect(message?.notified).toEqual(['U0JANE001', '@here']);
    const [raw] = JSON.parse(preview.raw) as { blocks: unknown; text: string; unfurl_links: boolean }[];
    expect({ blocks: message?.blocks, text: message?.text }).toEqual({ blocks: raw?.blocks, text: raw?.text });
    const page = await (await fetch(slack.channelUrl(operations))).text();
    expect(page).toContain('<h2>Failed orders</h2>');
    expect(page).toContain('<span class="mention">@Jane Doe</span>');
  });

  it('sends no mention, card or command from the text', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack);
    const text =
      '<!channel> <!here> @everyone <@U0JANE001> see https://evil.example/?secret=1 and https://x.example/a.png';
    const preview = await server.preview('post_slack_message', { channel: operations, text });
    expect(preview.mentions).toEqual([]);
    expect(preview.linkHosts).toEqual(['evil.example', 'x.example']);
    expect(preview.warnings).toEqual([
      'Sent as plain text that notifies nobody: <!channel> <!here> @everyone <@U0JANE001>',
    ]);
    await server.call('post_slack_message', { channel: operations, text });
    const [message] = slack.messages(operations);
    expect([message?.notified, message?.unfurled]).toEqual([[], []]);
  });

  it('shows cards only if every link goes to a listed host', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack);
    const post = (text: string) =>
      server.call('post_slack_message', {
        channel: operations,
        text,
        unfurl_hosts: ['Docs.example', 'bücher.example'],
      });
    await post('https://docs.example/a');
    await post('https://docs.example/a and https://evil.example/b');
    await post('[docs.example](https://docs.example.evil.test/)');
    await post('https://bücher.example/a');
    expect(slack.messages(operations).map((message) => message.unfurled)).toEqual([
      ['https://docs.example/a'],
      [],
      [],
      ['https://xn--bcher-kva.example/a'],
    ]);
  });

  it('splits long text into one thread and says so', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack);
    const text = Array.from({ length: 400 }, (_, index) => `Line ${index} of the report, with some words.`).join(
      '\n\n',
    );
    const preview = await server.preview('post_slack_message', { channel: operations, text });
    const said: string[] = [];
    const { structured } = await server.call(
      'post_slack_message',
      { channel: operations, text },
      { onProgress: (message) => said.push(message) },
    );
    const messages = slack.messages(operations);
    expect(messages.length).toBeGreaterThan(1);
    expect(preview.warnings).toEqual([`Sent as ${messages.length} messages in one thread.`]);
    expect(structured['warnings']).toEqual(preview.warnings);
    expect(messages.slice(1).every((message) => message.threadTs === messages[0]?.ts)).toBe(true);
    expect(said[0]).toBe(`Posting 1 of ${messages.length}`);
    const thread = await server.call('read_slack_thread', { channel: operations, thread_ts: messages[0]?.ts });
    for (const index of [0, 199, 399]) expect(thread.text).toContain(`Line ${index} of the report`);
  });

  it('replies in a thread, and rejects a missing one before anything is sent', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack);
    const { structured } = await server.call('post_slack_message', { channel: operations, text: 'first' });
    await server.call('post_slack_message', { channel: operations, text: 'second', thread_ts: structured['ts'] });
    expect(slack.messages(operations)[1]?.threadTs).toBe(structured['ts']);
    const wrong = { channel: operations, text: 'x', thread_ts: '1700000000.000100' };
    await expect(server.preview('post_slack_message', wrong)).rejects.toThrow(
      'not_found: There is no message 1700000000.000100 in #operations.',
    );
    expect(await server.fail('post_slack_message', wrong)).toMatchObject({ code: 'not_found' });
  });

  it('masks secrets even if formatting splits them, and names personal data', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack);
    const text = `token ${slack.token}, key AKIAIOSFODNN7EXAMPLE, card 4111 1111 1111 1111, mail jane.doe@example.org`;
    const preview = await server.preview('post_slack_message', { channel: operations, text });
    expect(preview.body).not.toMatch(/xoxb|AKIA/);
    expect(preview.warnings.join()).toContain('a payment card number (…1111)');
    expect(preview.personalData).toContain('a secret, masked');
    await server.call('post_slack_message', { channel: operations, text });
    expect(slack.messages(operations)[0]?.text).toContain('token [redacted secret], key [redacted AWS access key]');
    const hidden = { channel: operations, text: `AKIA**IOSFODNN7**EXAMPLE` };
    expect(await server.fail('post_slack_message', hidden)).toMatchObject({
      code: 'not_allowed',
      message: "'text' contains a secret split by formatting. It was not sent.",
    });
    expect(slack.messages(operations)).toHaveLength(1);
  });

  const refused: readonly (readonly [input: Record<string, unknown>, message: string])[] = [
    [{ channel: operations }, "'text' is required (string)"],
    [{ channel: operations, text: '   ' }, "'text': "],
    [{ channel: operations, text: '\u200b\u2060' }, "'text': Too small"],
    [{ channel: operations, text: '&#8203;' }, "'text' would be an empty message"],
    [{ channel: operations, text: 'x', thread_ts: '17' }, "'thread_ts': must be a message ts such as"],
    [{ channel: operations, text: 'x', mentions: [{ type: 'user' }] }, "'mentions.0': user wants id U..."],
    [{ channel: operations, text: 'x', mentions: [{ type: 'here', id: 'U0JANE001' }] }, "'mentions.0': user wants id"],
    [
      { channel: operations, text: 'x', unfurl_hosts: ['https://a.example'] },
      "'unfurl_hosts.0': must be a host such as",
    ],
    [{ channel: operations, text: 'x', blocks: [] }, "unknown argument 'blocks'"],
    [{ channel: 'U0JANE001', text: 'x' }, "'channel': U0JANE001 is a person"],
    [{ channel: 'D0JANE001', text: 'x' }, "'channel': D0JANE001 is a person or a direct message"],
    [{ channel: '@jane', text: 'x' }, "'channel': '@jane' is not a channel name or id."],
    [{ channel: '../../etc', text: 'x' }, "'channel': '../../etc' is not a channel name or id."],
    [{ channel: '#nowhere', text: 'x' }, 'There is no Slack channel #nowhere'],
    [{ channel: 'C0NOWHERE', text: 'x' }, 'Slack has no such channel'],
    [{ channel: '#board', text: 'x' }, 'There is no Slack channel #board'],
    [{ channel: 'C0SECRET1', text: 'x' }, 'Slack has no such channel, or it is private'],
    [{ channel: '#random', text: 'x' }, 'The Slack app is not in #random.'],
    [{ channel: 'C0OLDNEWS', text: 'x' }, '#old-news is archived.'],
  ];
  it('rejects with one clear message, in the preview, too', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack);
    for (const [input, message] of refused) {
      expect((await server.fail('post_slack_message', input)).message).toContain(message);
      await expect(server.preview('post_slack_message', input)).rejects.toThrow(message);
    }
    expect(slack.requests('chat.postMessage')).toEqual([]);
  });

  it('suggests the channel that was probably intended', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack);
    expect(await server.fail('post_slack_message', { channel: '#operation', text: 'x' })).toMatchObject({
      code: 'not_found',
      hint: 'Did you mean #operations? The app sees a private channel only after it is invited.',
    });
  });

  it('writes only to allowed channels, whatever their names', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack, { SLACK_ALLOWED_CHANNELS: '#operations, C0PAYMENT, #not-there' });
    await server.call('post_slack_message', { channel: 'C0OPERATE', text: 'by id' });
    await server.call('post_slack_message', { channel: 'payments-oncall', text: 'private, by name' });
    const refused = await server.fail('post_slack_message', { channel: '#general', text: 'x' });
    expect(refused).toMatchObject({
      code: 'not_allowed',
      message: '#general is not listed in SLACK_ALLOWED_CHANNELS.',
      hint: 'It lists: #operations, C0PAYMENT, #not-there.',
    });
    for (const [tool, rest] of [
      ['update_slack_message', { ts: '1700000000.000100', text: 'x' }],
      ['add_slack_reaction', { ts: '1700000000.000100', name: 'eyes' }],
      ['upload_slack_file', { filename: 'a.txt', content: 'x' }],
    ] as const)
      expect(await server.fail(tool, { channel: 'C0GENERAL', ...rest }), tool).toMatchObject({ code: 'not_allowed' });
    // A channel that later takes the allowed name stays blocked, because the name was resolved once.
    const channels = slack.workspace.channels;
    const [general, ours] = [channels[0]!, channels[1]!];
    channels[0] = { ...general, name: 'operations' };
    channels[1] = { ...ours, name: 'operations-old' };
    expect(await server.fail('post_slack_message', { channel: 'C0GENERAL', text: 'x' })).toMatchObject({
      code: 'not_allowed',
    });
    await server.call('post_slack_message', { channel: 'C0OPERATE', text: 'still ours' });
  });

  it('stops a runaway agent', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack, { SWITCHBOARD_RATE_LIMITS: 'post_slack_message=2/10m' });
    await server.call('post_slack_message', { channel: '#general', text: 'one' }, { key: 'key-number-1' });
    await server.call('post_slack_message', { channel: operations, text: 'two' });
    // A replay uses no quota.
    const again = await server.call(
      'post_slack_message',
      { channel: '#general', text: 'one' },
      { key: 'key-number-1' },
    );
    expect(again.structured['outcome']).toBe('replayed');
    const error = await server.fail('post_slack_message', { channel: operations, text: 'three' });
    expect(error).toMatchObject({ code: 'quota_exceeded', retryable: false });
    expect(error.retryAfterMs).toBeGreaterThan(500_000);
    expect(slack.messages(operations)).toHaveLength(1);
  });
});
