import { describe, expect, it } from 'vitest';
import { checkClaims, collectKnown } from '../../../src/agent/claims/claims.ts';
import type { EvidenceStore } from '../../../src/agent/evidence/store.ts';
import { toolSpec } from './evidence-samples.ts';
import { checkout, checkoutTexts, slowDatabase, slowDatabaseTexts } from './investigations.ts';
import { honestOfCheckout, honestOfSlowDatabase, wrongOfCheckout, wrongOfSlowDatabase } from './reports.ts';

function checkerOf(store: EvidenceStore, texts: typeof checkoutTexts): (text: string) => string[] {
  const held = collectKnown({ evidence: store.list(), texts });
  return (text) => checkClaims(text, held).flatMap((claim) => (claim.status === 'unverified' ? [claim.text] : []));
}

const ofCheckout = checkerOf(checkout(), checkoutTexts);
const ofDatabase = checkerOf(slowDatabase(), slowDatabaseTexts);

it.each([
  ['an outage', honestOfCheckout, ofCheckout],
  ['a slow database', honestOfSlowDatabase, ofDatabase],
] as const)('an honest report of %s raises no alarm', (_, reports, unverified) => {
  expect(reports.length).toBeGreaterThan(35);
  expect(reports.filter((report) => unverified(report).length > 0)).toEqual([]);
});

describe('a wrong report is caught', () => {
  it.each(wrongOfCheckout)('of an outage: %s', (report) => {
    expect(ofCheckout(report)).not.toEqual([]);
  });

  it.each(wrongOfSlowDatabase)('of a slow database: %s', (report) => {
    expect(ofDatabase(report)).not.toEqual([]);
  });
});

it('what an earlier write said proves nothing', () => {
  const store = checkout();
  store.add({
    tool: toolSpec('add_jira_comment'),
    arguments: { issue_key: 'ENG-57', body: '7777 orders failed' },
    time: '2026-03-14T10:05:00.000Z',
    outcome: { kind: 'result', text: '', structured: { outcome: 'done' } },
  });
  expect(checkerOf(store, checkoutTexts)('7777 orders failed, see ENG-57')).toEqual(['7777']);
});
