import { setTimeout as wait } from 'node:timers/promises';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openTracing } from '../../../../servers/contract/telemetry/open-tracing.ts';
import { tracingSecrets } from '../../../../servers/contract/telemetry/settings.ts';
import { noTracing, type Tracing } from '../../../../servers/contract/telemetry/tracing.ts';
import { tracingVariables } from '../../../../src/settings.ts';
import { inheritable } from '../../../../src/vscode/engine/without-connection-variables.ts';
import { listen } from '../../../stack/listen.ts';
import { startOtlpSink, type OtlpSink } from '../../../stack/telemetry/otlp-sink.ts';

type Variables = Readonly<Record<string, string>>;

async function open(variables: Variables): Promise<{ tracing: Tracing; said: string[] }> {
  const said: string[] = [];
  const report = (message: string): void => void said.push(message);
  const tracing = await openTracing({ service: 'switchboard-test', version: '1.2.3', variables, report });
  return { tracing, said };
}

async function sink(secrets?: Readonly<Record<string, string>>): Promise<OtlpSink> {
  const started = await startOtlpSink(secrets);
  onTestFinished(started.stop);
  return started;
}

describe('traces', () => {
  it.each([
    [{}],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_TRACES_EXPORTER: 'none' }],
  ])('are off with %j', async (variables) => {
    expect((await open(variables)).tracing).toBe(noTracing);
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }, 'not an address'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'file:///etc/passwd' }, 'not an address'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'only OTLP over HTTP'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_TRACES_SAMPLER: 'jaeger_remote' }, 'not supported'],
  ])('say what is wrong with %j, and nothing fails', async (variables, problem) => {
    const { tracing, said } = await open(variables);
    expect(tracing).toBe(noTracing);
    expect(said).toEqual([expect.stringContaining(problem)]);
  });

  it('arrive with parents, attributes and the name of the service', async () => {
    const { endpoint, spans, headers } = await sink({ 'the key of the collector': 'collector-key-0123456789' });
    const { tracing, said } = await open({
      OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/`,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=collector-key-0123456789,x-tenant=a%20b',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    const run = tracing.start('run', { kind: 'internal', attributes: { a: 1, b: undefined, c: ['x', 'y'] } });
    await tracing.within(run, async () => {
      await Promise.resolve();
      expect(tracing.current()?.trace_id).toBe(run.traceparent.split('-')[1]);
      tracing.start('below', { kind: 'client' }).end('timeout');
    });
    expect(tracing.current()).toBeUndefined();
    const elsewhere = tracing.start('elsewhere', { kind: 'server', parent: run.traceparent });
    elsewhere.end();
    run.end();
    await tracing.close();
    const [below, far, root] = ['below', 'elsewhere', 'run'].map((name) => spans().find((span) => span.name === name));
    expect(root).toMatchObject({ service: 'switchboard-test', kind: 1, attributes: { a: 1 } });
    expect(root?.parentSpanId ?? '').toBe('');
    expect([below?.parentSpanId, far?.parentSpanId]).toEqual([root?.spanId, root?.spanId]);
    expect(new Set([below?.traceId, far?.traceId])).toEqual(new Set([root?.traceId]));
    expect(below).toMatchObject({ attributes: { 'error.type': 'timeout' }, status: { code: 2 } });
    expect(headers()[0]).toMatchObject({ authorization: 'collector-key-0123456789', 'x-tenant': 'a b' });
    expect(said).toEqual([]);
  });

  it.each([
    '',
    'not one',
    `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
    `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`,
    `ff-${'1'.repeat(32)}-${'1'.repeat(16)}-01`,
    `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01\r\nx-evil: 1`,
    `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01-${'x'.repeat(100_000)}`,
  ])('start anew with a parent that is none: %j', async (parent) => {
    const { tracing } = await open({ OTEL_EXPORTER_OTLP_ENDPOINT: (await sink()).endpoint });
    const span = tracing.start('x', { kind: 'server', parent });
    expect(span.traceparent).toMatch(/^00-(?!0{32}|1{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/u);
    await tracing.close();
  });

  it('obey what the caller decided: an unsampled trace is not sent', async () => {
    const { endpoint, spans } = await sink();
    const { tracing, said } = await open({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    const span = tracing.start('x', { kind: 'server', parent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00` });
    expect(span.traceparent).toMatch(/^00-a{32}-[0-9a-f]{16}-00$/u);
    span.end();
    await tracing.close();
    expect(spans()).toEqual([]);
    expect(said).toEqual([]);
  });

  it('are dropped and counted where the collector is gone, and nothing waits for it', async () => {
    const gone = createServer();
    const port = await listen(gone);
    await new Promise((resolve) => gone.close(resolve));
    const { tracing, said } = await open({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
    for (let index = 0; index < 5_000; index += 1) tracing.start('x', { kind: 'internal' }).end();
    await tracing.close();
    expect(lostIn(said)).toBe(5_000);
  });

  it('do not pile up behind a collector that never answers', async () => {
    let requests = 0;
    const silent = createServer(() => void (requests += 1));
    const port = await listen(silent);
    onTestFinished(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const { tracing, said } = await open({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
    for (let index = 0; index < 20_000; index += 1) {
      tracing.start('x', { kind: 'internal' }).end();
      if (index % 5_000 === 0) await wait(1);
    }
    await tracing.close();
    // One batch on its way, the rest of the queue at the end, and no more than the queue holds.
    expect(requests).toBeLessThanOrEqual(10);
    expect(lostIn(said)).toBe(20_000);
  });

  it('of VS Code need a setting, and telemetry that is not turned off', () => {
    const endpoint = { 'tracing.endpoint': ' http://127.0.0.1:4318 ' };
    expect(tracingVariables(endpoint, true)).toEqual({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' });
    expect(tracingVariables(endpoint, false)).toEqual({});
    expect(tracingVariables({ 'tracing.endpoint': '' }, true)).toEqual({});
    // What the environment of VS Code says is not a setting.
    expect(inheritable({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', PATH: '/bin' })).toEqual({
      PATH: '/bin',
    });
  });

  it('know their secrets', () => {
    expect(
      tracingSecrets({
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://user:pass%2Fword-1@collector.example',
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abcdefgh12,x=short',
      }),
    ).toEqual(expect.arrayContaining(['Bearer abcdefgh12', 'abcdefgh12', 'pass/word-1']));
  });
});

function lostIn(said: readonly string[]): number {
  return said.reduce((sum, line) => sum + Number(/^(\d+) spans were not accepted/u.exec(line)?.[1]), 0);
}
