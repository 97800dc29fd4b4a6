import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { recordPage, recordPolicy } from '../../../src/service/records/record-page.ts';
import type { RunEvent } from '../../../src/agent/events.ts';
import { runEventSchema } from '../../../src/sessions/event-schema.ts';
import type { SessionContent } from '../../../src/sessions/session-record.ts';
import { hostile, sampleEvents } from '../sessions/sample-session.ts';

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
  damage: { lines: 1, lostBytes: 0 },
};

it('shows the timeline with queries, evidence, approvals and the end', () => {
  const page = recordPage(content, []);
  for (const part of [
    '<pre class="sql">SELECT 1</pre>',
    'Let me look.',
    'Evidence <b>E1</b>',
    'Condition <b>many</b>: <code>12 &#62; 5</code>, met',
    '<b>Approval requested</b>',
    '<b>Allowed</b> by person: Approved once.',
    'href="http://127.0.0.1/browse/ENG-42"',
    '<b>completed</b>',
    'Incomplete: 1 records could not be read',
  ])
    expect(page).toContain(part);
});

it('has the style that its policy allows, to the byte', () => {
  const [, style = ''] = /<style>([^<]*)<\/style>/u.exec(recordPage(content, [])) ?? [];
  expect(style).toContain('white-space:pre-wrap');
  expect(recordPolicy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
});

it('holds no markup but its own, whatever the texts of others say', () => {
  const bad = [
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    '</pre></style></title><script>alert(1)</script>',
    '<!--',
    '&lt;b&gt;',
    '`${alert(1)}`',
  ];
  const events = content.events.map(({ time, event }) => ({
    time,
    event: fill(event, bad.join(' ')),
  }));
  const page = recordPage({ ...content, title: bad.join(' '), events }, []);
  const tags = new Set([...page.matchAll(/<\/?([a-z!-]+[0-9]?)/giu)].map(([, tag]) => tag?.toLowerCase()));
  expect(tags).toEqual(
    new Set([
      '!doctype',
      'html',
      'head',
      'meta',
      'title',
      'style',
      'body',
      'header',
      'h1',
      'h2',
      'p',
      'code',
      'main',
      'ol',
      'li',
      'time',
      'div',
      'ul',
      'b',
      'pre',
      'details',
      'summary',
      'table',
      'tr',
      'th',
      'td',
      'a',
    ]),
  );
  expect(page).not.toMatch(/on(?:error|load)=[^&]*alert\(1\)>/u);
  expect(page).not.toContain('javascript:');
  expect([...page.matchAll(/href="([^"]*)"/gu)].map(([, to]) => to)).toEqual([
    '/runs/20261122-090000-00000000/postmortem.md',
  ]);
});

it('allows nothing but its own style', () => {
  expect(recordPolicy).toMatch(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; /u);
  expect(recordPolicy).not.toContain('unsafe');
});

/** Every text of an event that a person or a system wrote becomes `text`; the words of our own unions stay. */
function fill(event: RunEvent, text: string): RunEvent {
  const own = new Set(['type', 'status', 'risk', 'decision', 'by', 'outcome', 'reason', 'time', 'sha256', 'kind']);
  const filled = JSON.stringify(event, (key, item: unknown) => {
    if (typeof item !== 'string' || own.has(key) || item === 'run' || item === 'always') return item;
    return key === 'url' ? `javascript:alert(1)//${text}` : text;
  });
  return runEventSchema.parse(JSON.parse(filled));
}
