import { expect, it } from 'vitest';
import { parseTriggers } from '../../../../src/service/triggers/triggers-file.ts';

const parse = (text: string) => parseTriggers(text, 'triggers.yaml');

it('reads triggers, commands and limits', () => {
  const read = parse(`
triggers:
  payments-alerts:
    from: alertmanager
    secret: [env:NEW_TOKEN, vault:kv/switchboard#alertmanager]
    runs:
      - runbook: failed-orders
        when: { labels.severity: [critical] }
        parameters: { threshold: 5, channel: '#{{labels.team}}' }
        accept_grants: true
slack:
  team: T0TEAM001
  commands:
    failed-orders: { runbook: failed-orders, people: [U0JANE001], allow: [threshold] }
limits:
  failed-orders: { running: 1, per_hour: 20 }
`);
  expect(read).toMatchObject({
    kind: 'valid',
    triggers: {
      attempts: 5,
      triggers: { 'payments-alerts': { secret: ['env:NEW_TOKEN', 'vault:kv/switchboard#alertmanager'] } },
      slack: { commands: { 'failed-orders': { accept_grants: false, allow: ['threshold'] } } },
    },
  });
});

const trigger = (more: string): string => `triggers:\n  alerts:\n    from: hmac\n${more}`;

it.each([
  [trigger('    secret: plain-text-secret\n    runs: [{ runbook: a }]\n'), 'triggers.yaml:4', 'triggers.alerts.secret'],
  [trigger('    secret: env:A\n    runs: []\n'), 'triggers.yaml:5', 'triggers.alerts.runs'],
  [trigger('    secret: env:A\n    runs: [{ runbok: a }]\n'), 'triggers.yaml:5', 'triggers.alerts.runs.0'],
  [
    trigger('    secret: env:A\n    proof: bearer\n    runs: [{ runbook: a }]\n'),
    'triggers.yaml',
    'triggers.alerts.proof',
  ],
  ['triggers:\n  Alerts: {}\n', 'triggers.yaml:2', 'triggers.Alerts'],
  ['limits:\n  a: { running: 0 }\n', 'triggers.yaml:2', 'limits.a.running'],
  ['slack:\n  team: T0TEAM001\n  commands:\n    a: { runbook: a, people: [jane] }\n', 'triggers.yaml:4', 'people.0'],
  ['[', 'triggers.yaml:', ''],
])('says which field of %j is wrong', (text, place, field) => {
  const read = parse(text);
  expect(read).toMatchObject({ kind: 'invalid', message: expect.stringContaining(place) as string });
  expect(read).toMatchObject({ message: expect.stringContaining(field) as string });
});
