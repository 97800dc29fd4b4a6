import { describe, expect, it } from 'vitest';
import { mapIncident } from '../../../../src/service/triggers/map-incident.ts';
import { readAlertmanager } from '../../../../src/service/triggers/sources/alertmanager.ts';
import { readGithub } from '../../../../src/service/triggers/sources/github.ts';
import { readHmac } from '../../../../src/service/triggers/sources/hmac.ts';
import { readPagerduty } from '../../../../src/service/triggers/sources/pagerduty.ts';
import type { TriggeredRun } from '../../../../src/service/triggers/triggers-file.ts';

const run = (more: Partial<TriggeredRun> = {}): TriggeredRun => ({
  runbook: 'failed-orders',
  when: {},
  parameters: {},
  accept_grants: false,
  ...more,
});
const incident = {
  key: 'group 1',
  fields: { labels: { severity: 'critical', service: 'shop', size: 7 }, count: 3, alerts: [{ name: 'first' }] },
};
const map = (more: Partial<TriggeredRun>, of = incident) => mapIncident('alerts', run(more), of);

describe('an incident', () => {
  it('starts what is for it', () => {
    expect(map({ when: { 'labels.severity': ['page', 'critical'], count: 3 } })).toMatchObject({ kind: 'run' });
    for (const when of [
      { 'labels.severity': ['page'] },
      { 'labels.none': 'x' },
      { labels: 'critical' },
      { 'labels.__proto__': 'x' },
      { 'labels.severity.length': 8 },
    ])
      expect(map({ when })).toEqual({ kind: 'other' });
  });

  it('fills parameters, and says which of them others wrote', () => {
    const parameters = {
      threshold: 5,
      channel: '#{{labels.service}}',
      size: '{{labels.size}}',
      name: '{{ alerts.0.name }}',
    };
    expect(map({ parameters })).toEqual({
      kind: 'run',
      run: {
        runbook: 'failed-orders',
        parameters: { threshold: 5, channel: '#shop', size: 7, name: 'first' },
        fromOthers: ['channel', 'size', 'name'],
        occasion: 'alerts/failed-orders/group 1',
      },
    });
  });

  it.each([
    ['{{labels.team}}', 'the incident has no labels.team'],
    ['{{labels.constructor}}', 'the incident has no labels.constructor'],
    ['{{labels}}', 'the incident has no labels'],
  ])('does not fill %s', (value, message) => {
    expect(map({ parameters: { x: value } })).toEqual({ kind: 'problem', message: `parameters.x: ${message}` });
  });

  it.each(['two\nlines', 'hidden\u200Bspace', 'turned\u202Eround', 'x'.repeat(501)])(
    'takes no value such as %j',
    (value) => {
      const fields = { ...incident.fields, value };
      expect(map({ parameters: { x: '{{value}}' } }, { ...incident, fields })).toMatchObject({ kind: 'problem' });
    },
  );

  it('is not filled in twice', () => {
    const fields = { ...incident.fields, value: '{{labels.service}}' };
    expect(map({ parameters: { x: '{{value}}' } }, { ...incident, fields })).toMatchObject({
      run: { parameters: { x: '{{labels.service}}' } },
    });
  });

  it('has a name of its own choice, or that of the trigger, and a digest for one that is odd', () => {
    expect(map({ incident: '{{labels.service}} {{count}}' })).toMatchObject({
      run: { occasion: 'alerts/failed-orders/shop 3' },
    });
    const odd = map({}, { ...incident, key: 'line\nbreak' });
    expect(odd).toMatchObject({
      run: { occasion: expect.stringMatching(/^alerts\/failed-orders\/[0-9a-f]{64}$/) as string },
    });
    expect(map({ incident: '{{none}}' })).toMatchObject({ kind: 'problem' });
  });
});

describe('the senders', () => {
  const alert = (status: string, startsAt: string) => ({ status, labels: {}, annotations: {}, startsAt });
  const group = (...alerts: object[]) => ({
    version: '4',
    groupKey: '{}:{a="b"}',
    receiver: 'r',
    groupLabels: {},
    commonLabels: { a: 'b' },
    commonAnnotations: {},
    alerts,
  });
  it('Alertmanager: a group is one incident while an alert of it fires', () => {
    const first = readAlertmanager(group(alert('firing', '2026-01-02'), alert('resolved', '2026-01-01')));
    const again = readAlertmanager(group(alert('firing', '2026-01-02'), alert('firing', '2026-01-03')));
    expect(first).toMatchObject({
      incident: { key: '{}:{a="b"} 2026-01-02', fields: { count: 1, labels: { a: 'b' } } },
    });
    expect(again).toMatchObject({ incident: { key: '{}:{a="b"} 2026-01-02' } });
    // The first one is resolved, and the second goes on.
    const later = readAlertmanager(group(alert('resolved', '2026-01-02'), alert('firing', '2026-01-03')));
    const other = readAlertmanager(group(alert('firing', '2026-01-04')));
    const partsOf = (read: typeof later) => (read.kind === 'incident' ? (read.incident.parts ?? []) : []);
    expect(partsOf(first)).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/u)]);
    expect(partsOf(again)).toEqual([...partsOf(first), ...partsOf(later)]);
    expect(partsOf(again)).not.toContain(partsOf(other)[0]);
    expect(readAlertmanager(group(alert('resolved', '2026-01-01')))).toMatchObject({ kind: 'nothing' });
    expect(readAlertmanager({ version: '3' })).toMatchObject({ kind: 'invalid' });
  });
  it('PagerDuty: only an incident that is triggered', () => {
    const event = (event_type: string) => ({ event: { id: 'e', event_type, data: { id: 'PGR0VU2', title: 'Down' } } });
    expect(readPagerduty(event('incident.triggered'))).toMatchObject({
      incident: { key: 'PGR0VU2', fields: { title: 'Down' } },
    });
    expect(readPagerduty(event('incident.resolved'))).toMatchObject({ kind: 'nothing' });
    expect(readPagerduty({ event: {} })).toMatchObject({ kind: 'invalid' });
  });
  it('GitHub: a delivery is known by its bytes, because no signature covers the headers', () => {
    const headers = { 'x-github-event': 'workflow_run', 'x-github-delivery': 'any' };
    expect(readGithub({ action: 'completed' }, headers, 'digest')).toMatchObject({
      incident: { key: 'digest', fields: { event: 'workflow_run', action: 'completed' } },
    });
    expect(readGithub({}, { 'x-github-event': 'ping' }, 'd')).toMatchObject({ kind: 'nothing' });
    expect(readGithub({}, {}, 'd')).toMatchObject({ kind: 'invalid' });
  });
  it('others: the body names the incident', () => {
    expect(readHmac({ incident: 'i1', more: 1 })).toMatchObject({ incident: { key: 'i1', fields: { more: 1 } } });
    for (const body of [{}, [], null, { incident: 5 }]) expect(readHmac(body)).toMatchObject({ kind: 'invalid' });
  });
});
