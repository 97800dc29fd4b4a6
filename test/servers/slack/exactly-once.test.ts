import { describe, expect, it } from 'vitest';
import type { Fault } from '../../stack/slack/slack.ts';
import { within } from './harness.ts';

const operations = '#operations';
const message = { channel: operations, text: 'The answer may be lost.' };

describe.concurrent('exactly one message', () => {
  const afterStore: readonly Fault[] = [{ kind: 'lost-answer' }, { kind: 'error-after-store' }, { kind: 'cut-answer' }];

  it('when the answer is lost, is a 500 or breaks off: it is found, not sent again', async (context) => {
    const start = within(context);
    const slack = await start.standIn();
    const server = await start.server(slack);
    for (const [index, fault] of afterStore.entries()) {
      slack.misbehave({ method: 'chat.postMessage', fault });
      const said: string[] = [];
      const { structured } = await server.call('post_slack_message', message, {
        key: `lost-answer-${index}`,
        onProgress: (text) => said.push(text),
      });
      const stored = slack.messages(operations);
      expect(stored, fault.kind).toHaveLength(index + 1);
      expect(structured, fault.kind).toMatchObject({ outcome: 'done', ts: stored[index]?.ts });
      expect(said).toContain('The response was lost. Checking whether the change was made.');
    }
  });

  it('also without a key, as other clients call', async (context) => {
    const start = within(context);
    const slack = await start.standIn();
    const server = await start.server(slack);
    slack.misbehave({ method: 'chat.postMessage', fault: { kind: 'lost-answer' } });
    const { structured } = await server.call('post_slack_message', message);
    expect(structured['outcome']).toBe('done');
    expect(slack.messages(operations)).toHaveLength(1);
  });

  it('or none, and then it says that nobody knows', async (context) => {
    const start = within(context);
    const slack = await start.standIn();
    const server = await start.server(slack);
    const faults: readonly Fault[] = [
      { kind: 'reset' },
      { kind: 'status', status: 503 },
      { kind: 'html' },
      { kind: 'redirect', to: `${slack.url}/elsewhere` },
    ];
    const answers = await Promise.all(
      faults.map(async (fault, index) => {
        const once = await start.server(slack, {});
        slack.misbehave({ method: 'chat.postMessage', fault });
        return once.fail('post_slack_message', message, { key: `never-stored-${index}` });
      }),
    );
    for (const answer of answers.filter(({ code }) => code !== 'upstream_error'))
      expect(answer).toMatchObject({
        code: 'outcome_unknown',
        retryable: false,
        hint: 'It was not sent again. Check #operations for the message.',
      });
    expect(slack.requests('chat.postMessage')).toHaveLength(faults.length);
    expect(slack.messages(operations)).toEqual([]);
    expect(server.stderr()).toBe('');
  });

  it('when Slack cannot be reached nothing was sent, and it says so', async (context) => {
    const start = within(context);
    const slack = await start.standIn();
    const state = await start.stateFolder();
    const gone = await start.standIn();
    await gone.stop();
    const away = await start.server(slack, { SLACK_API_URL: gone.apiUrl, SWITCHBOARD_STATE_DIR: state });
    expect(await away.fail('post_slack_message', message, { key: 'unreachable' })).toMatchObject({
      code: 'unreachable',
      message: 'Slack cannot be reached (ECONNREFUSED); nothing was sent.',
      retryable: true,
    });
    const back = await start.server(slack, { SWITCHBOARD_STATE_DIR: state });
    const { structured } = await back.call('post_slack_message', message, { key: 'unreachable' });
    expect(structured['outcome']).toBe('done');
    expect(slack.messages(operations)).toHaveLength(1);
  });

  it('when the server is killed between store and answer, and started again', async (context) => {
    const start = within(context);
    const slack = await start.standIn();
    const state = await start.stateFolder();
    const first = await start.server(slack, { SWITCHBOARD_STATE_DIR: state });
    slack.misbehave({ method: 'chat.postMessage', fault: { kind: 'hang-after-store' } });
    const stored = slack.handled('chat.postMessage');
    const lost = first.call('post_slack_message', message, { key: 'killed-1' }).catch((error: unknown) => error);
    await stored;
    process.kill(first.pid, 'SIGKILL');
    expect(await lost).toBeInstanceOf(Error);
    const second = await start.server(slack, { SWITCHBOARD_STATE_DIR: state });
    const { structured } = await second.call('post_slack_message', message, { key: 'killed-1' });
    expect(structured).toMatchObject({ outcome: 'replayed', ts: slack.messages(operations)[0]?.ts });
    expect(slack.messages(operations)).toHaveLength(1);
  });

  it('when it is killed before Slack has it: nobody knows, and it is not sent again', async (context) => {
    const start = within(context);
    const slack = await start.standIn();
    const state = await start.stateFolder();
    const first = await start.server(slack, { SWITCHBOARD_STATE_DIR: state });
    slack.misbehave({ method: 'chat.postMessage', fault: { kind: 'hang' } });
    const arrived = slack.handled('chat.postMessage');
    const lost = first.call('post_slack_message', message, { key: 'killed-2' }).catch((error: unknown) => error);
    await arrived;
    process.kill(first.pid, 'SIGKILL');
    await lost;
    const second = await start.server(slack, { SWITCHBOARD_STATE_DIR: state });
    expect(await second.fail('post_slack_message', message, { key: 'killed-2' })).toMatchObject({
      code: 'outcome_unknown',
    });
    expect(slack.messages(operations)).toEqual([]);
  });

  it('when two servers are asked at once with one key', async (context) => {
    const start = within(context);
    const slack = await start.standIn();
    const state = await start.stateFolder();
    const servers = await Promise.all([1, 2].map(() => start.server(slack, { SWITCHBOARD_STATE_DIR: state })));
    const answers = await Promise.all(
      [...servers, ...servers].map((server) => server.call('post_slack_message', message, { key: 'both-at-once' })),
    );
    expect(slack.messages(operations)).toHaveLength(1);
    expect(
      answers.map(({ structured }) => String(structured['outcome'])).toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(['done', 'replayed', 'replayed', 'replayed']);
    expect(new Set(answers.map(({ structured }) => structured['ts'])).size).toBe(1);
  });

  it('of each part of a thread, when a later part fails', async (context) => {
    const start = within(context);
    const slack = await start.standIn();
    const state = await start.stateFolder();
    const text = Array.from({ length: 3 }, (_, index) => `Part ${index} ${'word '.repeat(1_700)}`).join('\n\n');
    const long = { channel: operations, text };
    slack.misbehave({ method: 'chat.postMessage', fault: { kind: 'refuse', error: 'ratelimited' }, after: 1 });
    const server = await start.server(slack, { SWITCHBOARD_STATE_DIR: state });
    const error = await server.fail('post_slack_message', long, { key: 'in-parts' });
    const [first] = slack.messages(operations);
    expect(slack.messages(operations)).toHaveLength(1);
    expect(error).toMatchObject({
      code: 'rate_limited',
      message: `1 of 3 messages were posted (${slack.url}/archives/C0OPERATE/p${first?.ts.replace('.', '')}), then: Slack applied a rate limit without saying for how long.`,
    });
    slack.misbehave({ method: 'chat.postMessage', fault: { kind: 'lost-answer' } });
    const { structured } = await server.call('post_slack_message', long, { key: 'in-parts' });
    const stored = slack.messages(operations);
    expect(structured['parts']).toHaveLength(stored.length);
    expect(new Set(stored.map((part) => part.text.slice(0, 6))).size).toBe(stored.length);
    expect(stored.slice(1).every((part) => part.threadTs === stored[0]?.ts)).toBe(true);
  });

  it('of each part of a thread, when the server is killed in the middle of it', async (context) => {
    const start = within(context);
    const slack = await start.standIn();
    const state = await start.stateFolder();
    const text = Array.from({ length: 3 }, (_, index) => `Part ${index} ${'word '.repeat(1_700)}`).join('\n\n');
    const long = { channel: operations, text };
    const first = await start.server(slack, { SWITCHBOARD_STATE_DIR: state });
    slack.misbehave({ method: 'chat.postMessage', fault: { kind: 'hang-after-store' }, after: 1 });
    const one = slack.handled('chat.postMessage');
    const lost = first.call('post_slack_message', long, { key: 'killed-in-parts' }).catch((error: unknown) => error);
    await one;
    await slack.handled('chat.postMessage');
    process.kill(first.pid, 'SIGKILL');
    await lost;
    const second = await start.server(slack, { SWITCHBOARD_STATE_DIR: state });
    const { structured } = await second.call('post_slack_message', long, { key: 'killed-in-parts' });
    const stored = slack.messages(operations);
    expect(structured).toMatchObject({ outcome: 'done', parts: stored.map(({ ts }) => ({ ts })) });
    expect(stored.map((part) => part.text.slice(0, 6))).toEqual(['Part 0', 'Part 1', 'Part 2']);
  });

  it('waits out a short 429, which stores nothing, and tells of a long one', async (context) => {
    const start = within(context);
    const slack = await start.standIn();
    const server = await start.server(slack);
    slack.misbehave({ method: 'chat.postMessage', fault: { kind: 'rate-limited', retryAfter: 1 } });
    const said: string[] = [];
    await server.call('post_slack_message', message, { onProgress: (text) => said.push(text) });
    expect(said).toContain('Slack asks to wait 1 s');
    slack.misbehave({ method: 'chat.postMessage', fault: { kind: 'rate-limited', retryAfter: 90 } });
    expect(await server.fail('post_slack_message', message)).toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 90_000,
    });
    slack.misbehave({ method: 'chat.postMessage', fault: { kind: 'rate-limited' } });
    expect(await server.fail('post_slack_message', message)).toMatchObject({ code: 'rate_limited', retryable: true });
    expect(slack.messages(operations)).toHaveLength(1);
  });

  it('sends nothing when cancelled before the send, and finishes once it is sent', async (context) => {
    const start = within(context);
    const slack = await start.standIn();
    const server = await start.server(slack);
    slack.misbehave({ method: 'conversations.info', fault: { kind: 'hang' } });
    const looking = slack.handled('conversations.info');
    const early = new AbortController();
    const cancelled = server.call('post_slack_message', message, { signal: early.signal, key: 'cancel-early' });
    await looking;
    early.abort();
    await expect(cancelled).rejects.toThrow();
    const after = await server.call('post_slack_message', message, { key: 'cancel-early' });
    expect(after.structured['outcome']).toBe('done');
    const late = new AbortController();
    const posting = slack.handled('chat.postMessage');
    const sent = server.call('post_slack_message', message, { signal: late.signal, key: 'cancel-late' });
    await posting;
    late.abort();
    await expect(sent).rejects.toThrow();
    const again = await server.call('post_slack_message', message, { key: 'cancel-late' });
    expect(again.structured['outcome']).toBe('replayed');
    expect(slack.messages(operations)).toHaveLength(2);
  });

  it('sends nothing when cancelled while it waits for Slack, and may be asked again', async (context) => {
    const start = within(context);
    const slack = await start.standIn();
    const server = await start.server(slack);
    slack.misbehave({ method: 'chat.postMessage', fault: { kind: 'rate-limited', retryAfter: 9 } });
    const limited = slack.handled('chat.postMessage');
    const leaving = new AbortController();
    const waiting = server.call('post_slack_message', message, { signal: leaving.signal, key: 'cancel-waiting' });
    await limited;
    leaving.abort();
    await expect(waiting).rejects.toThrow();
    const { structured } = await server.call('post_slack_message', message, { key: 'cancel-waiting' });
    expect(structured['outcome']).toBe('done');
    expect(slack.messages(operations)).toHaveLength(1);
  });

  it('tells what stands of a thread that was stopped, and goes on with it when asked again', async (context) => {
    const start = within(context);
    const slack = await start.standIn();
    const server = await start.server(slack);
    const text = Array.from({ length: 3 }, (_, index) => `Part ${index} ${'word '.repeat(1_700)}`).join('\n\n');
    const long = { channel: operations, text };
    const error = await server.fail('post_slack_message', long, {
      key: 'stopped-in-parts',
      name: 'call-1',
      onProgress: (message) => {
        if (message === 'Posting 2 of 3') void server.stop('call-1');
      },
    });
    expect(error.code).toBe('cancelled');
    expect(error.message).toMatch(/^1 of 3 messages were posted \(http/);
    const { structured } = await server.call('post_slack_message', long, { key: 'stopped-in-parts' });
    expect(structured['parts']).toHaveLength(3);
    expect(slack.messages(operations)).toHaveLength(3);
  });

  it('refuses another text under the same key', async (context) => {
    const start = within(context);
    const slack = await start.standIn();
    const server = await start.server(slack);
    await server.call('post_slack_message', message, { key: 'same-key-1' });
    expect(
      await server.fail('post_slack_message', { ...message, text: 'Another.' }, { key: 'same-key-1' }),
    ).toMatchObject({ code: 'idempotency_mismatch', hint: 'Use a new key for a changed call.' });
  });

  it('says why it could not look when the history may not be read', async (context) => {
    const start = within(context);
    const slack = await start.standIn({ withoutScopes: ['channels:history'] });
    const server = await start.server(slack);
    slack.misbehave({ method: 'chat.postMessage', fault: { kind: 'lost-answer' } });
    const error = await server.fail('post_slack_message', message, { key: 'no-history' });
    expect(error.code).toBe('outcome_unknown');
    expect(error.message).toContain('Checking for it failed: The Slack app lacks the scope channels:history.');
  });

  it('also of a file, of an edit and of a reaction', async (context) => {
    const start = within(context);
    const slack = await start.standIn();
    const server = await start.server(slack);
    for (const method of ['files.getUploadURLExternal', 'upload', 'files.completeUploadExternal']) {
      slack.misbehave({ method, fault: { kind: 'lost-answer' } });
      const file = { channel: '#general', filename: `${method}.csv`, content: 'id,status\n1,failed\n' };
      const { structured } = await server.call('upload_slack_file', file, { key: `file-${method}` });
      expect(structured, method).toMatchObject({ outcome: 'done', bytes: 19 });
    }
    const shared = slack.messages('#general').flatMap(({ files }) => files);
    expect(shared.map(({ content }) => content.toString())).toEqual(Array(3).fill('id,status\n1,failed\n'));
    const { structured: posted } = await server.call('post_slack_message', message);
    const target = { channel: operations, ts: posted['ts'] };
    slack.misbehave({ method: 'chat.update', fault: { kind: 'lost-answer' } });
    slack.misbehave({ method: 'reactions.add', fault: { kind: 'lost-answer' } });
    await server.call('update_slack_message', { ...target, text: 'Changed.' }, { key: 'edit-once' });
    await server.call('add_slack_reaction', { ...target, name: 'eyes' }, { key: 'react-once' });
    expect(slack.messages(operations)).toHaveLength(1);
    expect(slack.messages(operations)[0]?.text).toBe('Changed.');
    expect([...(slack.messages(operations)[0]?.reactions.get('eyes') ?? [])]).toEqual(['U0BOT0001']);
  });
});
