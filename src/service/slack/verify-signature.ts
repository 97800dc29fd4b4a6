import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface SignedRequest {
  /** The bytes as they came: parsing and writing them again would change them. */
  readonly body: Buffer;
  readonly headers: IncomingHttpHeaders;
  readonly now: Date;
  /** Slack's signing secret of the app, and the old one while it is rotated. */
  readonly secrets: readonly string[];
}

const maxAgeSeconds = 300;

/**
 * Whether Slack signed a request (docs.slack.dev/authentication/verifying-requests-from-slack), within the last five
 * minutes. `why` is for the log.
 */
export function verifySlackSignature(request: SignedRequest): 'valid' | { readonly why: string } {
  const { headers, body, now } = request;
  const secrets = request.secrets.filter((secret) => secret !== '');
  if (secrets.length === 0) return { why: 'no signing secret' };
  const { 'x-slack-signature': signature, 'x-slack-request-timestamp': timestamp } = headers;
  if (typeof signature !== 'string' || typeof timestamp !== 'string') return { why: 'not signed' };
  if (!/^\d{1,12}$/u.test(timestamp)) return { why: 'no timestamp' };
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > maxAgeSeconds) return { why: 'too old' };
  const given = Buffer.from(/^v0=([0-9a-f]{64})$/u.exec(signature)?.[1] ?? '', 'hex');
  let isSigned = false;
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest();
    if (given.length === expected.length && timingSafeEqual(given, expected)) isSigned = true;
  }
  return isSigned ? 'valid' : { why: 'wrong signature' };
}
