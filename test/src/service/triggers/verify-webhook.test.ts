import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyWebhook, type Proof, type SignedWebhook } from '../../../../src/service/triggers/verify-webhook.ts';

const secret = 'a-secret-of-the-sender';
const next = 'the-secret-after-that-one';
const now = new Date('2026-11-30T10:00:00Z');
const seconds = now.getTime() / 1000;
const body = Buffer.from('{"incident":"é 1"}');
const hex = (key: string, ...parts: (string | Buffer)[]): string => {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
};
const webhook = (proof: Proof, headers: Record<string, string>, more: Partial<SignedWebhook> = {}): SignedWebhook => ({
  proof,
  headers,
  body,
  now,
  secrets: [secret],
  ...more,
});
const hmacHeaders = (key = secret, at: string | number = seconds, signed: string | Buffer = body) => ({
  'x-switchboard-timestamp': String(at),
  'x-switchboard-signature': `sha256=${hex(key, `${at}.`, signed)}`,
});
const signedBy: Readonly<Record<Proof, (key: string, signed?: Buffer) => Record<string, string>>> = {
  bearer: (key) => ({ authorization: `Bearer ${key}` }),
  github: (key, signed = body) => ({ 'x-hub-signature-256': `sha256=${hex(key, signed)}` }),
  pagerduty: (key, signed = body) => ({ 'x-pagerduty-signature': `v1=${hex(key, signed)}` }),
  hmac: (key, signed = body) => hmacHeaders(key, seconds, signed),
};

describe.each(['bearer', 'github', 'pagerduty', 'hmac'] as const)('a webhook with the proof %s', (proof) => {
  it('is accepted from who knows the secret', () => {
    expect(verifyWebhook(webhook(proof, signedBy[proof](secret)))).toBe('valid');
  });

  it('is accepted with either secret while it is rotated, and no longer with the old one', () => {
    for (const key of [secret, next])
      expect(verifyWebhook(webhook(proof, signedBy[proof](key), { secrets: [next, secret] }))).toBe('valid');
    expect(verifyWebhook(webhook(proof, signedBy[proof](secret), { secrets: [next] }))).not.toBe('valid');
  });

  it('is refused with a wrong secret, no secret, none configured, or an empty one', () => {
    expect(verifyWebhook(webhook(proof, signedBy[proof](next)))).not.toBe('valid');
    expect(verifyWebhook(webhook(proof, {}))).not.toBe('valid');
    for (const secrets of [[], ['']])
      expect(verifyWebhook(webhook(proof, signedBy[proof](''), { secrets }))).toEqual({ why: 'no secret' });
  });

  it('is refused with any signature that was not made for it', () => {
    const headers = signedBy[proof](secret);
    fc.assert(
      fc.property(fc.string({ maxLength: 90 }), (made) => {
        const forged = Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, name.endsWith('timestamp') ? value : made]),
        );
        expect(verifyWebhook(webhook(proof, forged))).not.toBe('valid');
      }),
    );
  });
});

it.each(['github', 'pagerduty', 'hmac'] as const)('%s: a changed body is refused', (proof) => {
  const other = Buffer.from('{"incident":"é 2"}');
  expect(verifyWebhook(webhook(proof, signedBy[proof](secret), { body: other }))).toEqual({ why: 'wrong signature' });
});

it('takes one of several signatures of PagerDuty, and only their current version', () => {
  const good = hex(secret, body);
  const headers = (value: string) => ({ 'x-pagerduty-signature': value });
  expect(verifyWebhook(webhook('pagerduty', headers(`v1=${hex(next, body)}, v1=${good}`)))).toBe('valid');
  for (const value of [`v0=${good}`, good, `v1=${good}00`, `v1=${good.toUpperCase()}`])
    expect(verifyWebhook(webhook('pagerduty', headers(value)))).toEqual({ why: 'not signed' });
});

describe('a timestamp', () => {
  it.each([seconds - 301, seconds + 301])('%d is refused: it may be recorded', (at) => {
    expect(verifyWebhook(webhook('hmac', hmacHeaders(secret, at)))).toEqual({ why: 'too old' });
  });
  it.each(['', 'soon', '1e9', '-5', '1796032800.5', ' 1796032800'])('%j is none', (at) => {
    expect(verifyWebhook(webhook('hmac', hmacHeaders(secret, at)))).toEqual({ why: 'no timestamp' });
  });
  it('is part of what is signed', () => {
    const headers = { ...hmacHeaders(), 'x-switchboard-timestamp': String(seconds - 1) };
    expect(verifyWebhook(webhook('hmac', headers))).toEqual({ why: 'wrong signature' });
  });
});
