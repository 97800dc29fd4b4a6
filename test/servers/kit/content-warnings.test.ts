import { expect, it } from 'vitest';
import type { Preview } from '../../../servers/contract/preview.ts';
import { withFindings } from '../../../servers/kit/content-warnings.ts';

const preview = (more: Partial<Preview>): Preview => ({
  title: 'Post',
  destination: { id: 'C1', name: '#one' },
  body: '',
  raw: '{}',
  fields: [],
  warnings: ['first'],
  duplicates: [],
  linkHosts: [],
  mentions: [],
  ...more,
});

const card = 'a payment card number (…1111)';

it.each([
  ['the title', { title: 'Card 4111 1111 1111 1111' }],
  ['the body', { body: 'Card 4111 1111 1111 1111' }],
  ['the body, with marks between', { body: 'Card 4111 **1111** `1111` 1111' }],
  ['the body, with its dashes escaped', { body: String.raw`Card 4111\-1111\-1111\-1111` }],
  ['a field', { fields: [{ label: 'Root cause', value: '4111 1111 1111 1111' }] }],
  ['the raw form alone', { raw: JSON.stringify({ files: [{ content: 'a\n4111 1111 1111 1111' }] }) }],
] satisfies [string, Partial<Preview>][])('a card number in %s is found, once', (_, more) => {
  expect(withFindings(preview(more))).toMatchObject({ warnings: ['first', `Contains ${card}.`], personalData: [card] });
});

it('names a few of the thousands in a file', () => {
  const content = Array.from({ length: 500 }, (_, row) => `jane@shop${row}.example`).join('\n');
  const { personalData = [], warnings } = withFindings(
    preview({ raw: JSON.stringify({ content: `${content} [redacted secret]` }) }),
  );
  expect(personalData).toHaveLength(14);
  expect(personalData.slice(-3)).toEqual(['an email address (j…@shop11.example)', '488 more', 'a secret, masked']);
  expect(warnings[1]).toMatch(/^Contains an email .*, 488 more, a secret, masked\.$/);
});

it('finds invisible characters that are only in the raw form', () => {
  const { warnings, personalData } = withFindings(preview({ raw: JSON.stringify({ content: 'a\u{202e}b' }) }));
  expect({ warnings, personalData }).toEqual({
    warnings: ['first', 'Contains invisible characters: U+202E.'],
    personalData: undefined,
  });
});

it('a reference to a person whom upstream knows is not personal data', () => {
  const raw = JSON.stringify({
    fields: { assignee: { name: 'jane@example.com' }, priority: { id: '4111111111111111' } },
  });
  expect(withFindings(preview({ raw })).warnings).toEqual(['first']);
});
