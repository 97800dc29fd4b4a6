import { describe, expect, it } from 'vitest';
import { checkClaims, collectKnown } from '../../../../src/agent/claims/claims.ts';
import { createEvidenceStore } from '../../../../src/agent/evidence/store.ts';
import { addObject, addTable } from '../evidence-samples.ts';

const store = createEvidenceStore();
addTable(store, { error_code: 'text', failed_count: 'int8', last_seen: 'timestamptz' }, [
  ['TAX_REGION_MISSING', 47, '2026-11-22T06:41:09Z'],
  ['CARD_DECLINED', 12500, '2026-11-22T03:10:55Z'],
]);
addObject(store, 'get_jira_issue', { issue_key: 'ENG-41' });
const known = collectKnown({ evidence: store.list(), texts: [{ label: 'the prompt', text: 'more than 70' }] });

const said = (text: string): readonly (string | undefined)[] =>
  checkClaims(text, known).map(({ suggestion }) =>
    suggestion === undefined ? undefined : `${suggestion.source} says ${suggestion.text}`,
  );

describe('for a figure that no evidence supports', () => {
  it.each([
    ['a number', '48 orders failed', 'E1[0].failed_count says 47'],
    ['swapped digits', '74 orders failed', 'E1[0].failed_count says 47'],
    ['a number with separators', '12,600 orders failed', 'E1[1].failed_count says 12,500'],
    ['an identifier', 'see ENG-47', 'E2.issue_key says ENG-41'],
    ['a time of day', 'since 06:43', 'E1[0].last_seen says 06:41'],
  ])('the nearest value of the evidence is named: %s', (_, text, suggestion) => {
    expect(said(text)).toEqual([suggestion]);
  });

  it('nothing is named that is far away, of another kind, or of the prompt', () => {
    expect(said('150 orders, 48 %, at 12:30, in XYZ-99')).toEqual([undefined, undefined, undefined, undefined]);
    expect(said('71 orders failed')).toEqual(['E1[0].failed_count says 47']);
  });

  it('nothing is named for what the evidence supports', () => {
    expect(said('47 failed, ENG-41, 06:41')).toEqual([undefined, undefined, undefined]);
  });
});
