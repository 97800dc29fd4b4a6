import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { createPrometheus } from '../../../servers/kit/telemetry/prometheus.ts';
import { promtool } from '../../stack/telemetry/promtool.ts';

const alertsFile = 'servers/deploy/chart/alerts.yaml';
const alertsSchema = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string(),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning', 'info']) }),
          annotations: z.strictObject({ summary: z.string(), runbook_url: z.string() }),
        }),
      ),
    }),
  ),
});
const dashboardSchema = z.looseObject({
  panels: z.array(z.looseObject({ title: z.string(), targets: z.array(z.looseObject({ expr: z.string() })) })),
  templating: z.object({ list: z.array(z.looseObject({ query: z.string() })) }),
});

/** Names of the series that a server has. */
let series: ReadonlySet<string>;
let alerts: z.infer<typeof alertsSchema>['groups'][number]['rules'];
let expressions: readonly string[];

beforeAll(async () => {
  const { metrics, text } = createPrometheus(['create_jira_ticket']);
  metrics.watchPool('orders', () => ({ used: 0, waiting: 0 }));
  metrics.watchState({ waiting: () => 0, isUp: () => Promise.resolve(true) });
  metrics.toolCalled({ tool: 'create_jira_ticket', outcome: 'ok', code: undefined, seconds: 1 });
  metrics.upstreamAnswered('jira', '200', 1);
  metrics.ledgerWaited(1);
  series = new Set([...(await text()).matchAll(/^(\w+)[ {]/gmu)].map(([, name = '']) => name));
  alerts = alertsSchema.parse(parse(await readFile(alertsFile, 'utf8'))).groups.flatMap(({ rules }) => rules);
  const dashboard = dashboardSchema.parse(JSON.parse(await readFile('servers/deploy/grafana/dashboard.json', 'utf8')));
  expressions = [
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...dashboard.templating.list.map(({ query }) => query).filter((query) => query.includes('(')),
  ];
});

const named = (expression: string): readonly string[] =>
  [...expression.matchAll(/\b(?:switchboard|process|nodejs)_\w+/gu)].map(([name]) => name);

describe('the dashboard', () => {
  it('asks only for figures that there are, and for all of ours', () => {
    const used = new Set(expressions.flatMap(named));
    expect([...used].filter((name) => !series.has(name))).toEqual([]);
    const family = (name: string): string => name.replace(/_(?:bucket|sum|count)$/u, '');
    const shown = new Set([...used].map(family));
    expect([...series].filter((name) => name.startsWith('switchboard_') && !shown.has(family(name)))).toEqual([]);
  });
});

describe('the alerts', () => {
  it('ask only for figures that there are', () => {
    expect(alerts.flatMap(({ expr }) => named(expr)).filter((name) => !series.has(name))).toEqual([]);
  });

  it('lead to a place that says what to do', async () => {
    const readme = await readFile('servers/deploy/README.md', 'utf8');
    for (const { alert, annotations } of alerts) {
      expect(readme, alert).toContain(`\n#### ${alert}\n`);
      expect(annotations.runbook_url).toMatch(new RegExp(`/servers/deploy/README\\.md#${alert.toLowerCase()}$`, 'u'));
    }
  });

  it('fire when they should, and not before', async () => {
    expect(promtool(['check', 'rules', alertsFile])).toContain(`${alerts.length} rules found`);
    const tests = await readFile('test/servers/deploy/alerts.yaml', 'utf8');
    expect(alerts.filter(({ alert }) => !tests.includes(`alertname: ${alert}\n`))).toEqual([]);
    expect(promtool(['test', 'rules', 'test/servers/deploy/alerts.yaml'])).toContain('SUCCESS');
  });
});
