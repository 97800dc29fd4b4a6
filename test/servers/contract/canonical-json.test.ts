import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson } from '../../../servers/contract/canonical-json.ts';

it('gives the same text for equal values, whatever the order of their keys', () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, shuffled(inner)]);
    return Object.fromEntries(entries.toReversed());
  };
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it.each([
  [{ b: 1, a: [{ d: 1, c: 2 }] }, '{"a":[{"c":2,"d":1}],"b":1}'],
  [{ a: undefined, b: [undefined, null, 1] }, '{"b":[null,null,1]}'],
  [undefined, 'null'],
  [JSON.parse('{"b":1,"__proto__":{"x":2}}'), '{"__proto__":{"x":2},"b":1}'],
])('%j is %s', (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});
