import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../stack/stack.ts';
import { startOtlpSink, type OtlpSink, type SunkSpan } from '../../stack/telemetry/otlp-sink.ts';
import { guardSecret } from '../../stack/traffic.ts';
import { endOf, runCli, startSharedStack, type Run } from '../harness.ts';

const job = ['run', 'failed-orders', '--output', 'json', '--accept-grants'];
const traceId = randomBytes(16).toString('hex');
const trigger = randomBytes(8).toString('hex');
const collectorKey = `collector-${randomBytes(12).toString('hex')}`;

let stack: Stack;
let sink: OtlpSink;
let run: Run;

beforeAll(async () => {
  stack = await startSharedStack({ failed: 6 });
  sink = await startOtlpSink({ 'the key of the collector': collectorKey });
  for (const [name, value] of Object.entries(stack.secrets)) guardSecret(name, value);
  run = await runCli(stack, job, {
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=${collectorKey}`,
    TRACEPARENT: `00-${traceId}-${trigger}-01`,
  });
});
// Fails if the collector was sent a secret.
afterAll(async () => {
  await sink.stop();
  await stack.stop();
});

const named = (pattern: RegExp): readonly SunkSpan[] => sink.spans().filter(({ name }) => pattern.test(name));
const parentOf = ({ parentSpanId }: SunkSpan): SunkSpan | undefined =>
  sink.spans().find(({ spanId }) => spanId === parentSpanId);

test('one trace leads from what started the run to what Jira and Slack were asked', () => {
  expect([run.code, endOf(run).reason, run.stderr]).toEqual([0, 'completed', '']);
  expect(new Set(sink.spans().map((span) => span.traceId))).toEqual(new Set([traceId]));
  const [root, ...more] = named(/^invoke_agent switchboard$/u);
  expect(more).toEqual([]);
  expect(root).toMatchObject({
    service: 'switchboard',
    parentSpanId: trigger,
    attributes: { 'gen_ai.conversation.id': run.events[0]?.type === 'run-started' && run.events[0].session },
  });
  const [turns, tools, calls] = [named(/^chat /u), named(/^execute_tool /u), named(/^tools\/call /u)];
  expect(turns.length).toBeGreaterThan(1);
  for (const span of [...turns, ...tools]) expect(span.parentSpanId, span.name).toBe(root?.spanId);
  for (const call of calls) {
    const [, system = ''] = /^switchboard-(\w+)$/u.exec(String(call.service)) ?? [];
    expect(parentOf(call)?.name).toBe(`execute_tool ${system}__${call.name.replace('tools/call ', '')}`);
  }
  expect(new Set(calls.map(({ service }) => service))).toEqual(
    new Set(['switchboard-postgres', 'switchboard-jira', 'switchboard-slack']),
  );
  const upstream = [...named(/^query postgresql$/u), ...named(/^(?:GET|POST)/u)];
  for (const span of upstream) expect(parentOf(span)?.name, span.name).toMatch(/^tools\/call /u);
  expect(upstream.every(({ kind }) => kind === 3)).toBe(true);

  const received = [...stack.jira.requests(), ...stack.slack.requests()].map(({ headers }) => headers['traceparent']);
  const sent = named(/^(?:GET|POST)/u).map(({ spanId }) => `00-${traceId}-${spanId}-01`);
  expect(received.length).toBeGreaterThan(2);
  expect(received).toHaveLength(sent.length);
  expect(new Set(received)).toEqual(new Set(sent));
});

test('says which model, how many tokens, and which tool', () => {
  for (const { attributes } of named(/^chat /u))
    expect(attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.usage.input_tokens': expect.anything() as unknown,
      'gen_ai.response.finish_reasons': expect.anything() as unknown,
    });
  expect(named(/^execute_tool slack__post_slack_message$/u)[0]?.attributes).toMatchObject({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'slack__post_slack_message',
  });
  expect(named(/^tools\/call query_database$/u)[0]?.attributes).toMatchObject({ 'mcp.method.name': 'tools/call' });
  expect(named(/^query postgresql$/u)[0]?.attributes).toMatchObject({ 'db.system.name': 'postgresql' });
});

test('the collector learns nothing of what was read or written', () => {
  const [ticket] = stack.jira.issues();
  const [message] = stack.slack.messages('#operations');
  expect([ticket, message]).not.toContain(undefined);
  const text = sink.text();
  for (const content of [
    'SELECT',
    'select ',
    'failed_orders',
    'orders failed',
    ticket?.key ?? '?',
    '#operations',
    '/rest/',
  ])
    expect(text.includes(content), content).toBe(false);
  expect(sink.headers().every(({ authorization }) => authorization === collectorKey)).toBe(true);
});
