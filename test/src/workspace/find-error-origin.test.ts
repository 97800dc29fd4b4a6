import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { commonEnd, framesIn, namesIn, weightOfLine } from '../../../src/workspace/error-names.ts';
import { spanBetween } from '../../../src/workspace/tools/find-error-origin.ts';
import { ShopRepository } from './shop-repository.ts';

let shop: ShopRepository;

beforeAll(async () => {
  shop = await ShopRepository.create();
  appendFileSync(join(shop.folder, '.git/config'), '[remote "origin"]\n\turl = git@github.com:acme/shop.git\n');
});

afterAll(() => shop.remove());

const rowsSchema = z.array(z.unknown());

async function rowsFor(error: string, firstSeen?: string): Promise<readonly unknown[]> {
  const { structured } = await shop.result('find_error_origin', {
    error,
    ...(firstSeen !== undefined && { first_seen: firstSeen }),
  });
  return rowsSchema.parse(structured['rows']);
}

describe('from an error in a row to the code', () => {
  it('an error code leads to the line that raises it, its last commit, the time before the first failure, a permalink', async () => {
    const [first, ...others] = await rowsFor('PAYMENT_TIMEOUT', '2026-11-02T00:20:00Z');
    expect(first).toEqual([
      'src/orders.ts',
      2,
      'throw new Error("PAYMENT_TIMEOUT");',
      expect.stringMatching(/^[0-9a-f]{12}$/u),
      '2026-11-01T10:00:00.000Z',
      'Ada',
      'Orders service',
      '14 h 20 min before',
      expect.stringMatching(/^https:\/\/github\.com\/acme\/shop\/blob\/[0-9a-f]{40}\/src\/orders\.ts#L2$/u),
    ]);
    expect(others.length).toBeGreaterThan(0);
    expect(JSON.stringify(others)).not.toMatch(/build\/|debug\.log|generated|node_modules/u);
  });

  it('a stack trace leads to its top frame in the workspace, wherever it was built', async () => {
    const trace = [
      'TypeError: timeout',
      '    at wait (/usr/lib/node/timers.js:5:1)',
      '    at pay (/home/runner/work/shop/shop/src/orders.ts:1:14)',
    ].join('\n');
    const [first] = await rowsFor(trace);
    expect(first).toEqual(expect.arrayContaining(['src/orders.ts', 1, 'Deploy: shorter payment timeout']));
  });

  it('a line that is not committed has no commit and no permalink', async () => {
    await shop.put('src/new.ts', 'throw new Error("STOCK_NEGATIVE");\n');
    expect(await rowsFor('STOCK_NEGATIVE')).toEqual([
      ['src/new.ts', 1, 'throw new Error("STOCK_NEGATIVE");', null, null, null, null, null, null],
    ]);
  });

  it('what nothing names is said to be named by nothing; what has no name is refused', async () => {
    expect(await rowsFor('NO_SUCH_CODE')).toEqual([]);
    await expect(shop.result('find_error_origin', { error: 'it does not work' })).rejects.toThrow();
  });
});

describe('an error text', () => {
  it.each([
    ['TAX_RATE_MISSING', ['TAX_RATE_MISSING']],
    ['charge failed: TAX_RATE_MISSING for DE (E1042)', ['TAX_RATE_MISSING', 'E1042']],
    ['java.lang.IllegalStateException: closed', ['IllegalStateException']],
    ['orders.service.charge', ['orders.service.charge']],
    ['it is slow', []],
  ])('%s names %j', (text, names) => {
    expect(namesIn(text)).toEqual(names);
  });

  it.each([
    ['at f (/srv/app/src/a.ts:12:3)', [['/srv/app/src/a.ts', 12]]],
    ['  File "/srv/app/tax.py", line 7, in rate', [['/srv/app/tax.py', 7]]],
    ['at com.acme.Tax.rate(Tax.java:31)', [['Tax.java', 31]]],
    ['/go/src/tax/rate.go:44 +0x1d', [['/go/src/tax/rate.go', 44]]],
    [String.raw`C:\app\src\Tax.cs:9`, [[String.raw`C:\app\src\Tax.cs`, 9]]],
    ['at 10:45:12 it failed', []],
  ])('%s has frames', (text, frames) => {
    expect(framesIn(text).map(({ path, line }) => [path, line])).toEqual(frames);
  });
});

it('a line that raises weighs more than one that names, and tests and comments less', () => {
  const weigh = (path: string, line: string) => weightOfLine(path, [line], 0);
  const raising = weigh('src/tax.ts', "throw new TaxError('X_MISSING')");
  expect(raising).toBeGreaterThan(weigh('src/tax.ts', "const code = 'X_MISSING'"));
  expect(raising).toBeGreaterThan(weigh('test/tax.test.ts', "throw new TaxError('X_MISSING')"));
  expect(raising).toBeGreaterThan(weigh('src/tax.ts', "// throw new TaxError('X_MISSING')"));
  expect(weigh('src/tax.py', 'raise TaxError("X_MISSING")')).toBe(raising);
  expect(commonEnd('src/api/tax.ts', '/srv/app/src/api/tax.ts')).toBe(3);
  expect(commonEnd('src/api/tax.ts', 'other/index.ts')).toBe(0);
});

it.each([
  ['2026-11-01T00:00:00Z', '2026-11-01T00:45:00Z', '45 min before'],
  ['2026-11-01T00:00:00Z', '2026-11-04T05:10:00Z', '3 d 5 h before'],
  ['2026-11-02T00:00:00Z', '2026-11-01T22:00:00Z', '2 h after'],
  ['2026-11-02T00:00:00Z', '2026-11-02T00:00:10Z', '0 min before'],
])('a commit of %s and a failure at %s: %s', (commit, failure, span) => {
  expect(spanBetween(commit, failure)).toBe(span);
});
