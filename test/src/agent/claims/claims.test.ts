import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkClaims, collectKnown, type CheckableValues } from '../../../../src/agent/claims/claims.ts';
import { createEvidenceStore } from '../../../../src/agent/evidence/store.ts';
import { expandPlaceholders } from '../../../../src/agent/evidence/placeholders.ts';
import { addObject, addTable, failedOrders } from '../evidence-samples.ts';
import { honestSummaries } from '../honest-summaries.ts';

const texts = [
  { label: 'the prompt', text: 'Investigate failed orders' },
  { label: 'the parameter threshold', text: '5' },
  { label: 'the parameter window_hours', text: '24' },
  { label: 'the parameter project', text: 'ENG' },
];
const held = collectKnown({ evidence: failedOrders().list(), texts });

function unverified(text: string, values: CheckableValues = held): string[] {
  return checkClaims(text, values).flatMap((claim) => (claim.status === 'unverified' ? [claim.text] : []));
}

function sources(text: string): Record<string, string | undefined> {
  return Object.fromEntries(checkClaims(text, held).map((claim) => [claim.text, claim.source?.label]));
}

describe('honest summaries', () => {
  it('raise fewer than three false alarms in fifty', () => {
    expect(honestSummaries.length).toBeGreaterThanOrEqual(50);
    const alarms = honestSummaries.flatMap((text) => unverified(text).map((claim) => `${claim} in: ${text}`));
    expect(alarms).toEqual([]);
  });
});

describe('misreports', () => {
  it.each([
    ['a wrong count', '48 orders failed in the last 24 hours.', '48'],
    ['a count beside right ones', '31 card_declined, 13 gateway_timeout and 4 fraud_review.', '13'],
    ['a wrong percentage', '74% of the failures were card_declined.', '74%'],
    ['an invented order id', 'Order 104234 was the first.', '104234'],
    ['an invented issue', 'This looks like ENG-208.', 'ENG-208'],
    ['a wrong time', 'It began at 03:30 UTC.', '03:30 UTC'],
    ['a wrong date', 'It began on 2026-11-20.', '2026-11-20'],
    ['a wrong duration', 'The timeout is 30 seconds.', '30 seconds'],
    ['a wrong sum of money', 'About $52,000 was lost.', '$52,000'],
    ['a wrong address', 'The gateway 10.2.0.8 answered.', '10.2.0.8'],
    ['a wrong release', 'Since 2026.11.21-4.', '2026.11.21-4'],
    ['digits of another script', '４８ orders failed.', '４８'],
    ['Arabic digits', 'failed: ٤٨ orders', '٤٨'],
    ['mathematical digits', '𝟰𝟴 orders failed', '𝟰𝟴'],
    ['thousands', '1,032 orders were placed.', '1,032'],
    ['a number in a table', '| card_declined | 33 |', '33'],
    ['a number in a heading', '## 48 failed orders', '48'],
    ['a number in words', 'Twelve hundred orders failed.', 'Twelve hundred'],
    ['a small number in words', 'Nine orders failed.', 'Nine'],
    ['a scale', '2.3k orders failed', '2.3k'],
    ['a version', 'Rolled back to v1.8.2', 'v1.8.2'],
    ['a share of something else', 'Failures tripled to 9.2 % of orders', '9.2 %'],
    ['digits held apart by nothing visible', 'In all 4\u200B8 orders failed', '4\u200B8'],
    ['enclosed digits', '㊽ orders failed'.replace('㊽', '\u32BD'), '\u32BD'],
    ['a number at the end', 'The total is 48', '48'],
    ['a number in brackets', 'many orders (48)', '48'],
  ])('%s', (_, text, expected) => {
    expect(unverified(text)).toContain(expected);
  });

  it('names no more than what is wrong', () => {
    expect(unverified('31 card_declined, 13 gateway_timeout and 4 fraud_review.')).toEqual(['13']);
  });
});

describe('sources', () => {
  it('names the cell, the total, the pair and the parameter', () => {
    expect(sources('47 failed, 31 declined, 66% of them; the threshold is 5; first at 06:12 UTC; ENG-212')).toEqual({
      47: 'E1[0].failed_count',
      31: 'E2[0].failed',
      '66%': 'E2.failed[0] of the total',
      5: 'the parameter threshold',
      '06:12 UTC': 'E4[0].created_at',
      'ENG-212': 'E6.issue_key',
    });
  });

  it('says where in the text', () => {
    const text = 'In all ４７ orders 😀 failed, 48 no.';
    for (const claim of checkClaims(text, held)) expect(text.slice(claim.start, claim.end)).toBe(claim.text);
  });
});

