import * as z from 'zod';
import { startUpstream } from '../upstream.ts';

const attributeSchema = z.object({
  key: z.string(),
  value: z.record(z.string(), z.unknown()).transform((value) => Object.values(value)[0]),
});
const spanSchema = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  /** 1 internal, 2 server, 3 client. */
  kind: z.number(),
  attributes: z
    .array(attributeSchema)
    .transform((all): Record<string, unknown> => Object.fromEntries(all.map(({ key, value }) => [key, value]))),
  status: z.object({ code: z.number().optional() }),
});
const bodySchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(attributeSchema) }),
      scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })),
    }),
  ),
});

export type SunkSpan = z.infer<typeof spanSchema> & { readonly service: unknown };

/** A collector that keeps what it is sent, as OTLP in JSON. It may receive no secret but its own. */
export interface OtlpSink {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  readonly spans: () => readonly SunkSpan[];
  /** Everything that was sent, as text. */
  readonly text: () => string;
  /** The headers of each request. */
  readonly headers: () => readonly Readonly<Record<string, unknown>>[];
  readonly stop: () => Promise<void>;
}

export async function startOtlpSink(secrets: Readonly<Record<string, string>> = {}): Promise<OtlpSink> {
  const { url, requests, on, stop } = await startUpstream('the collector', secrets);
  on('POST /v1/traces', {});
  return {
    endpoint: url,
    spans: () =>
      requests.flatMap(({ body }) =>
        bodySchema.parse(JSON.parse(body)).resourceSpans.flatMap(({ resource, scopeSpans }) => {
          const service = resource.attributes.find(({ key }) => key === 'service.name')?.value;
          return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, service })));
        }),
      ),
    text: () => requests.map(({ body }) => body).join('\n'),
    headers: () => requests.map(({ headers }) => headers),
    stop,
  };
}
