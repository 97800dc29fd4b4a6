import { expect, it } from 'vitest';
import { describeField, readField, readForm, readServerQuestion } from '../../../src/agent/server-form.ts';

const formOf = (properties: Record<string, unknown>, required: readonly string[] = []) => {
  const asked = readServerQuestion('Shop', {
    message: 'Tell me',
    requestedSchema: { type: 'object', properties, required },
  });
  if (asked?.kind !== 'form') throw new Error('it is no form');
  return asked;
};

it.each([
  [{ type: 'string' }, 'Ulm', 'Ulm'],
  [{ type: 'string', format: 'email' }, 'a@example.com', 'a@example.com'],
  [{ type: 'string', format: 'uri' }, 'https://example.com', 'https://example.com'],
  [{ type: 'string', format: 'date' }, '2026-01-31', '2026-01-31'],
  [{ type: 'string', format: 'date-time' }, '2026-01-31T09:00:00Z', '2026-01-31T09:00:00Z'],
  [{ type: 'number', minimum: 1 }, '1.5', 1.5],
  [{ type: 'integer' }, '42', 42],
  [{ type: 'boolean' }, 'Yes', true],
  [{ type: 'boolean' }, 'false', false],
  [{ type: 'string', enum: ['a', 'b'] }, 'b', 'b'],
  [{ type: 'string', enum: ['a', 'b'], enumNames: ['First', 'Second'] }, 'second', 'b'],
  [{ type: 'string', oneOf: [{ const: '#f00', title: 'Red' }] }, 'Red', '#f00'],
  [{ type: 'array', items: { type: 'string', enum: ['a', 'b', 'c'] }, minItems: 1 }, 'c, a, a', ['c', 'a']],
  [{ type: 'array', items: { anyOf: [{ const: '#f00', title: 'Red' }] } }, 'Red', ['#f00']],
])('a field %j accepts %j', (schema, typed, value) => {
  const { fields } = formOf({ x: schema });
  expect(fields.map((field) => readField(field, typed))).toEqual([{ kind: 'value', value }]);
});

it.each([
  [{ type: 'string', minLength: 3 }, 'ab', 'Enter at least 3 characters.'],
  [{ type: 'string', maxLength: 1 }, 'ab', 'Enter at most 1 characters.'],
  [{ type: 'string', format: 'email' }, 'nobody', 'Enter an e-mail address.'],
  [{ type: 'string', format: 'date' }, '31.1.2026', 'Enter a date, such as 2026-01-31.'],
  [{ type: 'number' }, 'many', 'Enter a number.'],
  [{ type: 'integer' }, '1.5', 'Enter a whole number.'],
  [{ type: 'integer', maximum: 3 }, '4', 'Enter at most 3.'],
  [{ type: 'boolean' }, 'maybe', 'Answer yes or no.'],
  [{ type: 'string', enum: ['a', 'b'] }, 'c', 'Choose one of: a, b.'],
  [{ type: 'array', items: { enum: ['a', 'b'] }, maxItems: 1 }, 'a, b', 'Choose at most 1.'],
])('a field %j rejects %j', (schema, typed, message) => {
  const { fields } = formOf({ x: schema });
  expect(fields.map((field) => readField(field, typed))).toEqual([{ kind: 'wrong', message }]);
});

it('an empty field is omitted unless it is required', () => {
  const { fields } = formOf({ city: { type: 'string', title: 'City' }, seats: { type: 'integer' } }, ['city']);
  expect(readForm(fields, { city: 'Ulm' })).toEqual({ content: { city: 'Ulm' } });
  expect(readForm(fields, { seats: '2' })).toEqual({ wrong: 'City: This field is required.' });
  expect(fields.map(describeField)).toEqual(['required', 'a whole number']);
});

it.each([
  ['a default', { type: 'boolean', default: true }, 'yes'],
  ['a default of several', { type: 'array', items: { enum: ['a', 'b'] }, default: ['a', 'b'] }, 'a, b'],
  ['none', { type: 'string' }, ''],
])('a field with %s starts with it', (_what, schema, initial) => {
  expect(formOf({ x: schema }).fields[0]?.initial).toBe(initial);
});

it('text shown to the user has nothing hidden in it', () => {
  const asked = { message: 'a\u202Eb', requestedSchema: { properties: {} } };
  const { fields } = formOf({ x: { type: 'string', title: 'a\u202Eb', enum: ['\u200Bv'] } });
  const message = readServerQuestion('Shop', asked)?.message;
  expect([message, fields[0]?.title, fields[0]?.options[0]?.label]).toEqual(['a<U+202E>b', 'a<U+202E>b', '<U+200B>v']);
});

it.each([
  ['nothing', undefined],
  ['no message', { requestedSchema: { properties: {} } }],
  ['a nested form', { message: 'x', requestedSchema: { properties: { a: { type: 'object' } } } }],
  ['no address', { mode: 'url', message: 'x', url: 'pay' }],
])('%s is not a question', (_what, params) => {
  expect(readServerQuestion('Shop', params)).toBeUndefined();
});
