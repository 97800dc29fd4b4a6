import { AsyncLocalStorage } from 'node:async_hooks';
import {
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span as OtelSpan,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import { createOutbound } from '../network/outbound.ts';
import { exporterHeaders, pairsOf, type TracingOptions } from './settings.ts';
import type { Attributes, Span, Tracing } from './tracing.ts';

/** Spans that wait for the collector. More are dropped and counted. */
const maxWaiting = 2_048;
const exportLimitMs = 10_000;
const gatherMs = 1_000;
/** How long an end waits for the collector, which may be gone. */
const closeLimitMs = 1_000;
const reportMs = 60_000;

const kinds = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT, server: SpanKind.SERVER } as const;

/** @throws Error that says what is wrong with the settings */
export function createTracing(endpoint: string, { service, version, variables, report }: TracingOptions): Tracing {
  const counted = countLost(createExporter(endpoint, variables), report);
  const processor = new BatchSpanProcessor({
    exporter: counted.exporter,
    maxQueueSize: maxWaiting,
    maxExportBatchSize: 256,
    scheduledDelayMillis: gatherMs,
    exportTimeoutMillis: exportLimitMs,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.version': version,
      ...Object.fromEntries(pairsOf(variables['OTEL_RESOURCE_ATTRIBUTES'] ?? '')),
      'service.name': variables['OTEL_SERVICE_NAME'] || service,
    }),
    sampler: samplerOf(variables),
    spanLimits: { attributeValueLengthLimit: 16_000 },
    spanProcessors: [processor, { ...noProcessor, onEnd: counted.ended }],
  });
  const tracer = provider.getTracer('switchboard', version);
  const contexts = new AsyncLocalStorage<Context>();
  const known = new WeakMap<Span, Context>();
  const contextOf = (parent: Span | string | undefined): Context => {
    if (typeof parent === 'string') return remoteContext(parent);
    const given = parent === undefined ? undefined : known.get(parent);
    return given ?? contexts.getStore() ?? ROOT_CONTEXT;
  };
  return {
    recordsContent: /^(?:true|1|span_only|span_and_event)$/iu.test(
      variables['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT']?.trim() ?? '',
    ),
    start: (name, { kind, parent, attributes = {} }) => {
      const context = contextOf(parent);
      const started = tracer.startSpan(name, { kind: kinds[kind], attributes: defined(attributes) }, context);
      const span = spanOf(started);
      known.set(span, trace.setSpan(context, started));
      return span;
    },
    within: (span, run) => contexts.run(known.get(span) ?? ROOT_CONTEXT, run),
    current: () => {
      const { traceId, spanId } = trace.getSpanContext(contexts.getStore() ?? ROOT_CONTEXT) ?? INVALID_SPAN_CONTEXT;
      return traceId === INVALID_SPAN_CONTEXT.traceId ? undefined : { trace_id: traceId, span_id: spanId };
    },
    close: async () => {
      const over = new Promise<void>((resolve) => {
        setTimeout(resolve, closeLimitMs).unref();
      });
      await Promise.race([provider.shutdown().catch(() => undefined), over]);
      counted.close();
    },
  };
}

const noProcessor = {
  onStart: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

function spanOf(span: OtelSpan): Span {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    set: (attributes) => void span.setAttributes(defined(attributes)),
    end: (failure) => {
      if (failure !== undefined)
        span.setAttribute('error.type', failure).setStatus({ code: SpanStatusCode.ERROR, message: failure });
      span.end();
    },
  };
}

function defined(attributes: Attributes): Record<string, string | number | boolean | string[]> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => {
      if (value === undefined) return [];
      return [[name, typeof value === 'object' ? [...value] : value]];
    }),
  );
}

const traceparent = /^00-(?<traceId>(?!0{32})[0-9a-f]{32})-(?<spanId>(?!0{16})[0-9a-f]{16})-(?<flags>[0-9a-f]{2})$/u;

/** A caller's, who may have sent anything: what is none starts a new trace. */
function remoteContext(text: string): Context {
  const { traceId, spanId, flags } = traceparent.exec(text)?.groups ?? {};
  if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT;
  // Only the flag that version 00 defines.
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags ?? '', 16) & 1,
    isRemote: true,
  });
}

/** JSON over HTTP, through the company's proxy and with its authorities, as everything else of ours. */
function createExporter(endpoint: string, variables: TracingOptions['variables']): SpanExporter {
  const protocol = variables['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? variables['OTEL_EXPORTER_OTLP_PROTOCOL'] ?? '';
  if (protocol === 'grpc') throw new Error('OTEL_EXPORTER_OTLP_PROTOCOL is grpc, and only OTLP over HTTP is supported');
  if (!URL.canParse(endpoint) || !/^https?:$/u.test(new URL(endpoint).protocol))
    throw new Error('OTEL_EXPORTER_OTLP_ENDPOINT is not an address such as http://127.0.0.1:4318');
  const url = new URL(endpoint);
  const outbound = createOutbound(variables);
  return new OTLPTraceExporter({
    url: endpoint,
    headers: { ...exporterHeaders(variables) },
    timeoutMillis: exportLimitMs,
    concurrencyLimit: 2,
    httpAgentOptions: () => outbound.route(url, { keepAlive: true }).agent,
  });
}

/** `parentbased_always_on` unless OTEL_TRACES_SAMPLER says otherwise. */
function samplerOf(variables: TracingOptions['variables']): Sampler {
  const name = variables['OTEL_TRACES_SAMPLER']?.trim() || 'parentbased_always_on';
  const ratio = Number(variables['OTEL_TRACES_SAMPLER_ARG'] ?? '1');
  const roots: Readonly<Record<string, () => Sampler>> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio >= 0 && ratio <= 1 ? ratio : 1),
  };
  const root = roots[name.replace(/^parentbased_/u, '')];
  if (root === undefined) throw new Error(`OTEL_TRACES_SAMPLER: '${name}' is not supported`);
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root: root() }) : root();
}

/** A collector that is gone or slow costs spans and nothing else. How many is reported. */
function countLost(exporter: SpanExporter, report: (message: string) => void) {
  let ended = 0;
  let sent = 0;
  let told = 0;
  let toldAt = -Infinity;
  const tell = (lost: number): void => {
    if (lost <= told) return;
    report(`${lost - told} spans were not accepted by the collector of OTEL_EXPORTER_OTLP_ENDPOINT.`);
    told = lost;
    toldAt = performance.now();
  };
  const counting: SpanExporter = {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error === undefined) sent += spans.length;
        else if (performance.now() - toldAt > reportMs) tell(told + spans.length);
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
  return {
    exporter: counting,
    ended: (span: { spanContext: () => { traceFlags: number } }): void => {
      if ((span.spanContext().traceFlags & 1) === 1) ended += 1;
    },
    close: () => tell(ended - sent),
  };
}
