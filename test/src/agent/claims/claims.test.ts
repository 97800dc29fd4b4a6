import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkClaims, collectKnown, type CheckableValues } from '../../../../src/agent/claims/claims.ts';
import { createEvidenceStore } from '../../../../src/agent/evidence/store.ts';
import { expandPlaceholders } from '../../../../src/agent/evidence/placeholders.ts';
import { addTable, failedOrders, toolSpec } from '../evidence-samples.ts';
import { checkout, checkoutTexts } from '../investigations.ts';
import { evidenceOf, promptOfFailedOrders, readCorpus, writtenByOthers } from './corpus.ts';

const failed = collectKnown({ evidence: failedOrders().list(), texts: promptOfFailedOrders });

function unverified(text: string, values: CheckableValues = failed): string[] {
  return checkClaims(text, values).flatMap((claim) => (claim.status === 'unverified' ? [claim.text] : []));
}

function sources(text: string): Record<string, string | undefined> {
  return Object.fromEntries(checkClaims(text, failed).map((claim) => [claim.text, claim.source?.label]));
}

const corpus = readCorpus();

describe('a claim of the corpus', () => {
  it.each(corpus)('line $line: $text', ({ text, evidence, flagged }) => {
    expect(unverified(text, evidenceOf(evidence))).toEqual(flagged);
  });

  it('is listed once, and all evidence there supports one text and not another', () => {
    expect(new Set(corpus.map(({ text, evidence }) => `${text} | ${evidence}`)).size).toBe(corpus.length);
    for (const set of new Set(corpus.map(({ evidence }) => evidence))) {
      const outcomes = corpus.filter(({ evidence }) => evidence === set).map(({ flagged }) => flagged.length > 0);
      expect(new Set(outcomes).size, set).toBe(2);
    }
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

  it('gives the position in the text', () => {
    const text = 'In all ４７ orders 😀 failed, 48 no.';
    for (const claim of checkClaims(text, failed)) expect(text.slice(claim.start, claim.end)).toBe(claim.text);
  });
});

describe('text by others', () => {
  const store = writtenByOthers();
  const written = collectKnown({ evidence: store.list(), texts: [] });

  it('may appear in a table placed by reference', () => {
    const placed = expandPlaceholders({ description: '{{E2}}' }, store, 'create_jira_ticket');
    const text = placed.kind === 'expanded' ? String(placed.arguments['description']) : '';
    expect(text).toContain('retry 3 of 17 failed');
    expect(unverified(text, written)).toEqual([]);
    expect(unverified(text.replace('17', '18'), written)).toEqual(['3', '18']);
  });
});

it('an earlier write proves nothing', () => {
  const store = checkout();
  store.add({
    tool: toolSpec('add_jira_comment'),
    arguments: { issue_key: 'ENG-57', body: '7777 orders failed' },
    time: '2026-03-14T10:05:00.000Z',
    outcome: { kind: 'result', text: '', structured: { outcome: 'done' } },
  });
  const known = collectKnown({ evidence: store.list(), texts: checkoutTexts });
  expect(unverified('7777 orders failed, see ENG-57', known)).toEqual(['7777']);
});

describe('properties', () => {
  const word = fc.constantFrom('orders', 'failed', 'of', 'card_declined', 'at', 'the', 'and', 'were', 'ENG', 'ms');

  it('a known number is verified in any notation', () => {
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

  it('a number far from any known value is not verified', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3000, max: 9000 }), fc.integer({ min: 20_000, max: 99_999 }), (value, claimed) => {
        const store = createEvidenceStore();
        addTable(store, { n: 'int8' }, [[value]]);
        const values = collectKnown({ evidence: store.list(), texts: [] });
        expect(unverified(`${claimed} orders`, values)).toEqual([String(claimed)]);
      }),
    );
  });

  it('a percentage of two cells is verified when rounded, and flagged when off by more', () => {
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
  ])('a long text of %j is checked in time', (piece) => {
    checkClaims(piece.repeat(32_000 / piece.length), failed);
  });

  it('any text is checked without failing, and every claim has the right position', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        let end = 0;
        for (const claim of checkClaims(text, failed)) {
          expect(text.slice(claim.start, claim.end)).toBe(claim.text);
          expect(claim.start).toBeGreaterThanOrEqual(end);
          end = claim.end;
        }
      }),
    );
  });
});
