import { errorCodes } from '../../contract/errors.ts';
import { metaKeys } from '../../contract/meta.ts';
import type { CallRequest } from '../call-tool.ts';
import { noTracing, type Tracing } from '../../contract/telemetry/tracing.ts';

interface Called {
  readonly request: Pick<CallRequest, 'name' | 'meta'>;
  /** Whether there is such a tool: other names do not become names of spans. */
  readonly isKnown: boolean;
}

/** One `tools/call` as a span of the server, below the span of whoever called. */
export async function traceCall<Answer extends { readonly structuredContent: Readonly<Record<string, unknown>> }>(
  tracing: Tracing,
  { request: { name, meta }, isKnown }: Called,
  run: () => Promise<Answer>,
): Promise<Answer> {
  if (tracing === noTracing) return run();
  const { [metaKeys.traceparent]: parent, [metaKeys.preview]: preview } = isRecord(meta) ? meta : {};
  const span = tracing.start(isKnown ? `tools/call ${name}` : 'tools/call', {
    kind: 'server',
    // Without one, what the process does otherwise is not the parent.
    parent: typeof parent === 'string' ? parent : '',
    attributes: {
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      ...(isKnown && { 'gen_ai.tool.name': name }),
      ...(preview === true && { 'switchboard.preview': true }),
    },
  });
  try {
    const answer = await tracing.within(span, run);
    span.end(failureOf(answer.structuredContent));
    return answer;
  } catch (error) {
    span.end('internal');
    throw error;
  }
}

function failureOf({ error }: Readonly<Record<string, unknown>>): string | undefined {
  if (error === null || typeof error !== 'object' || !('code' in error)) return undefined;
  return errorCodes.find((code) => code === error.code);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object';
}
