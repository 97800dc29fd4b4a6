import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, redactDeep, redactJson, redactedIn } from '../../../servers/contract/redact.ts';

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

  it('masks what follows Bearer and Basic, and a password in a URL', () => {
    expect(redact('Authorization: Bearer abcdefghijklmnop')).toBe('Authorization: Bearer [redacted bearer token]');
    expect(redact('Authorization: Basic abcdefghijklmnop')).toBe('Authorization: Basic [redacted bearer token]');
    expect(redact('postgres://me:hunter2@db/shop')).toBe('postgres://me:[redacted password]@db/shop');
  });

  it('finds the same with and without the quick check', () => {
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

  it('masks every text in a value at any depth, and leaves a clean value unchanged', () => {
    expect(redactDeep({ a: [{ b: ['x', secret, 1, null] }], c: 'y' }, redact)).toEqual({
      a: [{ b: ['x', '[redacted secret]', 1, null] }],
      c: 'y',
    });
    const clean = { rows: [['x', 1, null]] };
    expect(redactDeep(clean, redact)).toBe(clean);
  });
});

describe('the password in a URL', () => {
  it.each([
    ['postgres://me:hunter2@db/shop', 'postgres://me:[redacted password]@db/shop'],
    ['redis://:hunter2@cache:6379', 'redis://:[redacted password]@cache:6379'],
    ['https://bob:hunter2@git.example.com/x.git', 'https://bob:[redacted password]@git.example.com/x.git'],
    ['amqp://app:p@ss#1@mq.example.com', 'amqp://app:[redacted password]@mq.example.com'],
    ['mongodb+srv://a:b%40c@cluster.example.com/?x=1', 'mongodb+srv://a:[redacted password]@cluster.example.com/?x=1'],
    ['{"url":"postgres://me:hunter2@db/shop"}', '{"url":"postgres://me:[redacted password]@db/shop"}'],
    ['postgres://me:hunter2@[::1]:5432/shop', 'postgres://me:[redacted password]@[::1]:5432/shop'],
    [
      'postgres://me@corp:hunter2@corp.example.com/shop',
      'postgres://me@corp:[redacted password]@corp.example.com/shop',
    ],
    ['postgres://müller:hunter2@db/shop', 'postgres://müller:[redacted password]@db/shop'],
    ['postgres://me:hunter2@${DB_HOST}:5432/shop', 'postgres://me:[redacted password]@${DB_HOST}:5432/shop'],
    ['postgres://me:hunter2@%2Frun%2Fpg/shop', 'postgres://me:[redacted password]@%2Frun%2Fpg/shop'],
    ['postgres://me:12,34@db/shop', 'postgres://me:[redacted password]@db/shop'],
    ['https://bob:2024!x@example.com', 'https://bob:[redacted password]@example.com'],
  ])('%s is masked', (text, masked) => expect(redact(text)).toBe(masked));

  it.each([
    '{"url":"https://api.example.com","email":"bob@example.com"}',
    "{'url':'https://api.example.com','email':'bob@example.com'}",
    String.raw`"{\"url\":\"https://api.example.com\",\"email\":\"bob@example.com\"}"`,
    '{"type":"link","url":"https://status.example.com"},{"type":"text","text":"\\n@oncall please"}',
    'url=https://api.example.com;email:bob@example.com',
    'https://api.example.com,owner:bob@example.com',
    'https://api.example.com:8443,bob@example.com,active',
    'https://api.example.com:8443|bob@example.com',
    'https://api.example.com:8443，bob@example.com',
    'http://proxy:8080,bob@example.com',
    'http://proxy:8080;bob@example.com',
    'docker://nginx:1.25@sha256:0123456789abcdef',
    'ssh://git@example.com:22 @bob',
    'http://localhost:3000?notify=bob@example.com',
    'http://proxy:3000#bob@example.com',
    '[api](https://api.example.com)(owner:bob@example.com)',
    '<https://api.example.com|api>:bob@example.com',
    'https://unpkg.com:443/react@18.2.0/index.js',
    'https://medium.com/@bob:profile@x',
    'see https://api.example.com: bob@example.com',
    'jdbc:postgresql://db.example.com:5432/shop?user=bob@example.com',
    'git://example.com:bob/repo@v1',
  ])('%s contains none', (text) => expect(redact(text)).toBe(text));
});

describe('the redactor and JSON', () => {
  it('keeps every byte of a document with nothing to mask', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('https://a.example.com', '"', '@oncall', ':', '\\', '}', '{"a":'),
    );
    const texts = fc.array(text).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(texts), (values) => {
        fc.pre(values.every((value) => redact(value) === value));
        const json = JSON.stringify({ blocks: values.map((value) => ({ type: 'text', text: value })) }, null, 1);
        expect(redactJson(json, redact)).toBe(json);
      }),
    );
  });

  it('masks values, and the result is valid JSON', () => {
    const json = redactJson(
      JSON.stringify({ a: `x ${secret} y`, b: ['-----BEGIN EC PRIVATE KEY-----', 'left'] }),
      redact,
    );
    expect(JSON.parse(json)).toEqual({ a: 'x [redacted secret] y', b: ['[redacted private key]', 'left'] });
  });

  it('names what was masked and how often', () => {
    const before = `[redacted secret] ${secret} xoxb-1234567890-abcdef xoxb-1234567890-abcdef`;
    expect(redactedIn(before, redact(before))).toEqual(['secret', 'Slack token (2 times)']);
  });
});
