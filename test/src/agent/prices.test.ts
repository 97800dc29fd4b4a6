import { describe, expect, it } from 'vitest';
import { priceOf, pricesAsOf } from '../../../src/agent/prices.ts';

const million = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 };

describe('prices', () => {
  it('of a turn: fresh, cached and written tokens each at their rate', () => {
    const price = priceOf('claude-sonnet-5-5');
    expect(price({ ...million, inputTokens: 1_000_000 })).toBeCloseTo(2);
    expect(price({ ...million, outputTokens: 1_000_000 })).toBeCloseTo(10);
    expect(price({ ...million, cacheReadTokens: 1_000_000 })).toBeCloseTo(0.1);
    expect(price({ ...million, cacheWriteTokens: 1_000_000 })).toBeCloseTo(2.5);
  });

  it('of a long prompt are others', () => {
    const price = priceOf('claude-haiku-5-5');
    expect(price({ ...million, inputTokens: 100_000 })).toBeCloseTo(0.01);
    expect(price({ ...million, inputTokens: 20_000, cacheReadTokens: 100_000 })).toBeCloseTo(0.015);
  });

  it('of a dated id are those of the model; of an unknown one nobody knows', () => {
    expect(priceOf('claude-opus-5-5-20261001')({ ...million, inputTokens: 1_000_000 })).toBe(4);
    expect(priceOf('claude-unheard-of')({ ...million, inputTokens: 1 })).toBeUndefined();
    expect(priceOf('constructor')({ ...million, inputTokens: 1 })).toBeUndefined();
    expect(pricesAsOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });
});
