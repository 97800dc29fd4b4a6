import { endpointOf, type TracingOptions } from './settings.ts';
import { noTracing, type Tracing } from './tracing.ts';

/** Loads OpenTelemetry only where an endpoint is set. Never rejects: a run does not depend on being watched. */
export async function openTracing(options: TracingOptions): Promise<Tracing> {
  const endpoint = endpointOf(options.variables);
  if (endpoint === undefined) return noTracing;
  try {
    // A bundle of its own.
    const { createTracing } = await import('./otel.ts');
    return createTracing(endpoint, options);
  } catch (error) {
    options.report(`No traces are sent: ${error instanceof Error ? error.message : String(error)}`);
    return noTracing;
  }
}
