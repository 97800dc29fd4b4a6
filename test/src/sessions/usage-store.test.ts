import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createUsageStore } from '../../../src/sessions/usage-store.ts';

let folder = '';
let reported: unknown[] = [];
const report = (error: unknown): void => void reported.push(error);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchboard-usage-'));
  reported = [];
  return () => rmSync(folder, { recursive: true, force: true });
});

const usage = (inputTokens: number, cost: number | undefined) => ({
  turns: 1,
  toolCalls: 0,
  inputTokens,
  cacheReadTokens: 0,
  outputTokens: 5,
  cost,
});

describe('the forecast of a run', () => {
  it('is the median of the last runs of the same runbook with the same model', async () => {
    const store = createUsageStore(folder, report);
    expect(await store.forecast('orders', 'm')).toBeUndefined();
    for (const [tokens, cost] of [
      [100, 0.1],
      [9000, 9],
      [200, 0.2],
    ] as const)
      await store.add('orders', 'm', usage(tokens, cost));
    expect(await store.forecast('orders', 'm')).toEqual({ tokens: 205, cost: 0.2, runs: 3 });
    expect(await store.forecast('orders', 'other')).toBeUndefined();
    for (let run = 0; run < 25; run++) await store.add('orders', 'm', usage(15, undefined));
    expect(await store.forecast('orders', 'm')).toEqual({ tokens: 20, runs: 20 });
  });

  it('is unknown from a damaged file, which the next run replaces', async () => {
    const store = createUsageStore(folder, report);
    await store.add('orders', 'm', usage(100, 0.1));
    for (const file of readdirSync(folder)) writeFileSync(join(folder, file), '[{"tok');
    expect(await store.forecast('orders', 'm')).toBeUndefined();
    await store.add('orders', 'm', usage(100, 0.1));
    expect(await store.forecast('orders', 'm')).toEqual({ tokens: 105, cost: 0.1, runs: 1 });
  });
  it('does not fail a run if it cannot be stored', async () => {
    writeFileSync(join(folder, 'usage'), 'a file where the folder belongs');
    const store = createUsageStore(join(folder, 'usage'), report);
    await store.add('orders', 'm', usage(100, 0.1));
    expect(await store.forecast('orders', 'm')).toBeUndefined();
    expect(String(reported)).toMatch(/EEXIST|ENOTDIR/);
  });
});
