import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, redactDeep } from '../../../servers/contract/redact.ts';

const secret = 'p"w\\d of ours';
const redact = createRedactor([secret]);

const tokens: [name: string, token: string][] = [
  ['private key', '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----'],
  ['Slack token', 'xoxb-1234567890-abcdef'],
  ['Slack app token', 'xapp-1-A0123456789'],
  ['Anthropic key', 'sk-ant-api03-0123456789abcdef'],
  ['Atlassian token', 'ATATT3xFfGF0123456789abcdef'],
  ['Atlassian token', 'ATCTT3xFfGF0123456789abcdef'],
  ['Atlassian token', 'ATBB0123456789abcdef0123'],
  ['AWS access key', 'AKIAIOSFODNN7EXAMPLE'],
  ['AWS access key', 'ASIAIOSFODNN7EXAMPLE'],
  ['GitHub token', `ghp_${'a1'.repeat(18)}`],
  ['GitHub token', `github_pat_${'a1'.repeat(18)}`],
  ['JSON web token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl'],
  ['secret', secret],
  ['secret', encodeURIComponent(secret)],
  ['secret', Buffer.from(secret).toString('base64')],
];

describe('the redactor', () => {
  it.each(tokens)('masks a %s, alone, in a sentence and after an escaped line break', (name, token) => {
    for (const [before, after] of [
      ['', ''],
      ['found ', ' there'],
      ['\\n', '\n'],
    ])
      expect(redact(`${before}${token}${after}`)).toBe(`${before}[redacted ${name}]${after}`);
  });

  it('masks what follows Bearer and Basic, and a password in an address', () => {
    expect(redact('Authorization: Bearer abcdefghijklmnop')).toBe('Authorization: Bearer [redacted bearer token]');
    expect(redact('Authorization: Basic abcdefghijklmnop')).toBe('Authorization: Basic [redacted bearer token]');
    expect(redact('postgres://me:hunter2@db/shop')).toBe('postgres://me:[redacted password]@db/shop');
  });

  it('finds in any text what it finds in one that is looked through in full', () => {
    const pieces = fc.oneof(fc.string(), fc.constantFrom(...tokens.map(([, token]) => token), '\\n', 'Bearer ', '://'));
    // The end makes every pattern be tried.
    const end = '\n://';
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        const text = parts.join(' ');
        expect(redact(text) + end).toBe(redact(text + end));
      }),
    );
  });

  it('masks every text of a value, however deep, and leaves a clean value as it is', () => {
    expect(redactDeep({ a: [{ b: ['x', secret, 1, null] }], c: 'y' }, redact)).toEqual({
      a: [{ b: ['x', '[redacted secret]', 1, null] }],
      c: 'y',
    });
    const clean = { rows: [['x', 1, null]] };
    expect(redactDeep(clean, redact)).toBe(clean);
  });
});
