import { expect, it } from 'vitest';
import { createEvidenceStore } from '../../../../src/agent/evidence/store.ts';
import { compareWithLast, type MeasureHistory } from '../../../../src/agent/runbook/measure-history.ts';
import { addTable } from '../evidence-samples.ts';

function historyInMemory(): MeasureHistory {
  const kept = new Map<string, Parameters<MeasureHistory['keep']>[1]>();
  return {
    last: (key) => Promise.resolve(kept.get(key)),
    keep: (key, result) => Promise.resolve(void kept.set(key, result)),
  };
}

it('a measure run again says what has changed, and only then', async () => {
  const history = historyInMemory();
  const store = createEvidenceStore();
  const measure = { name: 'failed_count', tool: 'query_database', arguments: { query: 'select', params: [24] } };
  const run = (count: number, input = measure, time = '2026-11-22T09:00:00.000Z') =>
    compareWithLast(input, addTable(store, { failed_count: 'int8' }, [[count]], { time }), history);
  expect(await run(47)).toBeUndefined();
  expect(await run(47)).toBeUndefined();
  expect(await run(6)).toBe('Since the run of 2026-11-22T09:00:00.000Z, failed_count:\nshrunk  failed_count 47 -> 6');
  // A different time window is a different measure, with nothing to compare to.
  expect(await run(47, { ...measure, arguments: { query: 'select', params: [48] } })).toBeUndefined();
});

it('a truncated result is not compared, because rows would seem to be cleared', async () => {
  const history = historyInMemory();
  const store = createEvidenceStore();
  const measure = { name: 'm', tool: 'query_database', arguments: {} };
  for (const rows of [[[1]], [[2]]])
    expect(
      await compareWithLast(measure, addTable(store, { n: 'int8' }, rows, { truncated: true }), history),
    ).toBeUndefined();
});
