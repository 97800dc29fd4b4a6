import type { ErrorCode } from '../../contract/errors.ts';
import type { SystemId } from '../../contract/systems.ts';
import { noTracing, type Attributes, type Tracing } from '../../contract/telemetry/tracing.ts';
import { ToolError } from '../errors.ts';
import { noMetrics, type Metrics } from './metrics.ts';

/** What a server tells whoever watches it: figures for a scraper, spans for a collector. */
export interface Telemetry {
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}

export const noTelemetry: Telemetry = { metrics: noMetrics, tracing: noTracing };

/** One request to a system, described without its content. */
export interface UpstreamRequest {
  readonly upstream: SystemId;
  /** Name of the span: `GET`, `POST chat.postMessage`. Never holds an id. */
  readonly name: string;
  readonly attributes: Attributes;
}

/**
 * @param send gets the headers that say which trace it belongs to.
 * @param statusOf of HTTP.
 */
export async function askUpstream<Answer>(
  { metrics, tracing }: Telemetry,
  { upstream, name, attributes }: UpstreamRequest,
  send: (headers: Readonly<Record<string, string>>) => Promise<Answer>,
  statusOf?: (answer: Answer) => number,
): Promise<Answer> {
  if (metrics === noMetrics && tracing === noTracing) return send({});
  const span = tracing.start(name, { kind: 'client', attributes });
  const started = performance.now();
  const end = (status: string, failure?: string): void => {
    metrics.upstreamAnswered(upstream, status, (performance.now() - started) / 1000);
    span.end(failure);
  };
  try {
    const answer = await send(span.traceparent === '' ? {} : { traceparent: span.traceparent });
    const status = statusOf?.(answer);
    if (status === undefined) end('ok');
    else {
      span.set({ 'http.response.status_code': status });
      // Whatever else an upstream may say is one label.
      end(status >= 100 && status <= 599 ? String(status) : 'other', status >= 400 ? String(status) : undefined);
    }
    return answer;
  } catch (error) {
    const code = codeOf(error);
    end(code, code);
    throw error;
  }
}

function codeOf(error: unknown): ErrorCode {
  if (error instanceof ToolError) return error.code;
  const name = error instanceof Error ? error.name : '';
  return name === 'TimeoutError' ? 'timeout' : name === 'AbortError' ? 'cancelled' : 'unreachable';
}

/** Where a request goes, as the conventions of OpenTelemetry name it. The path and the query are content. */
export function httpAttributes(method: string, { hostname, port, protocol }: URL): Attributes {
  return {
    'http.request.method': method,
    'server.address': hostname,
    'server.port': port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  };
}
