import { createServer, request as httpRequest } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CallAudit } from '../../../servers/kit/audit.ts';
import { ConfigurationError, ToolError } from '../../../servers/kit/errors.ts';
import { countCalls, countRefusals } from '../../../servers/kit/telemetry/counted.ts';
import { createPrometheus, type Prometheus } from '../../../servers/kit/telemetry/prometheus.ts';
import { serveMetrics } from '../../../servers/kit/telemetry/serve-metrics.ts';
import { askUpstream } from '../../../servers/kit/telemetry/telemetry.ts';
import { noTracing } from '../../../servers/contract/telemetry/tracing.ts';
import { listen } from '../../stack/listen.ts';
import { promtool } from '../../stack/telemetry/promtool.ts';

const quiet = (): void => undefined;
const tools = ['query_database', 'create_jira_ticket'];

const audit: CallAudit = { intend: () => ({ finish: quiet, fail: quiet }), refuse: quiet };

/** A server that was asked for everything that it counts. */
async function busy(): Promise<Prometheus> {
  const prometheus = createPrometheus(tools);
  const { metrics } = prometheus;
  const counted = countCalls(audit, metrics);
  const read = await counted.intend({ tool: 'query_database' });
  await read.finish({ row_count: 1 });
  const write = await counted.intend({ tool: 'create_jira_ticket' });
  await write.finish({ outcome: 'replayed' });
  const lost = await counted.intend({ tool: 'create_jira_ticket' });
  await lost.fail({ code: 'outcome_unknown', message: 'm', retryable: false });
  for (let index = 0; index < 300; index += 1)
    counted.refuse({ tool: `made_up_${index}" 1\nevil{x="` }, { code: 'not_found', message: 'm', retryable: false });
  const limits = countRefusals({ take: () => Promise.reject(new ToolError('quota_exceeded', 'no more')) }, metrics);
  await limits
    .take({ name: 'create_jira_ticket', risk: 'write' }, { signal: AbortSignal.timeout(1000), progress: quiet })
    .catch(quiet);
  const ask = (send: () => Promise<number>) =>
    askUpstream(
      { metrics, tracing: noTracing },
      { upstream: 'jira', name: 'GET', attributes: {} },
      send,
      (status) => status,
    );
  await ask(() => Promise.resolve(200));
  await ask(() => Promise.resolve(77_777));
  await ask(() => Promise.reject(new ToolError('timeout', 'late'))).catch(quiet);
  metrics.ledgerWaited(0.02);
  metrics.authRefused('scope');
  metrics.watchPool('orders', () => ({ used: 3, waiting: 2 }));
  metrics.watchState({ waiting: () => 7, isUp: () => Promise.resolve(false) });
  return prometheus;
}

describe('figures for a scraper', () => {
  it('are what happened', async () => {
    const lines = (await (await busy()).text()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'switchboard_tool_calls_total{tool="query_database",outcome="ok",code="none"} 1',
        'switchboard_tool_calls_total{tool="create_jira_ticket",outcome="replayed",code="none"} 1',
        'switchboard_tool_calls_total{tool="create_jira_ticket",outcome="unknown",code="outcome_unknown"} 1',
        'switchboard_tool_seconds_count{tool="create_jira_ticket"} 2',
        'switchboard_upstream_seconds_count{upstream="jira",status="200"} 1',
        'switchboard_upstream_seconds_count{upstream="jira",status="timeout"} 1',
        'switchboard_ledger_wait_seconds_count 1',
        'switchboard_quota_refused_total{tool="create_jira_ticket"} 1',
        'switchboard_quota_refused_total{tool="query_database"} 0',
        'switchboard_auth_refused_total{reason="scope"} 1',
        'switchboard_auth_refused_total{reason="invalid_token"} 0',
        'switchboard_pool_used{pool="orders"} 3',
        'switchboard_pool_waiting{pool="orders"} 2',
        'switchboard_audit_queue 7',
        'switchboard_state_up 0',
      ]),
    );
  });

  it('have no series that a caller or an upstream can make up', async () => {
    const text = await (await busy()).text();
    expect(text).toContain('switchboard_tool_calls_total{tool="other",outcome="denied",code="not_found"} 300');
    expect(text).toContain('switchboard_upstream_seconds_count{upstream="jira",status="other"} 1');
    expect(text).not.toMatch(/made_up|evil|77777/u);
  });

  it('satisfy Prometheus', async () => {
    expect(promtool(['check', 'metrics'], await (await busy()).text())).toBe('');
  });
});

describe('the port of the figures', () => {
  const figures = { text: () => Promise.resolve('a 1\n'), contentType: 'text/plain' };

  it('answers only what a scraper asks, and no page by a name that leads here', async () => {
    const port = await free();
    const address = { host: '127.0.0.1', port, isChosen: true };
    onTestFinished(await serveMetrics(address, figures, { name: 'jira', log: quiet }));
    const status = (method: string, path: string, headers: Record<string, string> = {}): Promise<number> =>
      new Promise((resolve, reject) => {
        const asked = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        asked.on('error', reject).end();
      });
    expect(await status('GET', '/metrics')).toBe(200);
    expect(await status('GET', '/metrics?name[]=x')).toBe(200);
    expect(await status('GET', '/mcp')).toBe(404);
    expect(await status('POST', '/metrics')).toBe(405);
    expect(await status('GET', '/metrics', { host: `evil.example:${port}` })).toBe(421);
    expect(await status('GET', '/metrics', { origin: 'https://evil.example' })).toBe(403);
  });

  it('is an error where it was chosen and is taken, and a warning where it is the usual one', async () => {
    const other = createServer();
    const port = await listen(other);
    onTestFinished(() => void other.close());
    const said: string[] = [];
    const io = { name: 'jira', log: (_level: string, message: string) => void said.push(message) };
    const address = { host: '127.0.0.1', port };
    await expect(serveMetrics({ ...address, isChosen: true }, figures, io)).rejects.toThrow(ConfigurationError);
    await serveMetrics({ ...address, isChosen: false }, figures, io);
    expect(said).toEqual([expect.stringContaining('SWITCHBOARD_METRICS_PORT')]);
  });
});

async function free(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe);
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
