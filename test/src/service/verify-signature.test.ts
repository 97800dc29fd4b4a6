import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifySlackSignature } from '../../../src/service/slack/verify-signature.ts';

// The example of docs.slack.dev/authentication/verifying-requests-from-slack.
const secret = '8f742231b10e8888abcd99yyyzzz85a5';
const timestamp = '1531420618';
const body =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
const genuine = {
  body: Buffer.from(body),
  headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': timestamp },
  now: new Date(Number(timestamp) * 1000),
  secrets: [secret],
};

function later(seconds: number): Date {
  return new Date((Number(timestamp) + seconds) * 1000);
}

describe("Slack's signature", () => {
  it("is that of Slack's own example", () => {
    expect(verifySlackSignature(genuine)).toBe('valid');
    expect(verifySlackSignature({ ...genuine, now: later(300) })).toBe('valid');
  });

  it('may be made with the old secret while it is rotated', () => {
    expect(verifySlackSignature({ ...genuine, secrets: ['new', secret] })).toBe('valid');
  });

  it.each([
    ['another body', { body: Buffer.from(`${body}&x=1`) }],
    ['another secret', { secrets: ['x'] }],
    ['no secret', { secrets: ['', ''] }],
    ['a replay after five minutes', { now: later(301) }],
    ['a time in the future', { now: later(-301) }],
    ['no signature', { headers: { 'x-slack-request-timestamp': timestamp } }],
    ['no time', { headers: { 'x-slack-signature': signature } }],
    ['another time', { headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': '1531420619' } }],
    ['a time that is no number', { headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': '1e9' } }],
    [
      'a signature of another length',
      { headers: { 'x-slack-signature': 'v0=a2', 'x-slack-request-timestamp': timestamp } },
    ],
    [
      'another version',
      { headers: { 'x-slack-signature': signature.replace('v0', 'v1'), 'x-slack-request-timestamp': timestamp } },
    ],
  ])('is refused with %s', (_, change) => {
    expect(verifySlackSignature({ ...genuine, ...change })).toMatchObject({ why: expect.any(String) as string });
  });

  it('with an empty secret is refused, although anybody can make it', () => {
    const made = createHmac('sha256', '').update(`v0:${timestamp}:`).update(body).digest('hex');
    const headers = { ...genuine.headers, 'x-slack-signature': `v0=${made}` };
    expect(verifySlackSignature({ ...genuine, headers, secrets: [''] })).toEqual({ why: 'no signing secret' });
  });
});
