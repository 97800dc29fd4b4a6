import { describe, expect, it } from 'vitest';
import { undoCalls } from '../../../src/agent/undo.ts';
import { startServer, startStandIn } from './harness.ts';

const channel = '#operations';

async function setUp() {
  const slack = await startStandIn();
  const server = await startServer(slack);
  const posted = await server.call('post_slack_message', { channel, text: 'Orders fail since 06:02' });
  const messages = () => slack.workspace.channel('operations')?.messages ?? [];
  const target = { channel, ts: String(posted.structured['ts']) };
  const mine = () => messages().find(({ ts }) => ts === target.ts);
  return { slack, server, messages, mine, target };
}

describe('deleting a message', () => {
  it('is previewed with its text, deletes only that one, and is done once for a key', async () => {
    const { server, messages, mine, target } = await setUp();
    const before = messages().length;
    expect(await server.preview('delete_slack_message', target)).toMatchObject({
      title: 'Delete a Slack message',
      destination: { id: 'C0OPERATE', name: channel },
      body: 'Orders fail since 06:02',
      raw: JSON.stringify({ channel: 'C0OPERATE', ts: target.ts }),
    });
    expect(mine()).toBeDefined();
    for (const outcome of ['done', 'replayed'])
      expect((await server.call('delete_slack_message', target, { key: 'delete-1' })).structured).toMatchObject({
        outcome,
        ts: target.ts,
      });
    expect(mine()).toBeUndefined();
    expect(messages()).toHaveLength(before - 1);
  });

  it('is refused for what others wrote and for what is not there', async () => {
    const { server, messages, target } = await setUp();
    const other = messages().find(({ botId }) => botId === undefined);
    await expect(server.preview('delete_slack_message', { channel, ts: other?.ts })).rejects.toThrow(
      'Only messages posted by this app can be deleted.',
    );
    await server.call('delete_slack_message', target);
    await expect(server.preview('delete_slack_message', target)).rejects.toThrow('There is no message');
  });
});

describe('removing a reaction', () => {
  it('takes back only that one, and is done where it is gone already', async () => {
    const { server, mine, target } = await setUp();
    for (const name of ['eyes', 'tada']) await server.call('add_slack_reaction', { ...target, name });
    const remove = { ...target, name: 'eyes', remove: true };
    expect(await server.preview('add_slack_reaction', remove)).toMatchObject({
      title: 'Remove a reaction in Slack',
      raw: expect.stringContaining('reactions.remove') as unknown,
    });
    for (const [key, changed] of [
      ['first-time', true],
      ['second-time', false],
    ] as const)
      // prettier-ignore
      expect(await server.call('add_slack_reaction', remove, { key })).toMatchObject({
        text: 'Removed the reaction :eyes: in #operations.',
        structured: { removed: true, changed },
      });
    expect([...(mine()?.reactions.keys() ?? [])]).toEqual(['tada']);
  });
});

describe('taking back an edit', () => {
  it('sets the old blocks again, and deletes what continued in the thread', async () => {
    const { server, mine, messages, target } = await setUp();
    const before = structuredClone([mine()?.text, mine()?.blocks]);
    const count = messages().length;
    const long = `New: ${'many words '.repeat(2_000)}`;
    const edited = await server.call('update_slack_message', { ...target, text: long });
    expect(mine()?.text).toContain('New');
    expect(messages().length).toBeGreaterThan(count);
    const calls = undoCalls('update_slack_message', edited.structured);
    expect(calls.at(-1)?.plainName).toBe('restore_slack_message');
    for (const { plainName, arguments: input } of calls) {
      expect(await server.preview(plainName, input)).toMatchObject({ destination: { id: 'C0OPERATE' } });
      await server.call(plainName, input);
    }
    expect([mine()?.text, mine()?.blocks]).toEqual(before);
    expect(messages()).toHaveLength(count);
  });

  it('is refused if the message was edited since', async () => {
    const { server, target } = await setUp();
    const first = await server.call('update_slack_message', { ...target, text: 'First edit' });
    await server.call('update_slack_message', { ...target, text: 'Second edit' });
    const [undo] = undoCalls('update_slack_message', first.structured);
    await expect(server.preview('restore_slack_message', undo?.arguments ?? {})).rejects.toThrow(
      'The message was edited since. It stays as it is.',
    );
  });
});

describe('taking back an upload', () => {
  it('deletes the file, once for a key', async () => {
    const { server, messages } = await setUp();
    const count = messages().length;
    const shared = await server.call('upload_slack_file', { channel, filename: 'orders.csv', content: 'a,b' });
    expect(messages()).toHaveLength(count + 1);
    const [undo] = undoCalls('upload_slack_file', shared.structured);
    const input = undo?.arguments ?? {};
    expect(await server.preview('delete_slack_file', input)).toMatchObject({ title: 'Delete orders.csv from Slack' });
    for (const outcome of ['done', 'replayed'])
      expect((await server.call('delete_slack_file', input, { key: 'delete-file' })).structured).toMatchObject({
        outcome,
      });
    expect(messages()).toHaveLength(count);
  });
});
