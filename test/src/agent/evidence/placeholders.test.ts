import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEvidenceStore } from '../../../../src/agent/evidence/store.ts';
import { expandPlaceholders } from '../../../../src/agent/evidence/placeholders.ts';
import { addObject, addTable, failedOrders } from '../evidence-samples.ts';

function expand(text: string, store = failedOrders(), tool = 'create_jira_ticket', argument = 'description'): string {
  const result = expandPlaceholders({ [argument]: text }, store, tool);
  return result.kind === 'unknown' ? `UNKNOWN ${result.message}` : String(result.arguments[argument]);
}

describe('a reference', () => {
  it.each([
    ['{{E1.row_count}} row', '1 row'],
    ['{{E1[0].failed_count}} failed', '47 failed'],
    ['{{ E1[0].failed_count }} failed', '47 failed'],
    ['{{E1.failed_count}} failed', '47 failed'],
    ['see {{E6.issue_key}}', 'see ENG-212'],
    ['{{E2[1].error_code}}', 'gateway_timeout'],
    ['{{parameter}} and {{Edge}} and {{ E }}', '{{parameter}} and {{Edge}} and {{ E }}'],
  ])('%s', (text, expected) => {
    expect(expand(text)).toBe(expected);
  });

  it('becomes a table with chosen columns and rows, and says what it omits', () => {
    expect(expand('Codes:\n{{E2 columns=error_code,failed rows=2}}\nEnd')).toBe(
      [
        'Codes:',
        '',
        '| error_code | failed |',
        '| --- | --- |',
        '| card_declined | 31 |',
        '| gateway_timeout | 12 |',
        '',
        '… and 1 more',
        '',
        'End',
      ].join('\n'),
    );
  });

  it('is one row', () => {
    expect(expand('{{E2[2]}}')).toBe(
      '| error_code | failed | customers |\n| --- | --- | --- |\n| fraud_review | 4 | 3 |',
    );
  });

  it('caps a long table', () => {
    const store = createEvidenceStore();
    addTable(
      store,
      { n: 'int4' },
      Array.from({ length: 70 }, (_, i) => [i]),
      { truncated: true },
    );
    const table = expand('{{E1}}', store);
    expect(table.split('\n').filter((line) => /^\| \d+ \|$/.test(line))).toHaveLength(20);
    expect(table).toMatch(/… and at least 51 more$/);
  });

  it('is a whole file as CSV', () => {
    const store = createEvidenceStore();
    addTable(store, { a: 'text', b: 'int4' }, [
      ['x,"y"', 1],
      ['=SUM(A1)', -2],
      [null, 3],
    ]);
    expect(expand('{{E1 as=csv}}', store, 'upload_slack_file', 'content')).toBe(
      'a,b\r\n"x,""y""",1\r\n\'=SUM(A1),-2\r\n,3\r\n',
    );
  });

  it('may appear anywhere in nested arguments, and counts as used', () => {
    const result = expandPlaceholders({ fields: { a: ['{{E1.failed_count}}', 5] }, n: 1 }, failedOrders(), 'x');
    expect(result).toEqual({
      kind: 'expanded',
      arguments: { fields: { a: ['47', 5] }, n: 1 },
      used: [{ id: 'E1', placeholder: '{{E1.failed_count}}', argument: 'fields' }],
    });
  });
});

describe('a wrong reference says what exists', () => {
  it.each([
    ['{{E9}}', /E9 does not exist\. Evidence so far: E1 \(query_database\), E2/],
    ['{{E2[0].cuont}}', /no column 'cuont'\. Its columns are error_code, failed, customers/],
    ['{{E2[7]}}', /row 7 does not exist; E2 has rows 0 to 2/],
    ['{{E2.failed}}', /has 3 rows\. Name one: \{\{E2\[0\]\.failed\}\}/],
    ['{{E6.key}}', /'key' does not exist; known keys: outcome, success, issue_key, issue_url/],
    ['{{E1 rows=x}}', /'rows=x' is not valid/],
    ['{{E1 columns=nope}}', /no column 'nope'/],
    ['{{E1!}}', /'!' is not valid/],
    ['{{E6.constructor}}', /'constructor' does not exist/],
    ['{{E6.__proto__}}', /'__proto__' does not exist/],
  ])('%s', (text, message) => {
    expect(expand(text)).toMatch(message);
  });

  it('handles an unterminated reference and rejects too many references', () => {
    const endless = `{{E1${' '.repeat(100_000)}`;
    expect(expand(endless)).toBe(endless);
    expect(expand('{{E1.row_count}} '.repeat(201))).toMatch(/more than 200 references/);
  });

  it('rejects a table where a single line is expected', () => {
    expect(expand('{{E2}}', failedOrders(), 'create_jira_ticket', 'summary')).toMatch(/summary is a single line/);
    expect(expand('run `{{E2}}`')).toMatch(/is inside code/);
  });
});

