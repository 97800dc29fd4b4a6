import markdownIt from 'markdown-it';
import { expect, it } from 'vitest';
import { exportPostmortem } from '../../../src/sessions/export-postmortem.ts';
import type { SessionContent } from '../../../src/sessions/session-record.ts';
import { hostile, sampleEvents } from './sample-session.ts';

const content: SessionContent = {
  id: '20261122-090000-00000000',
  title: `Why do orders fail? ${hostile}`,
  created: '2026-11-22T09:00:00.000Z',
  events: sampleEvents.map((event) => ({ time: '2026-11-22T09:00:02.000Z', event })),
  messages: [],
  evidence: [],
  policy: undefined,
  cleared: [],
  branch: undefined,
  interrupted: undefined,
  stopped: undefined,
  damage: { lines: 0, lostBytes: 0 },
};

it('fills in what the session knows, leaves the rest to people, and ends with the whole record', () => {
  const text = exportPostmortem(content);
  for (const part of [
    '## Timeline\n\n- 2026-11-22 09:00:02: the runbook `failed-orders` began',
    'many: `12 > 5`, met',
    '- E1, Query the database, 1 rows: `SELECT 1`',
    '- Create a ticket, ok: ENG-42 <http://127.0.0.1/browse/ENG-42> (person: Approved once.)',
    '## Root cause\n\n_To be written._',
    '## Record: Why do orders fail?',
    '```sql\nSELECT 1\n```',
  ])
    expect(text).toContain(part);
});

it('keeps the texts of others from becoming markup', () => {
  const shown = markdownIt({ html: true, linkify: true }).render(exportPostmortem(content));
  expect(shown).not.toContain('<script>');
  expect(shown).not.toMatch(/href="javascript:/u);
  expect(shown).not.toContain('<img');
});
