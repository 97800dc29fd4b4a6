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

  it('differ for a long prompt', () => {
    const price = priceOf('claude-haiku-5-5');
    expect(price({ ...million, inputTokens: 100_000 })).toBeCloseTo(0.01);
    expect(price({ ...million, inputTokens: 20_000, cacheReadTokens: 100_000 })).toBeCloseTo(0.015);
  });

  it("of a dated id are the model's; of an unknown id they are unknown", () => {
    expect(priceOf('claude-opus-5-5-20261001')({ ...million, inputTokens: 1_000_000 })).toBe(4);
    expect(priceOf('claude-unheard-of')({ ...million, inputTokens: 1 })).toBeUndefined();
    expect(priceOf('constructor')({ ...million, inputTokens: 1 })).toBeUndefined();
    expect(pricesAsOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  it.each([
    'claude-sonnet-5-5-20261001',
    'claude-sonnet-5-5@20261001',
    'claude-sonnet-5-5@default',
    'claude-sonnet-5-5-latest',
    'claude-sonnet-5-5[1m]',
    'claude-sonnet-5.5',
    'Claude-Sonnet-5-5',
    'anthropic.claude-sonnet-5-5-20261001-v1:0',
    'us.anthropic.claude-sonnet-5-5-20261001-v1:0',
    'us-gov.anthropic.claude-sonnet-5-5-20261001-v1:0',
    'global.anthropic.claude-sonnet-5-5-20261001-v1:0[1m]',
    'apac.anthropic.claude-sonnet-5-5-v1:0:200k',
    'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-5-5-20261001-v1:0',
    'arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/anthropic.claude-sonnet-5-5-20261001-v1:0',
    'bedrock/us.anthropic.claude-sonnet-5-5-20261001-v1:0',
    'bedrock/converse/anthropic.claude-sonnet-5-5-v1:0',
    'projects/acme/locations/us-east5/publishers/anthropic/models/claude-sonnet-5-5@20261001',
    'vertex_ai/claude-sonnet-5-5@20261001',
    'anthropic/claude-sonnet-5.5',
    'openrouter/anthropic/claude-sonnet-5.5:beta',
    'bedrock/us-east-1/anthropic.claude-sonnet-5-5-20261001-v1:0',
    'amazon-bedrock/us.anthropic.claude-sonnet-5-5-20261001-v1:0',
    'google-vertex-anthropic/claude-sonnet-5-5@20261001',
    'litellm_proxy/anthropic/claude-sonnet-5-5',
    'anthropic:claude-sonnet-5-5',
  ])("of %s are the model's", (id) => {
    expect(priceOf(id)({ ...million, inputTokens: 1_000_000 })).toBe(2);
  });

  it.each([
    'sonnet',
    'claude-sonnet-5-5-fast',
    'claude-sonnet-5-55',
    'not-claude-sonnet-5-5',
    'copilot/claude-sonnet-5.5',
    'evil.example/claude-sonnet-5-5',
    'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3',
    'gpt-5',
    '',
  ])('of %j are unknown', (id) => {
    expect(priceOf(id)({ ...million, inputTokens: 1 })).toBeUndefined();
  });

  it('can be set, and then take precedence', () => {
    const usage = { ...million, inputTokens: 1_000_000, outputTokens: 1_000_000 };
    expect(priceOf('my-model', '3/15')(usage)).toBe(18);
    expect(priceOf('claude-sonnet-5-5', '1.5/7.5')(usage)).toBe(9);
  });
});