describe('cell content stays data', () => {
  it.each([
    ['a | b', 'a \\| b'],
    ['[click](https://evil.example)', '\\[click\\](`https://evil.example`)'],
    ['line one\nline two', 'line one line two'],
    ['<!channel> <@U1>', '\\<!channel\\> \\<@U1\\>'],
    ['**bold** _it_ `code`', '\\*\\*bold\\*\\* \\_it\\_ \\`code\\`'],
    ['![x](http://e.example/p.png)', '\\!\\[x\\](`http://e.example/p.png`)'],
    ['pay\u202Edeirrac', 'pay<U+202E>deirrac'.replace('<', '\\<').replace('>', '\\>')],
    ['{{E1}}', '{{E1}}'],
    ['card_declined', 'card_declined'],
  ])('%s', (cell, expected) => {
    const store = createEvidenceStore();
    addTable(store, { c: 'text' }, [[cell]]);
    expect(expand('{{E1[0].c}}', store)).toBe(expected);
  });

  it('a table has exactly its own cells, whatever they contain', () => {
    const cell = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('|', '\\', '\\|', '\n|', '{{E1}}', '`|`'));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 10 }), (rows) => {
        const store = createEvidenceStore();
        addTable(store, { a: 'text', b: 'text' }, rows);
        const lines = expand('{{E1}}', store).split('\n');
        expect(lines).toHaveLength(rows.length + 2);
        for (const line of lines) expect(line.match(/(?<!\\)(?:\\\\)*\|/g)).toHaveLength(3);
      }),
    );
  });

  it('is never expanded again', () => {
    fc.assert(
      fc.property(fc.constantFrom('{{E1}}', '{{E2[0].secret}}', '{{E1.row_count}}', '{{ E2 }}'), (cell) => {
        const store = createEvidenceStore();
        addTable(store, { c: 'text' }, [[cell]]);
        addTable(store, { secret: 'text' }, [['canary']]);
        expect(expand('{{E1}} {{E1[0].c}}', store)).not.toContain('canary');
      }),
    );
  });

  it('any text either expands or says why not', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('{{E1', '}}', '[0]', '.failed_count', ' rows=', 'columns=', '{{E2.', '{{E6.parts', '|', '`'),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        const result = expandPlaceholders({ description: text }, failedOrders(), 'create_jira_ticket');
        if (result.kind === 'expanded' && result.used.length === 0)
          expect(result.arguments).toEqual({ description: text });
      }),
    );
  });
});

it('an object result is a table of its keys', () => {
  const store = createEvidenceStore();
  addObject(store, 'get_database_health', { connections: { used: 12, max: 100 }, version: '18.1' });
  expect(expand('{{E1.connections.used}} of {{E1.connections.max}}', store)).toBe('12 of 100');
  expect(expand('{{E1.connections}}', store)).toBe('| key | value |\n| --- | --- |\n| used | 12 |\n| max | 100 |');
});

it('a table within a result is a table', () => {
  const store = createEvidenceStore();
  const blocked = { columns: [{ name: 'pid', type: 'int8' }], rows: [[7], [9]] };
  addObject(store, 'get_database_health', { status: 'attention', sections: { blocked } });
  expect(expand('{{E1.sections.blocked}}', store)).toBe('| pid |\n| --- |\n| 7 |\n| 9 |');
  expect(expand('{{E1.sections.blocked.rows[1][0]}}', store)).toBe('9');
});
