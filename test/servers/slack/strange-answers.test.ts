import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { endless, peakMemory, raw, startUpstream, type Upstream, type UpstreamAnswer } from '../../stack/upstream.ts';
import { startServer, startStandIn, type SlackServer } from './harness.ts';

const token = 'xoxb-000000000003-upstream';
const operations = { id: 'C0OPERATE', name: 'operations', is_member: true };
const message = { channel: 'C0OPERATE', text: 'The answer is strange.' };

/** A minimal Slack as documented. The history contains what was posted. */
async function startBare(answers: Record<string, UpstreamAnswer> = {}): Promise<Upstream> {
  const slack = await startUpstream('Slack', { 'the token of a bare Slack': token });
  onTestFinished(() => slack.stop());
  const stored: unknown[] = [];
  const { 'chat.postMessage': answerPost = { ok: true, ts: '1700000000.000100' }, ...others } = answers;
  const all: Record<string, UpstreamAnswer> = {
    'auth.test': { ok: true, url: 'https://shop.slack.com/', user: 'switchboard', user_id: 'U0BOT0001' },
    'conversations.info': { ok: true, channel: operations },
    'conversations.list': { ok: true, channels: [operations] },
    'conversations.history': () => ({ ok: true, messages: stored }),
    'chat.getPermalink': { ok: true, permalink: 'https://shop.slack.com/archives/C0OPERATE/p1700000000000100' },
    'chat.postMessage': (request, response) => {
      const metadata: unknown = JSON.parse(new URLSearchParams(request.body).get('metadata') ?? 'null');
      stored.push({ ts: '1700000000.000100', text: 'x', metadata });
      return typeof answerPost === 'function' ? answerPost(request, response) : answerPost;
    },
    ...others,
  };
  for (const [method, answer] of Object.entries(all)) slack.on(`POST /api/${method}`, answer);
  return slack;
}

const startFor = (slack: Upstream): Promise<SlackServer> =>
  startServer({ token, apiUrl: `${slack.url}/api/` }, { SWITCHBOARD_RATE_LIMITS: 'off' });

/** The bytes of a response. */
const answerOf = (body: string): Buffer =>
  Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);

/** Stores what is posted and responds with this many bytes, or with all but this many. @returns its ts. */
function storeAndCut(slack: Upstream, whole: Buffer, bytes: number): string {
  const ts = `170000000${Math.abs(bytes) % 10}.${String(bytes + 500).padStart(6, '0')}`;
  slack.on('POST /api/chat.postMessage', (request, response) => {
    const metadata: unknown = JSON.parse(new URLSearchParams(request.body).get('metadata') ?? 'null');
    slack.on('POST /api/conversations.history', { ok: true, messages: [{ ts, text: 'x', metadata }] });
    response.socket?.write(whole.subarray(0, bytes), () => response.socket?.resetAndDestroy());
  });
  return ts;
}

const unreadable: Readonly<Record<string, UpstreamAnswer>> = {
  'nothing at all': raw(200, ''),
  'an empty object': {},
  'a refusal without a name': { ok: false },
  'a refusal by something else': { ok: false, error: { message: 'no' } },
  null: raw(200, 'null'),
  'a number': raw(200, '7'),
  'a list': raw(200, '[{"ok":true}]'),
  'half an answer': raw(200, '{"ok":true,"ts":"17000'),
  'a login page': raw(200, '<html><title>Sign in</title></html>', { 'content-type': 'text/html' }),
  'what is not compressed as it says': raw(200, '{"ok":true}', { 'content-encoding': 'gzip' }),
  'a head without end': raw(200, '{"ok":true}', { 'x-long': 'x'.repeat(100_000) }),
};

