import { describe, expect, it } from 'vitest';
import { createEvidenceStore } from '../../../../src/agent/evidence/store.ts';
import { createReadEvidenceTool } from '../../../../src/agent/evidence/read-tool.ts';
import { addObject, addTable, toolSpec } from '../evidence-samples.ts';

function largeStore() {
  const store = createEvidenceStore({ delimiter: () => 'x' });
  const rows = Array.from({ length: 10_000 }, (_, i) => [
    i,
    i % 10 === 0 ? 'card_declined' : 'ok',
    `2026-11-22T0${i % 10}:00:00.000Z`,
    i === 77 ? null : i / 2,
  ]);
  addTable(store, { id: 'int8', code: 'text', at: 'timestamptz', amount: 'float8' }, rows);
  return store;
}

function read(input: Record<string, unknown>, store = largeStore()): string {
  return createReadEvidenceTool(store)
    .call(input)
    .text.replaceAll(/data-\w+/g, 'data');
}

describe('a result of ten thousand rows', () => {
  const store = largeStore();
  const [evidence] = store.list();
  const text = 'x'.repeat(600_000);
  const shown = evidence === undefined ? '' : store.toModelText(evidence, text);

  it('is shown by its ends and statistics, at little cost', () => {
    expect(shown.length).toBeLessThan(5000);
    expect(shown).toMatch(
      /^E1 \(query_database, 10000 rows\)\n<data-x>\nFirst 20 of 10000 rows:\nid,code,at,amount\n0,card_declined/,
    );
    expect(shown).toContain('9999,ok,2026-11-22T09:00:00.000Z,4999.5');
    expect(shown).toContain('code: 2 distinct, most common "ok" 9000×, "card_declined" 1000×');
    expect(shown).toContain('at: 10 distinct, 2026-11-22T00:00:00.000Z to 2026-11-22T09:00:00.000Z');
    expect(shown).toContain('amount: 9999 distinct, 1 null, 0 to 4999.5');
    expect(shown).toMatch(/read_evidence reads any part of E1/);
  });

  it('is read in pages, by column, filtered and sorted', () => {
    expect(read({ evidence: 'E1', from: 5000, rows: 2, columns: ['id'] })).toBe(
      'E1: 10000 of 10000 rows match. Rows 5000 to 5001 of these:\n<data>\nid\n5000\n5001\n</data>',
    );
    const declined = [{ column: 'code', is: 'equal', value: 'card_declined' }];
    const last = {
      evidence: 'E1',
      where: declined,
      order_by: 'id',
      descending: true,
      rows: 2,
      columns: ['id', 'code'],
    };
    expect(read(last)).toContain(
      '1000 of 10000 rows match. Rows 0 to 1 of these:\n<data>\nid,code\n9990,card_declined\n9980,',
    );
    expect(read({ evidence: 'E1', where: [{ column: 'amount', is: 'null' }], columns: ['id'] })).toContain('\n77\n');
    expect(read({ evidence: 'E1', where: [{ column: 'id', is: 'greater', value: 9997 }], columns: ['id'] })).toContain(
      '2 of 10000',
    );
    expect(read({ evidence: 'E1', where: declined, statistics: true, columns: ['amount'] })).toContain(
      'amount: 1000 distinct, 0 to 4995',
    );
  });

  it.each([
    [{ evidence: 'E7' }, /E7 does not exist\.\nHint: Evidence so far: E1 \(query_database\)/],
    [{ evidence: 'E1', columns: ['nope'] }, /no column 'nope'\.\nHint: Its columns: id, code, at, amount/],
    [{ evidence: 'E1', order_by: 'nope' }, /no column 'nope'/],
    [{ evidence: 'E1', rows: 501 }, /'rows'/],
    [{}, /'evidence'/],
  ])('%j is rejected with a message', (input, message) => {
    expect(read(input)).toMatch(message);
  });
});

it('a long result that is not a table is shown by its ends and read by lines', () => {
  const store = createEvidenceStore({ delimiter: () => 'x' });
  const value = { comments: Array.from({ length: 500 }, (_, i) => `comment ${i}`) };
  const evidence = addObject(store, 'get_jira_issue', value);
  const shown = store.toModelText(evidence, 'a'.repeat(10_000) + 'b'.repeat(10_000));
  expect(shown).toMatch(/a\n… 12000 characters left out …\nb/);
  expect(read({ evidence: 'E1', from: 2, rows: 2 }, store)).toBe(
    'E1: lines 2 to 3 of 504.\n<data>\n  "comment 0",\n  "comment 1",\n</data>',
  );
});

