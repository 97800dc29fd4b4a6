import { describe, expect, it } from 'vitest';
import { claimsOfCall } from '../../../../src/agent/claims/claims-of-call.ts';
import { renderCsv } from '../../../../src/agent/evidence/csv.ts';
import { createEvidenceStore } from '../../../../src/agent/evidence/store.ts';
import { addTable, failedOrders, toolSpec } from '../evidence-samples.ts';

const texts = [{ label: 'the prompt', text: 'threshold 5' }];

describe('the claims of a write', () => {
  const store = failedOrders();

  it('name the support of each, and none for unsupported ones; the destination is not a claim', () => {
    const input = {
      project_key: 'ENG9',
      summary: '47 failed',
      description: '48 customers, order 104233',
      fields: { n: 5 },
    };
    expect(claimsOfCall(toolSpec('create_jira_ticket'), input, store, texts)).toEqual([
      { text: '47', supportedBy: 'E1[0].failed_count', evidence: 'E1' },
      {
        text: '48',
        supportedBy: undefined,
        evidence: undefined,
        suggestion: { text: '47', source: 'E1[0].failed_count', evidence: 'E1', arguments: ['description'] },
      },
      { text: '104233', supportedBy: 'E4[0].id', evidence: 'E4' },
      { text: '5', supportedBy: 'the prompt', evidence: undefined },
    ]);
  });

  it('flag a figure that is supported in one place and not in another', () => {
    const large = createEvidenceStore();
    addTable(
      large,
      { id: 'int8' },
      Array.from({ length: 300 }, (_, i) => [i]),
    );
    const input = { channel: '#a', text: 'order 13 failed; 13 orders failed' };
    expect(claimsOfCall(toolSpec('post_slack_message'), input, large, [])).toEqual([
      { text: '13', supportedBy: undefined, evidence: undefined },
    ]);
  });

  it('do not include a file with all rows of a result', () => {
    const large = createEvidenceStore();
    const { columns, rows } = addTable(large, { note: 'text' }, [['at least 912 orders'], ['12 more']]);
    const upload = toolSpec('upload_slack_file');
    const content = renderCsv(columns, rows);
    expect(claimsOfCall(upload, { channel: '#a', content }, large, [])).toEqual([]);
    expect(claimsOfCall(upload, { channel: '#a', content: content.replace('912', '913') }, large, [])).not.toEqual([]);
  });
});

it('evidence that is no longer stored supports nothing and does not break the card', () => {
  const kept = new Map<string, string>();
  const shelf = { put: (id: string, text: string) => void kept.set(id, text), take: (id: string) => kept.get(id) };
  const store = createEvidenceStore({ shelf, keepBytes: 1 });
  addTable(store, { n: 'int8' }, [['912']]);
  addTable(store, { n: 'int8' }, [['7']]);
  kept.clear();
  const claims = claimsOfCall(toolSpec('add_jira_comment'), { issue_key: 'A-1', body: '912 and 7' }, store, []);
  expect(claims.map(({ text, supportedBy }) => `${text} ${supportedBy}`)).toEqual(['912 undefined', '7 E2[0].n']);
});