describe('an unreadable response', () => {
  const ofWrites: Readonly<Record<string, UpstreamAnswer>> = {
    ...unreadable,
    'a yes without ts': { ok: true },
    'a ts that is a number': { ok: true, ts: 1_700_000_000.0001 },
    'another kind of success': raw(201, '{"ok":true,"ts":"1700000000.000100"}'),
    'success without content': raw(204, ''),
    'an answer without end': endless,
    'a bomb': raw(200, gzipSync(Buffer.alloc(200_000_000)), { 'content-encoding': 'gzip' }),
  };

  it.each(Object.entries(ofWrites))('to a post: %s, and the message is found, not sent again', async (name, answer) => {
    const slack = await startBare({ 'chat.postMessage': answer });
    const server = await startFor(slack);
    const { structured } = await server.call('post_slack_message', message, { key: `strange ${name}` });
    expect(structured).toMatchObject({ outcome: 'done', ts: '1700000000.000100' });
    expect(slack.requests.filter(({ line }) => line === 'POST /api/chat.postMessage')).toHaveLength(1);
    expect(peakMemory(server.pid)).toBeLessThan(300_000);
  });

  it('truncated at any byte: each message is found, not sent again', async () => {
    const whole = answerOf('{"ok":true,"ts":"1700000000.000100"}');
    const slack = await startBare();
    // One channel per message, because each accepts one message per second.
    slack.on('POST /api/conversations.info', ({ body }) => ({
      ok: true,
      channel: { ...operations, id: new URLSearchParams(body).get('channel') },
    }));
    const server = await startFor(slack);
    for (const [index, bytes] of [0, 1, 9, 12, 40, -38, -37, -36, -35, -20, -2, -1].entries()) {
      const ts = storeAndCut(slack, whole, bytes);
      const input = { channel: `C0CHANNEL${index}`, text: 'Cut' };
      const { structured } = await server.call('post_slack_message', input, { key: `cut at byte ${bytes}` });
      expect({ bytes, ...structured }).toMatchObject({ bytes, outcome: 'done', ts });
    }
    expect(slack.requests.filter(({ line }) => line === 'POST /api/chat.postMessage')).toHaveLength(12);
  });

  it('to a read is an error that says so', async () => {
    const slack = await startBare();
    const server = await startFor(slack);
    for (const [name, answer] of Object.entries(unreadable)) {
      slack.on('POST /api/conversations.info', answer);
      const { code, message: text } = await server.fail('read_slack_channel', { channel: 'C0OPERATE' });
      expect({ name, code, text }).toMatchObject({
        code: expect.stringMatching(/^(?:upstream_error|unreachable)$/) as unknown,
        text: expect.stringMatching(/did not come from Slack|broke during conversations\.info/) as unknown,
      });
    }
    slack.on('POST /api/conversations.info', endless);
    expect(await server.fail('read_slack_channel', { channel: 'C0OPERATE' })).toMatchObject({
      code: 'too_large',
      message: "Slack's response to conversations.info is longer than 20 MB.",
    });
    expect(peakMemory(server.pid)).toBeLessThan(300_000);
  });

  it('is not one that merely lacks a content type, as behind a proxy', async () => {
    const plain = raw(200, '{"ok":true,"ts":"1700000000.000100"}', { 'content-type': 'text/plain' });
    const server = await startFor(await startBare({ 'chat.postMessage': plain }));
    expect((await server.call('post_slack_message', message)).structured['ts']).toBe('1700000000.000100');
  });
});

it('a 429 is waited out in any format that HTTP allows', async () => {
  const slack = await startBare();
  const server = await startFor(slack);
  const limited = (wait: string): UpstreamAnswer =>
    raw(429, '{"ok":false,"error":"ratelimited"}', { 'retry-after': wait });
  const inADay = new Date(Date.now() + 86_400_000 * 3).toUTCString();
  const long = [
    ['3600', 3_600_000],
    ['999999999999999999999', 86_400_000],
    [inADay, 86_400_000],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
  ] as const;
  for (const [header, retryAfterMs] of long) {
    slack.on('POST /api/conversations.info', limited(header));
    const failure = await server.fail('read_slack_channel', { channel: 'C0OPERATE' });
    expect({ header, ...failure }).toMatchObject({ header, code: 'rate_limited', retryable: true });
    expect(failure.retryAfterMs).toBe(retryAfterMs);
  }
  const past = new Date(Date.now() - 60_000).toUTCString();
  for (const header of ['0', past]) {
    let refusals = 2;
    slack.on('POST /api/conversations.info', (request, response) => {
      refusals -= 1;
      return refusals < 0
        ? { ok: true, channel: operations }
        : raw(429, '{}', { 'retry-after': header })(request, response);
    });
    await server.call('read_slack_channel', { channel: 'C0OPERATE' });
  }
});

it('every Slack error has a code that says what to do', async () => {
  const slack = await startBare();
  const server = await startFor(slack);
  const codes = {
    unauthorized: 'not_authed invalid_auth account_inactive token_revoked token_expired org_login_required',
    forbidden: `not_in_channel restricted_action restricted_action_read_only_channel restricted_action_thread_locked
      restricted_action_thread_only_channel restricted_action_non_threadable_channel no_permission access_denied
      ekm_access_denied team_access_not_granted slack_connect_canvas_sharing_blocked enterprise_is_restricted`,
    not_found: 'channel_not_found thread_not_found message_not_found',
    conflict: 'is_archived cannot_reply_to_message external_channel_migrating',
    too_large: 'msg_too_long msg_blocks_too_long',
    quota_exceeded: 'message_limit_exceeded',
    rate_limited: 'ratelimited rate_limited',
    not_configured: 'team_not_found',
    upstream_error: `invalid_blocks invalid_attachments no_text too_many_attachments metadata_too_large
      invalid_metadata_schema markdown_text_conflict method_deprecated something_of_tomorrow`,
  };
  // Each in a separate channel, because each accepts one message per second.
  slack.on('POST /api/conversations.info', ({ body }) => ({
    ok: true,
    channel: { ...operations, id: new URLSearchParams(body).get('channel') },
  }));
  let channels = 10;
  for (const [code, names] of Object.entries(codes))
    for (const error of names.split(/\s+/)) {
      slack.on('POST /api/chat.postMessage', { ok: false, error });
      channels += 1;
      const failure = await server.fail('post_slack_message', { channel: `C0CHANNEL${channels}`, text: 'x' });
      expect({ error, code: failure.code }).toEqual({ error, code });
      expect(failure.message).not.toMatch(/Whether it was done/);
    }
});

