import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** How a sender proves that it is the one. */
export type Proof = 'bearer' | 'hmac' | 'github' | 'pagerduty';

export interface SignedWebhook {
  readonly proof: Proof;
  readonly headers: IncomingHttpHeaders;
  /** As it was sent. */
  readonly body: Buffer;
  readonly now: Date;
  /** The secret, and the next one while it is rotated. */
  readonly secrets: readonly string[];
}

/** An old request may have been recorded. A clock may be wrong by as much in the other direction. */
const maxAgeSeconds = 300;

/** Whether a webhook is from who knows a secret. `why` is for the log. */
export function verifyWebhook(webhook: SignedWebhook): 'valid' | { readonly why: string } {
  const { proof, headers, body, now } = webhook;
  const secrets = webhook.secrets.filter((secret) => secret !== '');
  if (secrets.length === 0) return { why: 'no secret' };
  switch (proof) {
    case 'bearer':
      return isBearer(headers.authorization, secrets) ? 'valid' : { why: 'wrong token' };
    case 'github':
      return isSigned([body], signaturesIn(headers['x-hub-signature-256'], 'sha256='), secrets);
    case 'pagerduty':
      return isSigned([body], signaturesIn(headers['x-pagerduty-signature'], 'v1='), secrets);
    case 'hmac': {
      const timestamp = headers['x-switchboard-timestamp'];
      if (typeof timestamp !== 'string' || !/^\d{1,12}$/u.test(timestamp)) return { why: 'no timestamp' };
      if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > maxAgeSeconds) return { why: 'too old' };
      return isSigned([`${timestamp}.`, body], signaturesIn(headers['x-switchboard-signature'], 'sha256='), secrets);
    }
  }
}

function isBearer(header: string | undefined, secrets: readonly string[]): boolean {
  const token = /^Bearer (?<token>\S+)$/iu.exec(header ?? '')?.groups?.['token'];
  if (token === undefined) return false;
  // Of equal length, whatever is given.
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return secrets.filter((secret) => timingSafeEqual(digest(secret), digest(token))).length > 0;
}

/** PagerDuty sends one for each secret while one is rotated: `v1=abc,v1=def`. */
function signaturesIn(header: string | string[] | undefined, prefix: string): readonly Buffer[] {
  if (typeof header !== 'string') return [];
  return header
    .split(',')
    .slice(0, 8)
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix) && /^[0-9a-f]{64}$/u.test(part.slice(prefix.length)))
    .map((part) => Buffer.from(part.slice(prefix.length), 'hex'));
}

function isSigned(
  parts: readonly (string | Buffer)[],
  given: readonly Buffer[],
  secrets: readonly string[],
): 'valid' | { readonly why: string } {
  if (given.length === 0) return { why: 'not signed' };
  let isValid = false;
  for (const secret of secrets) {
    const hmac = createHmac('sha256', secret);
    for (const part of parts) hmac.update(part);
    const expected = hmac.digest();
    for (const signature of given) if (timingSafeEqual(signature, expected)) isValid = true;
  }
  return isValid ? 'valid' : { why: 'wrong signature' };
}
