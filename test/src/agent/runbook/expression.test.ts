import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, ExpressionError, parseExpression, type Value } from '../../../../src/agent/runbook/expression.ts';

const values: Record<string, Value> = {
  failed_count: 12,
  threshold: 5,
  rate: 0.25,
  name: 'x',
  big: true,
  'm.row_count': 3,
};

function lookUp(name: string): Value {
  const value = values[name];
  if (value === undefined) throw new ExpressionError(`there is no ${name}`);
  return value;
}

function run(source: string): unknown {
  const result = evaluate(parseExpression(source), lookUp);
  return result.kind === 'value' ? result.value : result.message;
}

describe('a condition', () => {
  it.each([
    ['failed_count > threshold', true],
    ['failed_count > 12', false],
    ['failed_count >= 12 and rate < 0.5', true],
    ['not (failed_count > 3 or big)', false],
    ['failed_count / 4 - 1 == 2', true],
    ['2 + 3 * 4 == 14', true],
    ['-rate < 0', true],
    ['m.row_count != 3', false],
    ["name == 'x'", true],
    ['big and not false', true],
    ['1 > 2 or 3 > 2 and 1 > 2', false],
  ])('%s is %s', (source, expected) => {
    expect(run(source)).toBe(expected);
  });

  it('is explained with its values', () => {
    const result = evaluate(parseExpression('failed_count > threshold and rate < 0.5'), lookUp);
    expect(result).toMatchObject({ explained: '12 > 5 and 0.25 < 0.5' });
  });

  it.each([
    ['failed_count > name', /"x" is not a number/],
    ['failed_count and big', /12 is neither true nor false/],
    ["failed_count == '12'", /different types/],
    ['1 / (failed_count - 12) > 1', /divides by zero/],
    ['other > 1', /there is no other/],
  ])('%s fails with a message', (source, message) => {
    expect(run(source)).toMatch(message);
  });

  it.each([
    '',
    'a >',
    '> 1',
    'a > 1 > 2',
    'a b',
    '(a',
    'a)',
    'a = 1',
    'a && b',
    'f(1)',
    'a; b',
    'a[0]',
    'and',
    "'open",
    '1 +',
  ])('%j is not a condition', (source) => {
    expect(() => parseExpression(source)).toThrow(ExpressionError);
  });

  it('from any text is parsed or rejected', () => {
    const piece = fc.constantFrom(
      'a',
      '1',
      '(',
      ')',
      '>',
      'and',
      'or',
      'not',
      '-',
      '*',
      "'x'",
      ' ',
      '==',
      'constructor',
      '__proto__.x',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join(' ')),
        ),
        (source) => {
          try {
            evaluate(parseExpression(source), () => 1);
          } catch (error) {
            expect(error).toBeInstanceOf(ExpressionError);
          }
        },
      ),
    );
  });

  it('with excessive nesting is rejected', () => {
    expect(() => parseExpression(`${'('.repeat(200)}1${')'.repeat(200)}`)).toThrow(/nested more than 50 deep/);
  });
});