describe('missing or null fields hide nothing else', () => {
  it('of channels', async () => {
    const slack = await startBare({
      'conversations.list': {
        ok: true,
        channels: [
          { id: 'C0NOTHING' },
          { id: 'C0NULLED1', name: null, topic: null, num_members: null, is_private: null, is_member: null },
          { ...operations, topic: { value: null }, is_ext_shared: null },
        ],
      },
    });
    const server = await startFor(slack);
    const { text } = await server.call('list_slack_channels', {});
    expect(text).toBe('#operations C0OPERATE (app is in it, ? members)');
  });

  it('of messages and people', async () => {
    const nothing = { ts: '1700000003.000000', user: null, text: null, blocks: null, attachments: null, files: null };
    const slack = await startBare({
      'conversations.history': {
        ok: true,
        messages: [
          { ...nothing, reactions: null, metadata: {}, bot_id: null, reply_count: null, subtype: null },
          { ts: '1700000002.000000', user: 'U0GONE001', text: 'by somebody', files: [{ id: null, title: null }] },
          { ts: '1700000001.000000', user: 'U0NAMED01', text: 'by a person', thread_ts: null },
        ],
        response_metadata: { next_cursor: null },
      },
      'users.info': ({ body }) =>
        body.includes('U0GONE001')
          ? { ok: true, user: { id: 'U0GONE001', name: null, real_name: null, profile: null, deleted: true } }
          : { ok: true, user: { id: 'U0NAMED01', profile: { display_name: 'Nan', real_name: null } } },
    });
    const server = await startFor(slack);
    const { text } = await server.call('read_slack_channel', { channel: 'C0OPERATE' });
    expect(text.split('\n').slice(1)).toEqual([
      '[1700000001.000000] 2023-11-14T22:13:21Z Nan: by a person',
      '[1700000002.000000] 2023-11-14T22:13:22Z U0GONE001: by somebody',
      '[file: ]',
      '[1700000003.000000] 2023-11-14T22:13:23Z unknown: ',
    ]);
  });
});

it('a repeated page cursor is an error', async () => {
  const slack = await startBare();
  const server = await startFor(slack);
  const again = { response_metadata: { next_cursor: 'again' } };
  slack.on('POST /api/conversations.list', { ok: true, channels: [operations], ...again });
  slack.on('POST /api/users.list', { ok: true, members: [], ...again });
  for (const [tool, input] of [
    ['list_slack_channels', {}],
    ['read_slack_channel', { channel: '#nowhere' }],
    ['find_slack_users', { query: 'nobody' }],
  ] as const)
    expect(await server.fail(tool, input)).toMatchObject({
      code: 'upstream_error',
      message: 'Slack repeated the same page cursor.',
    });
});

it('a channel that was renamed is not written to under its old name', async () => {
  const slack = await startBare();
  const server = await startFor(slack);
  await server.call('post_slack_message', { channel: '#operations', text: 'first' });
  // The name now belongs to another channel.
  slack.on('POST /api/conversations.list', {
    ok: true,
    channels: [
      { ...operations, name: 'operations-old' },
      { ...operations, id: 'C0OPERAT2' },
    ],
  });
  slack.on('POST /api/conversations.info', ({ body }) => ({
    ok: true,
    channel: body.includes('C0OPERAT2')
      ? { ...operations, id: 'C0OPERAT2' }
      : { ...operations, name: 'operations-old' },
  }));
  const { structured } = await server.call('post_slack_message', { channel: '#operations', text: 'second' });
  expect(structured['channel']).toBe('C0OPERAT2');
  slack.on('POST /api/conversations.list', { ok: true, channels: [{ ...operations, name: 'operations-old' }] });
  slack.on('POST /api/conversations.info', { ok: true, channel: { ...operations, name: 'operations-old' } });
  expect(await server.fail('post_slack_message', { channel: '#operations', text: 'third' })).toMatchObject({
    code: 'not_found',
    message: 'There is no Slack channel #operations that this app can see.',
  });
});

it('a reply to a reply goes to its thread', async () => {
  const slack = await startStandIn();
  const server = await startServer(slack);
  const channel = '#operations';
  const first = await server.call('post_slack_message', { channel, text: 'First' });
  const reply = await server.call('post_slack_message', { channel, text: 'Reply', thread_ts: first.structured['ts'] });
  const input = { channel, text: 'Reply to the reply', thread_ts: reply.structured['ts'] };
  const { fields } = await server.preview('post_slack_message', input);
  expect(fields).toContainEqual({ label: 'Thread', value: first.structured['ts'], argument: 'thread_ts' });
  await server.call('post_slack_message', input);
  await server.call('upload_slack_file', {
    channel,
    filename: 'a.txt',
    content: 'x',
    thread_ts: reply.structured['ts'],
  });
  const inThread = slack.messages(channel).slice(1);
  expect(inThread.map(({ threadTs }) => threadTs)).toEqual(Array(3).fill(first.structured['ts']));
});
