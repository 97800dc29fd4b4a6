import { describe, expect, it } from 'vitest';
import { startServer, startStandIn } from './harness.ts';

const channel = '#operations';

async function setUp() {
  const slack = await startStandIn();
  const server = await startServer(slack);
  const { structured } = await server.call('post_slack_message', { channel, text: 'Runbook: **restart**' });
  const pins = () => [...slack.workspace.channel('operations')!.pins];
  return { slack, server, pins, target: { channel, ts: String(structured['ts']) } };
}

describe('pinning a message', () => {
  it('is previewed with the message and its channel, and changes nothing yet', async () => {
    const { server, pins, target } = await setUp();
    expect(await server.preview('pin_slack_message', target)).toMatchObject({
      title: 'Pin in Slack',
      destination: { id: 'C0OPERATE', name: channel },
      body: expect.stringContaining('Runbook') as unknown,
      raw: JSON.stringify({ method: 'pins.add', channel: 'C0OPERATE', timestamp: target.ts }),
    });
    expect(pins()).toEqual([]);
  });

  it('is undone by unpin', async () => {
    const { server, pins, target } = await setUp();
    const pinned = await server.call('pin_slack_message', target);
    expect(pinned).toMatchObject({ text: 'Pinned the message in #operations.', structured: { pinned: true } });
    expect(pins()).toEqual([target.ts]);
    const preview = await server.preview('pin_slack_message', { ...target, unpin: true });
    expect(preview).toMatchObject({ title: 'Unpin in Slack', raw: expect.stringContaining('pins.remove') as unknown });
    const undone = await server.call('pin_slack_message', { ...target, unpin: true });
    expect(undone).toMatchObject({ text: 'Unpinned the message in #operations.', structured: { pinned: false } });
    expect(pins()).toEqual([]);
  });

  it.each([false, true])('that is already in the requested state succeeds (unpin: %s)', async (unpin) => {
    const { server, target } = await setUp();
    if (unpin) await server.call('pin_slack_message', target, { key: 'pinned-before' });
    for (const [key, changed] of [
      ['first-time', true],
      ['second-time', false],
      ['first-time', true],
    ] as const)
      // prettier-ignore
      expect((await server.call('pin_slack_message', { ...target, unpin }, { key })).structured).toMatchObject({
        pinned: !unpin,
        changed,
      });
  });

  it('takes effect once despite a lost response, and once per key', async () => {
    const { slack, server, pins, target } = await setUp();
    slack.misbehave({ method: 'pins.add', fault: { kind: 'lost-answer' } });
    await server.call('pin_slack_message', target, { key: 'pin-once' });
    expect(pins()).toEqual([target.ts]);
    const again = await server.call('pin_slack_message', target, { key: 'pin-once' });
    expect(again.structured).toMatchObject({ outcome: 'replayed' });
  });

  it('stays within the channels that may be written to', async () => {
    const { slack, target } = await setUp();
    const server = await startServer(slack, { SLACK_ALLOWED_CHANNELS: '#general' });
    expect(await server.fail('pin_slack_message', target)).toMatchObject({ code: 'not_allowed' });
  });

  it('of a missing message is rejected before approval', async () => {
    const { server } = await setUp();
    const nowhere = { channel, ts: '1700000000.000100' };
    await expect(server.preview('pin_slack_message', nowhere)).rejects.toThrow('There is no message');
  });

  it('is rejected without its scope', async () => {
    const slack = await startStandIn({ withoutScopes: ['pins:write'] });
    const server = await startServer(slack);
    const target = { channel, ts: '1700000000.000100' };
    await expect(server.preview('pin_slack_message', target)).rejects.toThrow(
      'The Slack app lacks the scope pins:write.',
    );
  });

  it('says what to do when the channel is full of pins', async () => {
    const { slack, server, target } = await setUp();
    slack.misbehave({ method: 'pins.add', fault: { kind: 'refuse', error: 'too_many_pins' } });
    expect(await server.fail('pin_slack_message', target)).toMatchObject({ code: 'quota_exceeded' });
  });
});
