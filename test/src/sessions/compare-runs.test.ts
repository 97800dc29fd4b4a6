import { expect, it } from 'vitest';
import type { RunEvent } from '../../../src/agent/events.ts';
import { createEvidenceStore } from '../../../src/agent/evidence/store.ts';
import { compareRuns, type ComparedRun } from '../../../src/sessions/history/compare-runs.ts';
import type { SessionContent } from '../../../src/sessions/session-record.ts';
import { hostile } from './sample-session.ts';

const columns = [
  { name: 'error_code', type: 'text' },
  { name: 'failed', type: 'int8' },
];

function runOf(
  run: string,
  rows: readonly (readonly unknown[])[],
  more: readonly RunEvent[],
  threshold: number,
): ComparedRun {
  const record = {
    id: 'E1',
    tool: 'query_database',
    server: 'postgres',
    title: 'Query database',
    arguments: { query: `SELECT 1 -- ${run}` },
    time: '',
    columns,
    rowCount: rows.length,
    truncated: false,
    sha256: '',
    value: { columns, rows },
  };
  const store = createEvidenceStore({ records: [record] });
  const events: readonly RunEvent[] = [
    // A question before the runbook is no part of it.
    { type: 'run-started', session: 's', run: 'r0', time: '', model: 'm', prompt: 'Hello' },
    { type: 'text-delta', text: 'Hello.' },
    {
      type: 'run-started',
      session: 's',
      run,
      time: '2026-11-30T09:00:00.000Z',
      model: 'm',
      prompt: 'x',
      runbook: { name: 'failed-orders', parameters: { threshold } },
    },
    { type: 'evidence-added', callId: 'measure-by_code', evidence: { ...record, rows } },
    ...more,
  ];
  const content: SessionContent = {
    id: 's',
    title: '',
    created: '',
    events: events.map((event) => ({ time: '', event })),
    messages: [],
    evidence: [],
    policy: undefined,
    cleared: [],
    branch: undefined,
    interrupted: undefined,
    stopped: undefined,
    damage: { lines: 0, lostBytes: 0 },
  };
  return { content, run, evidence: store.get };
}

const condition = { name: 'many', expression: 'n > threshold', explained: '12 > 5', holds: true };

it('says what is new, cleared and grown, and how parameters, conditions and outcomes differ', () => {
  const before = runOf(
    'r1',
    [
      ['card_declined', 31],
      ['expired', 2],
    ],
    [{ type: 'condition-evaluated', condition }],
    5,
  );
  const now = runOf(
    'r2',
    [
      ['card_declined', 44],
      ['timeout', 7],
    ],
    [
      { type: 'condition-evaluated', condition: { ...condition, explained: '12 > 20', holds: false } },
      { type: 'run-finished', reason: 'completed', message: '', writeNotGranted: false },
    ],
    20,
  );
  const text = compareRuns(before, now) ?? '';
  for (const line of [
    '# failed-orders',
    '| threshold | 5 | 20 |',
    String.raw`| many | 12 \> 5: yes | 12 \> 20: no |`,
    '| Ended | not finished | completed |',
    String.raw`## by\_code: E1 and E1`,
    'grown  card_declined: failed 31 -> 44',
    'new  timeout: failed 7',
    'cleared  expired: failed 2',
  ])
    expect(text.split('\n')).toContain(line);
});

it('is not led astray by values, and knows when there is nothing to compare', () => {
  const before = runOf('r1', [], [], 5);
  const text = compareRuns(before, runOf('r2', [[`${hostile} \`\`\`\``, 1]], [], 5)) ?? '';
  expect(text).toContain('`````text\nnew  ');
  expect(text).not.toContain('\u202E');
  expect(compareRuns(before, { ...before, run: 'r9' })).toBeUndefined();
  expect(compareRuns(before, before)).toContain('Nothing has changed.');
});
