import { expect, it } from 'vitest';
import { bindRunbook, parseRunbook } from '../../../../src/agent/runbook/runbook.ts';
import { mapIncident } from '../../../../src/service/triggers/map-incident.ts';
import { readAlertmanager } from '../../../../src/service/triggers/sources/alertmanager.ts';
import { createStartRun, type Started, type StartPorts } from '../../../../src/service/triggers/start-run.ts';
import type { OccasionRow } from '../../../../src/service/state/occasion-store.ts';

function bound(channel: string) {
  const source = `---
name: check
title: Check
parameters: { channel: ${channel} }
grants: [{ tool: post_slack_message, where: { channel: ['\${channel}'] } }]
---
Look.
`;
  const parsed = parseRunbook(source, 'check.md');
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.issues));
  return bindRunbook(parsed.runbook, { channel: '#web' });
}

const none = () => Promise.reject(new Error('not called'));

/** Alerts by when they began; those that are resolved are told once more by Alertmanager. */
function told(firing: readonly string[], resolved: readonly string[] = []) {
  const alert = (status: string) => (startsAt: string) => ({
    status,
    labels: { at: startsAt },
    annotations: {},
    startsAt,
  });
  return readAlertmanager({
    version: '4',
    groupKey: 'group',
    receiver: 'switchboard',
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    alerts: [...firing.map(alert('firing')), ...resolved.map(alert('resolved'))],
  });
}

/** With occasions in memory. */
function starting(channel = '{}') {
  const rows: OccasionRow[] = [];
  const store: StartPorts['store'] = {
    add: ({ name, runbook, parameters, source, options = { fromOthers: [], acceptGrants: false } }) => {
      const row: OccasionRow = {
        id: name,
        name,
        runbook,
        parameters,
        source,
        options,
        session: name,
        state: 'queued',
        holder: null,
        touched: new Date(),
        attempts: 0,
        created: new Date(),
        started: null,
        ended: null,
        reason: null,
        exit_code: null,
        message: null,
        reply: null,
      };
      rows.push(row);
      return Promise.resolve({ row, isNew: true });
    },
    findByName: (wanted) => Promise.resolve(rows.find(({ name }) => name === wanted)),
    findByParts: ({ prefix, parts }) => {
      const index = rows.findIndex(
        ({ name, options }) => name.startsWith(prefix) && options.parts?.some((part) => parts.includes(part)),
      );
      const found = rows[index];
      if (found === undefined) return Promise.resolve(undefined);
      const all = [...new Set([...(found.options.parts ?? []), ...parts])];
      const row = { ...found, options: { ...found.options, parts: all } };
      rows[index] = row;
      return Promise.resolve(row);
    },
    find: none,
    findBySession: none,
    claim: none,
    touch: none,
    end: none,
    stranded: none,
    countLastHour: none,
    occasionOf: ({ name }) => ({ name, take: none }),
  };
  const startRun = createStartRun({
    store,
    limits: {},
    bind: () => Promise.resolve(bound(channel)),
    enqueue: () => Promise.resolve(),
  });
  return { rows, startRun };
}

it('starts one run for a group of alerts until all are resolved, whichever of them is the first', async () => {
  const { rows, startRun } = starting();
  const start = async (read: ReturnType<typeof told>): Promise<Started['kind']> => {
    if (read.kind !== 'incident') throw new Error(read.why);
    const mapped = mapIncident(
      'alerts',
      { runbook: 'check', when: {}, parameters: {}, accept_grants: false },
      read.incident,
    );
    if (mapped.kind !== 'run') throw new Error(mapped.kind);
    return (await startRun({ ...mapped.run, source: 'test', acceptGrants: false })).kind;
  };
  expect(await start(told(['10:00']))).toBe('queued');
  expect(await start(told(['10:00', '10:05']))).toBe('known');
  expect(await start(told(['10:05'], ['10:00']))).toBe('known');
  expect(await start(told(['10:05', '10:10']))).toBe('known');
  expect(await start(told(['10:10']))).toBe('known');
  expect(await start(told(['11:00']))).toBe('queued');
  expect(rows).toHaveLength(2);
});

it.each([
  ['{}', ['channel'], true, 'invalid'],
  ['{}', ['channel'], false, 'queued'],
  ['{}', [], true, 'queued'],
  ["{ pattern: '#web|#shop' }", ['channel'], true, 'queued'],
  ["{ values: ['#web'] }", ['channel'], true, 'queued'],
])(
  'lets no incident say freely where it writes without asking: %s, from others %j',
  async (channel, fromOthers, acceptGrants, kind) => {
    const { startRun } = starting(channel);
    const started = await startRun({
      runbook: 'check',
      parameters: {},
      fromOthers,
      occasion: 'alerts/check/1',
      source: 'test',
      acceptGrants,
    });
    expect(started.kind).toBe(kind);
  },
);
