import { describe, expect, it } from 'vitest';
import { readMessageLink, readTs } from '../../../servers/slack/message-links.ts';
import type { Message } from '../../stack/slack/workspace.ts';
import { startServer, startStandIn } from './harness.ts';

type StandIn = Awaited<ReturnType<typeof startStandIn>>;

function say(slack: StandIn, channel: string, message: Partial<Message>): Message {
  const said: Message = {
    ts: slack.workspace.nextTs(),
    user: 'U0JANE001',
    text: '',
    blocks: [],
    files: [],
    reactions: new Map(),
    posted: false,
    notified: [],
    unfurled: [],
    ...message,
  };
  slack.workspace.channel(channel)!.messages.push(said);
  return said;
}

describe('names in messages', () => {
  it('are current: channels, groups, apps and people of another company', async () => {
    const slack = await startStandIn();
    say(slack, 'general', {
      text: '<!subteam^S0ONCALL1> in <#C0OPERATE|> and <#C0SECRET1|> <!date^1763769600^{date_num}|2025-11-22>',
    });
    say(slack, 'general', {
      user: 'U0FOREIGN',
      text: 'from outside',
      more: { user_profile: { real_name: 'Ada of Acme' } },
    });
    say(slack, 'general', { user: '', text: 'alert', botId: 'B0DEPLOY1', more: { user: undefined } });
    say(slack, 'general', { text: 'custom', botId: 'B0OTHER01', more: { username: 'Alertmanager' } });
    say(slack, 'general', {
      text: 'profile',
      botId: 'B0OTHER02',
      more: { user: undefined, bot_profile: { name: 'Pager' } },
    });
    const server = await startServer(slack);
    const { text } = await server.call('read_slack_channel', { channel: 'general' });
    for (const words of [
      'Jane Doe: @oncall in #operations and #C0SECRET1 2025-11-22',
      'Ada of Acme: from outside',
      'Deploy App: alert',
      'Alertmanager: custom',
      'Pager: profile',
    ])
      expect(text).toContain(words);
    await server.call('read_slack_channel', { channel: 'general' });
    expect(slack.requests('usergroups.list')).toHaveLength(1);
    expect(slack.requests('bots.info')).toHaveLength(1);
  });

  it('one invisible person hides no one else', async () => {
    const slack = await startStandIn();
    say(slack, 'general', { user: 'U0FOREIGN', text: 'hidden' });
    say(slack, 'general', { user: 'U0OMAR001', text: 'seen' });
    slack.misbehave({ method: 'users.info', fault: { kind: 'refuse', error: 'user_not_visible' }, after: 1 });
    const server = await startServer(slack);
    const { text } = await server.call('read_slack_channel', { channel: 'general' });
    expect(text).toContain('U0FOREIGN: hidden');
    expect(text).toContain('Omar Haddad: seen');
  });

  it('groups are found for mentions, shown by name, and notified', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack);
    expect((await server.call('find_slack_users', { query: 'oncall' })).text).toBe(
      'S0ONCALL1 On-call (@oncall, group of 2)',
    );
    const post = { channel: 'general', text: 'Look', mentions: [{ type: 'group', id: 'S0ONCALL1' }] };
    expect((await server.preview('post_slack_message', post)).mentions).toEqual(['@oncall']);
    await server.call('post_slack_message', post);
    expect(slack.messages('general')[0]?.notified).toEqual(['S0ONCALL1']);
  });

  it('without the scope for groups, people are still found', async () => {
    const slack = await startStandIn({ withoutScopes: ['usergroups:read'] });
    const server = await startServer(slack);
    expect((await server.call('find_slack_users', { query: 'omar' })).text).toContain('Omar Haddad');
    const post = { channel: 'general', text: 'Look', mentions: [{ type: 'group', id: 'S0ONCALL1' }] };
    expect((await server.preview('post_slack_message', post)).mentions).toEqual(['@group S0ONCALL1']);
  });
});

it.each([
  ['https://shop.slack.com/archives/C0OPERATE/p1700000000000100', 'C0OPERATE', '1700000000.000100', undefined],
  ['<https://shop.slack.com/archives/C0OPERATE/p1700000000000100|look>', 'C0OPERATE', '1700000000.000100', undefined],
  [
    'https://shop.enterprise.slack.com/archives/C0OPERATE/p1700000009000100?thread_ts=1700000000.000100&cid=C0OPERATE',
    'C0OPERATE',
    '1700000009.000100',
    '1700000000.000100',
  ],
  ['https://shop.slack.com/archives/D0DIRECT1', 'D0DIRECT1', undefined, undefined],
  ['https://app.slack.com/client/T0SHOP001/C0OPERATE', 'C0OPERATE', undefined, undefined],
  [
    'https://app.slack.com/client/T0SHOP001/C0OPERATE/thread/C0OPERATE-1700000000.000100',
    'C0OPERATE',
    '1700000000.000100',
    '1700000000.000100',
  ],
])('the link %s is read', (link, channel, ts, threadTs) => {
  expect(readMessageLink(link)).toEqual({ channel, ts, threadTs });
});

it.each([
  'https://evil.example/archives/C0OPERATE/p1700000000000100',
  'https://shop.slack.com/files/U1/F1/a.txt',
  'operations',
  'https://notslack.com/archives/C0OPERATE',
])('%s is not a link to a message', (text) => {
  expect(readMessageLink(text)).toBeUndefined();
});

