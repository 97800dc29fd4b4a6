import { expect, it } from 'vitest';
import { codesIn } from '../../../../src/vscode/editor/ask-about-line.ts';

it.each([
  ["throw new OrderError('TAX_RATE_MISSING');", ['OrderError', 'TAX_RATE_MISSING']],
  ['raise TaxError("E1042")', ['TaxError', 'E1042']],
  ['return errors.New("STOCK_NEGATIVE") // err', ['STOCK_NEGATIVE']],
  ['const MAX_RETRIES = 3;', []],
  ['plain words that fail', []],
  [`throw "${'A_B'.repeat(400)}"`, []],
])('%s has %j', (line, codes) => {
  expect(codesIn(line)).toEqual(codes);
});
