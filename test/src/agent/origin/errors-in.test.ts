import { describe, expect, it } from 'vitest';
import { errorsIn } from '../../../../src/agent/origin/errors-in.ts';

function found(columns: Readonly<Record<string, string>>, ...rows: readonly (readonly unknown[])[]) {
  return errorsIn({ columns: Object.entries(columns).map(([name, type]) => ({ name, type })), rows });
}

const trace = 'TypeError: x is undefined\n    at charge (/srv/app/src/pay.ts:57:11)';

describe('an error', () => {
  it.each([
    ['a code', 'error_code', 'PAYMENT_TIMEOUT'],
    ['a code in a longer name', 'last_error_code', 'PAYMENT_TIMEOUT'],
    ['a code of a failure', 'failure_reason', 'PAYMENT_TIMEOUT'],
    ['a symbol', 'error_code', 'card_declined'],
    ['a stack trace', 'stack_trace', trace],
    ['a stack trace in a message', 'message', trace],
    ['a traceback', 'traceback', 'File "/srv/pay.py", line 12, in charge'],
    ['the class of an error', 'exception', 'PaymentTimeoutError: no answer in 30 s'],
  ])('is %s', (_, column, cell) => {
    expect(found({ id: 'int8', [column]: 'text' }, [1, cell])).toEqual([{ error: cell, firstSeen: undefined }]);
  });

  it.each([
    ['a status in capitals', 'status', 'IN_PROGRESS'],
    ['a name', 'customer', 'Miller_Smith'],
    ['words in a column of errors', 'error_message', 'it did not work'],
    ['a number', 'error_count', 12],
    ['a number as a text', 'error_code', '12'],
    ['nothing', 'error_code', null],
    ['an empty text', 'error_code', '  '],
    ['a sentence with a time', 'message', 'failed at 10:30'],
  ])('is not %s', (_, column, cell) => {
    expect(found({ [column]: 'text' }, [cell])).toEqual([]);
  });

  it('is named once, in the order of the rows, with the first of its times', () => {
    const columns = { updated_at: 'timestamptz', first_failure: 'timestamptz', error_code: 'text', n: 'int8' };
    const rows = [
      ['2020-01-01T00:00:00Z', '2026-11-30T09:00:00+02:00', 'B_CODE', 9],
      ['2020-01-01T00:00:00Z', '2026-11-30T06:30:00Z', 'B_CODE', 1],
      ['2020-01-01T00:00:00Z', null, 'A_CODE', 1],
    ];
    expect(found(columns, ...rows)).toEqual([
      { error: 'B_CODE', firstSeen: '2026-11-30T06:30:00.000Z' },
      { error: 'A_CODE', firstSeen: undefined },
    ]);
  });

  it('takes the time of the failure before any other', () => {
    const columns = { shipped_at: 'timestamp', created_at: 'timestamp', error_code: 'text' };
    const row = ['2026-11-30 12:00:00', '2026-11-30 06:30:00', 'A_CODE'];
    expect(found(columns, row)[0]?.firstSeen).toBe('2026-11-30T06:30:00.000Z');
  });

  it('costs time that grows with the length of the cell only', () => {
    const long = `${'A'.repeat(200_000)} ${'a/'.repeat(100_000)}`;
    expect(found({ error: 'text', message: 'text' }, [long, long])).toEqual([]);
  });
});
