import { expect, test } from 'vitest';
import { placeLabel, shorten, timeTick } from '../../../src/webview/format/chart-labels.ts';

test.each([
  [12_345, '12,345'],
  [0.000_123, '0.000123'],
  [-22, '-22'],
])('the value %d is formatted as %s', (value, text) => {
  expect(placeLabel(value)).toBe(text);
});

test('a name that is too long ends in an ellipsis', () => {
  expect([shorten('TAX_REGION', 10), shorten('TAX_REGIONS', 10)]).toEqual(['TAX_REGION', 'TAX_REGIO…']);
});

test.each([
  [
    ['2026-11-21T22:00:00Z', '2026-11-22T00:00:00Z', '2026-11-22T06:00:00Z'],
    ['22:00\n11-21', '00:00\n11-22', '06:00'],
  ],
  [
    ['2026-11-21T00:00:00Z', '2026-11-30T00:00:00Z'],
    ['11-21', '11-30'],
  ],
  [
    ['2024-11-21T00:00:00Z', '2026-11-30T00:00:00Z'],
    ['2024-11-21', '2026-11-30'],
  ],
])('the ticks for %j are %j', (moments, ticks) => {
  const dates = moments.map((moment) => new Date(moment));
  expect(dates.map(timeTick(dates))).toEqual(ticks);
});