describe('a text of 20,000 lines', () => {
  const lines = Array.from({ length: 20_000 }, (_, i) =>
    i === 15_000 ? 'now THE ERROR came' : `line ${i} ${'.'.repeat(5)}`,
  );
  const text = lines.join('\n');

  it.each([
    ['text alone', undefined],
    ['text and the same as structured content', { content: text }],
    ['text and other structured content', { ok: true, count: 3 }],
  ])('from a third party, given as %s, is read by lines and by pattern', (_, structured) => {
    const store = createEvidenceStore({ delimiter: () => 'x' });
    const tool = toolSpec('read_text_file', { server: 'files', trusted: false });
    const evidence = store.add({ tool, arguments: {}, time: '', outcome: { kind: 'result', text, structured } });
    expect(store.toModelText(evidence, text)).toMatch(
      /read_evidence reads any part of E1 \(20\d{3} lines; search them with pattern/,
    );
    const found = read({ evidence: 'E1', pattern: 'the error', context: 1 }, store);
    const [, line = ''] = /(\d+): *now THE ERROR came/.exec(found) ?? [];
    expect(found).toMatch(
      /E1: 1 of 20\d{3} lines match[\s\S]*- *line 14999[\s\S]*: *now THE ERROR[\s\S]*- *line 15001/,
    );
    const page = read({ evidence: 'E1', from: Number(line) + 1, rows: 2 }, store);
    expect(page).toMatch(/lines 150\d\d to 150\d\d of 20\d{3}\.\n<data>\n *line 15001 [.]+\n *line 15002/);
    const where = [{ column: 'text', is: 'contains', value: 'THE ERROR' }];
    expect(read({ evidence: 'E1', where }, store)).toMatch(/1 of 20\d{3} lines match[\s\S]*THE ERROR/);
  });

  it('is read to its end, page by page, with nothing omitted and no page too long', () => {
    const store = createEvidenceStore();
    const wide = lines.map((line) => line.padEnd(100, 'x'));
    addObject(store, 'log', { text: wide.join('\n') });
    const seen: string[] = [];
    for (let from = 0; from < 3_000;) {
      const page = read({ evidence: 'E1', from, rows: 500 }, store);
      expect(page.length).toBeLessThan(25_000);
      const [, last = ''] = /^E1: lines \d+ to (\d+) of 20000/.exec(page) ?? [];
      expect(page).toContain(`Continue with from: ${Number(last) + 1}.`);
      seen.push(...page.split('\n').filter((line) => line.endsWith('x')));
      from = Number(last) + 1;
    }
    expect(seen).toEqual(wide.slice(0, seen.length));
    expect(read({ evidence: 'E1', from: 20_000 }, store)).toBe('E1 has 20000 lines, 0 to 19999: none from 20000 on.');
  });

  it('rejects options that need a table, with a message', () => {
    const store = createEvidenceStore();
    addObject(store, 'log', { text });
    const where = [{ column: 'level', is: 'equal', value: 'error' }];
    expect(read({ evidence: 'E1', where }, store)).toMatch(/not a table: it has no column 'level'.*\nHint:.*pattern/);
    for (const more of [{ columns: ['a'] }, { order_by: 'a' }, { statistics: true }])
      expect(read({ evidence: 'E1', ...more }, store)).toMatch(
        /^invalid_arguments: E1 is not a table: \w+ cannot be used/,
      );
  });
});

describe('text that is too long for one answer', () => {
  const long = Array.from({ length: 40_000 }, (_, i) => String(i)).join(' ');

  it('on one line is folded and can be read in full', () => {
    const store = createEvidenceStore();
    addObject(store, 'log', { text: `😀${long}` });
    const pages = [0, 10, 20].map((from) => read({ evidence: 'E1', from, rows: 10 }, store));
    const whole = [
      ...pages,
      ...Array.from({ length: 9 }, (_, i) => read({ evidence: 'E1', from: 30 + i * 10, rows: 10 }, store)),
    ]
      .map((page) => page.split('\n').slice(2, -1).join(''))
      .join('');
    expect(whole).toBe(`😀${long}`);
  });

  it('in a cell says so, and is read by lines and by pattern', () => {
    const store = createEvidenceStore();
    addTable(store, { id: 'int8', body: 'text' }, [
      [1, 'short'],
      [2, long],
    ]);
    expect(read({ evidence: 'E1' }, store)).toMatch(/Rows 0 to 0 of these[\s\S]*Continue with from: 1\./);
    expect(read({ evidence: 'E1', from: 1 }, store)).toMatch(/too long for one answer\. Read it with as_lines/);
    expect(read({ evidence: 'E1', pattern: ' 39999', context: 0 }, store)).toMatch(/39999/);
    const where = [{ column: 'id', is: 'equal', value: 2 }];
    expect(read({ evidence: 'E1', where, as_lines: true, from: 1, rows: 1 }, store)).toMatch(/\[1\] body: 0 1 2 3/);
  });
});
