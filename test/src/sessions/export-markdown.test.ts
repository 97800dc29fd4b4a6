import markdownIt from 'markdown-it';
import { expect, it } from 'vitest';
import type { SessionContent } from '../../../src/sessions/session-record.ts';
import { exportMarkdown } from '../../../src/sessions/export-markdown.ts';
import { hostile, sampleEvents } from './sample-session.ts';

const content: SessionContent = {
  id: '20261122-090000-00000000',
  title: 'Why do orders fail?',
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

it('contains calls, rows, approvals and the end', () => {
  const text = exportMarkdown(content);
  for (const part of [
    '# Why do orders fail?',
    '```sql\nSELECT 1\n```',
    'Evidence **E1**: 1 rows',
    '12 > 5',
    '#### Approval requested',
    'No evidence holds 13.',
    '**Allowed** by person: Approved once.',
    '**Create a ticket: ok** after 300 ms: ENG-42 <http://127.0.0.1/browse/ENG-42>',
    '(timeout)',
    '**completed**',
  ]) {
    expect(text).toContain(part);
  }
  expect(exportMarkdown({ ...content, damage: { lines: 2, lostBytes: 3 } })).toContain('**Incomplete:** 2 records');
});

it('keeps untrusted text from becoming markup, and shows hidden characters', () => {
  const text = exportMarkdown(content);
  const html = markdownIt({ html: true }).render(text);
  expect(hostile).toContain('<script>');
  expect(html).not.toContain('<script>');
  expect(html).not.toContain('href="javascript');
  expect(html.match(/<table>/g)).toHaveLength(1);
  expect(html.match(/<tr>/g)).toHaveLength(2);
  expect(text).toContain('<U+202E>');
  // oxlint-disable-next-line no-control-regex -- that is what must not be there
  expect(text).not.toMatch(/[\u0000-\u0008\u001B\u202E]/);
});