it('a ts is read in every notation', () => {
  for (const text of ['1700000000.000100', 'p1700000000000100', '1700000000000100', ' p1700000000000100 '])
    expect(readTs(text, 'message')).toBe('1700000000.000100');
  for (const text of ['1700000000', 'p17', '1700000000.1', '']) expect(readTs(text, 'message')).toBeUndefined();
});

describe('a link to a message', () => {
  it('replaces channel and ts in every tool that takes them', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack);
    const question = slack.workspace.channel('operations')!.messages.find(({ text }) => text.startsWith('Anyone'))!;
    const answer = slack.workspace.channel('operations')!.messages.find(({ text }) => text.startsWith('Yes'))!;
    const linkTo = (ts: string, more = ''): string => `${slack.url}/archives/C0OPERATE/p${ts.replace('.', '')}${more}`;
    const link = linkTo(question.ts);
    for (const input of [
      { channel: link },
      { channel: link, thread_ts: `p${question.ts.replace('.', '')}` },
      { channel: 'operations', thread_ts: link },
      { channel: linkTo(answer.ts, `?thread_ts=${question.ts}&cid=C0OPERATE`) },
    ])
      expect((await server.call('read_slack_thread', input)).text, JSON.stringify(input)).toContain(
        'Yes, a few customers',
      );
    expect((await server.call('read_slack_channel', { channel: link, oldest: link })).text).toContain('Anyone else');
    await server.call('add_slack_reaction', { channel: link, name: 'tada' });
    expect(question.reactions.has('tada')).toBe(true);
    const { structured } = await server.call('post_slack_message', { channel: link, text: 'Reply' });
    expect(slack.messages('operations')[0]?.threadTs).toBe(question.ts);
    await server.call('post_slack_message', { channel: 'operations', thread_ts: link, text: 'Another' });
    expect(slack.messages('operations')[1]?.threadTs).toBe(question.ts);
    await server.call('update_slack_message', { channel: structured['permalink'], text: 'Reply, better' });
    expect(slack.messages('operations')[0]?.text).toBe('Reply, better');
    await server.call('upload_slack_file', { channel: link, filename: 'a.txt', content: 'x' });
    expect(slack.messages('operations')[2]?.threadTs).toBe(question.ts);
  });

  it('bypasses no setting, and missing parts are reported', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack, { SLACK_READ_CHANNELS: '#general', SLACK_ALLOWED_CHANNELS: '#general' });
    const link = `${slack.url}/archives/C0OPERATE/p1700000000000100`;
    expect(await server.fail('read_slack_thread', { channel: link })).toMatchObject({ code: 'not_allowed' });
    expect(await server.fail('post_slack_message', { channel: link, text: 'x' })).toMatchObject({
      code: 'not_allowed',
    });
    expect(await server.fail('read_slack_thread', { channel: 'general' })).toMatchObject({
      code: 'invalid_arguments',
      message: "'thread_ts' is required: a ts such as 1700000000.000100, or a link.",
    });
    expect(
      await server.fail('add_slack_reaction', { channel: 'general', name: 'eyes', ts: 'yesterday' }),
    ).toMatchObject({
      message: "'ts': must be a message ts such as 1700000000.000100, or a link to the message",
    });
  });
});

describe('direct messages', () => {
  const direct = (slack: StandIn): string => {
    const channel = slack.workspace.openDirect(slack.workspace.person('U0JANE001')!);
    say(slack, channel.id, { text: 'a word in private' });
    return channel.id;
  };

  it('are read by person or by id if the token has the scopes', async () => {
    const slack = await startStandIn();
    const id = direct(slack);
    const server = await startServer(slack);
    for (const channel of [id, 'U0JANE001', '@jane', '<@U0JANE001>', `${slack.url}/archives/${id}`]) {
      const { text } = await server.call('read_slack_channel', { channel });
      expect(text, channel).toMatch(/^direct messages with Jane Doe: 1 messages/);
      expect(text).toContain('a word in private');
    }
    expect(await server.fail('read_slack_channel', { channel: '@omar' })).toMatchObject({ code: 'not_found' });
    expect(await server.fail('read_slack_channel', { channel: '@lin' })).toMatchObject({ code: 'not_found' });
  });

  it('are not read without the scopes, nor outside the settings, and never written to', async () => {
    const slack = await startStandIn({ withoutScopes: ['im:history', 'im:read'] });
    const id = direct(slack);
    const server = await startServer(slack);
    expect(await server.fail('read_slack_channel', { channel: id })).toMatchObject({
      message: 'The Slack app lacks the scope im:history.',
    });
    expect(await server.fail('read_slack_channel', { channel: '@jane' })).toMatchObject({
      message: 'The Slack app lacks the scope im:read.',
    });
    for (const channel of [id, 'U0JANE001', `${slack.url}/archives/${id}/p1700000000000100`])
      expect(await server.fail('post_slack_message', { channel, text: 'x' }), channel).toMatchObject({
        code: 'invalid_arguments',
      });
    const limited = await startServer(slack, { SLACK_READ_CHANNELS: '#general' });
    expect(await limited.fail('read_slack_channel', { channel: id })).toMatchObject({ code: 'not_allowed' });
  });
});