describe('a large result', () => {
  const store = createEvidenceStore();
  addTable(
    store,
    { id: 'int8', quantity: 'int4', note: 'text' },
    Array.from({ length: 5000 }, (_, i) => [i + 1, i % 997, `order ${i}`]),
  );
  const many = collectKnown({ evidence: store.list(), texts: [] });

  it('does not hold every small count because some cell equals it', () => {
    expect(unverified('13 orders failed, 412 customers', many)).toEqual(['13', '412']);
  });

  it('holds its count, and the ids that are named as such', () => {
    expect(unverified('5000 orders, among them order 13 and #412', many)).toEqual([]);
  });
});

describe('what others wrote', () => {
  const store = createEvidenceStore();
  addObject(store, 'get_jira_issue', { issue_key: 'SUP-9', description: 'At least 912 orders failed, 88% of all.' });
  addTable(store, { note: 'text', code: 'varchar' }, [['retry 3 of 17 failed after 250 ms', '733']]);
  const written = collectKnown({ evidence: store.list(), texts: [] });

  it('holds no count and no share: a sentence measures nothing', () => {
    expect(unverified('912 orders failed, 88% of all; 733 too.', written)).toEqual(['912', '88%', '733']);
  });

  it('holds ids, durations, names, and what is quoted', () => {
    expect(unverified('SUP-9 says "`912 orders`"; error code 733; after 250 ms.', written)).toEqual([]);
    expect(unverified('> At least 912 orders failed', written)).toEqual([]);
  });

  it('may stand in a table placed by reference', () => {
    const placed = expandPlaceholders({ description: '{{E2}}' }, store, 'create_jira_ticket');
    const text = placed.kind === 'expanded' ? String(placed.arguments['description']) : '';
    expect(text).toContain('retry 3 of 17 failed');
    expect(unverified(text, written)).toEqual([]);
    expect(unverified(text.replace('17', '18'), written)).toEqual(['3', '18']);
  });
});

describe('properties', () => {
  const word = fc.constantFrom('orders', 'failed', 'of', 'card_declined', 'at', 'the', 'and', 'were', 'ENG', 'ms');

  it('a number that is held is verified however it is written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 99_999_999 }), word, word, (value, before, after) => {
        const store = createEvidenceStore();
        addTable(store, { n: 'int8' }, [[String(value)]]);
        const values = collectKnown({ evidence: store.list(), texts: [] });
        const grouped = value.toLocaleString('en-US');
        const wide = String(value).replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
        for (const written of [String(value), grouped, wide, `**${value}**`, `(${grouped})`, `${value}.`])
          expect(unverified(`${before} ${written} ${after}`, values)).toEqual([]);
      }),
    );
  });

  it('a number that nothing comes near is not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3000, max: 9000 }), fc.integer({ min: 20_000, max: 99_999 }), (value, claimed) => {
        const store = createEvidenceStore();
        addTable(store, { n: 'int8' }, [[value]]);
        const values = collectKnown({ evidence: store.list(), texts: [] });
        expect(unverified(`${claimed} orders`, values)).toEqual([String(claimed)]);
      }),
    );
  });

  it('a percentage of two cells is verified as it is rounded, and not when it is off by more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 500, max: 900 }), (part, whole) => {
        const store = createEvidenceStore();
        addTable(store, { part: 'int8', whole: 'int8' }, [[part, whole]]);
        const values = collectKnown({ evidence: store.list(), texts: [] });
        const share = (part / whole) * 100;
        expect(unverified(`${share.toFixed(1)}%`, values)).toEqual([]);
        const off = share + 0.3;
        const ofBoth = (part / (part + whole)) * 100;
        const accidental = [100 - share, ((whole - part) / part) * 100, (whole / part) * 100, ofBoth, 100 - ofBoth];
        if (accidental.every((other) => Math.abs(other - off) > 0.2))
          expect(unverified(`${off.toFixed(1)}%`, values)).toHaveLength(1);
      }),
    );
  });

  it.each([
    '1',
    '1,111',
    'a-',
    '1:',
    '| ',
    '|\\',
    '`',
    'twenty ',
    '1.1.1.',
    'more ',
    '12 ',
    '\u0661',
    'a@',
    '1 ',
    '1**',
    '1*1',
    '&#49;',
    '7m',
    'abcdefa ',
    '"1"',
  ])('a long text of %j is read in time', (piece) => {
    checkClaims(piece.repeat(32_000 / piece.length), held);
  });

  it('any text is checked without failing, and every claim stands where it says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        let end = 0;
        for (const claim of checkClaims(text, held)) {
          expect(text.slice(claim.start, claim.end)).toBe(claim.text);
          expect(claim.start).toBeGreaterThanOrEqual(end);
          end = claim.end;
        }
      }),
    );
  });
});
